"""Companies, hospitals, garages, schools, banks, our own companies, and their second entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcrm.sample import identity, names
from graphcrm.sample.columns import Bools, Bytes, Floats, Ints, Rng
from graphcrm.sample.places import Addresses, Places
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import lines, rows, word_lists

KINDS = [
    "company", "government", "hospital", "garage", "school", "bank", "law_firm", "insurer", "other",
]  # fmt: skip
COMPANY, GOVERNMENT, HOSPITAL, GARAGE, SCHOOL, BANK, LAW_FIRM, INSURER, OTHER = range(9)
OWN_NAMES = ["海岳人寿保险股份有限公司", "海岳财产保险股份有限公司"]
"""The made-up insurer's companies; they are the first rows."""
OWN = len(OWN_NAMES)

_SHARES = np.array([0.72, 0.03, 0.05, 0.06, 0.05, 0.03, 0.02, 0.0, 0.04])
LEGAL = ["有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "厂", "合作社", ""]
_LEGAL_WEIGHT = np.array([70.0, 10, 6, 4, 4, 2, 0])
NO_LEGAL = len(LEGAL) - 1
CITY_FULL, CITY_SHORT, BRACKETS, NO_PLACE = range(4)
"""Forms of a name: 深圳市… , 深圳… , …（深圳）… , and without a place."""
FORMS = np.array([4.0, 4, 1.5, 0.5])


@dataclass
class Institutions:
    """One record a row, as numbers; -1 is unknown. `entity` is the true institution."""

    entity: Ints
    kind: Ints
    own: Bools
    city: Ints
    name_city: Ints  # the city in the name, of a branch its company's
    name_form: Ints
    traditional: Bools  # how the name is written
    brand: Ints
    trade: Ints
    legal: Ints
    branch: Ints  # the city that the name of a branch ends with
    section: Ints  # the department that was entered as the institution
    uscc: Bytes  # zeros where unknown
    phone: Ints
    contact: names.Names
    contact_male: Bools
    contact_phone: Ints
    account: Ints
    address: Addresses
    parent: Ints
    weight: Floats  # of its size, for employment

    @property
    def rows(self) -> int:
        """The number of records."""
        return len(self.entity)

    def take(self, index: Ints) -> Institutions:
        """Return copies of these rows."""
        taken: dict[str, Any] = {}
        for key, value in vars(self).items():
            if isinstance(value, names.Names):
                taken[key] = names.Names(*(part[index] for part in vars(value).values()))
            else:
                taken[key] = value.take(index) if isinstance(value, Addresses) else value[index]
        return Institutions(**taken)


def found(streams: Streams, first: int, places: Places, shape: SampleShape) -> Institutions:
    """Return `first` (7 or more) institutions, each entered once; our own companies first."""
    rng = streams.of("institutions")
    kind = pick(rng, _SHARES, first)
    kind[:2] = INSURER
    kind[2:7] = [GARAGE, HOSPITAL, COMPANY, BANK, LAW_FIRM]
    city = pick(rng, places.city_weight, first)
    city[:2] = 0
    district = _districts(rng, places, city)
    body = _public_bodies(rng, kind, district)
    brand, trade = _names(rng, kind, city, body)
    contact_male = rng.random(first) < 0.6
    known = rng.random((4, first))
    no_one = np.zeros(first, np.bool_)
    contact = names.Names(
        names.draw_surnames(rng, no_one),
        *names.draw_given(rng, no_one, contact_male, rng.integers(1962, 2000, first)),
        no_one,
    )
    code = np.full((first, 2), np.frombuffer(b"91", np.uint8))
    public = np.isin(kind, [GOVERNMENT, SCHOOL, HOSPITAL])
    code[public] = np.frombuffer(b"12", np.uint8)
    code[kind == GOVERNMENT] = np.frombuffer(b"11", np.uint8)
    code[kind == LAW_FIRM] = np.frombuffer(b"31", np.uint8)
    legal = pick(rng, _LEGAL_WEIGHT, first)
    book = Institutions(
        entity=np.arange(first),
        kind=kind,
        own=np.arange(first) < 2,
        city=city,
        name_city=city.copy(),
        name_form=np.where(np.isin(kind, [COMPANY, OTHER]), pick(rng, FORMS, first), 0),
        traditional=np.zeros(first, np.bool_),
        brand=brand,
        trade=trade,
        legal=np.where(np.isin(kind, [COMPANY, OTHER]), legal, NO_LEGAL),
        branch=np.full(first, -1),
        section=np.full(first, -1),
        uscc=identity.company_codes(rng, code, places.district_code[district]),
        phone=np.where(
            known[1] < shape.details.institution_phone,
            rng.integers(2 * 10**7, 9 * 10**7, first),
            -1,
        ),
        contact=contact,
        contact_male=contact_male,
        contact_phone=np.where(
            known[2] < shape.details.institution_contact, identity.mobiles(rng, first), -1
        ),
        account=np.where(
            known[3] < shape.details.institution_account, identity.accounts(rng, first), -1
        ),
        address=Addresses.drawn(rng, places, district),
        parent=np.full(first, -1),
        weight=1 + rng.pareto(1.1, first).clip(0, 3000),
    )
    _sister_companies(rng, book, shape)
    _branches(rng, book, shape)
    _namesakes(rng, book, shape)
    return book


def _public_bodies(rng: Rng, kind: Ints, district: Ints) -> Ints:
    """Return which authority of its district each is, -1 for others; a second one is a company."""
    count = len(word_lists()["governments"])
    body = np.where(kind == GOVERNMENT, rng.integers(0, count, len(kind)), -1)
    known = np.where(body >= 0, district * count + body, -1 - np.arange(len(kind)))
    again = np.setdiff1d(np.arange(len(kind)), np.unique(known, return_index=True)[1])
    kind[again], body[again] = COMPANY, -1
    return body


def _names(rng: Rng, kind: Ints, city: Ints, body: Ints) -> tuple[Ints, Ints]:
    lists = word_lists()
    n, brands, trades = len(kind), len(lines("brands.txt")), len(rows("trades.csv"))
    brand = np.floor(brands * rng.random(n) ** 1.3).astype(np.int64)
    brand = (brand * 1_000_003) % brands
    trade = rng.integers(0, trades, n)
    at = trades
    for code, key in ((HOSPITAL, "hospitals"), (GARAGE, "garages"), (SCHOOL, "schools"),
                      (GOVERNMENT, "governments")):  # fmt: skip
        mine = kind == code
        those = rng.integers(0, len(lists[key]), int(mine.sum()))
        trade[mine] = at + (body[mine] if code == GOVERNMENT else those)
        at += len(lists[key])
    trade[kind == BANK], trade[kind == LAW_FIRM] = at, at + 1
    brand[kind == GOVERNMENT] = brands
    for _ in range(20):
        key_of = (city * (brands + 1) + brand) * 10_000 + trade
        once = np.unique(key_of, return_index=True)[1]
        again = np.setdiff1d(np.arange(n), once)
        again = again[kind[again] != GOVERNMENT]
        brand[again] = rng.integers(0, brands, len(again))
    return brand, trade


def _districts(rng: Rng, places: Places, city: Ints) -> Ints:
    first = np.searchsorted(places.district_city, city)
    count = np.bincount(places.district_city)[city]
    return first + np.floor(rng.random(len(city)) * count).astype(np.int64)


def _sister_companies(rng: Rng, book: Institutions, shape: SampleShape) -> None:
    """Give some companies a parent whose brand and contact they share: a trap."""
    children, parents = _pairs(rng, book, shape.sister_companies)
    book.parent[children], book.brand[children] = parents, book.brand[parents]
    book.contact_phone[children] = book.contact_phone[parents]


def _branches(rng: Rng, book: Institutions, shape: SampleShape) -> None:
    """Turn some companies into branches of others (…有限公司广州分公司), registered themselves."""
    children, parents = _pairs(rng, book, shape.institution_branches)
    places = parents * (int(book.city.max()) + 1) + book.city[children]
    once = np.unique(places, return_index=True)[1]  # a company has one branch in a city
    children, parents = children[once], parents[once]
    for part in ("brand", "trade", "legal", "name_city"):
        getattr(book, part)[children] = getattr(book, part)[parents]
    book.name_form[children] = np.minimum(book.name_form[parents], BRACKETS)
    book.parent[children], book.branch[children] = parents, book.city[children]


def _namesakes(rng: Rng, book: Institutions, shape: SampleShape) -> None:
    """Give some companies the brand and trade of one in another city, or its brand alone: traps."""
    children, others = _pairs(rng, book, shape.same_brand)
    book.brand[children] = book.brand[others]
    apart = book.city[children] != book.city[others]
    book.trade[children[apart]] = book.trade[others[apart]]


def _pairs(rng: Rng, book: Institutions, share: float) -> tuple[Ints, Ints]:
    """Return (some, others): a share of the plain companies, and one for each that stays plain."""
    plain = np.flatnonzero((book.kind == COMPANY) & (book.parent < 0))
    some = rng.permutation(plain)[: round(share * len(plain))]
    others = np.setdiff1d(plain, some)
    if not len(others):
        return plain[:0], plain[:0]
    return some, others[rng.integers(0, len(others), len(some))]

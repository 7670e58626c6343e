"""Companies, hospitals, garages, schools, banks, our own companies, and their second entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from graphcrm.sample import identity, names
from graphcrm.sample.columns import Bools, Bytes, Floats, Ints, Rng
from graphcrm.sample.places import Addresses, Places
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import lines, rows, word_lists

KINDS = [
    "company", "government", "hospital", "garage", "school", "bank", "law_firm", "insurer", "other",
]  # fmt: skip
COMPANY, GOVERNMENT, HOSPITAL, GARAGE, SCHOOL, BANK, LAW_FIRM, INSURER, OTHER = range(9)
OWN_NAMES = ["海岳人寿保险股份有限公司", "海岳财产保险股份有限公司"]
"""The made-up insurer's companies; they are the first rows."""

_SHARES = np.array([0.72, 0.03, 0.05, 0.06, 0.05, 0.03, 0.02, 0.0, 0.04])
LEGAL = ["有限公司", "有限责任公司", "股份有限公司", "集团有限公司", "厂", "合作社", ""]
_LEGAL_WEIGHT = np.array([70.0, 10, 6, 4, 4, 2, 0])
CITY_FULL, CITY_SHORT, BRACKETS, NO_PLACE = range(4)
"""Forms of a name: 深圳市… , 深圳… , …（深圳）… , and without a place."""


@dataclass
class Institutions:
    """One record a row, as numbers; -1 is unknown. `entity` is the true institution."""

    entity: Ints
    kind: Ints
    own: Bools
    city: Ints
    name_form: Ints
    brand: Ints
    trade: Ints
    legal: Ints
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


def found(streams: Streams, first: int, places: Places) -> Institutions:
    """Return `first` (7 or more) institutions, each entered once; our own companies first."""
    rng = streams.of("institutions")
    kind = pick(rng, _SHARES, first)
    kind[:2] = INSURER
    kind[2:6] = [GARAGE, HOSPITAL, COMPANY, BANK]
    city = pick(rng, places.city_weight, first)
    city[:2] = 0
    brand, trade = _names(rng, kind, city)
    contact_male = rng.random(first) < 0.6
    known = rng.random((4, first))
    no_one = np.zeros(first, np.bool_)
    contact = names.Names(
        names.draw_surnames(rng, no_one),
        *names.draw_given(rng, no_one, contact_male, rng.integers(1962, 2000, first)),
        no_one,
    )
    body = np.full((first, 2), np.frombuffer(b"91", np.uint8))
    public = np.isin(kind, [GOVERNMENT, SCHOOL, HOSPITAL])
    body[public] = np.frombuffer(b"12", np.uint8)
    body[kind == GOVERNMENT] = np.frombuffer(b"11", np.uint8)
    body[kind == LAW_FIRM] = np.frombuffer(b"31", np.uint8)
    district = _districts(rng, places, city)
    legal = pick(rng, _LEGAL_WEIGHT, first)
    book = Institutions(
        entity=np.arange(first),
        kind=kind,
        own=np.arange(first) < 2,
        city=city,
        name_form=np.where(
            np.isin(kind, [COMPANY, OTHER]), pick(rng, np.array([4.0, 4, 1.5, 0.5]), first), 0
        ),
        brand=brand,
        trade=trade,
        legal=np.where(np.isin(kind, [COMPANY, OTHER]), legal, len(LEGAL) - 1),
        section=np.full(first, -1),
        uscc=identity.company_codes(rng, body, places.district_code[district]),
        phone=np.where(known[1] < 0.9, rng.integers(2 * 10**7, 9 * 10**7, first), -1),
        contact=contact,
        contact_male=contact_male,
        contact_phone=np.where(known[2] < 0.85, identity.mobiles(rng, first), -1),
        account=np.where(known[3] < 0.7, identity.accounts(rng, first), -1),
        address=Addresses.drawn(rng, places, district),
        parent=np.full(first, -1),
        weight=1 + rng.pareto(1.1, first).clip(0, 3000),
    )
    book.uscc[known[0] > 0.93] = 0
    _subsidiaries(rng, book)
    return book


def _names(rng: Rng, kind: Ints, city: Ints) -> tuple[Ints, Ints]:
    lists = word_lists()
    n, brands, trades = len(kind), len(lines("brands.txt")), len(rows("trades.csv"))
    brand = np.floor(brands * rng.random(n) ** 1.3).astype(np.int64)
    brand = (brand * 1_000_003) % brands
    trade = rng.integers(0, trades, n)
    at = trades
    for code, key in ((HOSPITAL, "hospitals"), (GARAGE, "garages"), (SCHOOL, "schools"),
                      (GOVERNMENT, "governments")):  # fmt: skip
        mine = kind == code
        trade[mine] = at + rng.integers(0, len(lists[key]), int(mine.sum()))
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


def _subsidiaries(rng: Rng, book: Institutions) -> None:
    """Give some companies a parent whose brand and main account number they share: a trap."""
    companies = np.flatnonzero(book.kind == COMPANY)
    children = rng.permutation(companies)[: round(0.04 * len(companies))]
    parents = np.setdiff1d(companies, children)
    if len(parents) and len(children):
        parent = parents[rng.integers(0, len(parents), len(children))]
        book.parent[children], book.brand[children] = parent, book.brand[parent]
        book.contact_phone[children] = book.contact_phone[parent]

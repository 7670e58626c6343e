"""Policies: who holds how many of what, since when, and what has become of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.columns import NO_DAY, Bools, Floats, Ints, Rng
from graphcrm.sample.departments import Departments, workplaces
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import GOVERNMENT, Institutions
from graphcrm.sample.people import People
from graphcrm.sample.products import LIFE, Products
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick

STATUSES = ["in_force", "lapsed", "surrendered", "matured", "terminated", "pending"]
IN_FORCE, LAPSED, SURRENDERED, MATURED, TERMINATED, PENDING = range(6)
HOLDER_KINDS = ["person", "institution", "department"]
PERSON, INSTITUTION, DEPARTMENT = range(3)
FREQUENCIES = ["single", "annual", "half_yearly", "quarterly", "monthly"]
SINGLE, ANNUAL = 0, 1
BUSINESS = ["new", "transferred", "renewal"]
NEW, TRANSFERRED, RENEWAL = range(3)

_ADULT = 18 * 366
_OLDEST = 20 * 365
_WITH_A_FLEET, _LARGE_FLEET = 20, 12
"""Institutions of which one at least has a fleet, and the vehicles of that one at least."""
_FLEET_PRODUCT = "MC04"
_CHILD_PRODUCTS, _INSTEAD = ("LC18", "AC03"), "AC01"


@dataclass
class Policies:
    """One policy a row, as numbers; days are day numbers, -1 and `NO_DAY` unknown or none.

    `human` is the person who holds it (-1 for institutions), `firm` the institution record (-1 for
    persons); `holder` is the record of the person, institution or department, by `holder_kind`.
    """

    holder: Ints
    holder_kind: Ints
    human: Ints
    firm: Ints
    city: Ints
    product: Ints
    line: Ints
    status: Ints
    starts: Ints
    ends: Ints
    ended: Ints
    applied: Ints
    issued: Ints
    premium: Floats
    frequency: Ints
    dollars: Bools
    business: Ints
    renews: Ints
    replaces: Ints

    @property
    def rows(self) -> int:
        """The number of policies."""
        return len(self.holder)

    @property
    def last_day(self) -> Ints:
        """The last day of cover, however it came; `NO_DAY` for whole life in force."""
        return np.where(self.ended > NO_DAY, self.ended, self.ends)


def write_business(
    streams: Streams, products: Products, humans: People, families: Households, records: Records,
    institutions: Institutions, offices: Departments, as_of: int, shape: SampleShape,
) -> tuple[Policies, Ints]:  # fmt: skip
    """Return the policies of adults and institutions and the earliest start of each on day `as_of`.

    A further entry of a person holds policies of its own, so that the person's business is split
    between the records.
    """
    rng = streams.of("policies")
    holder, human = _person_holders(rng, humans, records, as_of, shape)
    firms, of_fleet = _institution_holders(rng, institutions, shape)
    people, n = len(holder), len(holder) + len(firms)
    kind = np.repeat([PERSON, INSTITUTION], [people, len(firms)])
    part = workplaces(rng, offices, firms)
    part[rng.random(len(firms)) < 0.2] = -1
    kind[people:][part >= 0] = DEPARTMENT
    product = np.concatenate(
        [
            pick(rng, np.where(products.group, 0, products.share), people),
            pick(rng, np.where(products.group, products.share, 0), len(firms)),
        ]
    )
    product[people:][of_fleet] = products.code.index(_FLEET_PRODUCT)
    childless = families.children[human] == 0
    for code in _CHILD_PRODUCTS:
        swap = np.flatnonzero((product[:people] == products.code.index(code)) & childless)
        product[swap] = products.code.index(_INSTEAD)
    line, term = products.line[product], products.term[product]

    low, until = np.full(n, as_of - _OLDEST), np.full(n, as_of)
    low[:people] = np.maximum(low[:people], humans.born[human] + _ADULT)
    died = humans.died[human]
    until[:people] = np.where(died > NO_DAY, died, as_of)
    low = np.minimum(low, until - 1)
    status = _statuses(rng, term, shape, n)
    dead = until < as_of
    status[dead & (status != MATURED) & ((rng.random(n) < 0.9) | (status == PENDING))] = TERMINATED
    starts, ends, ended, status = _dates(rng, low, until, as_of, term, status, shape)
    issued = starts - np.minimum(rng.geometric(0.3, n), 20) + 1
    applied = issued - np.minimum(rng.geometric(0.2, n), 40) + 1
    pending = status == PENDING
    issued = np.where(pending, np.minimum(issued, as_of), issued)
    applied = np.minimum(applied, issued)

    premium = products.premium[product] * np.exp(products.sigma[product] * rng.normal(size=n))
    premium = np.where(line == LIFE, np.round(premium, -1), np.round(premium, 2)).clip(30)
    long = (term == 0) | (term > 400)
    frequency = np.where(
        long, 1 + pick(rng, np.array([70.0, 8, 6, 16]), n), np.where(rng.random(n) < 0.1, 4, ANNUAL)
    )
    single = np.array([code in ("LP05", "OT01", "PE02") for code in products.code])[product]
    book = Policies(
        holder=np.concatenate([holder, np.where(part >= 0, part, firms)]),
        holder_kind=kind,
        human=np.concatenate([human, np.full(len(firms), -1)]),
        firm=np.concatenate([np.full(people, -1), firms]),
        city=np.concatenate([records.people.city[holder], institutions.city[firms]]),
        product=product,
        line=line,
        status=status,
        starts=starts,
        ends=ends,
        ended=ended,
        applied=applied,
        issued=issued,
        premium=premium,
        frequency=np.where(single, SINGLE, frequency),
        dollars=(line == LIFE) & (rng.random(n) < shape.foreign_currency),
        business=np.where(rng.random(n) < 0.02, TRANSFERRED, NEW),
        renews=np.full(n, -1),
        replaces=np.full(n, -1),
    )
    book.premium[book.dollars] = np.round(book.premium[book.dollars] / 7)
    return book, low


def _person_holders(
    rng: Rng, humans: People, records: Records, as_of: int, shape: SampleShape
) -> tuple[Ints, Ints]:
    entity = records.entity
    adult = np.flatnonzero((as_of - humans.born[entity]) > _ADULT + 2)
    if not len(adult):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    mean = shape.policies_per_customer * len(entity) / len(adult)
    # Heavy-tailed: a negative binomial. Each record has as many, whether or not its person has
    # others: those who buy often are entered again, and no number of policies tells them apart.
    each = rng.poisson(rng.gamma(1.1, mean * 1.15 / 1.1, len(adult)))
    each = np.maximum(each, rng.random(len(adult)) < 0.3)
    scale = mean * len(adult) / max(int(each.sum()), 1)
    each = np.where(each > 1, np.round(each * scale + rng.random(len(adult)) - 0.5), each)
    holder = np.repeat(adult, each.astype(np.int64))
    return holder, entity[holder]


def _institution_holders(
    rng: Rng, institutions: Institutions, shape: SampleShape
) -> tuple[Ints, Bools]:
    """Return the holder of each policy, and which of them are vehicles of a fleet."""
    buys = ~institutions.own & (institutions.kind != GOVERNMENT)
    mean = np.where(buys, shape.institution_policies * 1.1, 0)
    bought = rng.poisson(rng.gamma(0.8, mean / 0.8))
    bought = np.maximum(bought, (institutions.section >= 0).astype(np.int64))
    owners = buys & (institutions.section < 0) & (rng.random(len(buys)) < shape.fleets)
    able = np.flatnonzero(buys & (institutions.section < 0))
    vehicles = np.where(owners, rng.integers(4, 21, len(buys)), 0)
    if shape.fleets > 0 and len(able) >= _WITH_A_FLEET and vehicles.max() < _LARGE_FLEET:
        vehicles[able[vehicles[able].argmax()]] = _LARGE_FLEET
    rows = np.arange(institutions.rows)
    firms = np.concatenate([np.repeat(rows, bought), np.repeat(rows, vehicles)])
    return firms, np.arange(len(firms)) >= int(bought.sum())


def _statuses(rng: Rng, term: Ints, shape: SampleShape, n: int) -> Ints:
    gone = 1 - shape.in_force
    long = (term == 0) | (term > 400)
    short_run = np.array([shape.in_force, 0.07 * gone, 0.02 * gone, 0.83 * gone, 0.05 * gone, 0.01])
    long_run = np.array([shape.in_force, 0.38 * gone, 0.37 * gone, 0.1 * gone, 0.1 * gone, 0.008])
    return np.where(long, pick(rng, long_run, n), pick(rng, short_run, n))


def _dates(
    rng: Rng, low: Ints, until: Ints, as_of: int, term: Ints, status: Ints, shape: SampleShape
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (starts, ends, ended, status); a status for which there was no time is mended."""
    n = len(low)
    whole_life = term == 0
    long = np.where(whole_life, 80 * 366, term)
    status = np.where((status == MATURED) & (whole_life | (low + long > until)), IN_FORCE, status)
    early = np.isin(status, [LAPSED, SURRENDERED, TERMINATED]) & (until - low < 62)
    status = np.where(early, IN_FORCE, status)
    first = np.where(status == IN_FORCE, np.maximum(low, until - long + 1), low)
    last = np.where(status == IN_FORCE, until, until - 61)
    last = np.where(status == MATURED, until - long, last)
    recent = rng.random(n) ** 0.7
    starts = first + np.floor(recent * (last - first + 1)).astype(np.int64)
    starts = np.where(status == PENDING, as_of + rng.integers(0, 15, n), starts)
    ends = starts + long - 1
    left = np.minimum(until, ends)
    # What ends early does so after a month at least, mostly soon.
    ended = starts + 30 + np.floor(rng.random(n) ** 1.5 * (left - starts - 30)).astype(np.int64)
    ended = np.where((status == LAPSED) & (long > 400), _lapses(rng, starts, left, shape), ended)
    ended = np.where(
        (status == TERMINATED) & (until < as_of), until + rng.integers(0, 40, n), ended
    )
    status = np.where((status == IN_FORCE) & (ends < as_of), MATURED, status)
    ended = np.where(status == MATURED, ends, np.minimum(np.minimum(ended, as_of), ends))
    running = (status == IN_FORCE) | (status == PENDING)
    ended = np.where(running, NO_DAY, ended)
    return starts, np.where(whole_life, NO_DAY, ends), ended, status


def _lapses(rng: Rng, starts: Ints, last: Ints, shape: SampleShape) -> Ints:
    """Return the end of the days of grace after an anniversary, or after a month where none was."""
    room = last - starts - shape.grace_days
    step = np.where(room >= 365, 365, 30)
    unpaid = np.clip(rng.geometric(shape.first_premium_lapse, len(starts)), 1, room // step)
    ended: Ints = starts + np.maximum(unpaid, 1) * step + shape.grace_days
    return ended

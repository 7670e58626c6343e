"""The insurer's agents and staff: who sells, serves, assesses and keys in, and since when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample import authority, identity, names
from graphcrm.sample import columns as col
from graphcrm.sample.columns import NO_DAY, Ints, Rng
from graphcrm.sample.departments import Departments
from graphcrm.sample.people import People
from graphcrm.sample.places import Places
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick

KINDS = ["seller", "service", "account_manager", "assessor", "clerk", "broker", "bank"]
SELLER, SERVICE, ACCOUNT_MANAGER, ASSESSOR, CLERK, BROKER, BANK = range(7)
STATUSES = ["active", "on_leave", "suspended", "departed"]
ACTIVE, ON_LEAVE, SUSPENDED, DEPARTED = range(4)

_KIND_SHARES = np.array([0.60, 0.14, 0.07, 0.06, 0.05, 0.05, 0.03])
_CUSTOMERS_TO_LEND, _LENT = 10, 3
"""Customers of an agent who lends his phone rather than another, and to how many at least."""
_HIRING, _LEAVING = (3, 9), (1, 4)
"""Months in which many start (after the spring and the summer campaign) and many leave."""


@dataclass
class Agents:
    """One agent a row, as numbers; `NO_DAY` and -1 are unknown."""

    names: names.Names
    male: col.Bools
    kind: Ints
    city: Ints
    branch: Ints
    status: Ints
    status_since: Ints
    hired: Ints
    departed: Ints
    tier: Ints
    phone: Ints
    account: Ints
    upline: Ints
    person: Ints  # the agent as a customer
    lends_phone: col.Bools
    line_set: Ints  # which of the sets of lines; -1 for clerks
    licence_until: Ints

    @property
    def lines(self) -> col.Bools:
        """Whether each agent (row) may sell and serve each of `products.LINES` (column)."""
        return authority.lines_of(self.line_set)

    def works_on(self, agent: Ints, day: Ints) -> col.Bools:
        """Return whether each agent was hired and not yet departed on the day beside it."""
        gone = self.departed[agent]
        works: col.Bools = (self.hired[agent] <= day) & ((gone == NO_DAY) | (day < gone))
        return works


def how_many(customers: int, shape: SampleShape) -> int:
    """Return the number of agents for so many persons, three at least."""
    usual = round(customers / shape.customers_per_agent)
    return max(usual, shape.small.least_agents(customers), 3)


def hire(
    streams: Streams, people: People, offices: Departments, places: Places, as_of: int,
    shape: SampleShape,
) -> Agents:  # fmt: skip
    """Return the agents: at least three.

    The first, a seller, and the second, an assessor, are active and were hired before all others.
    """
    rng = streams.of("agents")
    n = how_many(len(people.born), shape)
    city = pick(rng, places.city_weight, n)
    kind = pick(rng, _KIND_SHARES, n)
    status = _statuses(rng, kind, shape)
    hired = as_of - 20 - np.floor(rng.random(n) ** 1.2 * 22 * 365).astype(np.int64)
    hired = _in_waves(rng, hired, shape.hired_in_waves, _HIRING, as_of - 20)
    kind[:2], status[:2], hired[:2] = [SELLER, ASSESSOR], ACTIVE, as_of - 23 * 365
    away = as_of - np.floor(_spread(rng, status == DEPARTED) ** 1.3 * 900).astype(np.int64)
    away = _in_waves(rng, away, shape.departed_in_waves, _LEAVING, as_of)
    since = np.where(status == DEPARTED, away, as_of - rng.integers(0, 200, n))
    since = np.maximum(since, hired + 15)

    male = rng.random(n) < 0.45
    chinese = np.zeros(n, np.bool_)
    known_as = names.Names(
        names.draw_surnames(rng, chinese),
        *names.draw_given(rng, chinese, male, rng.integers(1965, 2003, n)),
        chinese,
    )
    phone, account = identity.mobiles(rng, n), identity.accounts(rng, n)
    person = np.full(n, -1)
    age = (as_of - people.born) / 365.25
    able = np.flatnonzero(
        (age > 24) & (age < 62) & (people.died == NO_DAY) & ~people.names.western
        & (people.name_form == names.PLAIN) & people.sex_known
    )  # fmt: skip
    # The first agent, who has been there longest, is a customer wherever anybody is.
    customers = np.flatnonzero((rng.random(n) < 0.3) | (np.arange(n) == 0))[: len(able)]
    who = rng.choice(able, len(customers), replace=False)
    person[customers] = who
    male[customers] = people.male[who]
    phone[customers] = np.where(people.phone[who] < 0, phone[customers], people.phone[who])
    for part in ("surname", "given_1", "given_2"):
        getattr(known_as, part)[customers] = getattr(people.names, part)[who]
    city[customers] = people.city[who]

    own = np.arange(offices.own)
    sections = own[offices.parent[: offices.own] >= 0]
    first = np.searchsorted(offices.city[sections], city)
    count = np.bincount(offices.city[sections], minlength=len(places.city_name))[city]
    branch = sections[first + np.floor(rng.random(n) * count).astype(np.int64)]
    main = rng.random(n) < 0.15
    branch = np.where(main, offices.branch_of_city[city], branch)
    licensing = streams.of("authority")
    line_set = authority.line_sets(licensing, [KINDS[code] for code in kind])
    line_set[0] = authority.ALL_LINES
    gone = np.where(status == DEPARTED, since, NO_DAY)
    tenure = (as_of - hired) / 365
    tier = 1 + np.floor(np.clip(rng.normal(1.2, 0.9, n) + tenure / 8, 0, 4.99)).astype(np.int64)
    return Agents(
        names=known_as,
        male=male,
        kind=kind,
        city=city,
        branch=branch,
        status=status,
        status_since=np.where(status == ACTIVE, hired, since),
        hired=hired,
        departed=gone,
        tier=tier,
        phone=phone,
        account=account,
        upline=_uplines(rng, city, tier, kind, status),
        person=person,
        lends_phone=np.zeros(n, np.bool_),
        line_set=line_set,
        licence_until=authority.licences(licensing, line_set >= 0, gone, as_of, shape),
    )


def _spread(rng: Rng, among: col.Bools) -> col.Floats:
    """Return numbers of 0 to 1, in even steps `among` some: few of them differ as many would."""
    drawn = rng.random(len(among))
    count = int(among.sum())
    drawn[among] = (rng.permutation(count) + drawn[among]) / max(count, 1)
    return drawn


def _in_waves(rng: Rng, day: Ints, share: float, months: tuple[int, int], last: int) -> Ints:
    """Move a share of the days into one of two months of their year, none after `last`."""
    year = day.astype("datetime64[D]").astype("datetime64[Y]").astype("datetime64[M]")
    month = np.where(rng.random(len(day)) < 0.5, months[0], months[1]) - 1
    first = (year + month).astype("datetime64[D]").astype(np.int64)
    wave = first + np.floor(rng.random(len(day)) ** 2 * 28).astype(np.int64)
    moves = (rng.random(len(day)) < share) & (wave <= last)
    return np.where(moves, wave, day)


def _statuses(rng: Rng, kind: Ints, shape: SampleShape) -> Ints:
    """Return statuses in exact shares, among sellers and among the others.

    Ten or more sellers have at least one of each status, twenty two, so that a small book has every
    orphan.
    """
    status = np.full(len(kind), ACTIVE)
    for group in (
        np.isin(kind, [SELLER, ACCOUNT_MANAGER]),
        ~np.isin(kind, [SELLER, ACCOUNT_MANAGER]),
    ):
        order = rng.permutation(np.flatnonzero(group))
        least = min(len(order) // 10, 2)
        begin = 0
        for code, share in (
            (ON_LEAVE, shape.on_leave), (SUSPENDED, shape.suspended), (DEPARTED, shape.departed),
        ):  # fmt: skip
            count = max(round(len(order) * share), least if share > 0 else 0)
            status[order[begin : begin + count]] = code
            begin += count
    return status


def _uplines(rng: Rng, city: Ints, tier: Ints, kind: Ints, status: Ints) -> Ints:
    """Return for most sellers an active seller of the same city and a higher tier, else -1."""
    sells = np.isin(kind, [SELLER, ACCOUNT_MANAGER])
    leaders = np.flatnonzero(sells & (status == ACTIVE))
    key = city[leaders] * 10 + tier[leaders]
    order = np.argsort(key, kind="stable")
    leaders, key = leaders[order], key[order]
    low = np.searchsorted(key, city * 10 + tier + 1)
    high = np.searchsorted(key, city * 10 + 10)
    some = sells & (high > low) & (rng.random(len(city)) < 0.9)
    at = low + np.floor(rng.random(len(city)) * (high - low)).astype(np.int64)
    return np.where(some, leaders[np.minimum(at, len(leaders) - 1)], -1)


def lend_phones(rng: Rng, book: Agents, people: People, home: Ints, shape: SampleShape) -> int:
    """Let some agents have entered their own phone for customers; return for how many records.

    They are a share of the sellers, of ten one at least, those with some customers first; each has
    entered it for a share of them, for `_LENT` at least.
    """
    sellers = rng.permutation(np.flatnonzero(np.isin(book.kind, [SELLER, ACCOUNT_MANAGER])))
    brought = np.bincount(home[home >= 0], minlength=len(book.kind))
    sellers = sellers[np.argsort(brought[sellers] < _CUSTOMERS_TO_LEND, kind="stable")]
    least = 1 if len(sellers) >= 10 and shape.phone_lending_agents > 0 else 0
    book.lends_phone[sellers[: max(round(len(sellers) * shape.phone_lending_agents), least)]] = True
    theirs = np.flatnonzero((home >= 0) & book.lends_phone[home] & (people.phone >= 0))
    luck = rng.random(len(theirs))
    order = np.lexsort((luck, home[theirs]))
    theirs, luck = theirs[order], luck[order]
    place = np.arange(len(theirs)) - np.searchsorted(home[theirs], home[theirs])
    lent = theirs[(luck < shape.phone_lent) | ((place < _LENT) & (shape.phone_lent > 0))]
    people.phone[lent] = book.phone[home[lent]]
    return len(lent)

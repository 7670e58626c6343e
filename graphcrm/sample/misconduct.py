"""Sellers' misconduct, planted by letting a seller have made what somebody sold anyway.

Twisting is said of policies of another insurer (insuretutor.com/articles/twisting-and-churning-
ethics); in one insurer's book it is a policy of another agent that is replaced.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphcrm.sample.agents import ACCOUNT_MANAGER, ACTIVE, DEPARTED, SELLER, Agents
from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.people import People
from graphcrm.sample.policies import IN_FORCE, LAPSED, PERSON, Policies
from graphcrm.sample.referrals import Referrals, brought_policies
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

KINDS = [
    "self_dealing", "self_referral", "churning", "twisting", "bulk_lapse", "front_running",
    "premium_financing", "sham_contacts", "own_phone",
]  # fmt: skip
_FEWEST = 3
"""Policies without which a seller's conduct is no pattern."""


@dataclass
class Conduct:
    """Who did what: one agent, kind and policy a row; policy is -1 where no policy shows it."""

    agent: list[int] = field(default_factory=list)
    kind: list[int] = field(default_factory=list)
    policy: list[int] = field(default_factory=list)

    def add(self, agent: int, kind: str, policies: Ints | None = None) -> None:
        """Add the policies of one agent, or the agent alone."""
        rows = [-1] if policies is None else policies.tolist()
        self.agent += [agent] * len(rows)
        self.kind += [KINDS.index(kind)] * len(rows)
        self.policy += rows

    def counts(self) -> dict[str, int]:
        """Return the number of agents of each kind."""
        pairs = set(zip(self.agent, self.kind, strict=True))
        return {name: sum(kind == n for _, kind in pairs) for n, name in enumerate(KINDS)}


def number_of_each(staff: Agents, shape: SampleShape) -> int:
    """Return how many sellers do each kind of misconduct: one at least where there are ten."""
    sellers = len(sellers_at_work(staff))
    least = 1 if sellers >= 10 and shape.misconduct > 0 else 0
    return max(round(sellers * shape.misconduct / len(KINDS)), least)


def sellers_at_work(staff: Agents) -> Ints:
    """Return the sellers who may have done it: tied ones who are still there."""
    return np.flatnonzero(np.isin(staff.kind, [SELLER, ACCOUNT_MANAGER]) & (staff.status == ACTIVE))


def self_referrers(streams: Streams, staff: Agents, shape: SampleShape) -> Ints:
    """Return sellers who are customers and may bring themselves their own customers."""
    sellers = sellers_at_work(staff)
    sellers = streams.of("self-referrers").permutation(sellers[staff.person[sellers] >= 0])
    # Not all whom they bring buy: some of these will not do.
    return sellers[: 3 * number_of_each(staff, shape)]


def plant(
    streams: Streams, book: Policies, sold_by: Ints, staff: Agents, families: Households,
    records: Records, brought: Referrals, histories: Ints, shape: SampleShape,
) -> Conduct:  # fmt: skip
    """Give sales to sellers who misbehave, in place in `sold_by`; return what they did.

    `histories` are the policies with premiums rows. Sham contacts and lent phones are planted where
    contacts and phones are made.
    """
    rng = streams.of("misconduct")
    desk = _Desk(rng, book, sold_by, staff, Conduct(), np.ones(book.rows, np.bool_))
    each = number_of_each(staff, shape)
    _own_business(desk, records, families, shape, each)
    policies = brought_policies(brought, book)
    for agent in brought.self_referrers.tolist():
        if desk.conduct.counts()["self_referral"] == each:
            break
        mine = policies[(brought.referrer == staff.person[agent]) & (policies >= 0)]
        desk.take(agent, mine, "self_referral", 1.0)
    new = np.flatnonzero(book.replaces >= 0)
    short = new[(book.ended - book.starts)[book.replaces[new]] < 1_500]
    foreign = short[sold_by[book.replaces[short]] >= 0]
    lapsed = (book.status == LAPSED) & (book.human >= 0)
    first = (book.ended - book.starts) == 365 + shape.grace_days
    follow = _after_an_orphan(book, sold_by, staff)
    for kind, candidates in (
        ("twisting", foreign), ("churning", short), ("bulk_lapse", np.flatnonzero(lapsed & first)),
        ("front_running", follow),
    ):  # fmt: skip
        desk.spread(kind, candidates, each)
    desk.finance(histories, each)
    return desk.conduct


def lenders(conduct: Conduct, staff: Agents, people: People) -> None:
    """Add the agents whose own phone stands with customers, which was planted with the phones."""
    for agent in np.flatnonzero(staff.lends_phone).tolist():
        here = np.flatnonzero(people.phone == staff.phone[agent])
        if (here != staff.person[agent]).sum() >= _FEWEST:
            conduct.add(agent, "own_phone")


@dataclass
class _Desk:
    """Hands sales to agents who could have made them, each sale once."""

    rng: Rng
    book: Policies
    sold_by: Ints
    staff: Agents
    conduct: Conduct
    free: Bools
    _busy: set[int] = field(default_factory=set)

    def fitting(self, agent: int, policies: Ints) -> Bools:
        """Return which policies the agent could have sold: at work that day, with the line."""
        same = np.full(len(policies), agent)
        works = self.staff.works_on(same, self.book.applied[policies])
        allowed = self.staff.lines[agent, self.book.line[policies]]
        right: Bools = works & allowed & self.free[policies]
        return right

    def anybody(self) -> list[int]:
        """Return the sellers at work in random order, who sells much rather first."""
        those = sellers_at_work(self.staff)
        sold = np.bincount(np.maximum(self.sold_by, 0), minlength=len(self.staff.kind))[those]
        wait = self.rng.exponential(size=len(those)) / np.maximum(sold, 1)
        order: list[int] = those[np.argsort(wait)].tolist()
        return order

    def take(self, agent: int, policies: Ints, kind: str, share: float) -> bool:
        """Let the agent have sold a share of the policies; False where they are too few."""
        able = policies[self.fitting(agent, policies)]
        able = able[self.rng.random(len(able)) < share]
        if len(able) < _FEWEST:
            return False
        self.sold_by[able], self.free[able] = agent, False
        self._busy.add(agent)
        if kind == "churning":
            former = self.book.replaces[able]
            self.sold_by[former], self.free[former] = agent, False
        self.conduct.add(agent, kind, able)
        return True

    def spread(self, kind: str, candidates: Ints, agents: int) -> None:
        """Let some sellers have sold 4 to 9 of the candidates of their own city each."""
        done = 0
        city = self.book.city[candidates]
        for agent in self.anybody():
            if done == agents:
                return
            if agent in self._busy:
                continue
            near = self.rng.permutation(candidates[city == self.staff.city[agent]])
            if kind == "twisting":
                near = near[self.sold_by[self.book.replaces[near]] != agent]
            able = near[self.fitting(agent, near)]
            if kind == "churning":
                able = able[self.fitting(agent, self.book.replaces[able])]
            done += self.take(agent, able[: int(self.rng.integers(4, 10))], kind, 1.0)

    def finance(self, histories: Ints, agents: int) -> None:
        """Let some sellers pay most premiums of some customers of their own."""
        done = 0
        seller = self.sold_by[histories]
        for agent in self.anybody():
            mine = histories[(seller == agent) & self.free[histories]]
            paid = mine[self.rng.random(len(mine)) < 0.6][:9]
            if done < agents and len(paid) >= _FEWEST and agent not in self._busy:
                self.free[paid] = False
                self.conduct.add(agent, "premium_financing", paid)
                done += 1


def _own_business(
    desk: _Desk, records: Records, families: Households, shape: SampleShape, agents: int
) -> None:
    """Agents who are customers buy one policy of themselves; a few sell all to their relatives."""
    staff, book = desk.staff, desk.book
    private = np.flatnonzero((book.holder_kind == PERSON) & (book.human >= 0))
    private = private[np.argsort(book.human[private], kind="stable")]
    human = book.human[private]
    home = families.household[human]
    sells = sellers_at_work(staff)
    sells = desk.rng.permutation(sells[staff.person[sells] >= 0])
    done = 0
    for agent in sells.tolist():
        being = records.entity[staff.person[agent]]
        household = families.household[being]
        low, high = np.searchsorted(home, [household, household + 1])
        family = private[low:high]
        if done < agents and desk.take(agent, family, "self_dealing", 1.0):
            done += 1
        elif desk.rng.random() < shape.own_policy:
            mine = family[book.human[family] == being]
            able = mine[desk.fitting(agent, mine)][:1]
            desk.sold_by[able], desk.free[able] = agent, False


def _after_an_orphan(book: Policies, sold_by: Ints, staff: Agents) -> Ints:
    """Return the policies bought soon after the agent of another one of the holder had left."""
    gone = np.where(sold_by >= 0, staff.departed[np.maximum(sold_by, 0)], NO_DAY)
    gone = np.where((sold_by >= 0) & (staff.status[np.maximum(sold_by, 0)] == DEPARTED), gone, -1)
    orphan = np.flatnonzero((book.status == IN_FORCE) & (book.human >= 0) & (gone > 0))
    key = book.human[orphan] * 2**20 + gone[orphan]
    key = np.sort(key)
    later = np.flatnonzero(book.human >= 0)
    mine = book.human[later] * 2**20 + book.applied[later]
    at = np.searchsorted(key, mine) - 1
    if not len(key):
        return later[:0]
    before = key[np.maximum(at, 0)]
    follows = (at >= 0) & (before // 2**20 == book.human[later]) & (mine - before < 500)
    found: Ints = later[follows & (mine > before)]
    return found

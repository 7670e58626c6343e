"""Sellers' misconduct, planted by letting a seller have made what somebody sold anyway.

Twisting is said of policies of another insurer (insuretutor.com/articles/twisting-and-churning-
ethics); in one insurer's book it is a policy of another agent that is replaced.
"""

from __future__ import annotations

import numpy as np

from graphcrm.sample.agents import DEPARTED, Agents
from graphcrm.sample.columns import NO_DAY, Ints
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.people import People
from graphcrm.sample.policies import IN_FORCE, LAPSED, PERSON, Policies
from graphcrm.sample.referrals import Referrals, brought_policies
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.takeover import FEWEST, KINDS, Conduct, Takeover, sellers_at_work

_SOON = 2_000
"""Days within which a policy is replaced that was sold for the commission."""


def number_of_each(staff: Agents, shape: SampleShape) -> int:
    """Return how many sellers do each kind of misconduct: one at least where there are ten."""
    sellers = len(sellers_at_work(staff))
    least = 1 if sellers >= 10 and shape.misconduct > 0 else 0
    return max(round(sellers * shape.misconduct / len(KINDS)), least)


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
    desk = Takeover(rng, book, sold_by, staff, Conduct(), np.ones(book.rows, np.bool_))
    each = number_of_each(staff, shape)
    _own_business(desk, records, families, shape, each)
    policies = brought_policies(brought, book)
    done = 0
    for blind in (False, True):
        for agent in brought.self_referrers.tolist():
            if done < (min(each, 1) if blind else each):
                own = (brought.referrer == staff.person[agent]) & (brought.referrer_kind == PERSON)
                mine = policies[own & (policies >= 0)]
                done += desk.take(agent, mine, "self_referral", blind=blind)
    new = np.flatnonzero(book.replaces >= 0)
    short = new[(book.ended - book.starts)[book.replaces[new]] < _SOON]
    foreign = short[sold_by[book.replaces[short]] >= 0]
    lapsed = (book.status == LAPSED) & (book.human >= 0)
    first = (book.ended - book.starts) == 365 + shape.grace_days
    follow = _after_an_orphan(book, sold_by, staff)
    for kind, candidates in (
        ("churning", short), ("twisting", foreign), ("bulk_lapse", np.flatnonzero(lapsed & first)),
        ("front_running", follow),
    ):  # fmt: skip
        desk.spread(kind, candidates, each)
    desk.finance(histories, each)
    return desk.conduct


def lenders(conduct: Conduct, staff: Agents, people: People) -> None:
    """Add the agents whose own phone stands with customers, which was planted with the phones."""
    for agent in np.flatnonzero(staff.lends_phone).tolist():
        here = np.flatnonzero(people.phone == staff.phone[agent])
        if (here != staff.person[agent]).sum() >= FEWEST:
            conduct.add(agent, "own_phone")


def _own_business(
    desk: Takeover, records: Records, families: Households, shape: SampleShape, agents: int
) -> None:
    """Agents who are customers buy one policy of themselves; a few sell all to their relatives."""
    staff, book = desk.staff, desk.book
    private = np.flatnonzero((book.holder_kind == PERSON) & (book.human >= 0))
    private = private[np.argsort(book.human[private], kind="stable")]
    human = book.human[private]
    home = families.household[human]
    sells = sellers_at_work(staff)
    sells = desk.rng.permutation(sells[staff.person[sells] >= 0])
    families_of: list[tuple[int, Ints]] = []
    done = 0
    for agent in sells.tolist():
        being = records.entity[staff.person[agent]]
        household = families.household[being]
        low, high = np.searchsorted(home, [household, household + 1])
        family = private[low:high]
        families_of.append((agent, family))
        if done < agents and desk.take(agent, family, "self_dealing"):
            done += 1
        elif desk.rng.random() < shape.own_policy:
            mine = family[book.human[family] == being]
            able = mine[desk.fitting(agent, mine)][:1]
            desk.sold_by[able], desk.free[able] = agent, False
    for agent, family in families_of:
        if done < min(agents, 1):
            done += desk.take(agent, family, "self_dealing", blind=True)


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

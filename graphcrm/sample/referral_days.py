"""When somebody brought whom: mostly before the other one buys."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import Ints, Rng
from graphcrm.sample.policies import PERSON, Policies
from graphcrm.sample.shape import SampleShape

_BURST, _SLOW = 45, 260.0
"""Days from a person's own referral to a burst of those that he makes, and to another one."""
_WITHIN = 400
"""Days within which the policy that a referral brought is applied for."""
_DAY = 2**20
_AT_MOST = 20_000
_OWN, _FEWEST = 0.3, 5
"""Of those whom a self-referrer brings, the customers who buy: a share, and a least number."""


class Purchases:
    """What persons applied for, in order of the record and the day."""

    def __init__(self, book: Policies) -> None:
        """Take the policies that persons hold."""
        held = np.flatnonzero(book.holder_kind == PERSON)
        key = book.holder[held] * _DAY + book.applied[held]
        order = np.argsort(key, kind="stable")
        self.policy, self._key = held[order], key[order]

    def next(self, person: Ints, day: Ints) -> Ints:
        """Return the first policy that each applied for from the day on, -1 for none."""
        low = np.searchsorted(self._key, person * _DAY + day)
        return self._at(low, person)

    def one_after(self, rng: Rng, person: Ints, day: Ints) -> Ints:
        """Return any policy that each applied for from the day on, -1 for none."""
        low = np.searchsorted(self._key, person * _DAY + day)
        high = np.searchsorted(self._key, (person + 1) * _DAY)
        step = np.floor(rng.random(len(person)) * (high - low)).astype(np.int64)
        return self._at(np.where(high > low, low + step, len(self._key)), person)

    def _at(self, place: Ints, person: Ints) -> Ints:
        if not len(self._key):
            return np.full(len(person), -1)
        known = np.minimum(place, len(self._key) - 1)
        own = (place < len(self._key)) & (self._key[known] // _DAY == person)
        return np.where(own, self.policy[known], -1)


def brought(purchases: Purchases, book: Policies, referred: Ints, on: Ints) -> Ints:
    """Return the policy that each referral brought, -1 for none: the next one applied for."""
    found = purchases.next(referred, on)
    soon = (found >= 0) & (book.applied[np.maximum(found, 0)] < on + _WITHIN)
    return np.where(soon, found, -1)


def days(
    rng: Rng, people: Ints, parent: Ints, level: Ints, purchases: Purchases, book: Policies,
    staff: Agents, busy: tuple[Ints, Ints], outside: int, as_of: int, shape: SampleShape,
) -> Ints:  # fmt: skip
    """Return the day of each node of the forest: nobody brings others before he is brought.

    Some bring many within days: a campaign, a wedding, a works meeting. Of the others, a share are
    brought shortly before they buy. `busy` are the self-referrers (agents, nodes): below their
    nodes stand customers whom they could have sold something, swapped in place with the `people`
    from `outside` on.
    """
    nodes = len(parent)
    day = as_of - 60 - np.floor(rng.random(nodes) * 12 * 365).astype(np.int64)
    bursts = rng.random(nodes) < shape.referral_bursts
    bursts[busy[1]] = False
    own = _OwnCustomers(rng, people, book, staff, outside)
    for step in range(1, shape.referral_depth + 1):
        at = np.flatnonzero(level == step)
        before = day[parent[at]]
        wait = 3 + np.floor(rng.exponential(_SLOW, len(at))).astype(np.int64)
        soon = np.floor(rng.random(len(at)) * 10).astype(np.int64)
        wait = np.where(bursts[parent[at]], _BURST + soon, wait)
        day[at] = np.minimum(before + wait, as_of)
        buys = rng.random(len(at)) < shape.referrals_buy
        policy = purchases.one_after(rng, people[at], before + 3)
        buys &= (policy >= 0) & ~bursts[parent[at]]
        shortly = book.applied[np.maximum(policy, 0)] - rng.integers(0, 60, len(at))
        day[at] = np.where(buys, np.maximum(shortly, before + 3), day[at])
        for agent, node in zip(*(part.tolist() for part in busy), strict=True):
            if level[node] == step - 1:
                under = rng.permutation(np.setdiff1d(at[parent[at] == node], busy[1]))
                wanted = max(round(_OWN * len(under)), min(len(under), _FEWEST))
                own.swap_in(agent, under[:wanted], day, int(day[node]) + 3)
    return day


class _OwnCustomers:
    """Puts persons who bought something under the agent who could have sold it."""

    def __init__(self, rng: Rng, people: Ints, book: Policies, staff: Agents, outside: int) -> None:
        """Take the persons of whom those from `outside` on are in no tree."""
        place = np.full(int(people.max(initial=-1)) + 1, -1)
        place[people[outside:]] = np.arange(outside, len(people))
        held = np.flatnonzero((book.holder_kind == PERSON) & (book.holder < len(place)))
        held = rng.permutation(held[place[book.holder[held]] >= 0])[:_AT_MOST]
        self._rng, self._people, self._staff, self._book = rng, people, staff, book
        self._policy, self._place = held, place[book.holder[held]]

    def swap_in(self, agent: int, nodes: Ints, day: Ints, earliest: int) -> None:
        """Exchange the persons at the nodes, as far as there are others, and set the days."""
        applied, line = self._book.applied[self._policy], self._book.line[self._policy]
        works = self._staff.works_on(np.full(len(applied), agent), applied)
        able = np.flatnonzero(works & self._staff.lines[agent, line] & (applied >= earliest))
        able = able[np.unique(self._place[able], return_index=True)[1]]
        able = self._rng.permutation(able)[: len(nodes)]
        nodes, others = nodes[: len(able)], self._place[able]
        self._people[nodes], self._people[others] = self._people[others], self._people[nodes]
        day[nodes] = np.maximum(applied[able] - self._rng.integers(0, 60, len(able)), earliest)
        gone = np.isin(self._place, others)
        self._policy, self._place = self._policy[~gone], self._place[~gone]

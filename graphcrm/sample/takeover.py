"""Sales handed to sellers who could have made them, and the note of who did what."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphcrm.sample.agents import ACCOUNT_MANAGER, ACTIVE, SELLER, Agents
from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.policies import Policies

KINDS = [
    "self_dealing", "self_referral", "churning", "twisting", "bulk_lapse", "front_running",
    "premium_financing", "sham_contacts", "own_phone",
]  # fmt: skip
FEWEST = 3
"""Policies without which a seller's conduct is no pattern."""
_FINANCED = 0.6


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


def sellers_at_work(staff: Agents) -> Ints:
    """Return the sellers who may have done it: tied ones who are still there."""
    return np.flatnonzero(np.isin(staff.kind, [SELLER, ACCOUNT_MANAGER]) & (staff.status == ACTIVE))


@dataclass
class Takeover:
    """Hands sales to agents who could have made them, each sale once."""

    rng: Rng
    book: Policies
    sold_by: Ints
    staff: Agents
    conduct: Conduct
    free: Bools
    _busy: set[int] = field(default_factory=set)

    def fitting(self, agent: int, policies: Ints, *, blind: bool = False) -> Bools:
        """Return which policies the agent could have sold: at work that day, with the line.

        `blind` is without a look at the line, as some sales are made.
        """
        same = np.full(len(policies), agent)
        works = self.staff.works_on(same, self.book.applied[policies])
        allowed = self.staff.lines[agent, self.book.line[policies]] | blind
        right: Bools = works & allowed & self.free[policies]
        return right

    def anybody(self) -> list[int]:
        """Return the sellers at work in random order, who sells much rather first."""
        those = sellers_at_work(self.staff)
        sold = np.bincount(np.maximum(self.sold_by, 0), minlength=len(self.staff.kind))[those]
        wait = self.rng.exponential(size=len(those)) / np.maximum(sold, 1)
        order: list[int] = those[np.argsort(wait)].tolist()
        return order

    def take(self, agent: int, policies: Ints, kind: str, *, blind: bool = False) -> bool:
        """Let the agent have sold those of the policies that fit; False where they are too few."""
        able = policies[self.fitting(agent, policies, blind=blind)]
        if len(able) < FEWEST:
            return False
        self.sold_by[able], self.free[able] = agent, False
        self._busy.add(agent)
        if kind == "churning":
            former = self.book.replaces[able]
            self.sold_by[former], self.free[former] = agent, False
        self.conduct.add(agent, kind, able)
        return True

    def spread(self, kind: str, candidates: Ints, agents: int) -> None:
        """Let some sellers have sold 4 to 9 of the candidates of their own city each, of few 4.

        Where nobody could, as in a small book, one is found who did so anywhere.
        """
        city = self.book.city[candidates]
        done = 0
        for agent in self.anybody():
            if done == agents:
                return
            if agent not in self._busy:
                done += self._spread(kind, agent, candidates[city == self.staff.city[agent]])
        for blind in (False, True):
            for agent in self.anybody():
                if not done and agent not in self._busy:
                    done += self._spread(kind, agent, candidates, blind=blind)

    def _spread(self, kind: str, agent: int, candidates: Ints, *, blind: bool = False) -> bool:
        near = self.rng.permutation(candidates)
        if kind == "twisting":
            near = near[self.sold_by[self.book.replaces[near]] != agent]
        able = near[self.fitting(agent, near, blind=blind)]
        if kind == "churning":
            able = able[self.fitting(agent, self.book.replaces[able], blind=blind)]
        most = min(max(len(candidates) // 5, 4), 9)
        return self.take(agent, able[: int(self.rng.integers(4, most + 1))], kind, blind=blind)

    def finance(self, histories: Ints, agents: int) -> None:
        """Let some sellers pay most premiums of some customers of their own."""
        done = 0
        seller = self.sold_by[histories]
        for agent in self.anybody():
            mine = histories[(seller == agent) & self.free[histories]]
            paid = mine[self.rng.random(len(mine)) < _FINANCED][:9]
            if done < agents and len(paid) >= FEWEST and agent not in self._busy:
                self.free[paid] = False
                self.conduct.add(agent, "premium_financing", paid)
                done += 1
        if agents and not done:
            self.spread("premium_financing", histories[self.book.human[histories] >= 0], 1)

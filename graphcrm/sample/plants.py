"""What rings and their honest look-alikes have in common: members, and the world they act in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import Agents
from graphcrm.sample.claim_scene import Scene
from graphcrm.sample.claims import Claims
from graphcrm.sample.columns import Column, IdSpace, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.gather import Gathering
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.policies import Policies
from graphcrm.sample.vehicles import Vehicles

CLAIM, PERSON, INSTITUTION, AGENT, VEHICLE = range(5)
MEMBER_KINDS = ["claim", "person", "institution", "agent", "vehicle"]


@dataclass
class World:
    """The book as far as claims go, to be rewired in place."""

    losses: Claims
    scene: Scene
    book: Policies
    sold_by: Ints
    families: Households
    records: Records
    firms: Institutions
    agents: Agents
    cars: Vehicles
    cities: int
    as_of: int
    claims: Gathering = field(init=False)
    firms_taken: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with every claim free."""
        self.claims = Gathering(self.losses.rows)

    @property
    def line(self) -> Ints:
        """The line of each claim."""
        return self.book.line[self.losses.policy]

    @property
    def holder(self) -> Ints:
        """The person record that holds the policy of each claim, -1 for institutions."""
        policy = self.losses.policy
        return np.where(self.book.human[policy] >= 0, self.book.holder[policy], -1)

    def together(
        self, rng: Rng, at: Ints, sizes: Ints, *, spread: int, least: int,
        key: Ints | None = None, unlike: Ints | None = None,
    ) -> Iterator[Ints]:  # fmt: skip
        """Give groups of claims among `at` of one key (by default city) and of about one time.

        `key` and `unlike` are by claim; the rest is as in `Gathering.groups`.
        """
        key = self.losses.city if key is None else key
        return self.claims.groups(
            rng, at, key[at], self.losses.loss[at], sizes, spread=spread, least=least, unlike=unlike
        )


@dataclass
class Groups:
    """Planted groups and their members; `claims` has the claims of each group once more."""

    kinds: list[str]
    kind: list[int] = field(default_factory=list)
    claims: list[Ints] = field(default_factory=list)
    _group: list[Ints] = field(default_factory=list)
    _member: list[Ints] = field(default_factory=list)
    _member_kind: list[Ints] = field(default_factory=list)

    def add(self, kind: str, claims: Ints, members: dict[int, Ints]) -> None:
        """Add a group: its claims, and its other members by kind of member; negative is nobody."""
        number = len(self.kind)
        self.kind.append(self.kinds.index(kind))
        self.claims.append(claims)
        for code, those in {CLAIM: claims, **members}.items():
            known = np.unique(those[those >= 0])
            self._group.append(np.full(len(known), number))
            self._member.append(known)
            self._member_kind.append(np.full(len(known), code))

    def counts(self) -> dict[str, int]:
        """Return the number of groups of each kind."""
        number = np.bincount(np.array(self.kind, np.int64), minlength=len(self.kinds))
        return dict(zip(self.kinds, number.tolist(), strict=True))

    def table(self, ids: IdSpace, members: dict[int, IdSpace]) -> pa.Table:
        """Return ring_id, kind, member_id and member_kind of every member, by ring and member."""
        none = [np.empty(0, np.int64)]
        group = np.concatenate([*none, *self._group])
        member = np.concatenate([*none, *self._member])
        what = np.concatenate([*none, *self._member_kind])
        numbers = np.zeros(len(group), np.int64)
        for code, space in members.items():
            mine = what == code
            numbers[mine] = space.numbers[member[mine]]
        order = np.lexsort((numbers, what, ids.numbers[group]))
        group, member, what = group[order], member[order], what[order]
        named: Column = pa.nulls(len(group), pa.string())
        for code, space in members.items():
            named = col.chosen(what == code, space.of(np.where(what == code, member, -1)), named)
        kind = np.array(self.kind, np.int64)
        return pa.table(
            {
                "ring_id": ids.of(group),
                "kind": col.words(self.kinds, kind[group] if len(group) else group),
                "member_id": named,
                "member_kind": col.words(MEMBER_KINDS, what),
            }
        )

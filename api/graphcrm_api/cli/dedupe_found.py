"""What the engine found in a list, as the summary, the pairs and the page show it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from graphcrm.duplicates import Deduped, Role
from graphcrm.duplicates.engine.evidence import MISSING, START
from graphcrm_api.cli.waterfall import Agreement
from graphcrm_loaders.lists import CustomerList, Detected, column_for_clusters

Ints = npt.NDArray[np.int64]

_LOOKED_AT = 2_000
"""So many pairs are looked through for an example that shows something."""

UNTOLD = frozenset({START, MISSING})
"""Levels of evidence that say nothing of two values."""


@dataclass(frozen=True)
class Pair:
    """Two records that were compared. `left` and `right` are positions, lines those of the file."""

    left: int
    right: int
    left_line: int
    right_line: int
    probability: float
    weight: float
    same: bool
    agreements: tuple[Agreement, ...]


@dataclass(frozen=True)
class Found:
    """A list, the roles of its columns, and what the engine found."""

    given: CustomerList
    detected: dict[str, Detected]
    result: Deduped

    @property
    def ids(self) -> Ints:
        """The cluster of each row, from 1."""
        return self.result.cluster_ids

    @property
    def column(self) -> str:
        """The name of the column that the list gets."""
        return column_for_clusters(self.given)

    @property
    def records(self) -> int:
        """How many rows there are."""
        return len(self.ids)

    @cached_property
    def sizes(self) -> Ints:
        """How many rows each cluster has; cluster n at n - 1."""
        return np.bincount(self.ids)[1:]

    @property
    def customers(self) -> int:
        """How many clusters there are."""
        return len(self.sizes)

    @cached_property
    def several(self) -> Ints:
        """The clusters of two rows and more, the largest first."""
        places = np.flatnonzero(self.sizes > 1)
        ordered: Ints = places[np.argsort(-self.sizes[places], kind="stable")] + 1
        return ordered

    @cached_property
    def compared(self) -> list[str]:
        """The columns that took part."""
        return [n for n, known in self.detected.items() if known.role is not Role.IGNORED]

    def members(self, cluster: int) -> Ints:
        """The rows of a cluster."""
        return np.flatnonzero(self.ids == cluster)

    def record(self, row: int) -> dict[str, str | None]:
        """What a row says in the columns that took part."""
        return {name: self.given.texts.column(name)[row].as_py() for name in self.compared}

    def surest(self, number: int) -> list[Pair]:
        """Pairs taken for one customer with the highest weights, one of a cluster.

        Rows that are equal in all that was compared come last: they show nothing.
        """
        _, right, weight, same = self._arrays
        order = np.flatnonzero(same)
        order = order[np.argsort(-weight[order], kind="stable")][:_LOOKED_AT]
        left = self._arrays[0]
        rank = {int(n): self.record(int(left[n])) == self.record(int(right[n])) for n in order}
        ordered = sorted((int(n) for n in order), key=lambda n: rank[n])
        return self._pairs(self._one_of_each(ordered, number))

    def doubtful(self, number: int) -> list[Pair]:
        """Pairs whose weight is nearest to even odds, one of a cluster."""
        weight = self._arrays[2]
        order = np.argsort(np.abs(weight), kind="stable")[:_LOOKED_AT]
        return self._pairs(self._one_of_each((int(n) for n in order), number))

    @cached_property
    def _arrays(self) -> tuple[Any, Any, Any, Any]:
        pairs = self.result.pairs
        left, right, weight = (pairs.column(n).to_numpy() for n in ("left", "right", "weight"))
        return left, right, weight, self.ids[left] == self.ids[right]

    def _one_of_each(self, ordered: Iterable[int], number: int) -> list[int]:
        left, right = self._arrays[:2]
        seen: set[tuple[int, int]] = set()
        chosen: list[int] = []
        for place in ordered:
            clusters = (int(self.ids[left[place]]), int(self.ids[right[place]]))
            if clusters not in seen and len(chosen) < number:
                seen.add(clusters)
                chosen.append(place)
        return chosen

    def _pairs(self, places: Sequence[int]) -> list[Pair]:
        if not places:
            return []
        left, right, weight, same = self._arrays
        chance = self.result.pairs.column("probability").to_numpy()
        agreements: dict[int, list[Agreement]] = {}
        for told in self.result.evidence(np.array(places, np.int64)).to_pylist():
            if told["level"] not in UNTOLD:
                n = told["pair"]
                ends = (
                    self._written(told["column"], left[n]),
                    self._written(told["column"], right[n]),
                )
                agreement = Agreement(told["column"], told["level"], *ends, told["weight"])
                agreements.setdefault(n, []).append(agreement)
        lines = self.given.lines
        return [
            Pair(
                int(left[n]),
                int(right[n]),
                int(lines[left[n]]),
                int(lines[right[n]]),
                float(chance[n]),
                float(weight[n]),
                bool(same[n]),
                tuple(agreements.get(n, ())),
            )
            for n in places
        ]

    def _written(self, field: str, row: int) -> str:
        """What a row of the list says in a field, which may be of several columns."""
        texts = self.given.texts
        names = _columns_of(field, texts.column_names)
        return " ".join(telling([texts.column(name)[int(row)].as_py() for name in names]))


def _columns_of(field: str, known: Sequence[str]) -> list[str]:
    """The columns of a field, whose name lists theirs; a column's own name may hold a comma."""
    found = []
    rest = field
    for name in sorted(known, key=len, reverse=True):
        if name in rest and f", {name}, " in f", {rest}, ":
            found.append(name)
            rest = f", {rest}, ".replace(f", {name}, ", ", ", 1).strip(", ")
    return sorted(found, key=list(known).index)


def telling(values: Iterable[str | None]) -> list[str]:
    """The values that say something that no other does: no first name beside the whole name."""
    given = [value for value in values if value]
    words = [set(value.lower().split()) for value in given]
    return [
        value
        for n, value in enumerate(given)
        if not any(words[n] < other for other in words) and words[n] not in words[:n]
    ]

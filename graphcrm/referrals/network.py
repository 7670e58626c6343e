"""Who brought whom, as arrays of integers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.store import Store

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NO_DAY = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Adjacency:
    """Neighbours by node (compressed rows): those of node n are `other[start[n]:start[n + 1]]`."""

    start: Ints
    other: Ints

    def spread(self, nodes: Ints) -> tuple[Ints, Ints]:
        """All neighbours of the nodes: (position in `nodes`, position in `other`), in order."""
        first = self.start[nodes]
        counts = self.start[nodes + 1] - first
        at = np.repeat(np.arange(len(nodes)), counts)
        within = np.arange(len(at)) - np.repeat(np.cumsum(counts) - counts, counts)
        return at, first[at] + within

    @cached_property
    def degree(self) -> Ints:
        """How many neighbours each node has."""
        counts: Ints = np.diff(self.start)
        return counts


@dataclass(frozen=True)
class Network:
    """Customers and the referrals between them.

    Node n is the customer `labels[n]`, `ids[n]`, `names[n]`; edge e says that `source[e]` brought
    `target[e]`, first on day `day[e]` (days since 1970; _NO_DAY where unknown). Parallel referrals
    are one edge; edges are sorted by (source, target).
    """

    labels: pa.Array
    ids: pa.Array
    names: pa.Array
    source: Ints
    target: Ints
    day: Ints

    @property
    def size(self) -> int:
        """How many customers there are."""
        return len(self.ids)

    @cached_property
    def themselves(self) -> Ints:
        """The customers who are said to have brought themselves."""
        found: Ints = self.source[self.source == self.target]
        return found

    @cached_property
    def forward(self) -> Adjacency:
        """Whom each customer brought, leaving themselves out."""
        proper = self.source != self.target
        return adjacency(self.source[proper], self.target[proper], self.size)

    @cached_property
    def backward(self) -> Adjacency:
        """Who brought each customer, leaving themselves out."""
        proper = self.source != self.target
        return adjacency(self.target[proper], self.source[proper], self.size)

    def code(self, label: str, id: str) -> int | None:
        """The number of a customer; None if they take part in no referral."""
        same = pc.and_(pc.equal(self.labels, label), pc.equal(self.ids, id))
        at: int = pc.index(same, True).as_py()
        return None if at < 0 else at

    def dates(self, day: Ints) -> pa.Array:
        """Days as ISO text, null where unknown."""
        days = pa.array(day.astype(np.int32), pa.int32(), mask=day == _NO_DAY)
        return days.cast(pa.date32()).cast(pa.string())


def adjacency(at: Ints, other: Ints, size: int) -> Adjacency:
    """The neighbours of `size` nodes, from edges (at, other)."""
    order = np.argsort(at, kind="stable")
    start = np.zeros(size + 1, np.int64)
    np.cumsum(np.bincount(at, minlength=size), out=start[1:])
    return Adjacency(start, other[order])


def read_network(store: Store) -> Network:
    """The network of the question `referrals`."""
    table = store.query("referrals")
    both = {
        part: pa.chunked_array(
            [*table[f"referrer_{part}"].chunks, *table[f"referred_{part}"].chunks], pa.string()
        ).combine_chunks()
        for part in ("label", "id", "name")
    }
    keys = keys_of(both["label"], both["id"]).dictionary_encode()
    code = keys.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    size, rows = len(keys.dictionary), table.num_rows
    seen = np.zeros(size, np.int64)
    seen[code[::-1]] = np.arange(len(code))[::-1]
    first = pa.array(seen)
    days = table["referred_on"].cast(pa.date32()).cast(pa.int32())
    day = days.fill_null(int(_NO_DAY)).to_numpy().astype(np.int64)
    source, target = code[:rows], code[rows:]
    order = np.lexsort((day, target, source))
    source, target, day = source[order], target[order], day[order]
    new = np.ones(rows, bool)
    new[1:] = (source[1:] != source[:-1]) | (target[1:] != target[:-1])
    return Network(
        both["label"].take(first),
        both["id"].take(first),
        both["name"].take(first),
        source[new],
        target[new],
        day[new],
    )


def keys_of(labels: pa.Array, ids: pa.Array) -> pa.Array:
    """One text for each customer; labels have no colon."""
    return pc.binary_join_element_wise(labels, ids, ":")

"""Which records are one customer, given how likely each pair is."""

from __future__ import annotations

import math
from functools import cache
from itertools import combinations

import graspologic_native
import numpy as np
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from graphcrm.duplicates.engine.fields import Keys, Numbers

MISSING = 0.1
"""What a pair that was not compared counts against its cluster (nats)."""

LINKED = math.log(2 * math.exp(-MISSING) - 1)
"""Log-odds (nats) above which a pair counts more than one that was not compared."""

EXACT = 6
"""Records that hang together at most, for all their partitions to be tried (203 of them)."""


def cluster(rows: int, left: Keys, right: Keys, odds: Numbers) -> Keys:
    """The cluster of each row, numbered by its first row, from 0.

    Correlation clustering: a pair inside of a cluster counts ln(1 + e^s) - ln 2, s its log-odds, so
    that even odds count nothing; pairs that nothing speaks for count -0.1; the sum is to be as
    large as can be. What hangs together by such pairs is clustered on its own, so that no record
    elsewhere has a say: a few exactly, more by Leiden with the constant Potts model. Source: Traag,
    Waltman and van Eck, From Louvain to Leiden (2019).
    """
    held = odds > LINKED
    one, other = left[held], right[held]
    weight = np.logaddexp(0, odds[held]) - math.log(2) + MISSING
    part = components(rows, one, other)
    order = np.argsort(part, kind="stable")
    sizes = np.bincount(part)
    starts = np.cumsum(sizes) - sizes
    place = np.empty(rows, np.int64)
    place[order] = np.arange(rows)
    graph = _graph(rows, place[one], place[other], weight)
    # By position in `order`, where each component is a stretch; a cluster is named by a member.
    found = np.arange(rows)
    for size in np.unique(sizes[(sizes > 1) & (sizes <= EXACT)]).tolist():
        begins = starts[sizes == size]
        found[begins[:, None] + np.arange(size)] = begins[:, None] + _exactly(graph, begins, size)
    for begin, size in zip(starts[sizes > EXACT], sizes[sizes > EXACT], strict=True):
        found[begin : begin + size] = begin + _leiden(graph, int(begin), int(size))
    clusters = np.empty(rows, np.int64)
    clusters[order] = found
    return by_first_row(clusters)


def components(rows: int, left: Keys, right: Keys) -> Keys:
    """A number for what hangs together by these pairs, for each row."""
    links = sp.coo_array((np.ones(len(left), np.int8), (left, right)), shape=(rows, rows))
    _, found = connected_components(links, directed=False)
    return np.asarray(found, np.int64)


def _graph(rows: int, one: Keys, other: Keys, weight: Numbers) -> sp.csr_array:
    ends = (np.concatenate((one, other)), np.concatenate((other, one)))
    graph = sp.coo_array((np.concatenate((weight, weight)), ends), shape=(rows, rows)).tocsr()
    graph.sort_indices()
    return graph


def _exactly(graph: sp.csr_array, begins: Keys, size: int) -> Keys:
    """The best of all partitions of components of one size: (components, size) labels from 0."""
    pairs = list(combinations(range(size), 2))
    worth = np.stack([graph[begins + a, begins + b] for a, b in pairs]) - MISSING
    partitions = _partitions(size)
    best = np.full(len(begins), -np.inf)
    chosen = np.zeros(len(begins), np.int64)
    for number, labels in enumerate(partitions):
        inside = [n for n, (a, b) in enumerate(pairs) if labels[a] == labels[b]]
        score = worth[inside].sum(0)
        better = score > best
        best[better], chosen[better] = score[better], number
    return np.array(partitions)[chosen]


@cache
def _partitions(size: int) -> list[tuple[int, ...]]:
    """All partitions of so many members as labels, those with most parts first."""
    found: list[tuple[int, ...]] = [()]
    for _ in range(size):
        found = [(*p, label) for p in found for label in range(max(p, default=-1) + 2)]
    return sorted(found, key=lambda p: (-max(p), p))


def _leiden(graph: sp.csr_array, begin: int, size: int) -> Keys:
    """The communities of one component."""
    reach = slice(graph.indptr[begin], graph.indptr[begin + size])
    _, found = graspologic_native.leiden_csr(
        (graph.indptr[begin : begin + size + 1] - reach.start).astype(np.int64),
        (graph.indices[reach] - begin).astype(np.int32),
        graph.data[reach],
        size,
        resolution=MISSING,
        randomness=1e-9,
        use_modularity=False,
        seed=1,
    )
    community = np.empty(size, np.int64)
    community[np.fromiter(found, np.int64, size)] = np.fromiter(found.values(), np.int64, size)
    return community


def by_first_row(clusters: Keys) -> Keys:
    """The same clusters, numbered in the order of their first rows."""
    _, first, back = np.unique(clusters, return_index=True, return_inverse=True)
    order = np.empty(len(first), np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(len(first))
    return order[back]

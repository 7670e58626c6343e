"""Loops of referrals, which honest business doesn't have."""

from collections import deque

import networkx as nx
import numpy as np
import pyarrow as pa

from graphcrm.referrals.network import Adjacency, Bools, Ints, Network, read_network
from graphcrm.store import Store

_ROUNDS = 10_000

_SCHEMA = pa.schema(
    [
        ("loop", pa.int64()),
        ("order", pa.int64()),
        ("label", pa.string()),
        ("id", pa.string()),
        ("name", pa.string()),
    ]
)


def loops(store: Store) -> pa.Table:
    """The loops: groups of customers each of whom was brought, in the end, by every other.

    A row for each customer: loop (from 1, the largest first), order (from 1), label, id, name.
    In a plain loop each customer brought the next and the last one the first; in a tangle of
    several loops (a strongly connected component) the order is breadth-first along referrals. A
    customer who is said to have brought themselves is a loop of one, unless part of a larger one.
    """
    network = read_network(store)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(network.themselves.tolist())
    graph.add_edges_from(_remainder(network))
    themselves = set(network.themselves.tolist())
    found = [
        _in_order(network, graph, members)
        for members in nx.strongly_connected_components(graph)
        if len(members) > 1 or members <= themselves
    ]
    found.sort(key=lambda members: (-len(members), _name(network, members[0])))
    at = pa.array([node for members in found for node in members], pa.int64())
    return pa.table(
        [
            pa.array([n for n, members in enumerate(found, 1) for _ in members], pa.int64()),
            pa.array([n for members in found for n in range(1, len(members) + 1)], pa.int64()),
            network.labels.take(at),
            network.ids.take(at),
            network.names.take(at),
        ],
        schema=_SCHEMA,
    )


def _remainder(network: Network) -> list[tuple[int, int]]:
    """The edges between customers that neither lead out of all loops nor only into them."""
    kept = np.ones(network.size, bool)
    _trim(network.forward, network.backward.degree, kept)
    inside = kept[network.source] & kept[network.target] & (network.source != network.target)
    left = np.bincount(network.source[inside], minlength=network.size)
    _trim(network.backward, left, kept)
    inside &= kept[network.source] & kept[network.target]
    return list(zip(network.source[inside].tolist(), network.target[inside].tolist(), strict=True))


def _trim(onward: Adjacency, degree: Ints, kept: Bools) -> None:
    """Drop the nodes on which nothing leans any more, and so on (A. B. Kahn, CACM 5, 1962).

    `degree` counts what leans on each node. A very long chain is left, in part, to the components.
    """
    left = degree.copy()
    loose = np.flatnonzero(kept & (left == 0))
    for _ in range(_ROUNDS):
        if not len(loose):
            return
        kept[loose] = False
        _, edge = onward.spread(loose)
        after = onward.other[edge]
        np.subtract.at(left, after, 1)
        loose = np.unique(after)
        loose = loose[kept[loose] & (left[loose] == 0)]


def _in_order(network: Network, graph: "nx.DiGraph[int]", members: set[int]) -> list[int]:
    """The members breadth-first from the one of the least label and id."""
    start = min(members, key=lambda node: _name(network, node))
    ordered, seen, waiting = [start], {start}, deque([start])
    while waiting:
        further = [n for n in graph.successors(waiting.popleft()) if n in members and n not in seen]
        for node in sorted(further, key=lambda n: _name(network, n)):
            seen.add(node)
            ordered.append(node)
            waiting.append(node)
    return ordered


def _name(network: Network, node: int) -> tuple[str, str]:
    return network.labels[node].as_py(), network.ids[node].as_py()

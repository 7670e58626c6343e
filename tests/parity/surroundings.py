"""The surroundings of nodes, worked out on the graph of `insurer` in plain Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import Any

import networkx as nx

from tests.parity.insurer import Insurer, Node

HUBS = frozenset({"Line", "Product", "Department", "Institution", "Agent"})
MANY = 25
"""From the second step on, those are not left by types of which they have more edges than this."""

Found = tuple[dict[Node, int], Counter[str]]
"""Each node with its hop, and the edges as text."""


def surroundings(
    insurer: Insurer, nodes: Sequence[Node], hops: int, leave_out: Collection[str]
) -> Found:
    """All open nodes within some steps, and all open edges on the way, without any limit."""
    hop = dict.fromkeys(nodes, 0)
    frontier = list(nodes)
    edges: dict[tuple[Node, Node, tuple[str, str, str]], dict[str, Any]] = {}
    for step in range(1, hops + 1):
        reached: list[Node] = []
        for node in frontier:
            for start, end, key in _left_by(insurer, node, step):
                far = end if start == node else start
                if far[0] in leave_out or (not insurer.holds(far) and far not in nodes):
                    continue
                edges[start, end, key] = insurer.graph.edges[start, end, key]
                if far not in hop:
                    hop[far] = step
                    reached.append(far)
        frontier = reached
    return hop, Counter(_text(start, end, data) for (start, end, _), data in edges.items())


def _left_by(insurer: Insurer, node: Node, step: int) -> list[tuple[Node, Node, Any]]:
    """The open edges by which a node is left."""
    graph = insurer.graph
    found: list[tuple[Node, Node, Any]] = []
    for outward in (True, False):
        at = graph.out_edges if outward else graph.in_edges
        still = [
            (start, end, key)
            for start, end, key, data in at(node, keys=True, data=True)
            if data["closed"] is None
        ]
        if node[0] in HUBS and step > 1:
            degree = Counter(key[0] for *_, key in still)
            still = [edge for edge in still if degree[edge[2][0]] <= MANY]
        found += still
    return found


def _text(start: Node, end: Node, data: dict[str, Any]) -> str:
    shown = sorted((k, v) for k, v in data.items() if k not in ("type", "closed") and v is not None)
    return f"{start} {data['type']} {end} {shown}"


def found_in(graph: nx.MultiDiGraph[Any], values: dict[str, str]) -> Found:
    """The same of what a store found, identifiers by their values."""
    name = {node: (node[0], values.get(node[1], node[1])) for node in graph}
    return (
        {name[node]: graph.nodes[node]["hop"] for node in graph},
        Counter(_text(name[a], name[b], data) for a, b, data in graph.edges(data=True)),
    )


def described(graph: nx.MultiDiGraph[Any], values: dict[str, str]) -> dict[Node, dict[str, Any]]:
    """What a store tells of each node it found."""
    told: dict[Node, dict[str, Any]] = {}
    for label, id_ in graph:
        data = graph.nodes[label, id_]
        told[label, values.get(id_, id_)] = {k: v for k, v in data.items() if v != id_}
    return told


def require_same_found(actual: Found, expected: Found, which: str) -> None:
    """Fail with what was found too much and too little."""
    told = [
        f"{what}: {thing}"
        for what, hops, edges in (
            ("not found", expected[0].items() - actual[0].items(), expected[1] - actual[1]),
            ("found", actual[0].items() - expected[0].items(), actual[1] - expected[1]),
        )
        for thing in [*sorted(hops), *sorted(edges)][:8]
    ]
    assert not told, "\n  ".join([f"{which} differs from the oracle:", *told])

"""Where the nodes start: a radial tree around the centre, which the physics then loosens.

Starting from a tree instead of from random places, the same graph gives the same picture, with far
fewer crossings and steps until it settles.
"""

import math
from collections import defaultdict
from typing import Any

import networkx as nx

Node = tuple[str, str]
Place = tuple[float, float]

_RING = 150.0
_ROOM = 34.0


def radial_places(graph: "nx.MultiDiGraph[Any]", roots: list[Node]) -> dict[Node, Place]:
    """A place for every node: rings by distance from the roots, sectors by size of the branch.

    Nodes that hang on no root follow as roots of their own, on the first ring.
    """
    children, levels = _forest(graph, roots)
    weight: dict[Node, float] = {}
    for level in reversed(levels):
        for node in level:
            weight[node] = max(1.0, sum(weight[child] for child in children[node]))
    radius = _radii(levels)
    places: dict[Node, Place] = {}
    pending = [(node, 0, start, end) for node, start, end in _split(levels[0], weight, 0, math.tau)]
    while pending:
        node, depth, start, end = pending.pop()
        middle = (start + end) / 2
        places[node] = (
            round(radius[depth] * math.cos(middle), 1),
            round(radius[depth] * math.sin(middle), 1),
        )
        for child, first, last in _split(children[node], weight, start, end):
            pending.append((child, depth + 1, first, last))
    return places


def _forest(
    graph: "nx.MultiDiGraph[Any]", roots: list[Node]
) -> tuple[dict[Node, list[Node]], list[list[Node]]]:
    """Who hangs on whom, and the nodes by their distance from the roots."""
    children: dict[Node, list[Node]] = defaultdict(list)
    seen = dict.fromkeys(roots)
    levels: list[list[Node]] = [list(roots)]
    for start in [None, *graph.nodes]:
        if start is not None:
            if start in seen:
                continue
            seen[start] = None
            levels[0].append(start)
        frontier, depth = (list(roots) if start is None else [start]), 0
        while frontier:
            depth, reached = depth + 1, []
            for node in frontier:
                for other in nx.all_neighbors(graph, node):
                    if other not in seen:
                        seen[other] = None
                        children[node].append(other)
                        reached.append(other)
            if reached and depth == len(levels):
                levels.append([])
            if reached:
                levels[depth].extend(reached)
            frontier = reached
    return children, levels


def _radii(levels: list[list[Node]]) -> list[float]:
    radii: list[float] = []
    for level in levels:
        least = radii[-1] + _RING if radii else 0.0
        around = len(level) * _ROOM / math.tau if len(level) > 1 else 0.0
        radii.append(max(least, around))
    return radii


def _split(
    nodes: list[Node], weight: dict[Node, float], start: float, end: float
) -> list[tuple[Node, float, float]]:
    total = sum(weight[node] for node in nodes) or 1.0
    parts = []
    for node in nodes:
        width = (end - start) * weight[node] / total
        parts.append((node, start, start + width))
        start += width
    return parts

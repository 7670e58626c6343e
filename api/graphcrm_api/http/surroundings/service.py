"""Surroundings as a caller may see them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

from graphcrm.errors import UnknownNodeError
from graphcrm.store.paging import Node
from graphcrm.store.surroundings import OUTSIDE
from graphcrm_api.http.customers.service import require_visible
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.sight import Sight

Record = dict[str, Any]
Show = Callable[[Sequence[Record]], list[Record]]

_PREMIUMS = ("Premium",)
_POLICY = "policy_id"


def neighbourhood(
    caller: Caller, label: str, id: str, hops: int, limit: int, types: str | None
) -> Record:
    """The nodes and edges around a node; nobody asks for premiums who doesn't name their edges."""
    wanted = [name.strip() for name in types.split(",")] if types else None
    with caller.sight() as sight:
        with _found(sight, [(label, id)]):
            graph = sight.store.neighbourhood(
                [(label, id)],
                hops,
                limit,
                () if wanted else _PREMIUMS,
                types=wanted,
                branches=caller.branches,
            )
        nodes = _nodes(sight, graph.nodes(data=True))
        edges = _edges(sight, graph.edges(data=True))
    caller.note_view("view", f"{label}:{id}", nodes=len(nodes))
    return {
        "nodes": nodes,
        "edges": edges,
        "complete": graph.graph["complete"],
        "hubs": graph.graph["hubs"],
    }


def degrees(caller: Caller, label: str, id: str) -> Record:
    """How many neighbours of each kind a node has."""
    with caller.sight() as sight, _found(sight, [(label, id)]):
        return {"items": sight.store.degrees(label, id, caller.branches)}


def paths(caller: Caller, start: Node, end: Node, hops: int, limit: int) -> Record:
    """The shortest ways between two nodes."""
    with caller.sight() as sight:
        with _found(sight, [start, end]):
            graph = sight.store.paths(start, end, hops=hops, limit=limit, branches=caller.branches)
        shown = dict(zip(graph, _nodes(sight, graph.nodes(data=True)), strict=True))
        between: dict[frozenset[Node], list[Record]] = {}
        edges = list(graph.edges(data=True))
        for (one, other, _), edge in zip(edges, _edges(sight, edges), strict=True):
            between.setdefault(frozenset((one, other)), []).append(edge)
    ways = [
        {
            "nodes": [shown[node] for node in way],
            "edges": [edge for pair in pairwise(way) for edge in between[frozenset(pair)]],
        }
        for way in graph.graph["paths"]
    ]
    caller.note_view("view paths", f"{start[0]}:{start[1]}", ways=len(ways))
    return {"paths": ways, "complete": graph.graph["complete"]}


@contextmanager
def _found(sight: Sight, nodes: Sequence[Node]) -> Iterator[None]:
    """Let an unknown node be answered like one that is not the caller's, which is noted."""
    try:
        yield
    except UnknownNodeError as error:
        for label, id_ in nodes:
            require_visible(sight, label, id_)
        raise error


def _nodes(sight: Sight, nodes: Iterable[tuple[Node, Mapping[str, Any]]]) -> list[Record]:
    """Nodes in their order as they may be shown; masked label by label, in whole columns."""
    records = [{**values, "label": label, "id": id_} for (label, id_), values in nodes]
    return _by_kind(records, "label", sight.nodes)


def _edges(sight: Sight, edges: Iterable[tuple[Node, Node, Mapping[str, Any]]]) -> list[Record]:
    """Edges in their order as they may be shown, without the policies that may not."""
    listed = list(edges)
    policies = [("Policy", e[_POLICY]) for _, _, e in listed if e.get(_POLICY)]
    seen = sight.visible(policies) if policies else set()
    records = [
        {k: v for k, v in e.items() if k != _POLICY or ("Policy", v) in seen} for _, _, e in listed
    ]
    shown = _by_kind(records, "type", sight.edges)
    return [
        {"type": edge["type"], "start": _ref(start), "end": _ref(end), **edge}
        for (start, end, _), edge in zip(listed, shown, strict=True)
    ]


def _by_kind(records: Sequence[Record], kind: str, show: Show) -> list[Record]:
    by_kind: dict[str, list[int]] = {}
    for place, record in enumerate(records):
        by_kind.setdefault(record[kind], []).append(place)
    shown = list(records)
    for name, places in by_kind.items():
        if name != OUTSIDE:
            for place, record in zip(places, show([records[p] for p in places]), strict=True):
                shown[place] = record
    return shown


def _ref(node: Node) -> dict[str, str]:
    return {"label": node[0], "id": node[1]}

"""The surroundings of nodes, breadth first, within a limit.

A step is one query for all labels, whose text is always the same, so that the server plans it once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, NamedTuple

import networkx as nx

from graphcrm.errors import UnknownNodeError
from graphcrm.model import VOCABULARY
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.surroundings import HUB_DEGREE, HUBS, touching

Node = tuple[str, str]

_MANY_EDGES = 4
"""A label's nodes may have so many times the limit's edges, before some are left out."""


class _Found(NamedTuple):
    """An edge that a step came upon, from the node it was near to."""

    label: str
    near: str
    element: str
    type: str
    outward: bool
    far_label: str
    far: str
    is_open: bool
    properties: dict[str, Any]


_ROW = (
    "'{label}' AS label, n.id AS near, elementId(r) AS element, type(r) AS type, "
    "startNode(r) = n AS outward, head(labels(m)) AS far_label, m.id AS far, "
    "m.deleted_on IS NULL AS is_open, properties(r) AS properties"
)


def find_neighbourhood(
    server: Server,
    nodes: Sequence[Node],
    hops: int,
    limit: int,
    leave_out: Sequence[str],
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them.

    As `graphcrm.store.sqlite.neighbourhood` describes it. Raises UnknownNodeError for an unknown
    start.
    """
    search = _Search(server, limit, frozenset(leave_out))
    search.start(nodes)
    for hop in range(1, hops + 1):
        search.expand(hop)
    return search.graph()


class _Search:
    """One breadth-first search."""

    def __init__(self, server: Server, limit: int, leave_out: frozenset[str]) -> None:
        self._server, self._limit, self._leave_out = server, limit, leave_out
        self._hop: dict[Node, int] = {}
        self._described: dict[Node, dict[str, Any]] = {}
        self._frontier: list[Node] = []
        self._edges: dict[str, tuple[Node, Node, str, dict[str, Any]]] = {}
        self._complete = True
        self._closed_hubs: set[Node] = set()

    def start(self, nodes: Sequence[Node]) -> None:
        self._hop = dict.fromkeys(nodes, 0)
        self._described = self._describe(nodes)
        for label, id_ in nodes:
            if (label, id_) not in self._described:
                raise UnknownNodeError(f"there is no {label} with the id {id_!r}")
        self._frontier = list(self._hop)

    def expand(self, hop: int) -> None:
        """Add the neighbours of the frontier; hubs are looked at last."""
        most = self._limit if hop == 1 else HUB_DEGREE
        many = _MANY_EDGES * (self._limit + 1)
        rows = self._server.read(
            _step(self._leave_out), most=most + 1, many=many, ids=_by_label(self._frontier)
        )
        found = [_Found(*row) for row in rows]
        self._complete &= max(Counter(edge.label for edge in found).values(), default=0) < many
        crowded = {
            key
            for key, count in Counter(map(_way, found)).items()
            if key[0] in HUBS and count > most
        }
        if hop == 1:
            self._complete &= not crowded
        else:
            self._closed_hubs |= {(label, near) for label, near, _, _ in crowded}
            found = [edge for edge in found if _way(edge) not in crowded]
        self._frontier = []
        for edge in sorted(found, key=_in_order):
            known = (edge.far_label, edge.far) in self._hop  # of closed ones only the start
            if (edge.is_open or known) and edge.far_label not in self._leave_out:
                self._add(edge, hop)

    def _add(self, edge: _Found, hop: int) -> None:
        near, far = (edge.label, edge.near), (edge.far_label, edge.far)
        if far not in self._hop:
            if len(self._hop) >= self._limit:
                self._complete = False
                return
            self._hop[far] = hop
            self._frontier.append(far)
        start, end = (near, far) if edge.outward else (far, near)
        properties = {
            p.name: edge.properties[p.name]
            for p in VOCABULARY.edges[edge.type].properties
            if p.name in edge.properties
        }
        self._edges[edge.element] = (start, end, edge.type, properties)

    def graph(self) -> "nx.MultiDiGraph[Any]":
        """What was found, as a graph."""
        found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        found.graph["complete"] = self._complete
        found.graph["hubs"] = len(self._closed_hubs)
        described = self._described | self._describe(self._hop.keys() - self._described.keys())
        for node, hop in self._hop.items():
            found.add_node(node, hop=hop, **described[node])
        for start, end, type_, properties in self._edges.values():
            found.add_edge(start, end, type=type_, **properties)
        return found

    def _describe(self, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
        described: dict[Node, dict[str, Any]] = {}
        for label, values in self._server.read(_DESCRIBE, ids=_by_label(nodes)):
            names = ("id", "deleted_on", *_property_names(label), "extra")
            shown = {name: values[name] for name in names if name in values}
            described[label, values["id"]] = {"label": label, **shown}
        return described


@cache
def _step(leave_out: frozenset[str]) -> str:
    """The query of a step: the edges of the nodes `$ids.<label>` of each label.

    Of a hub's edges of a type there are at most `$most`; of other nodes' together `$many`.
    """
    parts = []
    for label in VOCABULARY.nodes:
        types = touching(label, leave_out)
        if not types:
            continue
        begin = f"UNWIND $ids.{label} AS id MATCH (n:{label} {{id: id}}) "
        row = _ROW.format(label=label)
        if label in HUBS:
            ways = " UNION ALL ".join(
                f"MATCH (n){'' if outward else '<'}-[r:{edge.name}]-{'>' if outward else ''}(m) "
                "WHERE r.closed IS NULL RETURN r, m LIMIT $most"
                for edge, outward in types
            )
            parts.append(f"{begin} CALL (n) {{ {ways} }} RETURN {row}")
        else:
            names = "|".join(dict.fromkeys(edge.name for edge, _ in types))
            parts.append(
                f"{begin} MATCH (n)-[r:{names}]-(m) WHERE r.closed IS NULL RETURN {row} LIMIT $many"
            )
    return " UNION ALL ".join(parts)


_DESCRIBE = " UNION ALL ".join(
    f"UNWIND $ids.{label} AS id MATCH (n:{label} {{id: id}}) "
    f"RETURN '{label}' AS label, properties(n) AS properties"
    for label in VOCABULARY.nodes
)


@cache
def _property_names(label: str) -> tuple[str, ...]:
    return tuple(p.name for p in VOCABULARY.nodes[label].properties)


_ORDER = {name: n for n, name in enumerate(VOCABULARY.edges)}


def _in_order(edge: _Found) -> tuple[Any, ...]:
    """Hubs last; then by label, type, direction and the other end."""
    hub, direction = edge.label in HUBS, not edge.outward
    return (hub, edge.label, _ORDER[edge.type], direction, edge.far_label, edge.far, edge.element)


def _way(edge: _Found) -> tuple[str, str, str, bool]:
    return edge.label, edge.near, edge.type, edge.outward


def _by_label(nodes: Iterable[Node]) -> dict[str, list[str]]:
    """The ids of each label, as one parameter (see `graphcrm.store.neo4j.channel`)."""
    found: dict[str, list[str]] = {label: [] for label in VOCABULARY.nodes}
    for label, id_ in nodes:
        found[label].append(id_)
    return found

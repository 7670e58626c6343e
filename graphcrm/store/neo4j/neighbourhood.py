"""The surroundings of nodes, breadth first, within a limit."""

from collections.abc import Iterable, Sequence
from typing import Any

import networkx as nx

from graphcrm.errors import UnknownNodeError
from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.surroundings import HUB_DEGREE, HUBS, touching

Node = tuple[str, str]

_ROW = (
    "RETURN elementId(r), type(r), n.id, head(labels(m)), m.id, startNode(r) = n, properties(r) "
    "LIMIT $limit"
)
_MANY_EDGES = 4
"""A label's nodes may have so many times the limit's edges, before some are left out."""


def find_neighbourhood(
    server: Server,
    nodes: Sequence[Node],
    hops: int,
    limit: int,
    leave_out: Sequence[str],
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them.

    As `graphcrm.store.sqlite.neighbourhood` describes it; a step takes a query for each label.
    Raises UnknownNodeError for an unknown start.
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
        self._frontier: list[Node] = []
        self._edges: dict[str, tuple[Node, Node, str, dict[str, Any]]] = {}
        self._complete = True
        self._closed_hubs: set[Node] = set()

    def start(self, nodes: Sequence[Node]) -> None:
        for label, id_ in nodes:
            if not self._server.read(f"MATCH (n:{label} {{id: $id}}) RETURN 1", id=id_):
                raise UnknownNodeError(f"there is no {label} with the id {id_!r}")
            self._hop[label, id_] = 0
        self._frontier = list(self._hop)

    def expand(self, hop: int) -> None:
        """Add the neighbours of the frontier; hubs are looked at last."""
        reached: list[Node] = []
        by_label = _by_label(self._frontier)
        for label in sorted(by_label, key=lambda name: (name in HUBS, name)):
            ids = by_label[label]
            if label not in HUBS:
                self._fetch(label, ids, touching(label, self._leave_out), hop, reached)
                continue
            for edge, outward in touching(label, self._leave_out):
                few = ids if hop == 1 else self._without_hubs(label, edge, outward, ids)
                if few:
                    self._fetch(label, few, ((edge, outward),), hop, reached)
        self._frontier = reached

    def _without_hubs(self, label: str, edge: EdgeType, outward: bool, ids: list[str]) -> list[str]:
        """Those nodes that have few edges of the type."""
        rows = self._server.read(
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN id, COUNT {{ "
            f"MATCH {_pattern(edge.name, outward)} WHERE r.closed IS NULL RETURN 1 LIMIT $most }}",
            ids=ids,
            most=HUB_DEGREE + 1,
        )
        self._closed_hubs |= {(label, id_) for id_, degree in rows if degree > HUB_DEGREE}
        return [id_ for id_, degree in rows if degree <= HUB_DEGREE]

    def _fetch(
        self,
        label: str,
        ids: list[str],
        types: Sequence[tuple[EdgeType, bool]],
        hop: int,
        reached: list[Node],
    ) -> None:
        """Note the edges that nodes of a label have of some types, and the nodes they lead to."""
        names = "|".join(dict.fromkeys(edge.name for edge, _ in types))
        directions = {outward for _, outward in types}
        pattern = _pattern(names, directions.pop() if len(directions) == 1 else None)
        most = _MANY_EDGES * (self._limit + 1)
        left_out = "".join(f" AND NOT m:{name}" for name in sorted(self._leave_out))
        rows = self._server.read(
            f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) MATCH {pattern} "
            f"WHERE r.closed IS NULL AND m.deleted_on IS NULL{left_out} {_ROW}",
            ids=ids,
            limit=most,
        )
        self._complete &= len(rows) < most
        order = {name: n for n, name in enumerate(VOCABULARY.edges)}
        for element, type_, near_id, far_label, far_id, outward, values in sorted(
            rows, key=lambda row: (order[row[1]], not row[5], row[4], row[0])
        ):
            near, far = (label, near_id), (far_label, far_id)
            if far not in self._hop:
                if len(self._hop) >= self._limit:
                    self._complete = False
                    continue
                self._hop[far] = hop
                reached.append(far)
            start, end = (near, far) if outward else (far, near)
            shown = {
                p.name: values[p.name]
                for p in VOCABULARY.edges[type_].properties
                if p.name in values
            }
            self._edges[element] = (start, end, type_, shown)

    def graph(self) -> "nx.MultiDiGraph[Any]":
        """What was found, as a graph."""
        found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        found.graph["complete"] = self._complete
        found.graph["hubs"] = len(self._closed_hubs)
        described = self._describe()
        for node, hop in self._hop.items():
            found.add_node(node, hop=hop, **described[node])
        for start, end, type_, properties in self._edges.values():
            found.add_edge(start, end, type=type_, **properties)
        return found

    def _describe(self) -> dict[Node, dict[str, Any]]:
        described: dict[Node, dict[str, Any]] = {}
        for label, ids in _by_label(self._hop).items():
            rows = self._server.read(
                f"UNWIND $ids AS id MATCH (n:{label} {{id: id}}) RETURN properties(n)", ids=ids
            )
            names = ["id", "deleted_on", *(p.name for p in VOCABULARY.nodes[label].properties),
                     "extra"]  # fmt: skip
            for (values,) in rows:
                shown = {name: values[name] for name in names if name in values}
                described[label, values["id"]] = {"label": label, **shown}
        return described


def _pattern(types: str, outward: bool | None) -> str:
    start, end = "<" if outward is False else "", ">" if outward else ""
    return f"(n){start}-[r:{types}]-{end}(m)"


def _by_label(nodes: Iterable[Node]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for label, id_ in nodes:
        found.setdefault(label, []).append(id_)
    return found

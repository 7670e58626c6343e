"""The surroundings of nodes in a Neo4j database.

A step is one query for all labels, whose text is always the same, so that the server plans it once.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import groupby
from typing import Any

import networkx as nx

from graphcrm.model import VOCABULARY
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.visibility import visible_nodes
from graphcrm.store.paging import Node
from graphcrm.store.surroundings import (
    HUB_DEGREE,
    HUBS,
    Confined,
    Edges,
    Found,
    HubWay,
    Ways,
    in_order,
    search_surroundings,
)

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
    ways: Ways,
    branches: Sequence[str] | None,
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them."""
    return search_surroundings(NodeReader(server, branches), nodes, hops, limit, ways)


class NodeReader:
    """What a search asks of a server."""

    def __init__(self, server: Server, branches: Sequence[str] | None) -> None:
        """Read for some branches, or for the whole company."""
        self._server, self._branches = server, branches
        self._seen: dict[Node, bool] = {}

    def describe(self, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
        """The nodes that are there, with `label`, `id` and their properties."""
        asked = list(nodes)
        found: dict[Node, dict[str, Any]] = {}
        rows = self._server.read(_DESCRIBE, ids=ids_by_label(asked)) if asked else []
        for label, values in rows:
            names = ("id", "deleted_on", *_property_names(label), "extra")
            shown = {name: values[name] for name in names if name in values}
            found[label, values["id"]] = {"label": label, **shown}
        return {node: found[node] for node in asked if node in found}

    def visible(self, nodes: Iterable[Node]) -> set[Node]:
        """Those of some nodes that may be seen."""
        asked = set(nodes)
        if self._branches is None:
            return asked
        self._look(asked)
        return {node for node in asked if self._seen[node]}

    def _look(self, nodes: set[Node]) -> None:
        """Ask about those that it was not asked about yet, all at once."""
        assert self._branches is not None
        new = nodes - self._seen.keys()
        if new:
            seen = visible_nodes(self._server, new, self._branches)
            self._seen |= {node: node in seen for node in new}

    def edges(
        self,
        nodes: Sequence[Node],
        ways: Ways,
        of_hub: int,
        crowded: bool,
        most: int,
        confined: Confined = lambda: None,
    ) -> Iterator[Edges]:
        """The open edges of some nodes, label by label, way by way."""
        asked, ids = _step(ways), ids_by_label(nodes)
        if not asked:
            return
        rows = self._server.read(asked, most=of_hub + 1, many=most, ids=ids)
        found = sorted((_found(*row) for row in rows), key=in_order)
        if self._branches is not None:
            self._look({edge.far for edge in found if edge.is_open})
        of_label = Counter(edge.near[0] for edge in found)
        for (label, type_, outward), edges in groupby(
            found, lambda e: (e.near[0], e.type, e.outward)
        ):
            some, only = list(edges), confined()
            near = Counter(edge.near for edge in some if label in HUBS)
            over = {node for node, count in near.items() if count > of_hub}
            yield Edges(
                [
                    edge
                    for edge in some
                    if (crowded or edge.near not in over) and (only is None or edge.far in only)
                ],
                {(node, type_, outward) for node in over},
                of_label[label] < most,
            )

    def uncrowded(self, of: Iterable[HubWay]) -> set[HubWay]:
        """Those of which the node has few open edges."""
        by_way: dict[tuple[str, str, bool], list[str]] = {}
        for (label, id_), name, outward in of:
            by_way.setdefault((label, name, outward), []).append(id_)
        return {
            ((label, id_), name, outward)
            for (label, name, outward), ids in by_way.items()
            for id_, count in self._server.read(
                _counted(label, name, outward), batch={"ids": ids}, most=HUB_DEGREE + 1
            )
            if count <= HUB_DEGREE
        }


def _counted(label: str, name: str, outward: bool) -> str:
    back, forth = ("", ">") if outward else ("<", "")
    return (
        f"UNWIND $batch.ids AS id MATCH (n:{label} {{id: id}}) CALL (n) {{ "
        f"MATCH (n){back}-[r:{name}]-{forth}() WHERE r.closed IS NULL WITH r LIMIT $most "
        "RETURN count(r) AS count } RETURN id, count"
    )


def _found(
    label: str, near: str, element: str, type_: str, outward: bool, far_label: str, far: str,
    is_open: bool, properties: dict[str, Any],
) -> Found:  # fmt: skip
    shown = {
        p.name: properties[p.name]
        for p in VOCABULARY.edges[type_].properties
        if p.name in properties
    }
    return Found((label, near), element, type_, outward, (far_label, far), is_open, shown)


@cache
def _step(ways: Ways) -> str:
    """The query of a step: the edges of the nodes `$ids.<label>` of each label.

    Of a hub's edges of a type there are at most `$most`; of other nodes' together `$many`.
    """
    parts = []
    for label in VOCABULARY.nodes:
        types = ways.of(label)
        if not types:
            continue
        begin = f"UNWIND $ids.{label} AS id MATCH (n:{label} {{id: id}}) "
        row = _ROW.format(label=label)
        if label in HUBS:
            each = " UNION ALL ".join(
                f"MATCH (n){'' if outward else '<'}-[r:{edge.name}]-{'>' if outward else ''}(m) "
                "WHERE r.closed IS NULL RETURN r, m LIMIT $most"
                for edge, outward in types
            )
            parts.append(f"{begin} CALL (n) {{ {each} }} RETURN {row}")
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


def ids_by_label(nodes: Iterable[Node]) -> dict[str, list[str]]:
    """The ids of each label, as one parameter (see `graphcrm.store.neo4j.channel`)."""
    found: dict[str, list[str]] = {label: [] for label in VOCABULARY.nodes}
    for label, id_ in nodes:
        found[label].append(id_)
    return found

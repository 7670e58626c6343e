"""The surroundings of nodes in a graph file."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.forms import quoted
from graphcrm.store.paging import Node
from graphcrm.store.sqlite.visibility import Sight
from graphcrm.store.surroundings import (
    HUB_DEGREE,
    HUBS,
    Confined,
    Edges,
    Found,
    HubWay,
    Ways,
    search_surroundings,
)

if TYPE_CHECKING:
    import networkx as nx

_HIDDEN = frozenset({"key", "source", "file", "at_line", "fingerprint"})


def find_neighbourhood(
    connection: sqlite3.Connection,
    nodes: Sequence[Node],
    hops: int,
    limit: int,
    ways: Ways,
    branches: Sequence[str] | None,
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them."""
    return search_surroundings(NodeReader(connection, branches), nodes, hops, limit, ways)


class NodeReader:
    """What a search asks of a graph file; it remembers the keys of the nodes it has met."""

    def __init__(self, connection: sqlite3.Connection, branches: Sequence[str] | None) -> None:
        """Read for some branches, or for the whole company."""
        self._db = connection
        self._sight = None if branches is None else Sight(connection, branches)
        self._keys: dict[Node, int] = {}
        self._names: dict[int, tuple[Node, bool]] = {}

    def describe(self, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
        """The nodes that are there, with `label`, `id` and their properties."""
        asked = list(nodes)
        found: dict[Node, dict[str, Any]] = {}
        by_label: dict[str, list[str]] = {}
        for label, id_ in asked:
            by_label.setdefault(label, []).append(id_)
        for label, ids in by_label.items():
            cursor = self._db.execute(_described(label), (json.dumps(ids),))
            columns = [d[0] for d in cursor.description]
            for row in cursor:
                values = dict(zip(columns, row, strict=True))
                self._remember(values["key"], (label, values["id"]), not values["deleted_on"])
                shown = {k: v for k, v in values.items() if v is not None and k not in _HIDDEN}
                found[label, values["id"]] = {"label": label, **shown}
        return {node: found[node] for node in asked if node in found}

    def _remember(self, key: int, node: Node, is_open: bool) -> None:
        self._keys[node] = key
        self._names[key] = node, is_open

    def key(self, node: Node) -> int:
        """The key of a node that it has met."""
        return self._keys[node]

    def visible(self, nodes: Iterable[Node]) -> set[Node]:
        """Those of some nodes that it has met that may be seen."""
        if self._sight is None:
            return set(nodes)
        seen = self._sight.keys([self._keys[node] for node in nodes])
        return {self._names[key][0] for key in seen}

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
        by_label = keys_by_label(self._keys[node] for node in nodes)
        only: str | None = None
        for label in sorted(by_label, key=lambda label: (label in HUBS, label)):
            keys, hub = by_label[label], label in HUBS
            for edge, outward in ways.of(label):
                over: set[int] = set()
                some = keys
                if hub and not crowded:
                    some = self._few(edge, outward, keys, of_hub)
                    over = set(keys).difference(some)
                if only is None and (known := confined()) is not None:
                    only = json.dumps([self._keys[n] for n in known if n in self._keys])
                rows = self._rows(edge, outward, some, most, only) if some else []
                if hub and crowded:
                    near = Counter(row[not outward] for row in rows)
                    over = {key for key, count in near.items() if count > of_hub}
                yield Edges(
                    self._found(edge, outward, rows),
                    {(self._names[key][0], edge.name, outward) for key in over},
                    len(rows) < most,
                )

    def _rows(
        self, edge: EdgeType, outward: bool, keys: list[int], most: int, only: str | None
    ) -> list[tuple[Any, ...]]:
        sql = _statement(edge.name, outward, only is not None)
        values = [json.dumps(keys), most, only]
        return self._db.execute(sql, values[: 2 + (only is not None)]).fetchall()

    def _found(self, edge: EdgeType, outward: bool, rows: list[tuple[Any, ...]]) -> list[Found]:
        self._name({row[outward] for row in rows} - self._names.keys())
        names, type_, properties = self._names, edge.name, [p.name for p in edge.properties]
        found = [
            Found(
                names[row[not outward]][0],
                (type_, *row[:4]),
                type_,
                outward,
                *names[row[outward]],
                {k: v for k, v in zip(properties, row[4:], strict=True) if v is not None},
            )
            for row in rows
        ]
        return sorted(found, key=attrgetter("far", "element"))

    def _name(self, keys: Iterable[int]) -> None:
        """Look up the ids of nodes that it hasn't met yet."""
        for label, some in keys_by_label(keys).items():
            for key, id_, is_open in self._db.execute(_named(label), (json.dumps(some),)):
                self._remember(key, (label, id_), bool(is_open))

    def uncrowded(self, of: Iterable[HubWay]) -> set[HubWay]:
        """Those of which the node has few open edges."""
        by_way: dict[tuple[str, bool], list[int]] = {}
        for node, name, outward in of:
            by_way.setdefault((name, outward), []).append(self._keys[node])
        return {
            (self._names[key][0], name, outward)
            for (name, outward), keys in by_way.items()
            for key in self._few(VOCABULARY.edges[name], outward, keys, HUB_DEGREE)
        }

    def _few(self, edge: EdgeType, outward: bool, keys: Iterable[int], most: int) -> list[int]:
        rows = self._db.execute(_counted(edge.name, outward), (json.dumps([*keys]), most + 1))
        return [key for key, count in rows if count <= most]


def keys_by_label(keys: Iterable[int]) -> dict[str, list[int]]:
    """Keys by the labels of their nodes."""
    found: dict[str, list[int]] = {}
    for key in keys:
        found.setdefault(VOCABULARY.label_of(key), []).append(key)
    return found


@cache
def _counted(name: str, outward: bool) -> str:
    near = "src" if outward else "dst"
    return (
        "SELECT k.value, (SELECT count(*) FROM (SELECT 1 FROM "
        f"{quoted(VOCABULARY.edges[name].table)} e WHERE e.{near} = k.value "
        "AND e.closed IS NULL LIMIT ?2)) FROM json_each(?1) k"
    )


@cache
def _described(label: str) -> str:
    table = quoted(VOCABULARY.nodes[label].table)
    return f"SELECT n.* FROM json_each(?) k CROSS JOIN {table} n ON n.id = k.value"


@cache
def _named(label: str) -> str:
    table = quoted(VOCABULARY.nodes[label].table)
    return (
        "SELECT n.key, n.id, n.deleted_on IS NULL FROM json_each(?) k "
        f"CROSS JOIN {table} n ON n.key = k.value"
    )


@cache
def _statement(name: str, outward: bool, confined: bool) -> str:
    edge = VOCABULARY.edges[name]
    near, far = ("src", "dst") if outward else ("dst", "src")
    properties = "".join(f", e.{quoted(p.name)}" for p in edge.properties)
    among = f" AND +e.{far} IN (SELECT value FROM json_each(?3))" if confined else ""
    return (
        f"SELECT e.src, e.dst, e.origin, e.d{properties} FROM json_each(?1) k "
        f"CROSS JOIN {quoted(edge.table)} e ON e.{near} = k.value "
        f"WHERE e.closed IS NULL{among} LIMIT ?2"
    )

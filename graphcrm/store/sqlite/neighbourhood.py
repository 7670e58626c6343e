"""The surroundings of nodes, breadth first, within a limit."""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import networkx as nx

from graphcrm.errors import UnknownNodeError
from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.forms import quoted
from graphcrm.store.surroundings import HUB_DEGREE, HUBS, touching

_HIDDEN = frozenset({"key", "source", "file", "at_line", "fingerprint"})


def find_neighbourhood(
    connection: sqlite3.Connection,
    nodes: Sequence[tuple[str, str]],
    hops: int,
    limit: int,
    leave_out: Sequence[str],
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them.

    The start is shown, and gone out from, though it be closed.

    Nodes are named (label, id) and carry `label`, `id`, `hop` and their properties; edges are keyed
    by their type and carry `type` and their properties. Nearest nodes come first; where there are
    more than `limit`, `graph["complete"]` is False; hubs that were not expanded (see `HUB_DEGREE`)
    are counted in `graph["hubs"]`. Raises UnknownNodeError for an unknown start.
    """
    search = _Search(connection, limit, frozenset(leave_out))
    search.start(nodes)
    for hop in range(1, hops + 1):
        search.expand(hop)
    return search.graph()


class _Search:
    """One breadth-first search."""

    def __init__(
        self, connection: sqlite3.Connection, limit: int, leave_out: frozenset[str]
    ) -> None:
        self._db, self._limit, self._leave_out = connection, limit, leave_out
        self._hop: dict[int, int] = {}
        self._frontier: list[int] = []
        self._edges: dict[tuple[int, int, str, int, str], dict[str, Any]] = {}
        self._complete = True
        self._closed_hubs: set[int] = set()

    def start(self, nodes: Sequence[tuple[str, str]]) -> None:
        for label, id_ in nodes:
            table = quoted(VOCABULARY.nodes[label].table)
            row = self._db.execute(f"SELECT key FROM {table} WHERE id = ?", (id_,)).fetchone()
            if row is None:
                raise UnknownNodeError(f"there is no {label} with the id {id_!r}")
            self._hop[row[0]] = 0
        self._frontier = list(self._hop)

    def expand(self, hop: int) -> None:
        """Add the neighbours of the frontier; hubs are looked at last."""
        reached: dict[int, None] = {}
        by_label = _by_label(self._frontier)
        for label in sorted(by_label, key=lambda name: (name in HUBS, name)):
            for edge, outward in touching(label, self._leave_out):
                keys = by_label[label]
                if label in HUBS and hop > 1:
                    keys = self._without_hubs(edge, outward, keys)
                for other in self._fetch(edge, outward, keys):
                    if other not in self._hop:
                        self._hop[other] = hop
                        reached[other] = None
        closed = self._closed(reached)
        self._hop = {key: at for key, at in self._hop.items() if key not in closed}
        self._frontier = [key for key in reached if key not in closed]

    def _closed(self, keys: Iterable[int]) -> set[int]:
        """Those of some nodes that are closed; no way leads through them."""
        closed: set[int] = set()
        for label, some in _by_label(keys).items():
            if VOCABULARY.nodes[label].recorded:
                rows = self._db.execute(
                    f"SELECT key FROM {quoted(VOCABULARY.nodes[label].table)} WHERE key IN "
                    "(SELECT value FROM json_each(?)) AND deleted_on IS NOT NULL",
                    (json.dumps(some),),
                )
                closed |= {key for (key,) in rows}
        return closed

    def _without_hubs(self, edge: EdgeType, outward: bool, keys: list[int]) -> list[int]:
        """Those nodes that have few edges of the type."""
        near = "src" if outward else "dst"
        counted = (
            f"SELECT count(*) FROM (SELECT 1 FROM {quoted(edge.table)} WHERE {near} = ? "
            "AND closed IS NULL LIMIT ?)"
        )
        few: list[int] = []
        for key in keys:
            if self._db.execute(counted, (key, HUB_DEGREE + 1)).fetchone()[0] <= HUB_DEGREE:
                few.append(key)
            else:
                self._closed_hubs.add(key)
        return few

    def _fetch(self, edge: EdgeType, outward: bool, keys: list[int]) -> Iterable[int]:
        """Note the edges of one type and direction that fit, and yield their far ends."""
        far = 1 if outward else 0
        rows = self._db.execute(_statement(edge.name, outward), (json.dumps(keys), self._limit + 1))
        for count, row in enumerate(rows):
            other = row[far]
            if count == self._limit or (other not in self._hop and len(self._hop) >= self._limit):
                self._complete = False
                return
            if VOCABULARY.label_of(other) in self._leave_out:
                continue
            properties = zip([p.name for p in edge.properties], row[4:], strict=True)
            self._edges[row[0], row[1], edge.name, row[2], row[3]] = {
                name: value for name, value in properties if value is not None
            }
            yield other

    def graph(self) -> "nx.MultiDiGraph[Any]":
        """What was found, as a graph."""
        found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        found.graph["complete"] = self._complete
        found.graph["hubs"] = len(self._closed_hubs)
        names = self._describe()
        for key, values in names.items():
            found.add_node((values["label"], values["id"]), hop=self._hop[key], **values)
        for (src, dst, type_, _, _), properties in self._edges.items():
            if src in names and dst in names:
                start, end = names[src], names[dst]
                found.add_edge(
                    (start["label"], start["id"]),
                    (end["label"], end["id"]),
                    type=type_,
                    **properties,
                )
        return found

    def _describe(self) -> dict[int, dict[str, Any]]:
        described: dict[int, dict[str, Any]] = {}
        for label, keys in _by_label(self._hop).items():
            cursor = self._db.execute(
                f"SELECT * FROM {quoted(VOCABULARY.nodes[label].table)} "
                "WHERE key IN (SELECT value FROM json_each(?))",
                (json.dumps(keys),),
            )
            columns = [d[0] for d in cursor.description]
            for row in cursor:
                values = dict(zip(columns, row, strict=True))
                shown = {k: v for k, v in values.items() if v is not None and k not in _HIDDEN}
                described[values["key"]] = {"label": label, **shown}
        return {key: described[key] for key in self._hop if key in described}


def _by_label(keys: Iterable[int]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for key in keys:
        found.setdefault(VOCABULARY.label_of(key), []).append(key)
    return found


@cache
def _statement(name: str, outward: bool) -> str:
    edge = VOCABULARY.edges[name]
    near = "src" if outward else "dst"
    properties = "".join(f", e.{quoted(p.name)}" for p in edge.properties)
    return (
        f"SELECT e.src, e.dst, e.origin, e.d{properties} FROM json_each(?) k "
        f"JOIN {quoted(edge.table)} e ON e.{near} = k.value WHERE e.closed IS NULL LIMIT ?"
    )

"""An insurer's files as a graph in NetworkX, by rules written out here in plain Python.

The oracle of the parity tests: it shares the vocabulary and the standards of values with the
product, and nothing of its stores. It reads files that name no source and repeat no id.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa
from pydantic import ValidationError

from graphcrm.model import VOCABULARY, Link, Property, Table
from graphcrm.standards import (
    standardise_accounts,
    standardise_addresses,
    standardise_documents,
    standardise_emails,
    standardise_organisation_names,
    standardise_person_names,
    standardise_phones,
    standardise_usccs,
)

Node = tuple[str, str]
"""A label and an id; of an identifier its value, since its id is a secret of each graph."""


@dataclass
class Waiting:
    """An edge one of whose ends is not known yet."""

    type: str
    anchor: tuple[str, str]
    other: tuple[str, str]
    inward: bool
    origin: str
    apart: str
    properties: dict[str, Any]


@dataclass
class _Row:
    line: int
    id: str
    node: Node | None
    values: dict[str, Any]
    columns: list[str]


@dataclass
class Insurer:
    """Nodes and edges after some loads. What is closed stays, with `deleted_on` or `closed`."""

    graph: nx.MultiDiGraph[Any] = field(default_factory=nx.MultiDiGraph)
    waiting: list[Waiting] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    _stood: dict[Node, tuple[list[str], dict[str, Any]]] = field(default_factory=dict)
    _made: dict[tuple[str, str], dict[tuple[Node, Node, str], dict[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )

    def load(self, folder: Path, *, as_of: str, complete: bool = False) -> None:
        """Load the tables of a folder as of a day; `complete` closes what they lack."""
        self.loads.append(as_of)
        for table in VOCABULARY.tables.values():
            path = folder / f"{table.name}.csv"
            if path.exists():
                self._load_table(table, path, as_of, complete)
        self._heal()

    # --- asking

    def nodes(self, *labels: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Id and values of the nodes of some labels, closed ones too."""
        for (label, id_), values in self.graph.nodes(data=True):
            if label in labels:
                yield id_, values

    def holds(self, node: Node) -> bool:
        """Whether a node is there and not closed."""
        return node in self.graph and self.graph.nodes[node].get("deleted_on") is None

    def out(self, node: Node, *types: str) -> Iterator[tuple[Node, dict[str, Any]]]:
        """The ends of the open edges of some types that start at a node, with their values."""
        for _, end, data in self.graph.out_edges(node, data=True):
            if data["type"] in types and data["closed"] is None:
                yield end, data

    def into(self, node: Node, *types: str) -> Iterator[tuple[Node, dict[str, Any]]]:
        """The starts of the open edges of some types that end at a node, with their values."""
        for start, _, data in self.graph.in_edges(node, data=True):
            if data["type"] in types and data["closed"] is None:
                yield start, data

    # --- loading

    def _load_table(self, table: Table, path: Path, as_of: str, complete: bool) -> None:
        rows, refused = self._read(table, path)
        fresh: set[Node] = set()
        if table.node:
            kept = {row.id for row in rows} | refused
            # what stands there as it stood before is passed over
            rows = [r for r in rows if r.node and self._stood.get(r.node) != (r.columns, r.values)]
            fresh = self._put_nodes(table, rows)
            if complete:
                self._close_missing(table.node.label, kept, as_of)
        complete = complete and not refused
        for column in table.links:
            if rows and column.name in rows[0].columns:
                assert column.link is not None
                self._put_edges(table, column, column.link, rows, as_of, complete, fresh)

    def _read(self, table: Table, path: Path) -> tuple[list[_Row], set[str]]:
        """The rows that are right, and the ids of those that are not."""
        rows: list[_Row] = []
        refused: set[str] = set()
        with path.open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            columns = [name for name in reader.fieldnames or [] if name != "source"]
            for line, raw in enumerate(reader, 2):
                assert not raw.get("source"), "the oracle knows no sources"
                names = table.node.id_fields if table.node else ()
                id_ = "|".join(raw[name] for name in names)
                try:
                    row = table.model.model_validate(raw)
                except ValidationError:
                    refused.add(id_ or str(line))
                    continue
                given = row.model_dump(by_alias=True)
                values = {p.name: _plain(given.get(p.name)) for p in table.columns}
                node = (table.node.label, id_) if table.node else None
                rows.append(_Row(line, id_, node, values, columns))
        return rows, refused

    def _put_nodes(self, table: Table, rows: list[_Row]) -> set[Node]:
        """Add or change nodes; returns the new ones."""
        assert table.node is not None
        names = [p.name for p in VOCABULARY.nodes[table.node.label].properties]
        fresh: set[Node] = set()
        for row, derived in zip(rows, _derived(table.node.label, rows), strict=True):
            assert row.node is not None
            if row.node not in self.graph:
                fresh.add(row.node)
                unknown = dict.fromkeys(names)
                self.graph.add_node(row.node, **unknown, deleted_on=None, missing=False)
            self._stood[row.node] = (row.columns, row.values)
            node = self.graph.nodes[row.node]
            node.update({n: row.values[n] for n in names if n in row.columns}, **derived)
            if "deleted_on" in row.columns:
                node.update(deleted_on=row.values["deleted_on"], missing=False)
            elif node["missing"]:
                node.update(deleted_on=None, missing=False)
            if node["deleted_on"] is not None and row.node not in fresh:
                self._forget(row.node)
        return fresh

    def _close_missing(self, label: str, kept: set[str], as_of: str) -> None:
        for id_, values in self.nodes(label):
            if values["deleted_on"] is None and id_ not in kept:
                values.update(deleted_on=as_of, missing=True)
                self._stood.pop((label, id_), None)
                self._forget((label, id_))

    def _forget(self, node: Node) -> None:
        """What is closed waits for nothing."""
        self.waiting = [w for w in self.waiting if w.anchor != node]

    def _put_edges(
        self, table: Table, column: Property, link: Link, rows: list[_Row],
        as_of: str, complete: bool, fresh: set[Node],
    ) -> None:  # fmt: skip
        origin = f"{table.name}.{column.name}"
        stated_edges = list(self._wanted(table, column, link, rows))
        for name in dict.fromkeys(link.edges):
            wanted = _one_of_each(table, [w for w in stated_edges if w.type == name])
            if table.node:
                again = {row.node for row in rows if row.node} - fresh
                self.waiting = [
                    w for w in self.waiting if w.origin != origin or w.anchor not in again
                ]
            else:
                stated = {(w.anchor, w.other, w.apart) for w in wanted}
                self.waiting = [
                    w
                    for w in self.waiting
                    if (w.origin, w.type) != (origin, name)
                    or not (complete or (w.anchor, w.other, w.apart) in stated)
                ]
            anchors = {row.node for row in rows if row.node}
            self._write(name, origin, link.inward, wanted, anchors, as_of, not table.node, complete)

    def _wanted(
        self, table: Table, column: Property, link: Link, rows: list[_Row]
    ) -> Iterator[Waiting]:
        """The edges that the rows state through a column."""
        others: Iterable[Node | None]
        if link.shared:
            others = self._identifiers(column, link, rows)
        else:
            others = [_end(column, link, row, self.graph) for row in rows]
        for row, other in zip(rows, others, strict=True):
            if other is None:
                continue
            type_ = link.edge if isinstance(link.edge, str) else ""
            if link.edge_by and not isinstance(link.edge, str) and link.edge is not None:
                type_ = link.edge[row.values[link.edge_by]]
            edge = VOCABULARY.edges[type_]
            if table.edge:
                anchor_column = table.column(table.edge.anchor)
                assert anchor_column.link is not None
                anchor = _end(anchor_column, anchor_column.link, row, self.graph)
                assert anchor is not None
                named = {p.name: p.name for p in edge.properties}
                apart = _apart([row.values[c] for c in table.edge.identity])
            else:
                assert row.node is not None
                anchor, named, apart = row.node, dict(link.properties or {}), ""
            values = {to: row.values[c] for to, c in named.items() if c in row.columns}
            if table.edge and row.values.get("deleted_on"):
                values["dropped"] = row.values["deleted_on"]
            origin = f"{table.name}.{column.name}"
            yield Waiting(type_, anchor, other, link.inward, origin, apart, values)

    def _identifiers(self, column: Property, link: Link, rows: list[_Row]) -> Iterator[Node | None]:
        """The nodes of the values of a column, made where they are not there; None: no good.

        Of what the rows of the file that makes a node tell of its value, the first known counts.
        """
        made: set[Node] = set()
        which = "uscc" if column.name == "uscc" else link.to[0]
        values = [row.values[column.name] for row in rows]
        kinds = [row.values.get(link.type_field) if link.type_field else None for row in rows]
        for given, found in zip(values, _identifiers(which, values, kinds), strict=True):
            if given is None or found["value"] is None:
                yield None
                continue
            node = (link.to[0], found["value"])
            if node not in self.graph:
                made.add(node)
                self.graph.add_node(node, deleted_on=None, missing=False, **found)
            elif node in made:
                told = {n: v for n, v in self.graph.nodes[node].items() if v is not None}
                self.graph.nodes[node].update(found | told)
            yield node

    def _write(
        self, type_: str, origin: str, inward: bool, wanted: list[Waiting], anchors: set[Node],
        as_of: str, by_row: bool, complete: bool,
    ) -> None:  # fmt: skip
        """Open, change and close edges of one origin, as the rows have it.

        Rows that are nodes (`anchors`) say all of their edges, rows that are edges only where they
        are `complete`.
        """
        timed = "valid_to" in {p.name for p in VOCABULARY.edges[type_].properties}
        by_load = timed and not by_row and all("valid_from" not in w.properties for w in wanted)
        present = dict(self._made[type_, origin])
        seen = {end if inward else start for start, end, _ in present}
        stated: set[tuple[Node, Node, str]] = set()
        for edge in wanted:
            values = edge.properties
            if by_load and edge.anchor in seen:
                values = values | {"valid_from": as_of}
            if edge.anchor not in self.graph or edge.other not in self.graph:
                if "dropped" not in values:
                    self.waiting.append(replace(edge, properties=values))
                continue
            start, end = (edge.other, edge.anchor) if inward else (edge.anchor, edge.other)
            apart = _period(present, start, end, as_of) if by_load else edge.apart
            stated.add((start, end, apart))
            data = present.get((start, end, apart))
            if "dropped" in values:
                if data is not None and data["closed"] is None:
                    self._close(data, values["dropped"], timed)
            elif data is None:
                self._add(type_, origin, start, end, apart, values)
            else:
                if data["closed"] is not None and timed:
                    data["valid_to"] = None
                data.update(edge.properties, closed=None)
        for (start, end, apart), data in present.items():
            says = complete if by_row else (end if inward else start) in anchors
            if says and (start, end, apart) not in stated and data["closed"] is None:
                self._close(data, as_of, timed)

    def _add(
        self, type_: str, origin: str, start: Node, end: Node, apart: str, values: dict[str, Any]
    ) -> None:
        names = [p.name for p in VOCABULARY.edges[type_].properties]
        given = {name: values.get(name) for name in names}
        key = (type_, origin, apart)
        self.graph.add_edge(start, end, key, type=type_, closed=None, **given)
        self._made[type_, origin][start, end, apart] = self.graph.edges[start, end, key]

    def _close(self, data: dict[str, Any], day: str, timed: bool) -> None:
        data["closed"] = len(self.loads)
        if timed and data.get("valid_to") is None:
            data["valid_to"] = day

    def _heal(self) -> None:
        still: list[Waiting] = []
        for edge in self.waiting:
            if edge.anchor not in self.graph or edge.other not in self.graph:
                still.append(edge)
                continue
            start, end = (edge.other, edge.anchor) if edge.inward else (edge.anchor, edge.other)
            if not self.graph.has_edge(start, end, (edge.type, edge.origin, edge.apart)):
                self._add(edge.type, edge.origin, start, end, edge.apart, edge.properties)
        self.waiting = still


def _period(
    present: dict[tuple[Node, Node, str], dict[str, Any]], start: Node, end: Node, as_of: str
) -> str:
    """What tells an edge that is dated by its loads from earlier ones of the same ends."""
    periods = {k[2]: data for k, data in present.items() if k[:2] == (start, end)}
    still = [apart for apart, data in periods.items() if data["closed"] is None]
    return min(still) if still else as_of if periods else ""


def _apart(values: list[Any]) -> str:
    """What tells an edge apart from others between the same nodes."""
    return "|".join("" if value is None else str(value) for value in values).rstrip("|")


def _one_of_each(table: Table, wanted: list[Waiting]) -> list[Waiting]:
    """Of rows that are the same edge the last, or all of them where they may repeat."""
    if not table.edge:
        return wanted
    times: dict[tuple[Node, Node, str], int] = {}
    if table.edge.repeatable:
        for edge in wanted:
            same = (edge.anchor, edge.other, edge.apart)
            times[same] = times.get(same, 0) + 1
            edge.apart += f"#{times[same]}" if times[same] > 1 else ""
        return wanted
    return list({(w.anchor, w.other, w.apart): w for w in wanted}.values())


def _end(column: Property, link: Link, row: _Row, graph: nx.MultiDiGraph[Any]) -> Node | None:
    """The node that a reference means: of the kind that is told, else the first that is there."""
    id_ = row.values[column.name]
    if id_ is None:
        return None
    labels = {label.lower(): label for label in link.to}
    if link.kind_field in row.columns and row.values[link.kind_field]:
        return labels[row.values[link.kind_field]], id_
    if link.kind_field and link.kind_field not in row.columns:
        there = [(label, id_) for label in link.to if (label, id_) in graph]
        if there:
            return there[0]
    return link.to[0], id_


def _plain(value: Any) -> Any:
    """A value as stores give it."""
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return value.isoformat() if isinstance(value, date) else value


def _identifiers(
    which: str, values: list[str | None], kinds: list[str | None]
) -> list[dict[str, str | None]]:
    """The properties of the nodes of some values; `value` is None where they are no good."""
    column = pa.array(values, pa.string())
    if which == "Phone":
        found = standardise_phones(column).to_pylist()
        return [{"value": f["e164"], "kind": f["kind"]} for f in found]
    if which == "Email":
        return [{"value": f["address"]} for f in standardise_emails(column).to_pylist()]
    if which == "Address":
        found = standardise_addresses(column).to_pylist()
        return [{"value": f["standard"], "region_code": f["region_code"]} for f in found]
    if which == "Account":
        return [{"value": f["number"]} for f in standardise_accounts(column).to_pylist()]
    if which == "Document":
        found = standardise_documents(column, pa.array(kinds, pa.string())).to_pylist()
        return [{"value": f["number"], "kind": f["type"]} for f in found]
    if which == "uscc":
        found = standardise_usccs(column).to_pylist()
        return [{"value": f["number"], "kind": "uscc"} for f in found]
    return [{"value": value} for value in values]


def _derived(label: str, rows: list[_Row]) -> list[dict[str, Any]]:
    """What is computed from other values, for each row."""
    if label not in ("Person", "Institution") or not rows:
        return [{} for _ in rows]
    names = pa.array([row.values["name"] for row in rows], pa.string())
    if label == "Person":
        return [{"name_key": n["standard"]} for n in standardise_person_names(names).to_pylist()]
    addresses = pa.array([row.values["address"] for row in rows], pa.string())
    found = []
    for row, name, address in zip(
        rows,
        standardise_organisation_names(names).to_pylist(),
        standardise_addresses(addresses).to_pylist(),
        strict=True,
    ):
        region = name["region_code"] or row.values["region_code"] or address["region_code"]
        found.append(
            {
                "name_key": name["standard"],
                "core_name": name["core"],
                "core_region": region and region[:4],
            }
        )
    return found

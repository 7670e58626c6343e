"""Everything that a graph holds, in a form that is the same for every store.

Read from the databases themselves, closed edges, histories and the record of loads included.
Nodes go by label and id, identifiers by their values, since each graph hashes with a key of its
own. Columns that are empty are left out.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import closing
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import duckdb

from graphcrm.model import VOCABULARY
from graphcrm.store.forms import origins
from graphcrm.store.neo4j.searching import own_tokens

if TYPE_CHECKING:
    import neo4j

Contents = dict[str, Counter[str]]
"""Kind of thing → each thing as text, and how often it is there."""

HASHED = frozenset(n.label for n in VOCABULARY.nodes.values() if n.shared and not n.plain)
"""The labels whose ids differ from graph to graph."""


def sqlite_contents(path: Path) -> Contents:
    """What a graph file holds."""
    with closing(sqlite3.connect(path)) as db:
        db.row_factory = sqlite3.Row
        return _of_sqlite(db)


def _of_sqlite(db: sqlite3.Connection) -> Contents:
    said = _Said()

    def rows(sql: str) -> list[dict[str, Any]]:
        return [dict(row) for row in db.execute(sql)]

    sources = {r["source"]: r["name"] for r in rows("SELECT * FROM source")}
    origin = {r["origin"]: r["name"] for r in rows("SELECT * FROM origin")}
    names: dict[int, str] = {}
    tokens = {r["rowid"]: r["tokens"] for r in rows("SELECT rowid, tokens FROM search")}
    for node in VOCABULARY.nodes.values():
        for row in rows(f'SELECT * FROM "{node.table}"'):
            key = row.pop("key")
            names[key] = said.name(node.label, row)
            row["source"] = sources.get(row["source"])
            row["tokens"] = tokens.get(key)
            said.node(node.label, row)
    for edge in VOCABULARY.edges.values():
        for row in rows(f'SELECT * FROM "{edge.table}"'):
            start, end = names[row.pop("src")], names[row.pop("dst")]
            row["source"] = sources.get(row["source"])
            row["origin"] = origin[row["origin"]]
            said.add("edges", [start, edge.name, end], row)
    for row in rows("SELECT * FROM history"):
        said.add("history", [names[row["key"]], row["load"]], json.loads(row["previous"]))
    for row in rows("SELECT * FROM edge_history"):
        previous = json.loads(row["previous"])
        previous["origin"] = origin[previous["origin"]]
        ends = [names[row["src"]], row["type"], names[row["dst"]], row["load"]]
        said.add("edge history", ends, previous)
    for row in rows("SELECT * FROM pending"):
        row["origin"] = origin[row["origin"]]
        anchor = row.pop("anchor_key")
        row["anchored"] = names.get(anchor)
        said.waiting(row)
    for row in rows("SELECT * FROM quarantine"):
        row.pop("id")
        said.add("refused", [], row)
    said.record("loads", rows("SELECT * FROM load"))
    said.record("files", rows("SELECT * FROM file"))
    said.record("watermarks", rows("SELECT * FROM watermark"))
    said.record("kept", rows("SELECT * FROM kept"))
    return said.found


def neo4j_contents(driver: neo4j.Driver, database: str | None = None) -> Contents:
    """What a graph on a server holds."""
    said = _Said()
    with driver.session(database=database) as session:

        def rows(cypher: str) -> list[list[Any]]:
            return session.run(cypher).values()

        names = said.named
        for label, kept in rows(
            "MATCH (n) WHERE NOT head(labels(n)) STARTS WITH '_' "
            "RETURN head(labels(n)), properties(n)"
        ):
            tokens = kept.pop("_tokens", None)
            row = {_told(name): value for name, value in kept.items()}
            said.node(label, row | {"tokens": tokens and own_tokens(tokens)})
        for a, start, type_, b, end, kept in rows(
            "MATCH (a)-[r]->(b) RETURN head(labels(a)), a.id, type(r), head(labels(b)), b.id, "
            "properties(r)"
        ):
            row = {_told(name): value for name, value in kept.items()}
            said.add("edges", [names[a, start], type_, names[b, end]], row)
        for (kept,) in rows("MATCH (h:_Earlier) RETURN properties(h)"):
            node = names[kept["label"], kept["id"]]
            said.add("history", [node, kept["load"]], json.loads(kept["previous"]))
        number = dict(enumerate(origins(), 1))
        for (kept,) in rows("MATCH (h:_EarlierEdge) RETURN properties(h)"):
            previous = json.loads(kept["previous"])
            previous["origin"] = number[previous["origin"]]
            ends = [names[kept[f"{end}_label"], kept[end]] for end in ("src", "dst")]
            said.add("edge history", [ends[0], kept["type"], ends[1], kept["load"]], previous)
        for (kept,) in rows("MATCH (w:_Waiting) RETURN properties(w)"):
            anchor = kept.pop("anchor_id", None)
            kept["anchored"] = names.get((kept["anchor_label"], anchor)) if anchor else None
            for name in ("key", "edge_valid_from", "edge_valid_to"):
                kept.pop(name, None)
            kept["inward"] = int(kept["inward"])
            said.waiting(kept)
        for (kept,) in rows("MATCH (r:_Refusal) RETURN properties(r)"):
            kept.pop("key")
            kept.pop("table")
            said.add("refused", [], kept)
        for kind, label in (
            ("loads", "_Load"), ("files", "_File"), ("watermarks", "_Watermark"), ("kept", "_Kept"),
        ):  # fmt: skip
            said.record(kind, [kept for (kept,) in rows(f"MATCH (n:{label}) RETURN properties(n)")])
    return said.found


def _told(name: str) -> str:
    return {"_line": "at_line"}.get(name, name.removeprefix("_"))


class _Said:
    """Collects what is said."""

    def __init__(self) -> None:
        self.found: Contents = {}
        self.named: dict[tuple[str, str], str] = {}

    def name(self, label: str, row: Mapping[str, Any]) -> str:
        name = f"{label} {row['value' if label in HASHED else 'id']}"
        self.named[label, row["id"]] = name
        return name

    def node(self, label: str, row: dict[str, Any]) -> None:
        name = self.name(label, row)
        if label in HASHED:
            row.pop("id")
        row["fingerprint"] = None if row.get("fingerprint") is None else "there"
        self.add("nodes", [name], row)

    def waiting(self, row: dict[str, Any]) -> None:
        row["properties"] = {
            k: v for k, v in json.loads(row["properties"]).items() if v is not None
        }
        if row["other_label"] in HASHED:
            shared = self.named[row["other_label"], row["other_own"]]
            row["other_own"] = row["other_ref"] = shared
        self.add("waiting", [], row)

    def record(self, kind: str, rows: Iterable[dict[str, Any]]) -> None:
        for row in rows:
            for name in ("started_at", "finished_at", "done", "made_good"):
                row.pop(name, None)
            if kind == "loads":
                row["complete"] = int(row["complete"])
            if "path" in row:
                row["path"] = PurePath(row["path"]).name
            if row.get("report"):
                row["report"] = without_times(json.loads(row["report"]))
            self.add(kind, [], row)

    def add(self, kind: str, which: list[Any], values: Mapping[str, Any]) -> None:
        there = {name: value for name, value in sorted(values.items()) if value is not None}
        text = json.dumps([*which, there], ensure_ascii=False)
        self.found.setdefault(kind, Counter())[text] += 1


def without_times(report: Any) -> Any:
    """A load's report, or a file's, without how long it took."""
    if isinstance(report, list):
        return [without_times(item) for item in report]
    if isinstance(report, dict):
        return {k: without_times(v) for k, v in report.items() if k != "seconds"}
    return report


def require_same(sqlite: Contents, neo4j: Contents) -> None:
    """Fail with what only one of the two holds."""
    told: list[str] = []
    for kind in sorted({*sqlite, *neo4j}):
        here, there = sqlite.get(kind, Counter()), neo4j.get(kind, Counter())
        for store, only in (("SQLite", here - there), ("Neo4j", there - here)):
            told += [f"{kind}, only in {store}: {text}" for text in sorted(only)[:5]]
            told += [f"  ... and {len(only) - 5} more"] if len(only) > 5 else []
    assert not told, "the stores differ:\n" + "\n".join(told)


def snapshot_contents(path: Path) -> dict[str, Counter[str]]:
    """What the tables of a snapshot hold: nodes by id or value, edges by their ends."""
    found: dict[str, Counter[str]] = {}
    with duckdb.connect(str(path), read_only=True) as db:
        names: dict[int, str] = {}

        def rows(table: str) -> list[dict[str, Any]]:
            cursor = db.execute(f'SELECT * FROM "{table}"')
            columns = [d[0] for d in cursor.description or ()]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

        for node in VOCABULARY.nodes.values():
            for row in rows(node.table):
                id_ = row["value"] if node.label in HASHED else row["id"]
                names[row.pop("key")] = f"{node.label} {id_}"
                if node.label in HASHED:
                    row.pop("id")
                found.setdefault(node.table, Counter())[f"{id_} {_text(row)}"] += 1
        for edge in VOCABULARY.edges.values():
            for row in rows(edge.table):
                ends = f"{names[row.pop('src')]} {names[row.pop('dst')]}"
                found.setdefault(edge.table, Counter())[f"{ends} {_text(row)}"] += 1
        for row in rows("pending"):
            row["anchor_key"] = names.get(row["anchor_key"])
            found.setdefault("pending", Counter())[_text(row)] += 1
        tables = {
            f"{table}.{column} {kind}"
            for table, column, kind in db.execute(
                "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal"
            ).fetchall()
        }
        found["columns"] = Counter(tables)
    return found


def _text(row: Mapping[str, Any]) -> str:
    return str(sorted((k, str(v)) for k, v in row.items() if v is not None))

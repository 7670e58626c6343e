"""A graph to load small tables into, and what must be true of it after every load."""

from __future__ import annotations

import json
import sqlite3
import textwrap
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.model import VOCABULARY
from graphcrm.store.sqlite.closed import count_hidden_edges

INTERNAL = {"key", "file", "at_line", "fingerprint", "source"}


def recount(path: Path) -> None:
    """Assert that the counts, the edges' ends, the ids and the search index agree."""
    db = sqlite3.connect(path)
    tally = {(kind, name): n for kind, name, n in db.execute("SELECT kind, name, n FROM tally")}
    keys: dict[str, set[int]] = {}
    gone: set[int] = set()
    hidden: dict[str, int] = {}
    for node in VOCABULARY.nodes.values():
        rows = db.execute(f'SELECT key, id, deleted_on FROM "{node.table}"').fetchall()
        keys[node.label] = {key for key, _, _ in rows}
        gone |= {key for key, _, deleted_on in rows if deleted_on is not None}
        assert len({id_ for _, id_, _ in rows}) == len(rows)
        assert {VOCABULARY.label_of(key) for key in keys[node.label]} <= {node.label}
        open_ = sum(deleted_on is None for _, _, deleted_on in rows)
        assert tally.get(("node", node.label), 0) == open_, node.label
    for edge in VOCABULARY.edges.values():
        rows = db.execute(f'SELECT src, dst, closed FROM "{edge.table}"').fetchall()
        for src, dst, _ in rows:
            assert src in keys[VOCABULARY.label_of(src)]
            assert VOCABULARY.label_of(src) in edge.start
            assert dst in keys[VOCABULARY.label_of(dst)]
            assert VOCABULARY.label_of(dst) in edge.end
        open_ = sum(closed is None for _, _, closed in rows)
        assert tally.get(("edge", edge.name), 0) == open_, edge.name
        hidden[edge.name] = sum(
            closed is None and bool({src, dst} & gone) for src, dst, closed in rows
        )
    assert Counter(hidden) == Counter(count_hidden_edges(db))
    indexed = [key for (key,) in db.execute("SELECT rowid FROM search")]
    assert len(set(indexed)) == len(indexed)
    searched = ("Person", "Institution", "Department", "Agent", "Vehicle")
    assert set(indexed) == set().union(*(keys[label] for label in searched))
    assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


def contents(path: Path) -> dict[str, Counter[str]]:
    """Everything that a graph says, by business ids, and its history, without internal numbers."""
    db = sqlite3.connect(path)
    db.row_factory = sqlite3.Row
    ids: dict[int, str] = {}
    said: dict[str, Counter[str]] = {"node": Counter(), "edge": Counter(), "wait": Counter()}
    for node in VOCABULARY.nodes.values():
        for row in db.execute(f'SELECT * FROM "{node.table}"'):
            hashed = node.shared and not node.plain  # their ids differ from graph to graph
            ids[row["key"]] = f"{node.label} {row['value' if hashed else 'id']}"
            values = {
                k: row[k] for k in tuple(row.keys()) if k not in INTERNAL and row[k] is not None
            }
            if hashed:
                values.pop("id")
            said["node"][f"{node.label} {json.dumps(values, ensure_ascii=False)}"] += 1
    origin = dict(db.execute("SELECT origin, name FROM origin").fetchall())
    for edge in VOCABULARY.edges.values():
        for row in db.execute(f'SELECT * FROM "{edge.table}"'):
            ends = [ids[row["src"]], edge.name, ids[row["dst"]], origin[row["origin"]], row["d"]]
            values = {p.name: row[p.name] for p in edge.properties}
            said["edge"][str([*ends, values, row["closed"] is not None])] += 1
    for row in db.execute("SELECT type, anchor_own, other_own, d, properties FROM pending"):
        said["wait"][str(tuple(row))] += 1
    said["history"] = Counter(
        f"{ids[key]} {json.loads(previous).get('name')}"
        for key, previous in db.execute("SELECT key, previous FROM history")
    )
    db.close()
    return said


class Book:
    """A graph, and tables as texts that are loaded into it."""

    def __init__(self, folder: Path, load: Callable[..., graphcrm.LoadReport]) -> None:
        self.folder, self.path = folder, folder / "book.graph"
        self._load, self._number = load, 0

    def load(self, plan: dict[str, Any] | None = None, /, **tables: str) -> graphcrm.LoadReport:
        """Load tables as CSV (indentation is taken away); every count must agree afterwards."""
        self._number += 1
        folder = self.folder / f"load{self._number}"
        folder.mkdir()
        for table, text in tables.items():
            body = textwrap.dedent(text).strip() + "\n"
            (folder / f"{table}.csv").write_text(body, encoding="utf-8")
        try:
            return self._load(self.path, folder, **(plan or {}))
        finally:
            recount(self.path)

    def contents(self) -> dict[str, Counter[str]]:
        return contents(self.path)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        db = sqlite3.connect(self.path)
        try:
            return db.execute(sql).fetchall()
        finally:
            db.close()

    def open(self) -> graphcrm.Graph:
        return graphcrm.connect(self.path)

    def node(self, id_: str, label: str | None = None) -> dict[str, Any]:
        with self.open() as graph:
            return graph.node(id_, label)

    def edges(self, type_: str, *properties: str) -> set[tuple[Any, ...]]:
        """The edges of a type that hold: (start, end, the named properties)."""
        return self._edges(type_, properties, "IS NULL")

    def closed(self, type_: str, *properties: str) -> set[tuple[Any, ...]]:
        """The edges of a type that were closed."""
        return self._edges(type_, properties, "IS NOT NULL")

    def _edges(self, type_: str, properties: tuple[str, ...], is_: str) -> set[tuple[Any, ...]]:
        edge = VOCABULARY.edges[type_]
        columns = "".join(f", e.{name}" for name in properties)
        every = " UNION ALL ".join(
            f'SELECT key, {"value" if n.shared else "id"} AS id FROM "{n.table}"'
            for n in VOCABULARY.nodes.values()
        )
        rows = self.rows(
            f'WITH n AS ({every}) SELECT s.id, t.id{columns} FROM "{edge.table}" e '
            f"JOIN n s ON s.key = e.src JOIN n t ON t.key = e.dst WHERE e.closed {is_}"
        )
        assert len(set(rows)) == len(rows)
        return set(rows)


@pytest.fixture
def book(tmp_path: Path, load_apart: Callable[..., graphcrm.LoadReport]) -> Book:
    """An empty graph."""
    return Book(tmp_path, load_apart)


@pytest.fixture
def recounted() -> Callable[[Path], None]:
    """Assert that a graph file's counts agree with what is in it."""
    return recount


@pytest.fixture
def contents_of() -> Callable[[Path], dict[str, Counter[str]]]:
    """Everything that a graph says, for comparing two of them."""
    return contents

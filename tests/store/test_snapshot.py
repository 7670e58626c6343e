"""The graph as a DuckDB file: the same rows, of one moment, kept while nothing changes."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import threading
from pathlib import Path
from typing import Any

import duckdb
import pytest

import graphcrm
from graphcrm.model import VOCABULARY, EdgeType, NodeType


def _all(path: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as db:
        return db.execute(sql).fetchall()


def test_it_holds_what_the_store_holds(sample_graph: Any) -> None:
    status = sample_graph.graph.status()
    path = sample_graph.graph.snapshot()
    for node in VOCABULARY.nodes.values():
        (found,) = _all(path, f'SELECT count(*) FROM "{node.table}" WHERE deleted_on IS NULL')
        assert found == (status.nodes.get(node.label, 0),), node.label
    for edge in VOCABULARY.edges.values():
        assert _all(path, f'SELECT count(*) FROM "{edge.table}"') == [
            (status.edges.get(edge.name, 0),)
        ]
    assert _all(path, "SELECT count(*) FROM pending") == [(status.pending,)]
    assert _all(path, "SELECT count(*) FROM snapshot") == [(1,)]


def test_every_value_comes_across(sample_graph: Any) -> None:
    path = sample_graph.graph.snapshot()
    source = sqlite3.connect(Path(str(sample_graph.graph.url).removeprefix("sqlite:///")))
    types: list[tuple[NodeType | EdgeType, str, str]] = [
        *((node, "key", "") for node in VOCABULARY.nodes.values()),
        *((edge, "src, dst", "WHERE closed IS NULL") for edge in VOCABULARY.edges.values()),
    ]
    for table, ends, where in types:
        columns = ", ".join([ends, *(f'"{p.name}"' for p in table.properties)])
        stored = source.execute(f'SELECT {columns} FROM "{table.table}" {where}').fetchall()
        copied = _all(path, f'SELECT {columns} FROM "{table.table}"')
        plain = [tuple(_plain(value) for value in row) for row in copied]
        assert sorted(map(repr, stored)) == sorted(map(repr, plain)), table.table
    source.close()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def test_it_is_made_anew_only_after_a_change(book: Any) -> None:
    persons = "id,name,birth_date\nP1,王丽,1980-02-29\nP2,李明,"
    book.load(persons=persons, relations="from_id,to_id,kind\nP1,P2,spouse\nP1,P9,child")
    with book.open() as graph:
        path = graph.snapshot()
        made = os.stat(path).st_mtime_ns
        assert graph.snapshot() == path
        assert os.stat(path).st_mtime_ns == made
    assert _all(path, "SELECT id, birth_date FROM person ORDER BY id") == [
        ("P1", dt.date(1980, 2, 29)), ("P2", None)
    ]  # fmt: skip
    assert _all(path, "SELECT type, other_ref FROM pending") == [("RELATED_TO", "P9")]
    book.load(persons="id,name,deleted_on\nP2,李明,2024-01-01\nP3,赵强,")
    with book.open() as graph:
        assert graph.snapshot() == path
    assert _all(path, "SELECT id, deleted_on FROM person ORDER BY id") == [
        ("P1", None), ("P2", dt.date(2024, 1, 1)), ("P3", None)
    ]  # fmt: skip


def test_an_empty_graph_and_a_broken_snapshot(book: Any) -> None:
    with book.open() as graph:
        path = graph.snapshot()
        assert _all(path, "SELECT count(*) FROM person") == [(0,)]
        path.write_bytes(b"broken" * 1000)
        graph.snapshot()
        assert _all(path, "SELECT count(*) FROM person") == [(0,)]


def test_it_is_of_one_moment(tmp_path: Path, load_apart: Any) -> None:
    """Each load writes as many phones as persons: a snapshot in between must have both."""
    path = tmp_path / "book.graph"
    folder = tmp_path / "in"
    folder.mkdir()
    over = threading.Event()

    def load() -> None:
        try:
            for n in range(6):
                rows = "".join(f"P{n}-{i},名,139{n + 17:04}{i + 17:04}\n" for i in range(500))
                (folder / "persons.csv").write_text("id,name,phone\n" + rows, encoding="utf-8")
                load_apart(path, folder)
        finally:
            over.set()

    graphcrm.connect(path).store.close()
    loading = threading.Thread(target=load)
    loading.start()
    taken = 0
    with graphcrm.connect(path) as graph:
        while not over.is_set() or taken == 0:
            snapshot = graph.snapshot()
            ((persons, phones, edges),) = _all(
                snapshot,
                "SELECT (SELECT count(*) FROM person), (SELECT count(*) FROM phone), "
                "(SELECT count(*) FROM has_phone)",
            )
            assert persons == phones == edges
            taken += 1
    loading.join()
    assert list(tmp_path.glob("*.part*")) == []


def test_where_it_cannot_be_written(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    Path(f"{book.path}.snapshot").mkdir()
    with book.open() as graph, pytest.raises(graphcrm.StoreError, match="could not be made"):
        graph.snapshot()
    shutil.rmtree(f"{book.path}.snapshot")

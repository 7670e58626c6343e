"""Opening graph files of every age, and files that are none; backups."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.store import open_store
from graphcrm.store.sqlite import migrations
from graphcrm.store.sqlite.schema import SCHEMA_VERSION

NEXT = SCHEMA_VERSION + 1
"""The version of a schema that is still to come."""


def test_a_new_graph_is_empty(tmp_path: Path) -> None:
    with graphcrm.connect(tmp_path / "a.graph") as graph:
        status = graph.status()
        assert (status.nodes, status.edges, status.loads, status.change) == ({}, {}, [], 0)
        assert graph.quarantine().num_rows == 0
        assert graph.search("王丽") == []
    assert graphcrm.connect(f"sqlite:///{tmp_path}/a.graph").url.endswith("a.graph")


def test_where_there_can_be_no_graph(tmp_path: Path) -> None:
    with pytest.raises(graphcrm.StoreError, match=r"the folder .* does not exist"):
        graphcrm.connect(tmp_path / "no" / "a.graph")
    with pytest.raises(graphcrm.StoreError, match="there is no graph here yet"):
        open_store(str(tmp_path / "a.graph"), must_exist=True)
    assert not (tmp_path / "a.graph").exists()
    with pytest.raises(graphcrm.UsageError, match="graphs of the kind mongodb://"):
        graphcrm.connect("mongodb://here")
    with pytest.raises(graphcrm.StoreError, match="can't be opened"):
        graphcrm.connect(tmp_path)


def _foreign(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE customer (id)")


def _foreign_meta(path: Path) -> None:
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE meta (a, b, c)")
        db.execute("INSERT INTO meta VALUES (1, 2, 3)")


FOREIGN: dict[str, Callable[[Path], Any]] = {
    "another database": _foreign,
    "another database with a table meta": _foreign_meta,
    "garbage": lambda path: path.write_bytes(b"\x00\x01garbage" * 1000),
    "text": lambda path: path.write_text("id,name\nP1,x\n"),
}


@pytest.mark.parametrize("kind", list(FOREIGN))
def test_a_foreign_file_is_refused_and_left_alone(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.graph"
    FOREIGN[kind](path)
    before = path.read_bytes()
    refusal = r"a\.graph: .*(not a graph of GraphCRM|not a database)"
    with pytest.raises(graphcrm.StoreError, match=refusal):
        graphcrm.connect(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["a.graph"]


def _set_schema(path: Path, version: int) -> None:
    with sqlite3.connect(path) as db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (version,))


def test_a_newer_graph_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    graphcrm.connect(path).store.close()
    _set_schema(path, 99)
    with pytest.raises(graphcrm.NewerGraphError, match=r"newer GraphCRM \(schema 99"):
        graphcrm.connect(path)


def test_an_older_graph_is_migrated_after_a_backup(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.load(persons="id,name\nP1,王丽")
    before = book.contents()

    def rename(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE person SET name = name || '!'")

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NEXT)
    monkeypatch.setitem(migrations.MIGRATIONS, NEXT - 1, rename)
    assert book.node("P1")["name"] == "王丽!"
    assert book.node("P1")["name"] == "王丽!"  # once only
    assert book.rows("SELECT value FROM meta WHERE name = 'schema'") == [(str(NEXT),)]
    backup = Path(f"{book.path}.before-{NEXT}.backup")
    with sqlite3.connect(backup) as db:
        assert db.execute("SELECT name FROM person").fetchall() == [("王丽",)]
    assert list(book.folder.glob("*.part")) == []
    monkeypatch.undo()
    with pytest.raises(graphcrm.NewerGraphError):
        book.open()
    book.path = backup
    assert book.contents() == before


def test_a_migration_that_fails_changes_nothing(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    book.load(persons="id,name\nP1,王丽")

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM person")
        connection.execute("SELECT no_such")

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NEXT)
    monkeypatch.setitem(migrations.MIGRATIONS, NEXT - 1, fail)
    with pytest.raises(graphcrm.StoreError, match="no such column"):
        book.open()
    monkeypatch.undo()
    assert book.node("P1")["name"] == "王丽"


def test_two_that_open_an_older_graph_migrate_it_once(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.load(persons="id,name\nP1,王丽")
    runs: list[int] = []
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NEXT)
    monkeypatch.setitem(migrations.MIGRATIONS, NEXT - 1, lambda connection: runs.append(1))
    both = [threading.Thread(target=lambda: book.open().store.close()) for _ in range(4)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert runs == [1]


def test_a_backup_while_the_graph_is_in_use(
    book: Any, tmp_path: Path, recounted: Callable[[Path], None]
) -> None:
    book.load(persons="id,name\nP1,王丽")
    target = tmp_path / "copy.graph"
    with book.open() as graph, sqlite3.connect(book.path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("UPDATE person SET name = '半'")
        said: list[str] = []
        graph.backup(target, said.append)
        other.execute("ROLLBACK")
        assert said[-1] == "100 %"
        with pytest.raises(graphcrm.StoreError, match=r"copy\.graph: is there already"):
            graph.backup(target)
        with pytest.raises(graphcrm.StoreError, match="could not be written"):
            graph.backup(tmp_path / "no" / "copy.graph")
    recounted(target)
    with graphcrm.connect(target) as copy:
        assert copy.node("P1")["name"] == "王丽"
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize("name", ["what?.graph", "why?/a.graph"])
def test_a_question_mark_would_misplace_the_log_of_snapshots(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    with pytest.raises(graphcrm.StoreError, match="must have no question mark"):
        graphcrm.connect(path)
    assert list(path.parent.iterdir()) == []
    with graphcrm.connect(tmp_path / "a.graph"):
        pass
    (tmp_path / "a.graph").rename(path)
    with graphcrm.connect(path) as graph, pytest.raises(graphcrm.StoreError, match="question mark"):
        graph.snapshot()


def test_a_graph_of_the_first_schema_is_brought_to_this_one(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    with closing(sqlite3.connect(book.path)) as db, db:
        db.execute("ALTER TABLE load DROP COLUMN request")
        db.execute("UPDATE meta SET value = '1' WHERE name = 'schema'")
    assert book.node("P1")["name"] == "王丽"
    book.load(persons="id,name\nP2,李娜")
    ((request,),) = book.rows("SELECT request FROM load ORDER BY load DESC LIMIT 1")
    assert "load2" in request

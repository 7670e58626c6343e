"""What analyses write into a graph file: whole or not at all, by one writer at a time."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

import graphcrm
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.deriving.request import Derivation
from graphcrm.store.deriving.tables import take
from graphcrm.store.lock import writing
from tests.deriving import customers, edges, only

MANY = 40_000
CUSTOMER, SAME_AS = VOCABULARY.nodes["Customer"], VOCABULARY.edges["SAME_AS"]
IS_CUSTOMER = VOCABULARY.edges["IS_CUSTOMER"]
TWO = customers(("C1", 2), ("C2", 1))


@pytest.fixture
def work() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def _with(table: pa.Table, **columns: Any) -> pa.Table:
    for name, value in columns.items():
        table = table.append_column(name, pa.array([value] * table.num_rows))
    return table


@pytest.mark.parametrize(
    ("type_", "table", "sentence"),
    [
        (CUSTOMER, TWO.drop(["id"]), "Customer: the column 'id' is missing"),
        (CUSTOMER, TWO.drop(["records"]), "the column 'records' is missing"),
        (SAME_AS, TWO, "the column 'start_label' is missing"),
        (IS_CUSTOMER, _with(edges("Customer"), evidence="x"), "has no property 'evidence'"),
        (CUSTOMER, customers(("C1", 2), ("C1", 3)), "'C1' is there twice"),
        (CUSTOMER, customers(("C1", None)), "'C1' has no value of 'records'"),
        (CUSTOMER, customers((None, 1)), "'' has no value of 'id'"),
        (CUSTOMER, customers(("", 1)), "'' has no value of 'id'"),
        (CUSTOMER, customers(("C1", 1 << 40)), "'1099511627776' as 'records', which is no integer"),
        (SAME_AS, edges("Person", ("P1", "P2", 1.5)), "'1.5' as 'probability', which is no prob"),
        (SAME_AS, edges("Person", ("P1", "P2", float("nan"))), "which is no probability"),
        (SAME_AS, edges("Person", ("P1", "P2", None)), "'P1 → P2' has no value of 'probability'"),
        (SAME_AS, edges("Person", ("P2", "P1", 1.0)), "'P2 → P1' must run from the smaller id"),
        (SAME_AS, edges("Person", ("P1", "P1", 1.0)), "must run from the smaller id"),
        (SAME_AS, edges("Agent", ("P1", "P2", 1.0)), "can't have an end of label 'Agent'"),
        (SAME_AS, edges("Person", ("P1", "P2", 1), ("P1", "P2", 0)), "'P1 → P2' is there twice"),
        (
            SAME_AS,
            _with(edges("Person", ("P1", "P2", 1.0)), match_weight=float("inf")),
            "'inf' as 'match_weight', which is no number",
        ),
    ],
)
def test_what_does_not_fit_is_refused(
    work: duckdb.DuckDBPyConnection, type_: NodeType | EdgeType, table: pa.Table, sentence: str
) -> None:
    with pytest.raises(graphcrm.UsageError) as caught:
        take(work, type_, table, "taken")
    assert sentence in str(caught.value)


def test_only_derived_types_are_derived() -> None:
    with pytest.raises(graphcrm.UsageError, match="'Person' is no type that can be derived"):
        Derivation({"Person": TWO}, {}, {})
    with pytest.raises(graphcrm.UsageError, match=r"'HOLDS' .* IS_CUSTOMER, SAME_AS"):
        Derivation({}, {"HOLDS": edges("Policy")}, {})


def test_values_come_back_as_they_went_in(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽\nP2,李娜")
    evidence = '[{"field": "name", "note": "it\'s \\u0000 “汉” 👨‍👩‍👧"}]'
    same = _with(
        edges("Person", ("P1", "P2", 1 / 3)),
        match_weight=-17.25,
        evidence=evidence,
        model_version="",
    )
    with book.open() as graph:
        graph.store.derive({}, {"SAME_AS": same}, {"a'b": evidence, "empty": ""})
        assert graph.store.kept("a'b") == evidence
        assert graph.store.kept("empty") == ""
        ((_, _, found),) = graph.neighbourhood("P1", hops=1).edges(data=True)
    assert found == {
        "type": "SAME_AS", "probability": 1 / 3, "match_weight": -17.25, "evidence": evidence,
        "model_version": "",
    }  # fmt: skip


def _many(book: Any) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    book.load(persons="id,name\n" + "\n".join(f"P{n},王{n}" for n in range(MANY)))
    nodes = {"Customer": customers(*((f"C{n}", 1) for n in range(MANY)))}
    found = {"IS_CUSTOMER": edges("Customer", *((f"P{n}", f"C{n}", 1.0) for n in range(MANY)))}
    return nodes, found


def test_large_and_small_derivations_keep_every_count(
    book: Any, recounted: Callable[[Path], None]
) -> None:
    nodes, found = _many(book)
    with book.open() as graph:
        graph.store.derive(nodes, found)  # indexes are built after it
        recounted(book.path)
        graph.store.derive({}, {"IS_CUSTOMER": found["IS_CUSTOMER"].slice(5)})
        graph.store.derive(
            {"Customer": customers(("C9", 2), ("X", 1))},
            {"IS_CUSTOMER": edges("Customer", ("P8", "C9", 0.5), ("P9", "X", 0.5))},
            only=only(Customer="C8 C9 X", Person="P8 P9"),
        )
        recounted(book.path)
        assert graph.status().nodes["Customer"] == MANY
        assert graph.status().edges["IS_CUSTOMER"] == MANY - 5
        (row,) = graph.store.derive(nodes, {}).model_dump()["types"]
        assert (row["new"], row["changed"], row["removed"]) == (1, 1, 1)
    recounted(book.path)


def test_one_that_is_killed_leaves_nothing_half(
    book: Any, tmp_path: Path, recounted: Callable[[Path], None]
) -> None:
    nodes, found = _many(book)
    Derivation(nodes, found, {"model": "x"}).write(tmp_path)
    worker = [sys.executable, "-m", "graphcrm.store.deriving.worker", str(book.path), str(tmp_path)]
    writes = Path(f"{book.path}.writer")
    killed = 0
    for patience in (0.0, 0.1, 0.25, 0.4, 0.6):
        with subprocess.Popen(worker, stdout=subprocess.DEVNULL) as process:
            while process.poll() is None and not writes.exists():
                time.sleep(0.001)
            time.sleep(patience)
            process.kill()
        writes.unlink(missing_ok=True)
        recounted(book.path)
        with book.open() as graph:
            written = graph.status().nodes.get("Customer", 0)
            assert (written, graph.status().edges.get("IS_CUSTOMER", 0)) in ((0, 0), (MANY, MANY))
            assert graph.store.kept("model") == ("x" if written else None)
            killed += not written
            if written:
                graph.store.derive(
                    {"Customer": customers()}, {"IS_CUSTOMER": edges("Customer")}, {"model": None}
                )
    assert killed
    with book.open() as graph:
        assert graph.store.derive(nodes, found).changed
    recounted(book.path)


def test_it_waits_for_whoever_writes(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    said: list[str] = []
    with book.open() as graph:
        with writing(book.path, "a load", lambda who: None):
            thread = threading.Thread(
                target=lambda: graph.store.derive({"Customer": TWO}, {}, say=said.append)
            )
            thread.start()
            until = time.monotonic() + 60
            while not said and time.monotonic() < until:
                time.sleep(0.02)
            assert graph.status().nodes == {"Person": 1}
        thread.join()
        assert said[0].startswith("waiting for a load by")
        assert graph.status().nodes["Customer"] == 2


def test_readers_see_the_old_or_the_new(book: Any) -> None:
    nodes, found = _many(book)
    seen: set[tuple[int, int]] = set()
    with book.open() as graph, closing(sqlite3.connect(book.path)) as db:
        thread = threading.Thread(target=lambda: graph.store.derive(nodes, found))
        thread.start()
        while thread.is_alive():
            seen.add(
                db.execute(
                    "SELECT (SELECT count(*) FROM customer), (SELECT count(*) FROM is_customer)"
                ).fetchone()
            )
        thread.join()
    assert seen <= {(0, 0), (MANY, MANY)}


def _tables(snapshot: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(snapshot), read_only=True) as db:
        names = db.execute("SELECT table_name FROM duckdb_tables() ORDER BY 1").fetchall()
        return {t: db.execute(f'SELECT * FROM "{t}" ORDER BY ALL').fetchall() for (t,) in names}


def test_a_snapshot_reads_only_what_is_derived_anew(book: Any) -> None:
    book.load(persons="id,name,phone\nP1,王丽,13800138000\nP2,李娜,")
    found = {"IS_CUSTOMER": edges("Customer", ("P1", "C1", 1.0), ("P2", "C2", 1.0))}
    with book.open() as graph:

        def renewed() -> set[str]:
            """The tables that were read, which must leave all of them as they ought to be."""
            said: list[str] = []
            path = graph.snapshot(said.append)
            tables = _tables(path)
            path.unlink()
            assert _tables(graph.snapshot()) == tables
            return set(said)

        assert "pending" in renewed()
        graph.store.derive({"Customer": TWO}, found)
        assert renewed() == {"customer", "is_customer", "same_as"}
        assert len(_tables(graph.snapshot())["is_customer"]) == 2
        book.load(persons="id,name\nP3,赵")
        assert {"person", "customer", "pending"} <= renewed()
        assert len(_tables(graph.snapshot())["person"]) == 3
    assert not list(book.folder.glob("*.copy"))
    assert not list(book.folder.glob("*.part"))


def test_a_graph_of_the_second_schema_takes_it_too(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    with closing(sqlite3.connect(book.path)) as db, db:
        for table in ("customer", "same_as", "is_customer", "kept"):
            db.execute(f"DROP TABLE {table}")
        db.execute("DELETE FROM origin WHERE name = 'derived'")
        db.execute("DELETE FROM meta WHERE name = 'facts'")
        db.execute("UPDATE meta SET value = '2' WHERE name = 'schema'")
    with book.open() as graph:
        assert graph.node("P1")["name"] == "王丽"
        found = {"IS_CUSTOMER": edges("Customer", ("P1", "C1", 1.0))}
        graph.store.derive({"Customer": customers(("C1", 1))}, found)
        assert graph.status().edges == {"IS_CUSTOMER": 1}
    assert Path(f"{book.path}.before-3.backup").exists()


def test_a_process_that_dies_is_told_of(book: Any) -> None:
    book.load(persons="id,name\nP1,王丽")
    with book.open() as graph, pytest.MonkeyPatch.context() as patch:
        patch.setattr("graphcrm.store.deriving.start._WORKER", "no.such.worker")
        with pytest.raises(graphcrm.StoreError, match="before it was through"):
            graph.store.derive({"Customer": TWO}, {})

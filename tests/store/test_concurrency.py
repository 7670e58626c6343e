"""Several processes at one graph: readers are never blocked, writers wait for one another."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

import graphcrm
from graphcrm.sample import write_sample
from graphcrm.store.lock import writing
from graphcrm.store.sqlite.bulk import BulkConnection


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("together") / "book"
    write_sample(folder, customers=500, seed=12)
    return folder


def test_readers_answer_while_a_load_runs(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "book.graph"
    graphcrm.connect(path).store.close()
    over = threading.Event()
    reports: list[Any] = []

    def load() -> None:
        try:
            with graphcrm.connect(path) as graph:
                reports.extend([graph.load(files), graph.load(files)])
        finally:
            over.set()

    loading = threading.Thread(target=load)
    loading.start()
    answers, seen = 0, 0
    with graphcrm.connect(path) as graph, sqlite3.connect(path, isolation_level=None) as db:
        while not over.is_set():
            for ask in (
                lambda: graph.query("orphan_policies"),
                lambda: graph.search("王"),
                lambda: graph.status(),
                lambda: graph.quarantine(),
            ):
                ask()
                answers += 1
            for person in [hit for hit in graph.search("李") if hit["label"] == "Person"][:3]:
                assert graph.neighbourhood(person["id"]).number_of_nodes() >= 1
            db.execute("BEGIN")
            tally = dict(db.execute("SELECT name, n FROM tally WHERE kind IN ('node', 'edge')"))
            for name, table in (("Person", "person"), ("Policy", "policy")):
                (n,) = db.execute(f"SELECT count(*) FROM {table}").fetchone()
                assert tally.get(name, 0) == n
            (held,) = db.execute("SELECT count(*) FROM holds WHERE closed IS NULL").fetchone()
            db.execute("ROLLBACK")
            assert tally.get("HOLDS", 0) == held >= seen
            seen = held
    loading.join()
    first, again = reports
    assert first.failed == again.failed == []
    assert sum(f.new + f.changed for f in again.files) == 0
    assert answers > 20


def test_readers_answer_in_the_middle_of_a_change(
    files: Path, tmp_path: Path, load_apart: Callable[..., graphcrm.LoadReport]
) -> None:
    path = tmp_path / "book.graph"
    load_apart(path, files / "agents.csv", files / "persons.csv")
    with graphcrm.connect(path) as graph, closing(sqlite3.connect(path)) as db:
        hits, nodes = graph.search("王"), graph.status().nodes
        person = next(hit["id"] for hit in hits if hit["label"] == "Person")
        db.execute("BEGIN IMMEDIATE")
        db.execute("UPDATE tally SET n = 0")
        db.execute("DELETE FROM person")
        db.execute("DELETE FROM quarantine")
        assert (graph.search("王"), graph.status().nodes) == (hits, nodes)
        assert graph.query("orphan_policies").num_rows == 0
        assert graph.quarantine().num_rows > 0
        assert graph.neighbourhood(person).number_of_nodes() >= 1
        assert db.in_transaction  # so nobody waited for its end
        db.rollback()


def _worker(path: Path, source: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "graphcrm_loaders.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"graph": str(path), "sources": [str(source)], "plan": {}}))
    process.stdin.close()
    return process


def test_a_second_writer_says_for_whom_it_waits(tmp_path: Path) -> None:
    path = tmp_path / "book.graph"
    graphcrm.connect(path).store.close()
    source = tmp_path / "persons.csv"
    source.write_text("id,name\nP1,王丽\n", encoding="utf-8")
    with writing(path, "a merge", lambda who: None):
        process = _worker(path, source)
        assert process.stdout is not None
        first = json.loads(process.stdout.readline())
        assert first["kind"] == "progress"
        assert first["text"].startswith("waiting for a merge by ")
        assert process.poll() is None
    events = [json.loads(line) for line in process.stdout]
    assert process.wait() == 0
    assert events[-1]["report"]["files"][0]["new"] == 1
    assert not Path(f"{path}.writer").exists()


def test_two_loads_at_once_come_one_after_the_other(
    tmp_path: Path, files: Path, recounted: Callable[[Path], None]
) -> None:
    path = tmp_path / "book.graph"
    graphcrm.connect(path).store.close()
    processes = [_worker(path, files) for _ in range(2)]
    reports = []
    for process in processes:
        assert process.stdout is not None
        *_, last = (json.loads(line) for line in process.stdout)
        assert process.wait() == 0
        reports.append(last["report"])
    recounted(path)
    first, second = sorted(reports, key=lambda report: report["load"])
    assert sum(f["new"] for f in first["files"]) > 0
    assert sum(f["new"] + f["changed"] + f["edges_new"] for f in second["files"]) == 0


CREATE = """
import sys, time
import graphcrm
time.sleep(max(0, float(sys.argv[2]) - time.time()))
with graphcrm.connect(sys.argv[1]) as graph:
    print(graph.status().change, graph.store._db.execute(
        "SELECT value FROM meta WHERE name = 'identity_key'").fetchone()[0])
"""


def test_many_processes_may_make_the_same_graph(tmp_path: Path) -> None:
    path = tmp_path / "book.graph"
    together = str(time.time() + 3)
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", CREATE, str(path), together],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(5)
    ]  # fmt: skip
    answers = [process.communicate() for process in processes]
    assert [err for _, err in answers] == [""] * len(processes)
    assert len({out for out, _ in answers}) == 1


def test_one_process_has_one_way_into_a_file(tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    with (
        graphcrm.connect(path),
        duckdb.connect() as work,
        pytest.raises(graphcrm.StoreError, match="bulk access needs a process of its own"),
    ):
        BulkConnection(path, work)
    path = tmp_path / "b.graph"
    with duckdb.connect() as work, BulkConnection(path, work):
        pass
    with pytest.raises(graphcrm.StoreError, match="this process already uses bulk access"):
        graphcrm.connect(path)


def test_odd_paths(
    tmp_path: Path, load_apart: Callable[..., graphcrm.LoadReport], recounted: Any
) -> None:
    folder = tmp_path / "100%25 of #1 [a-z]* 保单's"
    folder.mkdir()
    source = folder / "persons.csv"
    source.write_text("id,name\nP1,王丽\n", encoding="utf-8")
    load_apart(folder / "图 a.graph", source)
    recounted(folder / "图 a.graph")
    with graphcrm.connect(folder / "图 a.graph") as graph:
        assert graph.status().nodes == {"Person": 1}
        assert graph.snapshot().exists()
    assert not [p for p in tmp_path.iterdir() if p != folder]

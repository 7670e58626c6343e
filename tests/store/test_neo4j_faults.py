"""What goes wrong with a server: it dies, refuses, lacks memory, belongs to others.

A server that was just started takes a quarter of a minute for its first load. So what needs it as
it is comes first, and the first to need another one finds the one that the test before it ended.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import pytest

import graphcrm
from graphcrm.sample import write_sample
from graphcrm.store.copying import copy_graph
from graphcrm.store.neo4j import connection
from graphcrm.store.neo4j.address import Address
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.lock import writing
from graphcrm_api.cli import main
from tests.servers.neo4j import LTS, NO_SETTINGS, kill, start, stop
from tests.servers.neo4j_child import alive

PASSWORD = "p@ss/w:rd #1"


LITTLE_MEMORY = {"db.memory.transaction.max": "6m"}
ONLY_READ = {"server.databases.read_only": "neo4j"}


class Own:
    """A server that a test may end and start again with other settings."""

    def __init__(self, home: Path) -> None:
        self.home, self.settings = home, NO_SETTINGS
        self.running = start(LTS, home, password=PASSWORD)

    @property
    def url(self) -> str:
        return self.running.url

    def with_settings(self, settings: Mapping[str, str]) -> None:
        """Let it run with these settings, with what it holds; it may be running so already."""
        if alive(self.running.pid) and settings == self.settings:
            return
        stop(self.running)
        self.settings, port = settings, self.running.port
        self.running = start(LTS, self.home, port=port, password=PASSWORD, settings=settings)

    def empty(self) -> None:
        for each in ("()-[x]->()", "(x)"):
            some = f"MATCH {each} WITH x LIMIT 200 DELETE x RETURN count(*)"
            while self.run(some) != [[0]]:  # its memory may be little
                pass

    def run(self, cypher: str) -> list[Any]:
        with self.driver() as driver, driver.session() as session:
            return session.run(cypher).values()

    def driver(self) -> neo4j.Driver:
        return neo4j.GraphDatabase.driver(
            self.running.address, auth=("neo4j", PASSWORD), notifications_min_severity="OFF"
        )


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Own]:
    own = Own(tmp_path_factory.mktemp("faults") / "neo4j")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRAPHCRM_GRAPH_PASSWORD", PASSWORD)
        patch.setenv("GRAPHCRM_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield own
    kill(own.running)


@pytest.fixture
def own(one: Own) -> Own:
    """The server, empty and without particular settings."""
    one.with_settings(NO_SETTINGS)
    one.empty()
    return one


@pytest.fixture
def little(one: Own) -> Own:
    """The server, empty and with little memory for a transaction."""
    one.with_settings(LITTLE_MEMORY)
    one.empty()
    return one


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("book") / "files"
    write_sample(folder, customers=300, seed=3)
    for file in folder.glob("*.csv"):
        if file.stem not in ("agents", "persons", "products", "policies", "servings"):
            file.unlink()
    return folder


@dataclass(frozen=True)
class Ran:
    returncode: int
    stdout: str
    stderr: str


def cli(*arguments: object) -> Ran:
    """Run the command line in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


def begun(*arguments: object) -> subprocess.Popen[str]:
    """Begin to run the command line in a process of its own."""
    command = [sys.executable, "-m", "graphcrm_api.cli", *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def counts(url: str | Path) -> tuple[dict[str, int], dict[str, int], int, int]:
    with graphcrm.connect(url) as graph:
        status = graph.status()
    return status.nodes, status.edges, status.refused, status.pending


def test_an_interrupted_load_is_not_copied_before_it_is_completed(
    own: Own, book: Path, tmp_path: Path
) -> None:
    loading = begun("load", book, "--graph", own.url, "--as-of", "2026-06-30")
    with own.driver() as driver, driver.session() as session:
        for _ in range(2000):
            holding = session.begin_transaction()  # what it holds the load can't finish
            begun_file = "MATCH (f:_File {table_name: 'policies', done: false}) SET f.held = true"
            if holding.run(f"{begun_file} RETURN f.load").values():
                break
            holding.rollback()
            time.sleep(0.01)
        for child in _children(loading.pid):  # as Ctrl-C in a terminal, which all of them hear
            os.kill(child, signal.SIGINT)
        loading.communicate(timeout=120)
        holding.rollback()
    assert own.run("MATCH (f:_File {done: false}) RETURN f.table_name") == [["policies"]]
    with pytest.raises(graphcrm.StoreError, match="has an unfinished load"):
        copy_graph(own.url, str(tmp_path / "b.graph"))
    assert cli("load", "--resume", "--graph", own.url).returncode == 0
    assert copy_graph(own.url, str(tmp_path / "b.graph")).count > 300


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_two_loads_at_once_wait_for_one_another(own: Own, tmp_path: Path) -> None:
    for name, ids in (("one", range(3000)), ("two", range(2000, 5000))):
        (tmp_path / name).mkdir()
        rows = "".join(f"P{n},张{n}\n" for n in ids)
        (tmp_path / name / "persons.csv").write_text(f"id,name\n{rows}", encoding="utf-8")
    graphcrm.connect(own.url).store.close()
    both = [begun("load", tmp_path / name, "--graph", own.url) for name in ("one", "two")]
    said = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert own.run("MATCH (p:Person) RETURN count(p)") == [[5000]]
    assert own.run("MATCH (l:_Load {state: 'done'}) RETURN count(l)") == [[2]]


def test_a_load_waits_for_whoever_writes(own: Own, tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    graphcrm.connect(own.url).store.close()
    server = Server(Address.parse(own.url))
    with writing(server, "a load", lambda who: None):
        waiting = begun("load", tmp_path, "--graph", own.url)
        assert waiting.stderr is not None
        assert waiting.stderr.readline().startswith("waiting: a load by")
        assert waiting.poll() is None
    waiting.communicate(timeout=60)
    assert waiting.returncode == 0
    server.close()


def test_a_graph_moves_there_and_back(own: Own, book: Path, tmp_path: Path) -> None:
    file, back, other = (tmp_path / name for name in ("a.graph", "b.graph", "c.graph"))
    assert cli("load", book, "--graph", file, "--as-of", "2026-06-30").returncode == 0
    there = copy_graph(str(file), own.url)
    assert copy_graph(own.url, str(back)).parts == there.parts
    assert counts(file) == counts(own.url) == counts(back)
    assert copy_graph(str(file), own.url).parts == there.parts  # nothing is doubled
    (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    assert cli("load", tmp_path / "persons.csv", "--graph", other).returncode == 0
    with pytest.raises(graphcrm.StoreError, match="holds another graph"):
        copy_graph(str(other), own.url)
    with pytest.raises(graphcrm.UsageError, match="can't be copied into itself"):
        copy_graph(own.url, f"{own.url}/neo4j")
    told = cli("copy", "--from", file, "--to", back, "--lang", "zh")
    assert (told.returncode, "一致" in told.stdout) == (0, True)


def test_a_copy_that_was_killed_is_completed(own: Own, book: Path, tmp_path: Path) -> None:
    file = tmp_path / "a.graph"
    assert cli("load", book, "--graph", file, "--as-of", "2026-06-30").returncode == 0
    copying = begun("copy", "--from", file, "--to", own.url)
    for _ in range(2000):
        if own.run("MATCH ()-[r:HOLDS]->() RETURN r LIMIT 1"):
            break
        time.sleep(0.01)
    copying.kill()
    copying.communicate(timeout=60)
    assert str(file) in "".join(cli("status", "--graph", own.url).stderr.split())
    refused = cli("load", book, "--graph", own.url)
    assert refused.returncode == 1
    assert "holds only a part of a copy" in " ".join(refused.stderr.split())
    assert copy_graph(str(file), own.url).parts == copy_graph(str(file), own.url).parts
    assert counts(file) == counts(own.url)
    assert cli("status", "--graph", own.url).stderr == ""


def test_foreign_nodes_are_left_alone(own: Own, tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    own.run("CREATE (:Film {title: 'x'})-[:SHOWN_IN]->(:Cinema {name: 'y'})")
    assert cli("load", tmp_path, "--graph", own.url).returncode == 0
    assert own.run("MATCH (f:Film)-[r]->(c) RETURN properties(f), type(r), properties(c)") == [
        [{"title": "x"}, "SHOWN_IN", {"name": "y"}]
    ]
    own.run("MATCH (n) DETACH DELETE n")
    own.run("CREATE (:Person {name: 'foreign'})")
    refused = cli("load", tmp_path, "--graph", own.url)
    assert refused.returncode == 1
    assert "not GraphCRM's" in refused.stderr
    assert "database of its own" in " ".join(refused.stderr.split())
    assert own.run("MATCH (n) RETURN labels(n), properties(n)") == [
        [["Person"], {"name": "foreign"}]
    ]


def test_who_may_not_come_in(own: Own, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(graphcrm.StoreError, match=r"has no database 'other'"):
        graphcrm.connect(f"{own.url}/other")
    with monkeypatch.context() as patch:
        patch.setattr(connection, "OLDEST", (9999, 1))
        with pytest.raises(graphcrm.StoreError, match=r"is Neo4j/5\.26.*; Neo4j 9999\.1 is the"):
            graphcrm.connect(own.url)
    secret = tmp_path / "secret"
    secret.write_text(f"{PASSWORD}\nsecond line\n", encoding="utf-8")
    monkeypatch.delenv("GRAPHCRM_GRAPH_PASSWORD")
    with pytest.raises(graphcrm.StoreError, match="wants a password"):
        graphcrm.connect(own.url)
    asked = cli("status", "--graph", own.url)
    assert asked.returncode == 1
    assert "GRAPHCRM_GRAPH_PASSWORD" in asked.stderr
    monkeypatch.setenv("GRAPHCRM_GRAPH_PASSWORD_FILE", str(secret))
    graphcrm.connect(own.url).store.close()
    monkeypatch.setenv("GRAPHCRM_GRAPH_PASSWORD", "wrong")
    with pytest.raises(graphcrm.StoreError, match="user or password is wrong"):
        graphcrm.connect(own.url)


def test_nothing_that_is_shown_holds_the_password(own: Own, tmp_path: Path) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    assert cli("load", tmp_path, "--graph", own.url).returncode == 0
    assert PASSWORD not in cli("status", "--graph", own.url, "--json").stdout
    assert all(PASSWORD not in str(row) for row in own.run("MATCH (n) RETURN properties(n)"))
    with_password = own.url.replace("neo4j@", "neo4j:secret@")
    refused = cli("status", "--graph", with_password)
    assert refused.returncode == 2
    assert "secret" not in refused.stderr


def test_a_load_that_the_server_s_death_broke_off_is_completed(
    own: Own, book: Path, tmp_path: Path
) -> None:
    loading = begun("load", book, "--graph", own.url, "--as-of", "2026-06-30")
    unfinished = "MATCH (f:_File {table_name: 'policies', done: false}) RETURN f.load"
    for _ in range(2000):
        if own.run(unfinished):
            break
        time.sleep(0.01)
    kill(own.running)
    _, complaint = loading.communicate(timeout=120)
    assert loading.returncode == 1
    assert "Traceback" not in complaint
    assert "can't be reached" in complaint
    own.with_settings(LITTLE_MEMORY)  # as the tests after it need it
    status = cli("status", "--graph", own.url)
    assert "graphcrm load --resume" in status.stderr
    assert "policies.csv" in status.stderr
    said = cli("search", "P0000001", "--graph", own.url).stderr
    assert (said.count("policies.csv"), "UnfinishedWarning" in said) == (1, False)
    with graphcrm.connect(own.url) as graph:
        with pytest.warns(graphcrm.UnfinishedWarning, match=r"policies\.csv"):
            graph.search("P0000001")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            graph.search("P0000001")
    resumed = cli("load", "--resume", "--graph", own.url, "--json")
    assert resumed.returncode == 0, resumed.stderr
    assert "answers may lack" not in resumed.stderr
    assert (
        cli("load", book, "--graph", tmp_path / "a.graph", "--as-of", "2026-06-30").returncode == 0
    )
    assert counts(own.url) == counts(tmp_path / "a.graph")
    after = cli("status", "--graph", own.url)
    assert "--resume" not in after.stderr
    assert json.loads(cli("status", "--graph", own.url, "--json").stdout)["loads"][1]["repeated_by"]
    nothing = cli("load", "--resume", "--graph", own.url)
    assert nothing.returncode == 2
    assert "no load is unfinished" in nothing.stderr


def test_a_server_with_little_memory_gets_small_batches(little: Own, book: Path) -> None:
    loaded = cli("load", book, "--graph", little.url, "--as-of", "2026-06-30")
    assert loaded.returncode == 0, loaded.stderr
    assert counts(little.url)[0]["Person"] == 300
    rehearsed = cli("load", book, "--graph", little.url, "--dry-run", "--source", "other")
    assert rehearsed.returncode == 1
    assert "too little memory" in rehearsed.stderr
    assert counts(little.url)[0]["Person"] == 300


def test_a_server_that_can_only_be_read(little: Own, book: Path) -> None:
    assert cli("load", book, "--graph", little.url, "--as-of", "2026-06-30").returncode == 0
    little.with_settings(ONLY_READ)
    refused = cli("load", book, "--graph", little.url)
    assert refused.returncode == 1
    assert "can only be read here" in refused.stderr
    found = cli("orphans", "list", "--graph", little.url, "--json")
    assert found.returncode == 0, found.stderr
    assert cli("quality", "--graph", little.url, "--json").returncode == 0


def test_a_question_ends_with_the_server(one: Own) -> None:
    one.with_settings(one.settings)
    server = Server(Address.parse(one.url))
    failed: list[str] = []

    def ask() -> None:
        try:
            server.read("UNWIND range(1, 3000000000) AS x RETURN sum(x)")
        except graphcrm.StoreError as error:
            failed.append(str(error))

    asking = threading.Thread(target=ask)
    asking.start()
    time.sleep(1)
    kill(one.running)
    asking.join(timeout=30)
    assert len(failed) == 1
    assert "can't be reached" in failed[0]
    with pytest.raises(graphcrm.StoreError, match="can't be reached"):
        graphcrm.connect("bolt://127.0.0.1:9/neo4j")
    server.close()

"""The server that other tests rely on: it is real, private, and outlives a crash."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import neo4j
import pytest
from neo4j.exceptions import AuthError, TransientError

from tests.servers.neo4j import LTS, Server, ServerError, kill, running, start
from tests.servers.neo4j_child import alive


def ask(server: Server, query: str, **given: Any) -> list[list[Any]]:
    auth = (server.user, server.password)
    with (
        neo4j.GraphDatabase.driver(server.address, auth=auth) as driver,
        driver.session() as session,
    ):
        return [record.values() for record in session.run(query, given)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("neo4j")


@pytest.fixture(scope="module")
def server(home: Path) -> Iterator[Server]:
    with running(LTS, home, settings={"dbms.memory.transaction.total.max": "16m"}) as server:
        yield server


def test_a_server_answers_as_the_version_asked_for(server: Server) -> None:
    assert ask(server, "RETURN 1") == [[1]]
    versions = ask(server, "CALL dbms.components() YIELD name, versions RETURN name, versions")
    assert ["Neo4j Kernel", [LTS]] in versions


@pytest.mark.parametrize("password", ["", "neo4j", "graphcrm-tesT"])
def test_another_password_is_refused(server: Server, password: str) -> None:
    with pytest.raises(AuthError):
        ask(replace(server, password=password), "RETURN 1")


def test_a_setting_has_effect(server: Server) -> None:
    with pytest.raises(TransientError) as raised:
        ask(server, "UNWIND range(1, 10000000) AS n RETURN size(collect(n))")
    assert raised.value.code == "Neo.TransientError.General.MemoryPoolOutOfMemoryError"


def test_only_the_one_loopback_address_is_listened_to(server: Server) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", server.port), timeout=5)


def test_a_killed_server_comes_back_as_it_was_and_ends_with_the_process_it_is_kept_for(
    server: Server, home: Path
) -> None:
    ask(server, "CREATE (:Policy {id: $id})", id="P-1")
    kill(server)
    assert not alive(server.pid)
    keeper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    try:
        again = start(LTS, home, port=server.port, keep_for=keeper.pid)
        assert again.port == server.port
        assert ask(again, "MATCH (p:Policy) RETURN p.id") == [["P-1"]]
    finally:
        keeper.kill()
        keeper.wait()
    deadline = time.monotonic() + 30
    while alive(again.pid) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not alive(again.pid)
    assert "The server is closed." in (home / "server.log").read_text()


def test_an_unknown_setting_is_told(tmp_path: Path) -> None:
    with pytest.raises(ServerError, match=r"no\.such\.setting"):
        start(LTS, tmp_path, settings={"no.such.setting": "1"})

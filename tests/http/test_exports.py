"""Exports: never less than they seem, few at once, and none that nobody reads."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sqlite3
import time
from collections.abc import Callable, Generator, Iterator, MutableMapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow as pa
import pytest
import sqlalchemy as sa

from graphcrm.ledger import audit
from graphcrm.ledger.tables import KEY
from graphcrm.settings import Settings
from graphcrm.store.sqlite import paging
from graphcrm.store.sqlite.connection import open_graph
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.exporting import Export, exported
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.identity.subject import Subject
from tests.http.conftest import Service

ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
PATIENCE = 30.0
SMALL = 4_096
EACH, AT_ONCE = 4, 16


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[sqlite3.Connection]:
    """The readings of the graph that were begun."""
    found: list[sqlite3.Connection] = []

    def opening(path: Path) -> sqlite3.Connection:
        found.append(open_graph(path))
        return found[-1]

    monkeypatch.setattr(paging, "open_graph", opening)
    return found


def _is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.execute("SELECT 1").fetchall() == [(1,)]
    except sqlite3.ProgrammingError:
        return False


def _until(wanted: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not wanted():
        assert time.monotonic() < until
        time.sleep(0.02)


def _noted(service: Service, resource: str) -> list[dict[str, Any] | None]:
    """What the log keeps of the ends of exports, newest first; each has its beginning."""
    with service.backend.state.reading() as connection:
        assert audit.verify(connection).broken is None
        noted = [e for e in audit.page(connection, limit=500) if e.resource == resource]
    ends = [entry for entry in noted if entry.action == "export ended"]
    for end in ends:
        (begin,) = [e for e in noted if (e.action, e.request_id) == ("export", end.request_id)]
        assert (begin.who, begin.via) == (end.who, end.via)
        assert begin.seq < end.seq
    return [end.detail for end in ends]


def _caller(backend: Backend) -> Caller:
    return Caller(backend, Subject.at_the_machine("test"), "0" * 32, None, None, None)


@contextlib.contextmanager
def _asking(service: Service, key: str, path: str = "/v1/nodes/Policy") -> Iterator[socket.socket]:
    """A client that asks for a file and then reads only what it is told to."""
    parts = urlsplit(service.url)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL)
        client.settimeout(PATIENCE)
        client.connect((parts.hostname, parts.port))
        client.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {parts.netloc}\r\nAccept: text/csv\r\n"
            f"Authorization: Bearer {key}\r\n\r\n".encode()
        )
        yield client


def test_an_export_that_is_too_long_never_looks_whole(
    make_service: Callable[..., Service], tmp_path: Path
) -> None:
    own = make_service(export_limit=100)
    with own.client("analyst") as analyst:
        answer = analyst.get("/v1/customers", headers={"Accept": "text/csv"})
        assert (answer.status_code, "100 rows" in answer.text) == (422, True)
    backend = Backend(own.backend.address, Settings(graph=own.backend.address, export_limit=2))

    def batches() -> Generator[pa.RecordBatch]:
        yield pa.record_batch({"id": ["a", "b"]})
        yield pa.record_batch({"id": ["c"]})

    async def read() -> None:
        sent = exported(_caller(backend), Export("list", batches), "text/csv", "list").body_iterator
        assert b"a" in bytes(await anext(aiter(sent)))  # type: ignore[arg-type]
        with pytest.raises(Problem):  # in mid-stream: the connection is closed before the end
            await anext(aiter(sent))

    with contextlib.closing(backend):
        asyncio.run(read())


def test_who_goes_away_ends_the_reading(service: Service, opened: list[sqlite3.Connection]) -> None:
    async def leave(answer: Any) -> None:
        gone = asyncio.Event()

        async def receive() -> dict[str, Any]:
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: MutableMapping[str, Any]) -> None:
            if message.get("body"):
                gone.set()
                await asyncio.Event().wait()  # nobody takes the rest

        await answer({"type": "http"}, receive, send)

    def batches() -> Generator[pa.RecordBatch]:
        with service.backend.store() as store:
            found = store.scan("Person", batch_rows=2)
        yield from found

    for form in ("text/csv", ARROW, PARQUET):
        answer = exported(_caller(service.backend), Export("list", batches), form, "list")
        assert (_is_open(opened[-1]), service.backend.exports.taken) == (True, 1)
        asyncio.run(asyncio.wait_for(leave(answer), 10))
        assert (_is_open(opened[-1]), service.backend.exports.taken) == (False, 0)


def test_what_fails_before_its_first_row_takes_no_place(service: Service) -> None:
    with service.client("analyst") as analyst:
        for path in ("/v1/nodes/Policy?sort=premium", "/v1/orphans?agent=nobody"):
            answer = analyst.get(path, headers={"Accept": "text/csv"})
            assert answer.status_code in (404, 422), answer.text
    assert service.backend.exports.taken == 0


def test_few_exports_run_at_once_and_those_nobody_reads_are_ended(
    make_service: Callable[..., Service], opened: list[sqlite3.Connection]
) -> None:
    """Eighty clients that don't read, of many identities: most are refused, the others ended."""
    own = make_service(send_buffer=SMALL, stall_timeout=3.0)
    patient = own.key("analyst")
    with contextlib.ExitStack() as stack:
        greedy = own.key("analyst")
        clients = [stack.enter_context(_asking(own, greedy)) for _ in range(EACH + 1)]
        begun = [client.recv(12) for client in clients]
        assert sorted(begun) == [b"HTTP/1.1 200"] * EACH + [b"HTTP/1.1 429"]
        (refused,) = [c for c, said in zip(clients, begun, strict=True) if said.endswith(b"429")]
        told = refused.recv(65_536).decode().lower()
        assert "retry-after: 5" in told
        assert "content-type: application/problem+json" in told
        assert "/problems/too-many-exports" in told
        for _ in range(15):
            key = own.key("analyst")
            clients += [stack.enter_context(_asking(own, key)) for _ in range(5)]
        begun += [client.recv(12) for client in clients[EACH + 1 :]]
        assert len(begun) == 80
        assert begun.count(b"HTTP/1.1 200") == AT_ONCE
        assert begun.count(b"HTTP/1.1 429") == 80 - AT_ONCE
        assert own.backend.exports.taken == AT_ONCE
        assert sum(map(_is_open, opened)) <= AT_ONCE
        _until(lambda: own.backend.exports.taken == 0)
        assert not any(map(_is_open, opened))
        for client, said in zip(clients, begun, strict=True):
            if said.endswith(b"200"):
                with contextlib.suppress(ConnectionResetError):
                    while part := client.recv(65_536):
                        assert not part.endswith(b"\r\n0\r\n\r\n"), "it looks whole"
    with own.backend.state.reading() as connection:
        noted = audit.page(connection, limit=200)
    refusals = [entry for entry in noted if entry.outcome == "refused"]
    assert len(refusals) == 80 - AT_ONCE
    assert {entry.resource for entry in refusals} == {"Policy"}
    ends = _noted(own, "Policy")
    assert len(ends) == AT_ONCE
    assert not any(end and end["complete"] for end in ends)
    with _asking(own, patient) as client:  # who reads, however slowly, gets all of it
        read = b""
        while not read.endswith(b"\r\n0\r\n\r\n"):
            part = client.recv(65_536)
            assert part, "it was broken off"
            read += part
            time.sleep(0.001)
    assert read.startswith(b"HTTP/1.1 200")


CHANGES: dict[str, dict[str, Any]] = {
    "revoked": {"revoked_at": "2026-01-01T00:00:00.000000+00:00", "revoked_by": "test"},
    "expired": {"expires_on": "2026-01-01"},
    "of other branches": {"branches": '["elsewhere"]'},
    "of another role": {"roles": '["reader"]'},
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_that_opens_no_more_gets_no_further_row(
    make_service: Callable[..., Service], change: str
) -> None:
    own = make_service(send_buffer=SMALL)
    key = own.key("analyst")
    with own.client("analyst") as analyst:
        whole = analyst.get("/v1/nodes/Policy", headers={"Accept": "text/csv"}).text
    with _asking(own, key) as client:
        read = client.recv(12)
        assert own.backend.exports.taken == 1
        with own.backend.state.writing() as connection:
            mine = KEY.c.prefix == key.split("_")[1]
            connection.execute(sa.update(KEY).where(mine).values(**CHANGES[change]))
        with contextlib.suppress(ConnectionResetError):
            while part := client.recv(65_536):
                read += part
    assert read.startswith(b"HTTP/1.1 200")
    assert not read.endswith(b"\r\n0\r\n\r\n")
    assert 1_000 < read.count(b"\n") < whole.count("\n")
    _until(lambda: own.backend.exports.taken == 0)
    broken_off, complete = _noted(own, "Policy")
    assert complete == {"rows": whole.count("\n") - 1, "complete": True}
    assert broken_off is not None
    assert not broken_off["complete"]
    assert read.count(b"\n") <= broken_off["rows"] + 20 < whole.count("\n")

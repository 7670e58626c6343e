"""What a server adds: its types, passwords, and connections that break."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from graphcrm.errors import SourceError, UsageError

TYPES = """CREATE TABLE persons (
    id bigint, name varchar(20), birth_date timestamp, paid numeric(30, 12), fee money, mood mood,
    tags text[], keyed uuid, told jsonb, code char(6), raw bytea, seen timestamptz, host inet,
    span interval, weight float8, ok bool, clock time)"""
ROW = """INSERT INTO persons VALUES (1, '王丽', '1980-01-02', 123456789012345678.000000000001, 12.5,
    'calm', '{a,b}', '5b1c7d9e-0000-4000-8000-000000000000', '{"a": 1}', 'x1', '\\x41',
    '2026-01-01 10:00:00+08', '10.0.0.1', '2 days', 2.0, true, '10:30')"""

Server = Any


@pytest.fixture
def server(postgres: Path, on_server: Any) -> Server:
    """The server with a database `core` and a role that may read."""
    on_server("postgres", "CREATE DATABASE core ENCODING 'UTF8' TEMPLATE template0")
    yield lambda *statements: on_server("core", *statements)
    on_server("postgres", "DROP DATABASE core WITH (FORCE)")


def test_values_of_every_type_arrive_as_the_server_writes_them(
    server: Server, postgres: Path, book: Any
) -> None:
    server("CREATE TYPE mood AS ENUM ('calm', 'cross')", TYPES, ROW)
    book.load(f"postgresql://postgres@/core?host={postgres}")
    person = book.graph.store.node("Person", "core:1")
    assert person["birth_date"] == "1980-01-02"
    assert json.loads(person["extra"]) == {
        "paid": "123456789012345678.000000000001", "fee": "$12.50", "mood": "calm", "tags": "a;b",
        "keyed": "5b1c7d9e-0000-4000-8000-000000000000", "told": '{"a": 1}', "code": "x1",
        "raw": "\\x41", "seen": "2026-01-01 02:00:00Z", "host": "10.0.0.1/32", "span": "2 days",
        "weight": "2", "ok": "yes", "clock": "10:30:00",
    }  # fmt: skip


def test_mapped_values_have_the_form_that_the_column_needs(
    server: Server, postgres: Path, book: Any
) -> None:
    server(
        "CREATE TABLE t (no int, cust int, at timestamptz, way text, born timestamp, ok bool)",
        "INSERT INTO t VALUES (1, 7, '2026-01-01 10:00:00+08', 'in', '1980-01-02', true)",
    )
    mapping = """
database:
  - table: persons
    from: t
    columns: {id: cust, name: way, birth_date: born, marketing_consent: ok}
    ignore: [no, at]
  - table: contacts
    from: t
    columns:
      {id: no, customer_id: cust, contacted_at: at, direction: way, channel: {constant: phone}}
    ignore: [born, ok]
"""
    report = book.load(f"postgresql://postgres@/core?host={postgres}", mapping)
    assert [(file.table, file.refused) for file in report.files] == [
        ("persons", 0),
        ("contacts", 0),
    ]
    person = book.graph.store.node("Person", "core:7")
    assert (person["birth_date"], person["marketing_consent"]) == ("1980-01-02", "yes")
    assert book.graph.store.node("Contact", "core:1")["contacted_at"] == "2026-01-01T02:00:00"


def test_the_password_comes_from_the_environment_or_a_file_and_is_never_told(
    server: Server,
    postgres: Path,
    book: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    server(
        "CREATE TABLE persons (id int, name text)",
        "INSERT INTO persons VALUES (1, '王丽')",
        "CREATE ROLE reader LOGIN PASSWORD 'hush:hush@1'",
        "GRANT SELECT ON persons TO reader",
    )
    rules = postgres / "pg_hba.conf"
    open_to_all = rules.read_text()
    rules.write_text(f"local core reader scram-sha-256\n{open_to_all}")
    address = f"postgresql://reader@/core?host={postgres}"
    try:
        server("SELECT pg_reload_conf()")
        for wrong in (None, "guess:guess"):
            if wrong:
                monkeypatch.setenv("GRAPHCRM_SOURCE_PASSWORD", wrong)
            with pytest.raises(SourceError) as error:
                book.load(address)
            assert "reader" in str(error.value)
            assert "guess" not in str(error.value)
        monkeypatch.setenv("GRAPHCRM_SOURCE_PASSWORD", "hush:hush@1")
        assert book.load(address).files[0].new == 1
        assert "hush" not in book.graph.status().model_dump_json()
        monkeypatch.delenv("GRAPHCRM_SOURCE_PASSWORD")
        (tmp_path / "secret").write_text("hush:hush@1\n")
        monkeypatch.setenv("GRAPHCRM_SOURCE_PASSWORD_FILE", str(tmp_path / "secret"))
        assert book.load(address).files[0].same == 1
        monkeypatch.setenv("GRAPHCRM_SOURCE_PASSWORD_FILE", str(tmp_path / "nowhere"))
        with pytest.raises(UsageError, match="nowhere"):
            book.load(address)
    finally:
        rules.write_text(open_to_all)
        server("SELECT pg_reload_conf()", "DROP OWNED BY reader", "DROP ROLE reader")


def test_a_server_that_goes_away_in_the_middle_leaves_the_graph_as_it_was(
    server: Server, postgres: Path, book: Any
) -> None:
    server("CREATE TABLE agents (id int, name text, branch_id text, status text)")
    server("INSERT INTO agents VALUES (1, '张三', 'D1', 'active')")
    endless = (
        "SELECT n AS id, 'name' || n AS name, pg_sleep(0.0001) FROM generate_series(1, 1000000) n"
    )
    mapping = f"""
database:
  - {{table: agents, from: agents}}
  - table: persons
    query: {endless}
"""

    def end() -> None:
        busy = (
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE query LIKE '%pg_sleep%' AND pid <> pg_backend_pid()"
        )
        until = time.monotonic() + 30
        while not told and time.monotonic() < until:
            time.sleep(0.3)
            server(busy)

    told: list[str] = []
    ending = threading.Thread(target=end)
    ending.start()
    try:
        with pytest.raises(SourceError) as error:
            book.load(f"postgresql://postgres@/core?host={postgres}", mapping)
        told.append(str(error.value))
    finally:
        told.append("")
        ending.join()
    assert "postgresql://postgres@/core" in told[0]
    assert book.graph.status().nodes == {}


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+pg8000"])
def test_a_server_that_is_not_there(book: Any, driver: str) -> None:
    with pytest.raises(SourceError, match=r"127\.0\.0\.1"):
        book.load(f"{driver}://reader@127.0.0.1:1/core")

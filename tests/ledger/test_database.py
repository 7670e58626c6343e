"""Opening a ledger: making and migrating it, and what is said where that can't be."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

import graphcrm
from graphcrm.errors import NewerGraphError, PasswordNeededError, StoreError, UsageError
from graphcrm.ledger import Database, NoLedgerError, audit, decisions, ledger_url, schema, state_url
from graphcrm.ledger.address import Address
from graphcrm.ledger.tables import METADATA
from graphcrm.store.sqlite.connection import open_graph
from tests.ledger.beside import Place, ended_well, in_another_process
from tests.ledger.test_chains import decide, look


def engine(place: Place) -> sa.Engine:
    made = Address.parse(place.url).engine(None)
    if place.path is not None:
        sa.event.listen(made, "begin", lambda c: c.exec_driver_sql("BEGIN"))
    return made


def test_the_steps_make_the_tables_as_they_are_declared(ledger: Database, place: Place) -> None:
    with engine(place).connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"version_table": schema.VERSION_TABLE, "compare_type": True}
        )
        assert compare_metadata(context, METADATA) == []
        assert schema.version(connection) == schema.HEAD
        tables = {*METADATA.tables, schema.VERSION_TABLE}
        assert set(sa.inspect(connection).get_table_names()) == tables


def test_an_older_ledger_is_migrated_once_and_keeps_its_entries(place: Place) -> None:
    with engine(place).begin() as connection:
        schema.upgrade(connection, "0001")
        look(connection)
        seal = decide(connection, "d1").hash
        assert schema.version(connection) == "0001"

    def break_off() -> None:
        with engine(place).begin() as connection:
            schema.upgrade(connection)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    with engine(place).connect() as connection:
        assert schema.version(connection) == "0001"
        assert not sa.inspect(connection).has_table("ledger_job")
    opening = [in_another_process(lambda: Database(place.url).close()) for _ in range(3)]
    assert ended_well(*opening)
    with closing(Database(place.url, must_exist=True)) as ledger, ledger.reading() as connection:
        assert schema.version(connection) == schema.HEAD
        assert decisions.verify(connection, seal).whole
        assert [entry.who for entry in audit.page(connection, limit=9)] == ["anna"]


def test_a_newer_ledger_and_none_at_all(place: Place) -> None:
    with pytest.raises(NoLedgerError, match="nothing was recorded here yet"):
        Database(place.url, must_exist=True)
    assert place.path is None or not place.path.exists()
    Database(place.url).close()
    place.run("UPDATE ledger_version SET version_num = '0977'")
    with pytest.raises(NewerGraphError, match="newer GraphCRM \\(schema 0977; this one knows"):
        Database(place.url)


def test_who_writes_is_waited_for_no_longer_than_the_patience(place: Place) -> None:
    with (
        closing(Database(place.url, patience=0.2)) as one,
        closing(Database(place.url, patience=0.2)) as other,
    ):
        with one.writing() as connection:
            look(connection)
            began = time.monotonic()
            with pytest.raises(StoreError, match="is being written by another process; try again"):
                _look(other)
            assert 0.15 < time.monotonic() - began < 5
            with other.reading() as reader:
                assert audit.page(reader, limit=9) == []
        with one.reading() as reader:  # sees the database as at its first question
            assert len(audit.page(reader, limit=9)) == 1
            _look(other)
            assert len(audit.page(reader, limit=9)) == 1
        with one.writing(durable=False) as connection:
            assert look(connection) == 3
        with pytest.raises(StoreError):
            _write_while_reading(one)


def _look(database: Database) -> None:
    with database.writing() as connection:
        look(connection)


def _write_while_reading(database: Database) -> None:
    with database.reading() as connection:
        if connection.dialect.name == "sqlite":
            raise StoreError("SQLite lets a reader become a writer")
        look(connection)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("oracle://scott@h/db", "h/db: write sqlite:///path or postgresql://"),
        ("postgresql://u@h", "write sqlite:///path or postgresql://"),
        ("insurer.graph", "write sqlite:///path or postgresql://"),
        ("postgresql://u:hush@h/db", "postgresql://u@h/db: a password does not belong"),
        ("postgresql://u@h/db?password=hush", "a password does not belong"),
        ("postgresql://u@h/db?sslmode=maybe", "sslmode is one of"),
    ],
)
def test_addresses_that_are_none(url: str, words: str) -> None:
    with pytest.raises(UsageError) as error:
        Database(url)
    assert words in str(error.value)
    assert "hush" not in str(error.value)


def test_where_the_state_of_a_graph_lies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GRAPHCRM_STATE", raising=False)
    assert state_url("a b.graph") == "sqlite:///a b.graph.service"
    assert state_url("sqlite:////x/a.graph") == "sqlite:////x/a.graph.service"
    assert ledger_url("/x/a.graph") == "sqlite:////x/a.graph"
    with pytest.raises(UsageError, match="GRAPHCRM_STATE"):
        state_url("bolt://h")
    monkeypatch.setenv("GRAPHCRM_STATE", "postgresql://u@h/db")
    assert state_url("bolt://h") == ledger_url("neo4j+s://h") == "postgresql://u@h/db"


def test_servers_that_cannot_be_had(
    socket: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = Place(f"postgresql://postgres@/postgres?unix_sock={socket}")
    at = f"?unix_sock={socket}"
    with pytest.raises(StoreError, match="/nowhere: the server has no database nowhere"):
        Database(f"postgresql://postgres@/nowhere{at}")
    with pytest.raises(StoreError, match="x: the server can't be reached"):
        Database(f"postgresql://postgres@/x?unix_sock={tmp_path}/no.sock")
    with pytest.raises(StoreError, match="x: the server can't be reached"):
        Database("postgresql://postgres@127.0.0.1:9/x")
    server.run("CREATE DATABASE old ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0")
    with pytest.raises(StoreError, match="keeps text as LATIN1; it must be UTF8"):
        Database(f"postgresql://postgres@/old{at}")
    server.run("CREATE ROLE keyed LOGIN PASSWORD 'hush:hush@1'", "CREATE DATABASE kept")
    rules = socket.parent / "pg_hba.conf"
    rules.write_text(f"local all keyed scram-sha-256\n{rules.read_text()}")
    server.run("SELECT pg_reload_conf()")
    url = f"postgresql://keyed@/kept{at}"
    with pytest.raises(PasswordNeededError, match="GRAPHCRM_STATE_PASSWORD_FILE"):
        Database(url)
    monkeypatch.setenv("GRAPHCRM_STATE_PASSWORD", "guess:guess")
    with pytest.raises(StoreError, match="user or password is wrong") as error:
        Database(url)
    assert "guess" not in "".join(traceback.format_exception(error.value))
    monkeypatch.delenv("GRAPHCRM_STATE_PASSWORD")
    (tmp_path / "secret").write_text("hush:hush@1\n")
    monkeypatch.setenv("GRAPHCRM_STATE_PASSWORD_FILE", str(tmp_path / "secret"))
    with pytest.raises(StoreError, match="the user keyed may not do this") as error:
        Database(url)
    assert "hush" not in "".join(traceback.format_exception(error.value))
    server.run("ALTER DATABASE kept OWNER TO keyed")
    with closing(Database(url)) as database:
        _look(database)
        server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'keyed'")
        _look(database)  # a connection that broke while nobody used it is made anew
        with database.reading() as connection:
            assert audit.verify(connection).entries == 2
    server.run("DROP DATABASE kept WITH (FORCE)", "DROP DATABASE old", "DROP ROLE keyed")


@pytest.fixture
def protect() -> Iterator[Callable[[Path], None]]:
    """Protect files and folders against writing, also by root; all can be written at the end."""
    done: list[Path] = []

    def protecting(path: Path) -> None:
        done.append(path)
        path.chmod(path.stat().st_mode & ~0o222)
        if os.access(path, os.W_OK) and shutil.which("chattr"):  # root minds no mode
            subprocess.run(["chattr", "+i", path], check=False, capture_output=True)
        if os.access(path, os.W_OK):
            pytest.skip("nothing can be protected against this user here")

    yield protecting
    for path in done:
        if shutil.which("chattr"):
            subprocess.run(["chattr", "-i", path], check=False, capture_output=True)
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_a_protected_ledger_is_read(tmp_path: Path, protect: Callable[[Path], None]) -> None:
    (tmp_path / "medium").mkdir()
    path, older = tmp_path / "medium" / "a.service", Place(f"sqlite:///{tmp_path}/medium/b.service")
    with closing(Database(f"sqlite:///{path}")) as database:
        _look(database)
    with engine(older).begin() as connection:
        schema.upgrade(connection, "0001")
    assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0
    for part in (path, tmp_path / "medium" / "b.service", tmp_path / "medium"):
        protect(part)
    with closing(Database(f"sqlite:///{path}")) as database:
        with database.reading() as connection:
            assert audit.verify(connection).entries == 1
        with pytest.raises(StoreError, match="can only be read here"):
            _look(database)
    with pytest.raises(StoreError, match="open it once where it can be written"):
        Database(older.url)
    with pytest.raises(StoreError, match="its folder can't be written"):
        Database(f"sqlite:///{tmp_path}/medium/c.service")


def test_files_that_are_no_ledger(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no database, but a text of some length\n" * 99)
    with pytest.raises(StoreError, match=r"notes\.txt: is not a database of SQLite"):
        Database(f"sqlite:///{tmp_path}/notes.txt")
    with pytest.raises(StoreError, match=r"the folder .*nowhere does not exist"):
        Database(f"sqlite:///{tmp_path}/nowhere/a.service")


def test_in_a_graphs_own_file_it_disturbs_nothing(
    graph_of: Callable[..., graphcrm.Graph], tmp_path: Path
) -> None:
    graph = graph_of({"persons": "id,name\nP1,王丽"})
    path = Path(graph.url.removeprefix("sqlite:///"))
    with closing(Database(graph.url, connect=lambda: open_graph(path))) as ledger:
        with ledger.writing() as connection:
            seal = decide(connection, "d1").hash
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("UPDATE person SET name = '王莉' WHERE id = 'P1'")
        assert graph.node("P1")["name"] == "王莉"
        with pytest.raises(ZeroDivisionError):
            _decide_and_fail(ledger)
        assert graph.node("P1")["name"] == "王莉"
        graph_of({"persons": "id,name\nP1,王丽\nP2,李四"}, into=graph)
        assert graph.status().nodes == {"Person": 2}
        assert graph.snapshot().exists()
        graph.backup(tmp_path / "copy.graph")
    copy = tmp_path / "copy.graph"
    with graphcrm.connect(copy) as copied:
        assert copied.status().nodes == {"Person": 2}
    with (
        closing(Database(f"sqlite:///{copy}", connect=lambda: open_graph(copy))) as ledger,
        ledger.reading() as connection,
    ):
        assert decisions.verify(connection, seal).whole
        assert decisions.last(connection) == 1


def _decide_and_fail(ledger: Database) -> None:
    with ledger.writing() as connection:
        decide(connection, "d2")
        raw = connection.connection.driver_connection
        assert raw is not None
        raw.execute("UPDATE person SET name = 'x'")
        raise ZeroDivisionError


def test_a_backup_of_a_graph_takes_the_state_beside_it(tmp_path: Path) -> None:
    graph, copy = tmp_path / "a.graph", tmp_path / "copy.graph"
    with graphcrm.connect(graph) as opened:
        opened.backup(tmp_path / "none.graph")
        assert not (tmp_path / "none.graph.service").exists()
        state = Database(state_url(str(graph)))
        with state.writing() as connection:
            audit.append(connection, who="a", via="b", action="c", resource="d", outcome="done")
        opened.backup(copy)
    kept = Database(state_url(str(copy)), must_exist=True)
    with kept.reading() as connection:
        assert [entry.who for entry in audit.page(connection, limit=9)] == ["a"]
    kept.close()
    state.close()
    mode = {path.stat().st_mode for path in tmp_path.glob("*.service")}
    assert len(mode) == 1

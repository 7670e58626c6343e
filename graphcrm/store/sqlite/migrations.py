"""Making graph files, and bringing older ones to the present schema."""

import re
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from graphcrm.errors import NewerGraphError, StoreError
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import origins, quoted
from graphcrm.store.lock import may_write, writing
from graphcrm.store.sqlite.connection import let_read_while_written
from graphcrm.store.sqlite.schema import SCHEMA_VERSION, all_tables

_FORMAT = "graphcrm"
_ENTRIES = {
    "schema": r"[1-9]\d{0,8}",
    "change": r"\d{1,18}",
    "state": r"[0-9A-Fa-f]+",
    "identity_key": r"([0-9A-Fa-f]{2})+",
}
"""What a graph file says about itself, and the form of each; nothing can be done without them."""

MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {
    1: lambda connection: _add_column(connection, "load", "request TEXT"),
    2: lambda connection: _add_entry(connection, "facts", ""),
}
"""From which version → what brings a file to the next one, inside one transaction."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make an empty file a graph, or migrate an older graph after a backup beside it.

    Raises NewerGraphError for a graph of a newer schema, StoreError for another kind of database.
    """
    version = _version(connection, path)
    if version is None:
        let_read_while_written(connection)
        with _transaction(connection):
            version = _version(connection, path)  # another process may have made it a moment ago
            if version is None:
                _create(connection)
                return
    if version > SCHEMA_VERSION:
        raise NewerGraphError(
            f"{path}: was written by a newer GraphCRM (schema {version}; this one knows "
            f"{SCHEMA_VERSION}). Install the newer version to open it."
        )
    if version < SCHEMA_VERSION or _lacks(connection):
        if not may_write(path.absolute()):
            raise StoreError(
                f"{path}: must first be brought to this version of GraphCRM, but can only be read "
                "here; open it once where it can be written"
            )
        with writing(path, "an upgrade", lambda who: None):
            _migrate(connection, path)


@contextmanager
def _transaction(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection, path: Path) -> int | None:
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "meta" not in tables:
            raise StoreError(f"{path}: is a SQLite database, but not a graph of GraphCRM")
        meta = dict(connection.execute("SELECT * FROM meta").fetchall())
        if meta.get("format") != _FORMAT:
            raise StoreError(f"{path}: is a SQLite database, but not a graph of GraphCRM")
    except (sqlite3.DatabaseError, ValueError) as error:
        raise StoreError(f"{path}: is not a graph of GraphCRM ({error})") from error
    for name, form in _ENTRIES.items():
        value = meta.get(name)
        if not isinstance(value, str) or not re.fullmatch(form, value):
            raise StoreError(
                f"{path}: is damaged: its entry {name!r} is missing or wrong. "
                "Use a backup, or load the files anew into another graph."
            )
    return int(meta["schema"])


def _create(connection: sqlite3.Connection) -> None:
    for statement in all_tables():
        connection.execute(statement)
    meta = {
        "format": _FORMAT,
        "schema": str(SCHEMA_VERSION),
        "change": "0",
        "state": secrets.token_hex(16),
        "facts": secrets.token_hex(16),
        "identity_key": secrets.token_hex(32),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
    _add_origins(connection)


def _types() -> list[NodeType | EdgeType]:
    return [*VOCABULARY.nodes.values(), *VOCABULARY.edges.values()]


def _missing_columns(connection: sqlite3.Connection, type_: NodeType | EdgeType) -> list[str]:
    present = {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(type_.table)})")}
    return [f"{quoted(p.name)} {p.kind.sqlite}" for p in type_.properties if p.name not in present]


def _lacks(connection: sqlite3.Connection) -> bool:
    """Whether the vocabulary has grown since the file was last opened."""
    known = {row[0] for row in connection.execute("SELECT name FROM origin")}
    return not set(origins()) <= known or any(
        _missing_columns(connection, type_) for type_ in _types()
    )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection, path)  # while this one waited, another may have done it
    assert version is not None
    if version < SCHEMA_VERSION:
        _back_up(connection, path.with_name(f"{path.name}.before-{SCHEMA_VERSION}.backup"))
    with _transaction(connection):
        for step in range(version, SCHEMA_VERSION):
            MIGRATIONS[step](connection)
        connection.execute(
            "UPDATE meta SET value = hex(randomblob(16)) WHERE name IN ('state', 'facts')"
        )
        for statement in all_tables():
            connection.execute(statement)
        for type_ in _types():
            for column in _missing_columns(connection, type_):
                connection.execute(f"ALTER TABLE {quoted(type_.table)} ADD COLUMN {column}")
        _add_origins(connection)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (SCHEMA_VERSION,))


def _back_up(connection: sqlite3.Connection, target: Path) -> None:
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    copy = sqlite3.connect(part)
    try:
        connection.backup(copy)
    finally:
        copy.close()
    part.replace(target)


def _add_origins(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO origin (name) VALUES (?)", [(name,) for name in origins()]
    )


def _add_entry(connection: sqlite3.Connection, name: str, value: str) -> None:
    connection.execute("INSERT OR IGNORE INTO meta (name, value) VALUES (?, ?)", (name, value))


def _add_column(connection: sqlite3.Connection, table: str, column: str) -> None:
    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column}")

"""Making graph files, and bringing older ones to the present schema."""

import secrets
import shutil
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from graphcrm.errors import NewerGraphError, StoreError
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.sqlite.schema import SCHEMA_VERSION, all_tables, origins, quoted

_FORMAT = "graphcrm"

MIGRATIONS: dict[int, Callable[[sqlite3.Connection], None]] = {}
"""From which version → what brings a file to the next one, inside one transaction."""


def prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Make an empty file a graph, or migrate an older graph after a backup beside it.

    Raises NewerGraphError for a graph of a newer schema, StoreError for another kind of database.
    """
    version = _version(connection, path)
    if version is None:
        _create(connection)
        return
    if version > SCHEMA_VERSION:
        raise NewerGraphError(
            f"{path}: was written by a newer GraphCRM (schema {version}; this one knows "
            f"{SCHEMA_VERSION}). Install the newer version to open it."
        )
    if version < SCHEMA_VERSION or _lacks(connection):
        _migrate(connection, path, version)


def _version(connection: sqlite3.Connection, path: Path) -> int | None:
    try:
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        if not tables:
            return None
        if "meta" not in tables:
            raise StoreError(f"{path}: is a SQLite database, but not a graph of GraphCRM")
        meta = dict(connection.execute("SELECT name, value FROM meta"))
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: is not a graph of GraphCRM ({error})") from error
    if meta.get("format") != _FORMAT:
        raise StoreError(f"{path}: is a SQLite database, but not a graph of GraphCRM")
    return int(meta["schema"])


def _create(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
        connection.execute("ROLLBACK")  # another process made it a moment ago
        return
    for statement in all_tables():
        connection.execute(statement)
    meta = {
        "format": _FORMAT,
        "schema": str(SCHEMA_VERSION),
        "change": "0",
        "identity_key": secrets.token_hex(32),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    connection.executemany("INSERT INTO meta (name, value) VALUES (?, ?)", meta.items())
    _add_origins(connection)
    connection.execute("COMMIT")


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


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.name}.before-{SCHEMA_VERSION}.backup")
    if version < SCHEMA_VERSION:
        copy = sqlite3.connect(f"{backup}.part")
        with copy:
            connection.backup(copy)
        copy.close()
        shutil.move(f"{backup}.part", backup)
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version, SCHEMA_VERSION):
            MIGRATIONS[step](connection)
        for statement in all_tables():
            connection.execute(statement)
        for type_ in _types():
            for column in _missing_columns(connection, type_):
                connection.execute(f"ALTER TABLE {quoted(type_.table)} ADD COLUMN {column}")
        _add_origins(connection)
        connection.execute("UPDATE meta SET value = ? WHERE name = 'schema'", (SCHEMA_VERSION,))
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _add_origins(connection: sqlite3.Connection) -> None:
    connection.executemany(
        "INSERT OR IGNORE INTO origin (name) VALUES (?)", [(name,) for name in origins()]
    )

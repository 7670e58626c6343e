"""Opening a graph file with Python's own SQLite, for small and frequent work."""

import sqlite3
import time
from pathlib import Path

from graphcrm.errors import StoreError
from graphcrm.store.lock import may_write

_STATEMENTS = 1024
"""A neighbourhood alone has some 200 statements; preparing one takes longer than running it."""

_PATIENCE = 60.0
_PAUSE = 0.02

MAPPED_BYTES = 1 << 40
"""Pages are read where the operating system holds them, which saves a copy of each."""

_opened: set[Path] = set()
_bulk: set[Path] = set()


def open_graph(path: Path) -> sqlite3.Connection:
    """A connection to the graph file, made if it isn't there.

    One that is protected against writing can be read. The file itself is not touched yet. Raises
    StoreError where it can't be opened, or where this process uses bulk access.
    """
    path = path.resolve()
    if path in _bulk:
        raise StoreError(f"{path}: this process already uses bulk access to the graph")
    try:
        connection = sqlite3.connect(
            address(path),
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -65536")
        connection.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")
    except sqlite3.Error as error:
        raise StoreError(f"{path}: can't be opened as a graph ({error})") from error
    _opened.add(path)
    return connection


def address(path: Path) -> str:
    """The graph file as SQLite's URI.

    Where the file or its folder can't be written, SQLite could not make the log that a graph has
    beside it while it is open, and must be told that nothing will change. That is not so where a
    log is there: somebody else writes, and their log can be read.
    """
    path = path.resolve()
    log = Path(f"{path}-wal")
    protected = path.exists() and not may_write(path)
    if protected and not (log.exists() and log.stat().st_size):
        return f"{path.as_uri()}?immutable=1"
    return path.as_uri()


def let_read_while_written(connection: sqlite3.Connection) -> None:
    """Turn write-ahead logging on, which is a property of the file.

    The change needs the file alone and, unlike others, does not wait for it by itself.
    """
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        time.sleep(_PAUSE)


def reserve_for_bulk(path: Path) -> None:
    """Note that this process uses bulk access to the file; StoreError if it opened it otherwise."""
    path = path.resolve()
    if path in _opened:
        raise StoreError(f"{path}: bulk access needs a process of its own")
    _bulk.add(path)

"""One file's transaction: what every part of writing it needs to know."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import adbc_driver_manager
import duckdb

from graphcrm.duck import number
from graphcrm.store.sqlite.bulk import BulkConnection
from graphcrm.store.sqlite.keys import KeyMap

SKIPPED = "skipped"
"""DuckDB table (n, id, key, source) of the rows that the graph holds in the very same form."""

_REAL = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
_REHEARSED = ("SAVEPOINT file", "RELEASE file", "ROLLBACK TO file")


@dataclass
class Transaction:
    """The writing of one file into a graph file; all of it or nothing.

    `complete` says that the file is the whole of its sources, so that what is missing is closed.
    `scope` lists the codes of the file's sources (0 = none), as SQL.
    """

    bulk: BulkConnection
    keys: KeyMap
    load: int
    file: int
    as_of: dt.date
    source: str | None
    complete: bool
    confirmed: bool
    sources: dict[str, int] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    scope: str = "0"
    tally: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def work(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection in which the file was staged."""
        return self.bulk.work

    def one(self, sql: str) -> int:
        """The single number that a DuckDB query returns (0 for NULL)."""
        return number(self.work, sql)

    def count(self, kind: str, name: str, change: int) -> None:
        """Note a change in the number of open nodes or edges of a name."""
        self.tally[kind, name] += change

    def source_code(self, expression: str) -> str:
        """SQL for the code of a source's name."""
        if not self.sources:
            return "NULL::BIGINT"
        cases = " ".join(
            f"WHEN '{name.replace(chr(39), chr(39) * 2)}' THEN {code}"
            for name, code in sorted(self.sources.items())
        )
        return f"(CASE {expression} {cases} END)::BIGINT"

    def use_sources(self, rows: str) -> None:
        """Register the sources that the rows name, and take them as the scope of the file."""
        named = f"SELECT source FROM {rows} UNION SELECT source FROM {SKIPPED}"
        names = [row[0] for row in self.work.execute(named).fetchall()]
        for name in sorted(name for name in names if name is not None):
            self.bulk.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", name)
        known = {
            name: int(code) for name, code in self.bulk.rows("SELECT name, source FROM source")
        }
        self.sources = known
        codes = {0 if name is None else known[name] for name in names}
        self.scope = ", ".join(str(code) for code in sorted(codes)) or "-1"

    def write_tally(self) -> None:
        """Add the noted changes to the counts that `status` shows."""
        for (kind, name), change in sorted(self.tally.items()):
            self.bulk.execute(
                "INSERT INTO tally (kind, name, n) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n",
                kind,
                name,
                change,
            )


@contextmanager
def immediate(bulk: BulkConnection) -> Iterator[None]:
    """A write transaction of the graph file, which counts as one change of the graph.

    In a rehearsal it is a part of the transaction that will be rolled back.
    """
    begin, end, undo = _REHEARSED if bulk.rehearses else _REAL
    bulk.execute(begin)
    try:
        yield
        bulk.execute("UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'change'")
        bulk.execute("UPDATE meta SET value = hex(randomblob(16)) WHERE name = 'state'")
        bulk.execute(end)
    except BaseException:
        with suppress(adbc_driver_manager.Error):  # a full disk makes SQLite roll back by itself
            bulk.execute(undo)
        raise


@contextmanager
def rehearsing(bulk: BulkConnection) -> Iterator[None]:
    """All that is written meanwhile is seen only by this connection, and gone at the end."""
    bulk.execute("BEGIN IMMEDIATE")
    bulk.rehearses = True
    try:
        yield
    finally:
        bulk.rehearses = False
        with suppress(adbc_driver_manager.Error):
            bulk.execute("ROLLBACK")

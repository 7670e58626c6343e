"""The record of loads, files, sources and watermarks in a graph file."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import adbc_driver_manager
import duckdb

from graphcrm.store.contract import LoadPlan, LoadReport, Say
from graphcrm.store.lock import writing
from graphcrm.store.sqlite.bulk import BulkConnection
from graphcrm.store.sqlite.records import add_records, fetch_records
from graphcrm.store.writing.keeper import Keeper
from graphcrm.store.writing.keys import KeyMap

_REAL = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
_REHEARSED = ("SAVEPOINT file", "RELEASE file", "ROLLBACK TO file")


class Recording(Keeper):
    """The part of a keeper that records what is written."""

    errors = (adbc_driver_manager.Error,)
    left_behind = "nothing of it was kept"

    def __init__(self, path: Path, work: duckdb.DuckDBPyConnection, say: Say) -> None:
        """Prepare to keep; the file must exist."""
        self.path, self.work, self._say = path, work, say
        self.keys = KeyMap(self)
        self._begin, self._end, self._undo = _REAL
        self._tally: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def open(self, plan: LoadPlan, what: str = "a load") -> Iterator[None]:
        """Hold the write lock; a rehearsal is one transaction that is rolled back."""
        wait = writing(self.path, what, lambda who: self._say(f"waiting for {who}"))
        with wait, BulkConnection(self.path, self.work) as self.bulk:
            if not plan.rehearsal:
                yield
                return
            self.bulk.execute("BEGIN IMMEDIATE")
            self._begin, self._end, self._undo = _REHEARSED
            try:
                yield
            finally:
                with suppress(adbc_driver_manager.Error):
                    self.bulk.execute("ROLLBACK")

    @contextmanager
    def transaction(self, *, facts: bool = True) -> Iterator[None]:
        """A write transaction of the graph file, which counts as one change of the graph."""
        self._tally.clear()
        self.bulk.execute(self._begin)
        try:
            yield
            self._write_tally()
            self.bulk.execute(
                "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE name = 'change'"
            )
            for mark in ("state", "facts") if facts else ("state",):
                self.bulk.execute(
                    "UPDATE meta SET value = hex(randomblob(16)) WHERE name = ?", mark
                )
            self.bulk.execute(self._end)
        except BaseException:
            with suppress(adbc_driver_manager.Error):  # a full disk makes SQLite roll back itself
                self.bulk.execute(self._undo)
            raise

    def begin_load(self, plan: LoadPlan, started_at: str) -> int:
        """Record a load as running, and those that died as interrupted."""
        # a load that was killed left its record open; this one holds the lock, so it is dead
        self.bulk.execute("UPDATE load SET state = 'interrupted' WHERE state = 'running'")
        self.bulk.execute(
            "INSERT INTO load (state, started_at, as_of, source, complete, by, request) "
            "VALUES ('running', ?, ?, ?, ?, ?, ?)",
            started_at,
            plan.as_of.isoformat(),
            plan.source,
            int(plan.complete),
            plan.by,
            plan.request,
        )
        return self._number("SELECT max(load) FROM load")

    def end_load(self, load: int, state: str, report: LoadReport, finished_at: str) -> None:
        """Record how a load ended."""
        self.bulk.execute(
            "UPDATE load SET state = ?, finished_at = ?, report = ? WHERE load = ?",
            state,
            finished_at,
            report.model_dump_json(),
            load,
        )

    def begin_file(self, load: int, path: str, table: str) -> int:
        """Record that a file is written."""
        self.bulk.execute(
            "INSERT INTO file (load, path, table_name) VALUES (?, ?, ?)", load, path, table
        )
        return self._number("SELECT max(file) FROM file")

    def end_file(self, file: int, report_json: str) -> None:
        """Record what became of a file."""
        self.bulk.execute("UPDATE file SET report = ? WHERE file = ?", report_json, file)

    def tidy(self) -> None:
        """Refresh the planner's statistics."""
        self.bulk.execute("PRAGMA analysis_limit = 1000")
        self.bulk.execute("ANALYZE")
        self.bulk.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made."""
        value = self.bulk.rows("SELECT value FROM meta WHERE name = 'identity_key'")[0][0]
        return bytes.fromhex(value)

    def origins(self) -> dict[str, int]:
        """The code of each column that makes edges."""
        return {name: int(o) for name, o in self.bulk.rows("SELECT name, origin FROM origin")}

    def sources(self, names: Iterable[str]) -> dict[str, int]:
        """The code of each source, after the named ones were added."""
        for name in names:
            self.bulk.execute("INSERT OR IGNORE INTO source (name) VALUES (?)", name)
        return {name: int(code) for name, code in self.bulk.rows("SELECT name, source FROM source")}

    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads."""
        rows = self.bulk.rows("SELECT value FROM watermark WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def keep_watermark(self, name: str, value: str, load: int) -> None:
        """Remember how far a source was read."""
        self.bulk.execute(
            "INSERT OR REPLACE INTO watermark (name, value, load) VALUES (?, ?, ?)",
            name,
            value,
            load,
        )

    @contextmanager
    def steady(self) -> Iterator[None]:
        """Read in one transaction."""
        self.bulk.execute("BEGIN")
        try:
            yield
        finally:
            self.bulk.execute("ROLLBACK")

    def adopt(self, identity_key: bytes) -> None:
        """Take over another graph's secret."""
        self.bulk.execute(
            "UPDATE meta SET value = ? WHERE name = 'identity_key'", identity_key.hex()
        )

    def copy_of(self) -> str | None:
        """The graph of which this one holds a part."""
        rows = self.bulk.rows("SELECT value FROM meta WHERE name = 'copy_of'")
        return str(rows[0][0]) if rows else None

    def note_copy(self, of: str | None) -> None:
        """Note that a copy begins, or is through."""
        self.bulk.execute("DELETE FROM meta WHERE name = 'copy_of'")
        if of is not None:
            self.bulk.execute("INSERT INTO meta (name, value) VALUES ('copy_of', ?)", of)

    def fetch_records(self, name: str, into: str) -> None:
        """A kind of records."""
        fetch_records(self.bulk, name, into)

    def add_records(self, name: str, rows: str) -> None:
        """Add records of a kind."""
        add_records(self.bulk, name, rows)

    def count(self, kind: str, name: str, change: int) -> None:
        """Note a change in the number of open nodes or edges of a name, which `status` shows."""
        self._tally[kind, name] += change

    def _write_tally(self) -> None:
        for (kind, name), change in sorted(self._tally.items()):
            self.bulk.execute(
                "INSERT INTO tally (kind, name, n) VALUES (?, ?, ?) "
                "ON CONFLICT (kind, name) DO UPDATE SET n = n + excluded.n",
                kind,
                name,
                change,
            )

    def _counted(self, kind: str, name: str) -> int:
        sql = "SELECT n FROM tally WHERE kind = ? AND name = ?"
        rows = self.bulk.rows(sql, kind, name)
        return int(rows[0][0]) if rows else 0

    def _number(self, sql: str) -> int:
        return int(self.bulk.rows(sql)[0][0] or 0)

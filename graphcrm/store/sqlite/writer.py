"""Writing a load into a graph file."""

import json
import time
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType

import adbc_driver_manager
import duckdb
import pyarrow as pa

from graphcrm.duck import number
from graphcrm.errors import GraphCRMError, StoreError
from graphcrm.model import VOCABULARY, Table
from graphcrm.store.contract import FileReport, LoadPlan, LoadReport, LoadWriter, Say
from graphcrm.store.lock import writing
from graphcrm.store.sqlite.bulk import BulkConnection
from graphcrm.store.sqlite.edges import EdgeCounts, write_links
from graphcrm.store.sqlite.keys import KeyMap
from graphcrm.store.sqlite.nodes import NodeCounts, write_identifiers, write_nodes
from graphcrm.store.sqlite.pending import heal
from graphcrm.store.sqlite.quarantine import write_refused
from graphcrm.store.sqlite.recalling import add_stored
from graphcrm.store.sqlite.renaming import foresee_renaming
from graphcrm.store.sqlite.transaction import SKIPPED, Transaction, immediate, rehearsing
from graphcrm.store.staging import StagedFile

ENGINE_ERRORS = (adbc_driver_manager.Error, duckdb.Error, pa.ArrowException, OSError)


class SqliteLoadWriter(LoadWriter):
    """Writes staged files into a graph file, each in one transaction."""

    def __init__(
        self, path: Path, work: duckdb.DuckDBPyConnection, plan: LoadPlan, say: Say
    ) -> None:
        """Prepare a load; the file must exist. Nothing is locked before `with`."""
        self._path, self._work, self._plan, self._say = path, work, plan, say
        self._stack = ExitStack()
        self._files: list[FileReport] = []
        self._started = time.monotonic()
        self._finished = False

    def __enter__(self) -> "SqliteLoadWriter":
        """Wait for the write lock and record that the load began."""
        try:
            return self._begin()
        except BaseException as error:
            self._stack.close()
            if isinstance(error, ENGINE_ERRORS):
                raise StoreError(
                    f"{self._path}: the load could not begin ({_sentence(error)})"
                ) from error
            raise

    def _begin(self) -> "SqliteLoadWriter":
        self._stack.enter_context(
            writing(self._path, "a load", lambda who: self._say(f"waiting for {who}"))
        )
        self._bulk = self._stack.enter_context(BulkConnection(self._path, self._work))
        self._keys = KeyMap(self._bulk)
        if self._plan.rehearsal:
            self._stack.enter_context(rehearsing(self._bulk))
        with immediate(self._bulk):
            # a load that was killed left its record open; this one holds the lock, so it is dead
            self._bulk.execute("UPDATE load SET state = 'interrupted' WHERE state = 'running'")
            self._bulk.execute(
                "INSERT INTO load (state, started_at, as_of, source, complete, by) "
                "VALUES ('running', ?, ?, ?, ?, ?)",
                _now(),
                self._plan.as_of.isoformat(),
                self._plan.source,
                int(self._plan.complete),
                self._plan.by,
            )
            self._load = int(self._bulk.rows("SELECT max(load) FROM load")[0][0])
        self._origins = {n: int(o) for n, o in self._bulk.rows("SELECT name, origin FROM origin")}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock; a load that did not finish stays on record as failed."""
        try:
            if not self._finished:
                self._record_failure()
        finally:
            self._stack.close()

    def _record_failure(self) -> None:
        report = LoadReport(load=self._load, files=self._files)
        with suppress(*ENGINE_ERRORS), immediate(self._bulk):  # the first error is the one to tell
            self._bulk.execute(
                "UPDATE load SET state = 'failed', finished_at = ?, report = ? WHERE load = ?",
                _now(),
                report.model_dump_json(),
                self._load,
            )

    @property
    def load(self) -> int:
        """The number of this load."""
        return self._load

    @property
    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made (32 bytes)."""
        value = self._bulk.rows("SELECT value FROM meta WHERE name = 'identity_key'")[0][0]
        return bytes.fromhex(value)

    def skip_known(self, table: Table, rows: str) -> int:
        """Take away the rows that the graph holds in the very same form."""
        work = self._work
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {SKIPPED} "
            "(n BIGINT, id VARCHAR, key BIGINT, source VARCHAR)"
        )
        if table.node is None or self._keys.count(table.node.label) == 0:
            return 0
        work.execute(
            f"INSERT INTO {SKIPPED} SELECT c.n, i.id, i.key, c.graph_source FROM {rows} c "
            f"JOIN {self._keys.table(table.node.label)} i "
            "ON i.id = c.graph_id AND i.fingerprint = c.fingerprint WHERE NOT c.bad"
        )
        skipped = number(work, f"SELECT count(*) FROM {SKIPPED}")
        if skipped:
            work.execute(
                f"CREATE OR REPLACE TABLE {rows} AS "
                f"SELECT c.* FROM {rows} c ANTI JOIN {SKIPPED} s USING (n) ORDER BY n"
            )
        return skipped

    def add_stored(self, table: Table, rows: str, column: str) -> None:
        """Add to rows what the graph holds of a column for their nodes."""
        assert table.node is not None
        add_stored(self._bulk, self._keys, VOCABULARY.nodes[table.node.label], rows, column)

    def foresee(self, table: Table, rows: str) -> None:
        """Raise ConfirmationNeeded where rows would rename too many known ids."""
        assert table.node is not None
        foresee_renaming(self._bulk, self._keys, VOCABULARY.nodes[table.node.label], rows)

    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads."""
        rows = self._bulk.rows("SELECT value FROM watermark WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def write(self, staged: StagedFile) -> FileReport:
        """Write one staged file in one transaction."""
        started = time.monotonic()
        try:
            with immediate(self._bulk):
                report = self._write(staged)
                report.seconds = round(time.monotonic() - started, 3)
                self._bulk.execute(
                    "UPDATE file SET report = ? WHERE file = (SELECT max(file) FROM file)",
                    report.model_dump_json(),
                )
        except GraphCRMError:
            self._keys.forget()
            raise
        except ENGINE_ERRORS as error:
            self._keys.forget()
            raise StoreError(
                f"{staged.path}: could not be written to {self._path}, nothing of it was kept "
                f"({_sentence(error)})"
            ) from error
        self._files.append(report)
        return report

    def _write(self, staged: StagedFile) -> FileReport:
        transaction = self._transaction(staged.path, staged.table.name)
        transaction.use_sources(staged.rows)
        unsure = "" if staged.table.edge else "WHERE column_name IS NULL"
        if transaction.one(f"SELECT count(*) FROM {staged.refused} {unsure}"):
            # what a broken row was, and which edge a refused one meant, nobody can tell
            transaction.complete = False
        nodes, edges = NodeCounts(), EdgeCounts()
        for label, rows in staged.identifiers.items():
            write_identifiers(transaction, label, rows)
        if staged.table.node:
            nodes = write_nodes(transaction, staged)
        edges = write_links(transaction, staged)
        accepted = transaction.one(
            f"SELECT (SELECT count(*) FROM {staged.rows}) + (SELECT count(*) FROM {SKIPPED})"
        )
        refused = write_refused(transaction, staged)
        transaction.write_tally()
        if staged.watermark:
            self._bulk.execute(
                "INSERT OR REPLACE INTO watermark (name, value, load) VALUES (?, ?, ?)",
                *staged.watermark,
                self._load,
            )
        return FileReport(
            path=staged.path,
            table=staged.table.name,
            rows=accepted,
            refused=refused,
            new=nodes.new,
            changed=nodes.changed,
            same=nodes.same,
            closed=nodes.closed,
            edges_new=edges.new,
            edges_changed=edges.changed,
            edges_closed=edges.closed,
            edges_pending=edges.pending,
        )

    def _transaction(self, path: str, table: str) -> Transaction:
        self._bulk.execute(
            "INSERT INTO file (load, path, table_name) VALUES (?, ?, ?)", self._load, path, table
        )
        return Transaction(
            bulk=self._bulk,
            keys=self._keys,
            load=self._load,
            file=int(self._bulk.rows("SELECT max(file) FROM file")[0][0]),
            as_of=self._plan.as_of,
            source=self._plan.source,
            complete=self._plan.complete,
            confirmed=self._plan.confirmed,
            origins=self._origins,
        )

    def finish(self, failed: Sequence[FileReport]) -> LoadReport:
        """Heal waiting edges, refresh the planner's statistics and close the record."""
        try:
            report = self._close_record(failed)
        except ENGINE_ERRORS as error:
            raise StoreError(
                f"{self._path}: the load could not be finished ({_sentence(error)}); the files it "
                "wrote stand, load again to complete it"
            ) from error
        self._finished = True
        if self._plan.rehearsal:
            return report
        with suppress(*ENGINE_ERRORS):  # what follows only makes later questions quicker
            self._bulk.execute("PRAGMA analysis_limit = 1000")
            self._bulk.execute("ANALYZE")
            self._bulk.execute("PRAGMA wal_checkpoint(PASSIVE)")
        return report

    def _close_record(self, failed: Sequence[FileReport]) -> LoadReport:
        with immediate(self._bulk):
            transaction = self._transaction("", "")
            transaction.sources = {
                name: int(code) for name, code in self._bulk.rows("SELECT name, source FROM source")
            }
            healed = heal(transaction)
            transaction.write_tally()
            self._bulk.execute("DELETE FROM file WHERE path = ''")
            report = LoadReport(
                load=self._load,
                files=[*self._files, *failed],
                healed=healed,
                seconds=round(time.monotonic() - self._started, 3),
            )
            self._bulk.execute(
                "UPDATE load SET state = 'done', finished_at = ?, report = ? WHERE load = ?",
                _now(),
                json.dumps(report.model_dump(mode="json")),
                self._load,
            )
        return report


def _sentence(error: BaseException) -> str:
    """An engine's message without its call stack."""
    return str(error).split("\n", 1)[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

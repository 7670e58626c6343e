"""Writing a load into a graph, file by file."""

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from types import TracebackType

import duckdb
import pyarrow as pa

from graphcrm.duck import number
from graphcrm.errors import GraphCRMError, StoreError, UsageError
from graphcrm.model import VOCABULARY, NodeType, Table
from graphcrm.store.contract import FileReport, LoadPlan, LoadReport, LoadWriter
from graphcrm.store.forms import DECIDED
from graphcrm.store.staging import StagedFile
from graphcrm.store.writing.edges import EdgeCounts, write_links
from graphcrm.store.writing.keeper import Keeper
from graphcrm.store.writing.nodes import NodeCounts, write_identifiers, write_nodes
from graphcrm.store.writing.pending import heal
from graphcrm.store.writing.quarantine import write_refused
from graphcrm.store.writing.recalling import add_stored
from graphcrm.store.writing.renaming import foresee_renaming
from graphcrm.store.writing.transaction import SKIPPED, Transaction

_ENGINE_ERRORS = (duckdb.Error, pa.ArrowException, OSError)


class GraphWriter(LoadWriter):
    """Writes staged files through a store's keeper."""

    def __init__(self, title: str, keeper: Keeper, plan: LoadPlan) -> None:
        """Prepare a load into the graph that messages call `title`. Nothing is locked yet."""
        self._title, self._keeper, self._plan = title, keeper, plan
        self._work = keeper.work
        self._stack = ExitStack()
        self._files: list[FileReport] = []
        self._started = time.monotonic()
        self._finished = False
        self._errors = (*_ENGINE_ERRORS, *keeper.errors)

    def __enter__(self) -> "GraphWriter":
        """Wait until nobody else writes, and record that the load began."""
        try:
            self._stack.enter_context(self._keeper.open(self._plan))
            self._require_whole()
            with self._keeper.transaction():
                self._load = self._keeper.begin_load(self._plan, _now())
            self._origins = self._keeper.origins()
        except BaseException as error:
            self._stack.close()
            if isinstance(error, self._errors):
                raise StoreError(
                    f"{self._title}: the load could not begin ({_sentence(error)})"
                ) from error
            raise
        return self

    def _require_whole(self) -> None:
        """A graph of which a part is copied could not be completed any more after a load."""
        of = self._keeper.copy_of()
        if of is not None:
            raise StoreError(
                f"{self._title}: holds only a part of a copy of {of}; complete it first, with "
                "`graphcrm copy`"
            )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let others write; a load that did not finish stays on record as failed."""
        try:
            if not self._finished:
                # the first error is the one to tell
                with suppress(StoreError, *self._errors), self._keeper.transaction():
                    self._end("failed", LoadReport(load=self._load, files=self._files))
        finally:
            self._stack.close()

    def _end(self, state: str, report: LoadReport) -> None:
        self._keeper.end_load(self._load, state, report, _now())

    @property
    def load(self) -> int:
        """The number of this load."""
        return self._load

    @property
    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made (32 bytes)."""
        return self._keeper.identity_key()

    def skip_known(self, table: Table, rows: str) -> int:
        """Take away the rows that the graph holds in the very same form."""
        work, keys = self._work, self._keeper.keys
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {SKIPPED} "
            "(n BIGINT, id VARCHAR, key BIGINT, source VARCHAR)"
        )
        if table.node is None or keys.count(table.node.label) == 0:
            return 0
        work.execute(
            f"INSERT INTO {SKIPPED} SELECT c.n, i.id, i.key, c.graph_source FROM {rows} c "
            f"JOIN {keys.table(table.node.label)} i "
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
        add_stored(self._keeper, _node(table), rows, column)

    def foresee(self, table: Table, rows: str) -> None:
        """Raise ConfirmationNeeded where rows would rename too many known ids."""
        foresee_renaming(self._keeper, _node(table), rows)

    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads."""
        return self._keeper.watermark(name)

    def write(
        self, staged: StagedFile, through: Callable[[float], None] = lambda share: None
    ) -> FileReport:
        """Write one staged file."""
        started = time.monotonic()
        if number(self._work, f"SELECT count(*) FROM {staged.rows} WHERE source = '{DECIDED}'"):
            raise UsageError(
                f"the source {DECIDED!r} is that of what was recorded here; give the files another"
            )
        try:
            with self._keeper.transaction():
                transaction = self._transaction(staged)
                report = _write(transaction, staged, through)
                report.seconds = round(time.monotonic() - started, 3)
                self._keeper.end_file(transaction.file, report.model_dump_json())
        except GraphCRMError:
            self._keeper.keys.forget()
            raise
        except self._errors as error:
            self._keeper.keys.forget()
            raise StoreError(
                f"{staged.path}: could not be written to {self._title}, "
                f"{self._keeper.left_behind} ({_sentence(error)})"
            ) from error
        self._files.append(report)
        return report

    def _transaction(self, staged: StagedFile | None) -> Transaction:
        """What a file is written with; None: what waited."""
        file = self._keeper.begin_file(self._load, staged.path, staged.table.name) if staged else 0
        return Transaction(
            keeper=self._keeper,
            load=self._load,
            file=file,
            as_of=self._plan.as_of,
            source=self._plan.source,
            said_complete=self._plan.complete,
            complete=self._plan.complete,
            confirmed=self._plan.confirmed,
            origins=self._origins,
            sources=self._keeper.sources(()),
        )

    def finish(self, failed: Sequence[FileReport]) -> LoadReport:
        """Heal waiting edges and close the record."""
        try:
            with self._keeper.transaction():
                report = LoadReport(
                    load=self._load,
                    files=[*self._files, *failed],
                    healed=heal(self._transaction(None)),
                    seconds=round(time.monotonic() - self._started, 3),
                )
                self._end("done", report)
        except self._errors as error:
            raise StoreError(
                f"{self._title}: the load could not be finished ({_sentence(error)}); the files it "
                "wrote stand, load again to complete it"
            ) from error
        self._finished = True
        if not self._plan.rehearsal:
            with suppress(StoreError, *self._errors):
                self._keeper.tidy()
        return report


def _write(
    transaction: Transaction, staged: StagedFile, through: Callable[[float], None]
) -> FileReport:
    transaction.use_sources(staged.rows)
    unsure = "" if staged.table.edge else "WHERE column_name IS NULL"
    if transaction.one(f"SELECT count(*) FROM {staged.refused} {unsure}"):
        # what a broken row was, and which edge a refused one meant, nobody can tell
        transaction.complete = False
    nodes, edges = NodeCounts(), EdgeCounts()
    parts = len(staged.identifiers) + 2
    for done, (label, rows) in enumerate(staged.identifiers.items(), 1):
        write_identifiers(transaction, label, rows)
        through(done / parts)
    if staged.table.node:
        nodes = write_nodes(transaction, staged)
    through(1 - 1 / parts)
    edges = write_links(transaction, staged)
    accepted = transaction.one(
        f"SELECT (SELECT count(*) FROM {staged.rows}) + (SELECT count(*) FROM {SKIPPED})"
    )
    refused = write_refused(transaction, staged)
    if staged.watermark:
        transaction.keeper.keep_watermark(*staged.watermark, transaction.load)
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


def _node(table: Table) -> NodeType:
    assert table.node is not None
    return VOCABULARY.nodes[table.node.label]


def _sentence(error: BaseException) -> str:
    """An engine's message without its call stack."""
    return str(error).split("\n", 1)[0]


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

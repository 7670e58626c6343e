"""A load, from beginning to end, in a process of its own."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import duckdb

from graphcrm.duck import engine, number
from graphcrm.errors import SourceError, UsageError
from graphcrm.store import FileReport, LoadReport, LoadWriter, open_writer
from graphcrm_loaders.mapping import read_mapping
from graphcrm_loaders.request import LoadEvent, LoadRequest
from graphcrm_loaders.scratch import scratch_folder
from graphcrm_loaders.sources import Discovered, SourceTable, discover
from graphcrm_loaders.stage import foresee, stage

_MEMORY = "1800MB"

Tell = Callable[[LoadEvent], None]


def run(request: LoadRequest, tell: Tell) -> LoadReport:
    """Load the files of a request; each entirely or not at all.

    A file that can't be read is reported and leaves the others unharmed. Raises UsageError for a
    wrong mapping, SourceError where nothing can be loaded, ConfirmationNeeded (see LoadPlan).
    """
    mapping = read_mapping(request.mapping) if request.mapping else None
    found = discover(request.sources, mapping)
    if request.plan.complete:
        _require_whole_tables(found)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        work = stack.enter_context(engine())
        _configure(work, scratch)
        if request.dry_run:
            return _rehearse(request, found, work, scratch, tell)
        say = lambda text: tell(LoadEvent(kind="progress", text=text, total=len(found.tables)))  # noqa: E731
        writer = stack.enter_context(open_writer(request.graph, work, request.plan, say))
        return _load(request, found, work, scratch, tell, writer)


def _configure(work: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    work.execute(f"SET memory_limit = '{_MEMORY}'")
    work.execute("SET temp_directory = ?", [str(scratch)])
    work.execute(f"SET threads = {os.cpu_count() or 2}")
    work.execute("SET TimeZone = 'UTC'")
    work.execute("SET preserve_insertion_order = true")


def _load(
    request: LoadRequest,
    found: Discovered,
    work: duckdb.DuckDBPyConnection,
    scratch: Path,
    tell: Tell,
    writer: LoadWriter,
) -> LoadReport:
    failed = _problems(found)
    if request.plan.source is None and not request.plan.confirmed:
        for source in found.tables[1:]:  # the first is asked about when it is written
            foresee(work, source, writer, scratch)
    for position, source in enumerate(found.tables):
        started = time.monotonic()
        step = _step(tell, source, position, len(found.tables))
        try:
            staged, _ = stage(work, source, request.plan.source, writer, scratch, step)
        except SourceError as error:
            failed.append(_failure(source, error))
            tell(LoadEvent(kind="file", file=failed[-1]))
            continue
        step("writing", 0.6)
        report = writer.write(staged)
        report.seconds = round(time.monotonic() - started, 3)
        tell(LoadEvent(kind="file", file=report, done=position + 1, total=len(found.tables)))
    _require_one(found, failed)
    _step(tell, None, len(found.tables), len(found.tables))("finishing", 0.0)
    return writer.finish(failed)


def _rehearse(
    request: LoadRequest,
    found: Discovered,
    work: duckdb.DuckDBPyConnection,
    scratch: Path,
    tell: Tell,
) -> LoadReport:
    """Read and check everything, write nothing."""
    reports = _problems(found)
    for position, source in enumerate(found.tables):
        started = time.monotonic()
        step = _step(tell, source, position, len(found.tables))
        try:
            staged, _ = stage(work, source, request.plan.source, None, scratch, step)
        except SourceError as error:
            reports.append(_failure(source, error))
            continue
        seconds = round(time.monotonic() - started, 3)
        reports.append(
            FileReport(
                path=source.title,
                table=source.table,
                rows=number(work, f"SELECT count(*) FROM {staged.rows}"),
                refused=number(work, f"SELECT count(DISTINCT line) FROM {staged.refused}"),
                seconds=seconds,
            )
        )
    _require_one(found, [report for report in reports if report.error])
    return LoadReport(load=0, files=reports)


def _require_one(found: Discovered, failed: list[FileReport]) -> None:
    """Raise SourceError where not a single file could be read."""
    if len(failed) == len(found.tables) + len(found.problems):
        reasons = [(file.path, file.error or "") for file in failed]
        raise SourceError(
            "\n".join(text if path in text else f"{path}: {text}" for path, text in reasons)
        )


def _require_whole_tables(found: Discovered) -> None:
    """A complete load closes what is missing from a file, so a table can't be spread over two."""
    names = [source.table for source in found.tables]
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            files = ", ".join(source.title for source in found.tables if source.table == name)
            raise UsageError(
                f"a complete load needs all of a table in one file, but {name} is in {files}"
            )


def _problems(found: Discovered) -> list[FileReport]:
    return [FileReport(path=path, table="", error=reason) for path, reason in found.problems]


def _failure(source: SourceTable, error: SourceError) -> FileReport:
    return FileReport(path=source.title, table=source.table, error=str(error))


def _step(
    tell: Tell, source: SourceTable | None, number: int, total: int
) -> Callable[[str, float], None]:
    def step(what: str, share: float) -> None:
        text = f"{what} {source.table}" if source else what
        tell(LoadEvent(kind="progress", text=text, done=number, total=total))

    return step

"""A load, from beginning to end, in a process of its own."""

import os
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from graphcrm.duck import engine
from graphcrm.errors import SourceError, UsageError
from graphcrm.store import FileReport, LoadReport, LoadWriter, open_writer
from graphcrm_loaders.examples import show_first
from graphcrm_loaders.mapping import Mapping, read_mapping
from graphcrm_loaders.request import LoadEvent, LoadRequest
from graphcrm_loaders.scratch import scratch_folder
from graphcrm_loaders.sources import Discovered, SourceTable, discover, in_load_order
from graphcrm_loaders.stage import WRITING, Step, foresee, part_of, stage

if TYPE_CHECKING:
    from graphcrm_loaders.database import Address

_MEMORY = "1800MB"

Tell = Callable[[LoadEvent], None]


def run(request: LoadRequest, tell: Tell) -> LoadReport:
    """Load the files of a request; each entirely or not at all.

    A file that can't be read is reported and leaves the others unharmed. Raises UsageError for a
    wrong mapping, SourceError where nothing can be loaded, ConfirmationNeeded (see LoadPlan). A dry
    run does the same and keeps nothing of it; its report tells the same.
    """
    mapping = read_mapping(request.mapping) if request.mapping else None
    addresses = _addresses(request)
    found = discover(request.sources, mapping)
    if request.plan.complete:
        _require_whole_tables(found)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_folder())
        work = stack.enter_context(engine())
        _configure(work, scratch)
        say = lambda text: tell(LoadEvent(kind="progress", text=text, total=len(found.tables)))  # noqa: E731
        plan = request.plan.model_copy(
            update={"rehearsal": request.dry_run, "request": request.again()}
        )
        writer = stack.enter_context(open_writer(request.graph, work, plan, say))
        found = _with_databases(request, addresses, mapping, found, scratch, writer, say)
        report = _load(request, found, work, scratch, tell, writer)
        told = {"passed_over": list(found.passed_over)} | ({"load": 0} if request.dry_run else {})
        return report.model_copy(update=told)


def _configure(work: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    work.execute(f"SET memory_limit = '{_MEMORY}'")
    work.execute("SET temp_directory = ?", [str(scratch)])
    work.execute(f"SET threads = {os.cpu_count() or 2}")
    work.execute("SET TimeZone = 'UTC'")
    work.execute("SET preserve_insertion_order = true")


def _addresses(request: LoadRequest) -> "list[Address]":
    """The databases to read. Raises UsageError for a wrong address or combination."""
    if request.incremental and not request.databases:
        raise UsageError("--incremental is for databases; files are compared as a whole anyway")
    if request.incremental and request.plan.complete:
        raise UsageError("a load is either --full or --incremental, not both")
    if not request.databases:
        return []
    from graphcrm_loaders.database import Address  # what it imports takes a while

    return [Address.parse(text) for text in request.databases]


def _with_databases(
    request: LoadRequest,
    addresses: "list[Address]",
    mapping: Mapping | None,
    found: Discovered,
    scratch: Path,
    writer: LoadWriter,
    say: Callable[[str], None],
) -> Discovered:
    """Fetch what is to be loaded of the databases; one that can't be read is a problem."""
    if not addresses:
        return found
    from graphcrm_loaders.database import fetch

    tables, problems = list(found.tables), list(found.problems)
    for n, address in enumerate(addresses):
        folder = scratch / f"database{n}"
        folder.mkdir()
        remembered = writer.watermark if request.incremental else None
        try:
            tables += fetch(address, mapping, folder, remembered, say)
        except SourceError as error:
            problems.append((address.title, str(error)))
    if request.plan.complete:  # an empty table would close everything
        tables = [replace(table, may_be_empty=False) for table in tables]
    whole = Discovered(in_load_order(tables), tuple(problems), found.passed_over)
    if request.plan.complete:
        _require_whole_tables(whole)
    return whole


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
            tell(_through(failed[-1], position, found))
            continue
        shown = show_first(work, staged) if request.dry_run else ([], [])
        through = part_of(step, "writing", WRITING, 1.0)
        through(0.0)
        report = writer.write(staged, through)
        report.examples, report.refusals = shown
        report.seconds = round(time.monotonic() - started, 3)
        tell(_through(report, position, found))
    _require_one(found, failed)
    _step(tell, None, len(found.tables), len(found.tables))("finishing")
    return writer.finish(failed)


def _through(file: FileReport, position: int, found: Discovered) -> LoadEvent:
    return LoadEvent(kind="file", file=file, done=position + 1, total=len(found.tables))


def _require_one(found: Discovered, failed: list[FileReport]) -> None:
    """Raise SourceError where not a single file could be read."""
    if len(failed) == len(found.tables) + len(found.problems):
        reasons = [(file.path, file.error or "") for file in failed]
        raise SourceError(
            "\n".join(text if path in text else f"{path}: {text}" for path, text in reasons)
        )


def _require_whole_tables(found: Discovered) -> None:
    """A complete load closes what is missing from a file, so a table can't be spread over two."""
    for source in found.tables:
        if source.origin:
            raise UsageError(
                f"{source.path}: a quarantine export is never the whole of a table; "
                "load it without --full"
            )
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


def _step(tell: Tell, source: SourceTable | None, number: int, total: int) -> Step:
    def step(what: str, within: float = 0.0) -> None:
        text = f"{what} {source.table}" if source else what
        share = round(within, 3)
        tell(LoadEvent(kind="progress", text=text, done=number, total=total, within=share))

    return step

"""The work of a load job: run the load, tell its steps, end it between two files if so wanted."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path, PurePath
from typing import Any

from graphcrm.errors import ConfirmationNeeded, SourceError, UsageError
from graphcrm.ledger import jobs
from graphcrm.ledger.jobs import Job
from graphcrm.store import FileReport, LoadPlan, LoadReport, is_server
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.jobs.kinds import EndedEarlyError, Kind, Step
from graphcrm_api.http.loads import places, uploads
from graphcrm_loaders import LoadEvent, LoadRequest, load

KIND = "load"
FINISHED = "load.finished"

_PERSONAL = {"examples", "refusals", "path"}
_WRITING = "writing "
_MANY = 100_000
_COLUMNS = re.compile(r"; the file has: .*")


def run(backend: Backend, job: Job, step: Step) -> dict[str, Any]:
    """Load what a job asks for. Where it was begun before, what is in already is passed over."""
    asked = job.request
    through: list[FileReport] = []

    def listen(event: LoadEvent) -> None:
        if event.file is not None:
            through.append(event.file)
        if event.kind not in ("progress", "file"):  # the load has ended
            return
        # on a server a file is written in batches, of which all must come or none
        whole = not (is_server(backend.address) and event.text.startswith(_WRITING))
        share = (event.done + event.within) / event.total if event.total else 0.0
        step(share, _without_folder(backend, job, event.text or "reading"), may_end=whole)

    step(0.0, "reading")
    try:
        report = load(_request(backend, job), listen)
    except EndedEarlyError as ended:
        ended.result = _told(asked, LoadReport(load=0, files=through), complete=False)
        raise
    except SourceError as error:
        raise SourceError(_without_folder(backend, job, str(error))) from None
    except ConfirmationNeeded:
        raise UsageError(
            "many known ids would get another name: do two systems use the same ids? Name the "
            "system with source, or send confirmed"
        ) from None
    return _told(asked, report, complete=True)


def _without_folder(backend: Backend, job: Job, said: str) -> str:
    """What was said of a file, without where an upload lies, and without what stands in it.

    A file without a header has people's names and numbers where those of columns should be.
    """
    said = _COLUMNS.sub("", said)
    if not job.request.get("upload"):
        return said
    return said.replace(f"{uploads.files_of(backend, job.request['upload'])}/", "")


def _request(backend: Backend, job: Job) -> LoadRequest:
    """What the process that loads is told; where it may load from is looked at once more."""
    asked, settings = job.request, backend.settings
    try:
        files = [places.below(settings, asked["path"])] if asked.get("path") else []
        databases = [places.database(settings, asked["database"])] if asked.get("database") else []
        mapping = places.below(settings, asked["mapping"]) if asked.get("mapping") else None
    except Problem as problem:
        raise UsageError(problem.detail) from None
    if asked.get("upload"):
        files = [uploads.files_of(backend, asked["upload"]) / asked["name"]]
    with backend.store() as store:
        graph = store.url
    return LoadRequest(
        graph=graph,
        sources=files,
        databases=databases,
        mapping=mapping,
        incremental=bool(asked.get("incremental")),
        dry_run=asked["dry_run"],
        plan=LoadPlan(
            source=asked["source"],
            complete=asked["full"],
            confirmed=asked["confirmed"],
            as_of=dt.date.fromisoformat(asked["as_of"]),
            by=job.by,
        ),
    )


def _told(asked: dict[str, Any], report: LoadReport, *, complete: bool) -> dict[str, Any]:
    return {
        "load": report.load or None,
        "dry_run": asked["dry_run"],
        "complete": complete,
        "healed": report.healed,
        "files": [file_of(file) for file in report.files],
        "passed_over": [shown_name(path) for path in report.passed_over],
    }


def file_of(file: FileReport) -> dict[str, Any]:
    """What is told of a file: neither where it lay nor any value in it."""
    counts = file.model_dump(mode="json", exclude=_PERSONAL)
    error = None if file.error is None else _COLUMNS.sub("", file.error)
    if error is not None and "://" not in file.path:
        error = error.replace(f"{PurePath(file.path).parent}/", "")
    return {"name": shown_name(file.path), **counts, "error": error}


def shown_name(path: str) -> str:
    """How a file is called where people see it: not by the server's folders."""
    return path if "://" in path else Path(path).name


def _finished(job: Job) -> dict[str, Any] | None:
    """What webhooks hear of a load that brought something, or might have."""
    if job.request["dry_run"] or job.result is None:
        return None
    return {"load": job.result["load"]}


def _tidy(backend: Backend, job: Job) -> None:
    if job.request.get("upload"):
        uploads.remove(backend, job.request["upload"])


def _begin(backend: Backend) -> None:
    """Remove the uploads that nobody waits for any more."""
    with backend.state.reading() as connection:
        waiting = [
            *jobs.page(connection, limit=_MANY, state="queued"),
            *jobs.page(connection, limit=_MANY, state="running"),
        ]
    uploads.remove_left(backend, {str(job.request.get("upload")) for job in waiting})


LOADING = Kind(
    name=KIND,
    run=run,
    scope="loads:write",
    begin=_begin,
    tidy=_tidy,
    event=FINISHED,
    told=_finished,
)
"""Loads."""

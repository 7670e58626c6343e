"""Starting loads, and what is told of those that were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import jobs
from graphcrm.ledger.jobs import Job
from graphcrm.store import FileReport
from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import note_change, require_whole_company
from graphcrm_api.http.loads import places
from graphcrm_api.http.loads.loading import KIND, file_of
from graphcrm_api.http.loads.schemas import LoadOrder, Options, UploadOrder
from graphcrm_api.http.loads.uploads import Upload


def require_loadable(caller: Caller, order: LoadOrder) -> None:
    """Problem for an order that can't be met, before a job is made of it."""
    settings = caller.backend.settings
    if (order.path is None) == (order.database is None):
        raise Problem("invalid", "a load is of a path or of a database")
    if order.path is not None:
        places.below(settings, order.path)
    if order.database is not None:
        places.database(settings, order.database)
    if order.incremental and order.database is None:
        raise Problem("invalid", "incremental is for databases; files are compared as a whole")
    if order.incremental and order.full:
        raise Problem("invalid", "a load is either full or incremental")
    require_options(caller, order)


def require_options(caller: Caller, options: Options) -> None:
    """Problem for who is limited to branches, and for a mapping that isn't there."""
    require_whole_company(caller)
    if options.mapping is not None:
        places.below(caller.backend.settings, options.mapping)


def start(connection: sa.Connection, caller: Caller, order: LoadOrder) -> Job:
    """Queue a load of what is on the server; see `require_loadable`."""
    return _start(
        connection, caller, order.model_dump(mode="json"), of=order.path or order.database or ""
    )


def start_upload(
    connection: sa.Connection, caller: Caller, order: UploadOrder, upload: Upload
) -> Job:
    """Queue a load of an upload."""
    request = {**order.model_dump(mode="json"), "upload": upload.token}
    return _start(connection, caller, request, of=f"upload {upload.sha256}")


def _start(connection: sa.Connection, caller: Caller, request: dict[str, Any], of: str) -> Job:
    # the day of the order counts, also where the load is taken up again on another
    request["as_of"] = request["as_of"] or dt.date.today().isoformat()
    job = jobs.add(connection, kind=KIND, request=request, by=caller.subject.name, resumable=True)
    note_change(
        connection,
        caller,
        "start load",
        f"job:{job.id}",
        of=of,
        full=request["full"],
        dry_run=request["dry_run"],
    )
    return job


def list_loads(caller: Caller) -> list[dict[str, Any]]:
    """The last loads, newest first."""
    require_whole_company(caller)
    with caller.store() as store:
        return [load_of(entry) for entry in store.loads()]


def one_load(caller: Caller, number: int) -> dict[str, Any]:
    """One of the last loads. Problem for another."""
    for entry in list_loads(caller):
        if entry["load"] == number:
            return entry
    raise Problem("not-found", f"there is no load {number} among the last ones")


def load_of(entry: dict[str, Any]) -> dict[str, Any]:
    """A load as it is told: without what it was asked for, which names the server's folders."""
    report = entry["report"]
    files = [FileReport.model_validate(file) for file in report["files"]] if report else []
    return {
        "load": entry["load"],
        "state": entry["state"],
        "started_at": in_utc(entry["started_at"]),
        "finished_at": in_utc(entry["finished_at"]),
        "as_of": entry["as_of"],
        "source": entry["source"],
        "full": bool(entry["complete"]),
        "by": entry["by"],
        "repeated_by": entry["repeated_by"],
        "healed": report["healed"] if report else None,
        "files": [file_of(file) for file in files],
    }

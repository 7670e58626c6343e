"""Jobs as a caller may see and cancel them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import jobs, messages
from graphcrm.ledger.jobs import Job, State
from graphcrm.words import Language
from graphcrm.words.doing import doing_words
from graphcrm.words.sentences import in_language
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import note_change, sees_all, whose
from graphcrm_api.http.jobs.schemas import JobView
from graphcrm_api.http.jobs.workers import FINISHED


def view(job: Job, language: Language) -> JobView:
    """A job as it is shown."""
    shown = JobView.of(job)
    if shown.progress is not None:
        shown.progress.doing = doing_words(shown.progress.doing, language)
    if shown.error is not None:
        shown.error = in_language(shown.error, language)
    return shown


def one_job(caller: Caller, id: str) -> Job:
    """A job. Problem where there is none, or it is somebody else's."""
    with caller.backend.state.reading() as connection:
        job = jobs.get(connection, id)
    return _theirs(caller, id, job)


def list_jobs(
    caller: Caller, state: State | None, paging: Paging, language: Language
) -> dict[str, Any]:
    """A page of jobs, newest first."""

    def read(after: int | None, limit: int) -> list[Job]:
        with caller.backend.state.reading() as connection:
            return jobs.page(connection, after=after, limit=limit, by=whose(caller), state=state)

    shown, following = paging.by_number(["jobs", state], read)
    return {"items": [view(job, language) for job in shown], "next": following}


def cancel(connection: sa.Connection, caller: Caller, id: str) -> Job:
    """Ask for the end of a job; one that waits is cancelled at once."""
    job = _theirs(caller, id, jobs.get(connection, id))
    if job.over:
        raise Problem("conflict", f"the job is over: it has {job.state}")
    note_change(connection, caller, "cancel job", f"job:{id}", kind=job.kind)
    wanted = jobs.request_cancel(connection, id, caller.subject.name)
    assert wanted is not None
    if wanted.over:
        told = {"job": id, "kind": wanted.kind, "state": wanted.state}
        messages.send(connection, event=FINISHED, payload=told)
    return wanted


def _theirs(caller: Caller, id: str, job: Job | None) -> Job:
    if job is None:
        raise _absent(id)
    if job.by != caller.subject.name and not sees_all(caller):
        raise _absent(id, refused=True)
    return job


def _absent(id: str, *, refused: bool = False) -> Problem:
    return Problem("not-found", f"there is no job {id}", refused=f"job:{id}" if refused else None)

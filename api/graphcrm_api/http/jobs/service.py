"""Jobs as a caller may see and cancel them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import jobs, messages
from graphcrm.ledger.jobs import Job, State
from graphcrm_api.cli.language import Language, catalogue
from graphcrm_api.cli.messages import in_language
from graphcrm_api.http.conventions.cursors import cursor_of
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.pages import after_number
from graphcrm_api.http.jobs.rights import note_change, sees_all, whose
from graphcrm_api.http.jobs.schemas import JobView, Progress
from graphcrm_api.http.jobs.workers import FINISHED

_WAITING = "waiting for "


def view(job: Job, language: Language) -> JobView:
    """A job as it is shown."""
    told = job.progress
    return JobView(
        id=job.id,
        kind=job.kind,
        state=job.state,
        by=job.by,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        progress=Progress(share=told["share"], doing=doing_words(told["doing"], language))
        if told
        else None,
        result=job.result,
        error=None if job.error is None else in_language(job.error, language),
        cancel_requested=job.cancel_requested,
        attempts=job.attempts,
    )


def doing_words(said: str, language: Language) -> str:
    """What work says of itself (`writing policies`), in a language."""
    words = catalogue()
    if said.startswith(_WAITING):
        who = in_language(said.removeprefix(_WAITING), language)
        return words["waiting_for"][language].format(who=who)
    verb, _, rest = said.partition(" ")
    known = words.get(f"doing_{verb}")
    return f"{known[language]} {rest}".strip() if known else said


def one_job(caller: Caller, id: str) -> Job:
    """A job. Problem where there is none, or it is somebody else's."""
    with caller.backend.state.reading() as connection:
        job = jobs.get(connection, id)
    return _theirs(caller, id, job)


def list_jobs(
    caller: Caller, state: State | None, limit: int, cursor: str | None, language: Language
) -> dict[str, Any]:
    """A page of jobs, newest first."""
    asked = ["jobs", state]
    after = after_number(asked, cursor)
    with caller.backend.state.reading() as connection:
        found = jobs.page(connection, after=after, limit=limit + 1, by=whose(caller), state=state)
    shown = found[:limit]
    following = cursor_of(asked, shown[-1].seq) if len(found) > limit else None
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

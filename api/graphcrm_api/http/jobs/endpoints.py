"""Endpoints: long work."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from graphcrm.ledger.jobs import Job, State
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.once import once
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.requests import language_of
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.jobs import service
from graphcrm_api.http.jobs.schemas import JobId, JobPage, JobView

router = APIRouter(tags=["jobs"])

Reader = Annotated[Caller, requires("jobs:read")]


@router.get("/v1/jobs", response_model=JobPage, responses=problems())
def list_jobs(
    request: Request,
    caller: Reader,
    paging: Paged,
    state: Annotated[State | None, Query(description="Only jobs in this state.")] = None,
) -> Response:
    """Your jobs, newest first; everybody's for an administrator of the whole company."""
    return answer(request, service.list_jobs(caller, state, paging, language_of(request.scope)))


@router.get("/v1/jobs/{id}", response_model=JobView, responses=problems(404))
def one_job(request: Request, caller: Reader, id: JobId) -> Response:
    """A job: where it stands, how far it is, what came of it."""
    return answer(request, service.view(service.one_job(caller, id), language_of(request.scope)))


@router.post("/v1/jobs/{id}/cancel", response_model=JobView, responses=problems(404, 409))
def cancel(request: Request, caller: Reader, id: JobId) -> Response:
    """Cancel a job. One that waits ends at once, one that runs at its next step.

    A load ends between two files: each is entirely in or not at all, and the result says which are.
    """

    job: Job | None = None

    def work(connection: sa.Connection) -> Response:
        nonlocal job
        job = service.cancel(connection, caller, id)
        return answer(request, service.view(job, language_of(request.scope)))

    told = once(caller, request, None, work)
    if job is not None:
        request.app.state.workers.heed_cancel(job)
    return told

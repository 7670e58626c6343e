"""Endpoints: loads."""

from functools import partial
from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from graphcrm.ledger.jobs import Job
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.exporting import page_or_file, page_or_file_responses
from graphcrm_api.http.conventions.once import once
from graphcrm_api.http.conventions.paging import Paged
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.conventions.requests import language_of
from graphcrm_api.http.conventions.schemas import problems
from graphcrm_api.http.identity.caller import Caller, requires
from graphcrm_api.http.jobs.schemas import JobView
from graphcrm_api.http.jobs.service import view
from graphcrm_api.http.loads import refused, service, uploads
from graphcrm_api.http.loads.schemas import (
    LoadNumber,
    LoadOrder,
    LoadPage,
    LoadView,
    RefusedPage,
    UploadAsked,
    UploadOrder,
)

router = APIRouter(tags=["loads"])

Reader = Annotated[Caller, requires("loads:read")]
Writer = Annotated[Caller, requires("loads:write")]

_ANY_SIZE = 1 << 62
"""Uploads are limited by the setting `upload_limit`, not by what other requests may have."""

_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "application/octet-stream": {
                "schema": {"type": "string", "format": "binary"},
                "examples": {"persons": {"value": "id,name,sex\nP9000001,张伟,M\n"}},
            }
        },
    }
}


@router.get("/v1/loads", response_model=LoadPage, responses=problems())
def list_loads(request: Request, caller: Reader) -> Response:
    """The last loads, newest first, with what became of their files. For the whole company."""
    return answer(request, {"items": service.list_loads(caller), "next": None})


@router.post("/v1/loads", response_model=JobView, status_code=202, responses=problems())
def start(request: Request, caller: Writer, order: LoadOrder) -> Response:
    """Load files on the server, or a database; the answer is the job that does it.

    A file is loaded entirely or not at all. Only what the settings allow can be loaded from, and
    only by callers of the whole company.
    """

    started = once(
        caller,
        request,
        order,
        lambda connection: _started(request, service.start(connection, caller, order)),
        partial(service.require_loadable, caller, order),
    )
    request.app.state.workers.wake()
    return started


@router.post(
    "/v1/loads/upload",
    response_model=JobView,
    status_code=202,
    responses=problems(413, 415),
    openapi_extra=_FILE,
    max_body_size=_ANY_SIZE,
)
async def upload(
    request: Request,
    caller: Writer,
    asked: Annotated[UploadAsked, Query()],
) -> Response:
    """Load a file that is sent as the body: CSV, Parquet, Excel or JSON Lines; no archives.

    It is kept until it is loaded, then removed.
    """
    service.require_options(caller, asked)
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Problem("unsupported-type", "send the file itself, without Content-Encoding")
    backend = caller.backend
    kept = await uploads.receive(
        backend, asked.name, request.headers.get("Content-Length"), request.stream()
    )
    order = UploadOrder(**asked.model_dump(), size=kept.size, sha256=kept.sha256)
    job: Job | None = None

    def work(connection: sa.Connection) -> Response:
        nonlocal job
        job = service.start_upload(connection, caller, order, kept)
        return _started(request, job)

    try:
        started = await run_in_threadpool(once, caller, request, order, work)
    except BaseException:
        await run_in_threadpool(uploads.remove, backend, kept.token)
        raise
    if job is None:  # the same was sent before
        await run_in_threadpool(uploads.remove, backend, kept.token)
    request.app.state.workers.wake()
    return started


@router.get(
    "/v1/loads/quarantine", response_model=RefusedPage, responses=page_or_file_responses(410)
)
def quarantine(request: Request, caller: Reader, paging: Paged) -> Response:
    """Rows that were refused, and edges that wait for a node. For the whole company.

    Values are hidden without the scope `pii` and a purpose. As a file, unmasked, they can be mended
    and loaded again.
    """
    language = language_of(request.scope)
    return page_or_file(
        request,
        caller,
        "quarantine",
        page=lambda: refused.page(caller, paging, language),
        whole=lambda: refused.export(caller, language),
    )


@router.get("/v1/loads/{number}", response_model=LoadView, responses=problems(404))
def one_load(request: Request, caller: Reader, number: LoadNumber) -> Response:
    """One of the last loads. For the whole company."""
    return answer(request, service.one_load(caller, number))


def _started(request: Request, job: Job) -> Response:
    response = answer(request, view(job, language_of(request.scope)), 202)
    response.headers["Location"] = f"/v1/jobs/{job.id}"
    return response

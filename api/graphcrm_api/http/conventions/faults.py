"""From what is raised to the answer: every error is a problem (see `problems`)."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic_core import to_json
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from graphcrm.errors import (
    GraphCRMError,
    StoreError,
    UnknownNodeError,
    UnknownQuestionError,
    UsageError,
)
from graphcrm_api.http.conventions.inputs import input_words
from graphcrm_api.http.conventions.problems import MEDIA_TYPE, STATUSES, Problem
from graphcrm_api.http.conventions.requests import LOG, language_of

_REFUSALS = frozenset({401, 403})
_OF_STATUS = {
    404: "not-found",
    405: "method-not-allowed",
    406: "not-acceptable",
    408: "timed-out",
    413: "too-large",
    415: "unsupported-type",
}


def handle_errors(app: FastAPI) -> None:
    """Let an application answer whatever is raised below it with problem details."""
    app.add_exception_handler(Problem, _answer)
    app.add_exception_handler(GraphCRMError, _answer)
    app.add_exception_handler(RequestValidationError, _answer)
    app.add_exception_handler(HTTPException, _answer)
    app.add_exception_handler(Exception, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    problem = problem_of(error)
    if problem.kind == "fault":
        LOG.error("fault", exc_info=error, extra={"told": {"request_id": _id(request.scope)}})
    if STATUSES[problem.kind] in _REFUSALS or problem.refused is not None:
        await run_in_threadpool(_note_refusal, request, problem)
    return _response(problem, request.scope)


def problem_of(error: Exception) -> Problem:
    """What is answered to an error; a `fault` for one that is none of the caller's."""
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            kind = _OF_STATUS.get(error.status_code, "invalid")
            return Problem(kind, str(error.detail), headers=error.headers)
        case UnknownNodeError() | UnknownQuestionError():
            return Problem("not-found", str(error))
        case UsageError():
            return Problem("invalid", str(error))
        case StoreError():
            return Problem("unavailable", str(error), headers={"Retry-After": "5"})
        case GraphCRMError():
            return Problem("conflict", str(error))
    return Problem("fault", "the fault is in the log under the request's id")


def _invalid(error: RequestValidationError) -> Problem:
    """Each wrong parameter by its place, without the value: that may be somebody's number."""
    errors = [
        {"at": ".".join(map(str, item["loc"])), "message": input_words(item)}
        for item in error.errors()
    ]
    first = errors[0]
    return Problem("invalid", f"{first['at']}: {first['message']}", errors=errors)


def _note_refusal(request: Request, problem: Problem) -> None:
    subject = getattr(request.state, "subject", None)
    route = getattr(request.scope.get("route"), "path", "(none)")
    address = request.client.host if request.client else "unknown"
    request.app.state.backend.note(
        who=subject.name if subject else "nobody",
        via=subject.via if subject else f"address:{address}",
        action=f"{request.method} {route}",
        resource=(problem.refused or route).replace("\0", "\\0"),  # an entry can't hold it
        outcome="refused",
        detail={"problem": problem.kind} | ({} if problem.there else {"there": False}),
        request_id=_id(request.scope),
    )


def _response(problem: Problem, scope: Scope) -> Response:
    headers = dict(problem.headers or {})
    language = language_of(scope)
    details = problem.details(_id(scope), language)
    headers["Content-Language"] = language
    return Response(
        to_json(details), STATUSES[problem.kind], headers=headers, media_type=MEDIA_TYPE
    )


async def respond(problem: Problem, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer a request with a problem before it reaches the application."""
    await _response(problem, scope)(scope, receive, send)


def _id(scope: Scope) -> str:
    return str(scope.get("state", {}).get("request_id", ""))

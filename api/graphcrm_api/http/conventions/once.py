"""POST requests that may be sent twice without being done twice (header Idempotency-Key)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from graphcrm.ledger import idempotency
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller

_KEPT_HEADERS = ("content-type", "etag", "location")

M = TypeVar("M", bound=BaseModel)


def fingerprint_of(request: Request, body: BaseModel | None, content: str = "") -> str:
    """What tells a request from another: what is asked of which address, and `content` sent."""
    sent = body.model_dump_json() if body is not None else content
    parts = (request.method, request.url.path, request.url.query, sent)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def once(
    caller: Caller,
    request: Request,
    body: BaseModel | None,
    work: Callable[[], Response],
    *,
    again: bool = False,
) -> Response:
    """Do the work of a POST; with a key that was sent before, give the same answer and do nothing.

    The same key with another request is refused, and so is one whose first request is still being
    done. A request that fails has had no effect, and its key can be sent again. With `again` no
    answer is kept, and the work is asked for it once more: where it holds personal data, and the
    work itself knows what it has done.
    """
    key = caller.idempotency_key
    if key is None:
        return work()
    who, state = caller.subject.name, caller.backend.state
    fingerprint = fingerprint_of(request, body)
    try:
        with state.writing() as connection:
            kept = idempotency.claim(connection, who=who, key=key, fingerprint=fingerprint)
    except idempotency.IdempotencyConflict as error:
        raise Problem("key-reused", str(error)) from None
    except idempotency.IdempotencyBusy as error:
        raise Problem("conflict", str(error), headers={"Retry-After": "1"}) from None
    if kept is not None and again:
        given = work()
        given.headers["Idempotent-Replayed"] = "true"
        return given
    if kept is not None:
        headers = {**kept.headers, "Idempotent-Replayed": "true"}
        return Response(kept.body, kept.status, headers=headers)
    try:
        given = work()
    except BaseException:
        with state.writing() as connection:
            idempotency.release(connection, who=who, key=key)
        raise
    headers = {n: v for n, v in given.headers.items() if n in _KEPT_HEADERS}
    with state.writing() as connection:
        idempotency.keep(
            connection,
            who=who,
            key=key,
            status=given.status_code,
            headers=headers,
            body=b"" if again else bytes(given.body),
        )
    return given


def shown_once(
    caller: Caller, request: Request, body: BaseModel, make: Callable[[], M], secret: str
) -> Response:
    """Make what has a secret (a field of what `make` returns), which is shown this once.

    A repeated request gets the same answer without it: what is kept must not hold the secret.
    """
    shown: Response | None = None

    def work() -> Response:
        nonlocal shown
        made = make()
        shown = answer(request, made, 201)
        return answer(request, made.model_copy(update={secret: None}), 201)

    kept = once(caller, request, body, work)
    return kept if shown is None else shown

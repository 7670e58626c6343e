"""POST requests that may be sent twice without being done twice (header Idempotency-Key)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from graphcrm.ledger import idempotency
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller

_KEPT_HEADERS = ("content-type", "etag", "location")


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
        answer = work()
        answer.headers["Idempotent-Replayed"] = "true"
        return answer
    if kept is not None:
        headers = {**kept.headers, "Idempotent-Replayed": "true"}
        return Response(kept.body, kept.status, headers=headers)
    try:
        answer = work()
    except BaseException:
        with state.writing() as connection:
            idempotency.release(connection, who=who, key=key)
        raise
    headers = {n: v for n, v in answer.headers.items() if n in _KEPT_HEADERS}
    with state.writing() as connection:
        idempotency.keep(
            connection,
            who=who,
            key=key,
            status=answer.status_code,
            headers=headers,
            body=b"" if again else bytes(answer.body),
        )
    return answer

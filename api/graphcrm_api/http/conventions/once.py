"""POST requests that may be sent twice without being done twice (header Idempotency-Key)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import sqlalchemy as sa
from fastapi import Request
from pydantic import BaseModel
from starlette.responses import Response

from graphcrm.ledger import idempotency
from graphcrm_api.http.conventions.answers import answer
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller

_KEPT_HEADERS = ("content-type", "etag", "location")
_REPLAYED = "Idempotent-Replayed"

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
    work: Callable[[sa.Connection], Response],
    before: Callable[[], None] = lambda: None,
) -> Response:
    """Do the work of a POST in a transaction of the service's state, together with its answer.

    With a key that was sent before, the same answer is given and nothing done; however the service
    ends, neither the work nor its kept answer is there without the other. The same key with another
    request is refused. `before` checks what must not be waited for in a transaction.
    """
    key, state = caller.idempotency_key, caller.backend.state
    if key is None:
        before()
        with state.writing() as connection:
            return work(connection)
    who = caller.subject.name
    fingerprint = fingerprint_of(request, body)
    with _conflicts():
        with state.reading() as connection:
            kept = idempotency.look(connection, who=who, key=key, fingerprint=fingerprint)
        if kept is not None:
            return _replayed(kept)
        before()
        with state.writing() as connection:
            kept = idempotency.claim(connection, who=who, key=key, fingerprint=fingerprint)
            if kept is not None:
                return _replayed(kept)
            given = work(connection)
            _keep(connection, who, key, given, bytes(given.body))
    return given


def shown_once(
    caller: Caller,
    request: Request,
    body: BaseModel,
    make: Callable[[sa.Connection], M],
    secret: str,
    before: Callable[[], None] = lambda: None,
) -> Response:
    """Make what has a secret (a field of what `make` returns), which is shown this once.

    A repeated request gets the same answer without it: what is kept must not hold the secret.
    `before` is as in `once`.
    """
    shown: Response | None = None

    def work(connection: sa.Connection) -> Response:
        nonlocal shown
        made = make(connection)
        shown = answer(request, made, 201)
        return answer(request, made.model_copy(update={secret: None}), 201)

    kept = once(caller, request, body, work, before)
    return kept if shown is None else shown


def again(
    caller: Caller, request: Request, body: BaseModel, work: Callable[[], Response]
) -> Response:
    """Do the work of a POST that knows itself what it has done, and is asked for it once more.

    For what holds personal data: of its answer nothing is kept. The same key with another request
    is refused, and so is one whose first request is still being done. A request that fails has had
    no effect, and its key can be sent again.
    """
    key, state = caller.idempotency_key, caller.backend.state
    if key is None:
        return work()
    who = caller.subject.name
    with _conflicts(), state.writing() as connection:
        kept = idempotency.claim(
            connection, who=who, key=key, fingerprint=fingerprint_of(request, body)
        )
    if kept is not None:
        given = work()
        given.headers[_REPLAYED] = "true"
        return given
    try:
        given = work()
    except BaseException:
        with state.writing() as connection:
            idempotency.release(connection, who=who, key=key)
        raise
    with state.writing() as connection:
        _keep(connection, who, key, given, b"")
    return given


@contextmanager
def _conflicts() -> Iterator[None]:
    """Turn what stands against a key into problems."""
    try:
        yield
    except idempotency.IdempotencyConflict as error:
        raise Problem("key-reused", str(error)) from None
    except idempotency.IdempotencyBusy as error:
        raise Problem("conflict", str(error), headers={"Retry-After": "1"}) from None


def _replayed(kept: idempotency.Kept) -> Response:
    return Response(kept.body, kept.status, headers={**kept.headers, _REPLAYED: "true"})


def _keep(connection: sa.Connection, who: str, key: str, given: Response, body: bytes) -> None:
    headers = {n: v for n, v in given.headers.items() if n in _KEPT_HEADERS}
    idempotency.keep(
        connection, who=who, key=key, status=given.status_code, headers=headers, body=body
    )

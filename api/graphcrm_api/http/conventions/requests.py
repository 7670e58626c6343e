"""What is done to every request: its id, its line in the log, the headers of its answer."""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from pydantic_core import to_json
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from graphcrm.words import Language
from graphcrm_api.http.conventions.problems import MEDIA_TYPE, Problem

LOG = logging.getLogger("graphcrm.http")

_TRACE = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
"""OWASP's secure headers for an API whose answers are nobody's page; a page sets its own."""

_TOO_LARGE = 413

Measure = Callable[[str, str, int, float], None]


class Requests:
    """Gives each request an id, its answer headers, the log a line and the measurements a number.

    The id is the trace id of the header `traceparent` (W3C Trace Context) where there is one, so
    that a company's tracing finds it. The line has no query, body, name or number: the path is
    given as the route's pattern.
    """

    def __init__(self, app: ASGIApp, measure: Measure) -> None:
        """Around an application; `measure` hears method, route, status and seconds."""
        self._app, self._measure = app, measure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = _TRACE.fullmatch(Headers(scope=scope).get("traceparent", ""))
        request_id = trace.group(1) if trace else secrets.token_hex(16)
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 500

        too_large: bytes | None = None
        answered = False

        async def answer(message: Message) -> None:
            nonlocal status, too_large, answered
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                if status == _TOO_LARGE and headers.get("content-type") != MEDIA_TYPE:
                    too_large = _told_too_large(scope, headers)
                headers["X-Request-Id"] = request_id
                for name, value in _SECURITY.items():
                    headers.setdefault(name, value)
            elif too_large is not None:
                message = {**message, "body": too_large}
            else:
                answered = not message.get("more_body")
            await send(message)

        try:
            await self._app(scope, receive, answer)
        except Exception:  # of a fault that was answered there is nothing more to say
            if not answered:
                raise
        finally:
            seconds = time.perf_counter() - began
            route = getattr(scope.get("route"), "path", "(none)")
            self._measure(scope["method"], route, status, seconds)
            _log(scope, request_id, route, status, seconds)


def _told_too_large(scope: Scope, headers: MutableHeaders) -> bytes:
    """The problem in place of the plain text with which the limit on bodies answers."""
    problem = Problem("too-large", "the request's body is larger than is allowed here")
    body = to_json(problem.details(scope["state"]["request_id"], language_of(scope)))
    headers["content-type"], headers["content-length"] = MEDIA_TYPE, str(len(body))
    return body


def language_of(scope: Scope) -> Language:
    """The language that a request wants its words in."""
    wanted = Headers(scope=scope).get("accept-language", "").lower()
    return "zh" if wanted.startswith("zh") else "en"


def _log(scope: Scope, request_id: str, route: str, status: int, seconds: float) -> None:
    if not LOG.isEnabledFor(logging.INFO):
        return
    subject = scope["state"].get("subject")
    LOG.info(
        "request",
        extra={
            "told": {
                "request_id": request_id,
                "method": scope["method"],
                "route": route,
                "status": status,
                "ms": round(1000 * seconds, 1),
                "who": subject.name if subject else None,
            }
        },
    )


class _JsonLines(logging.Formatter):
    """A log record as one line of JSON; of an exception where it arose, not what it says.

    Messages of exceptions repeat values: somebody's name, a number.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S%z"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info and record.exc_info[0]:
            line["fault"] = record.exc_info[0].__name__
            line["at_lines"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """Let the service's log go to standard error, a JSON object a line."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines())
    for name, level in (("graphcrm", logging.INFO), ("uvicorn", logging.WARNING)):
        logger = logging.getLogger(name)
        logger.handlers[:] = [handler]
        logger.setLevel(level)
        logger.propagate = False

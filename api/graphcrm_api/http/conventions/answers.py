"""Answers as they go out: JSON with an entity tag, which a caller may send back."""

from __future__ import annotations

import hashlib
from typing import Any

from fastapi import Request
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from graphcrm_api.http.conventions.problems import Problem


def answer(
    request: Request, content: BaseModel | dict[str, Any] | list[Any], status: int = 200
) -> Response:
    """An answer with its entity tag; without a body where the caller has it already (RFC 9110)."""
    body = to_json(content)
    tag = tag_of(body)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if status == 200 and tag in _listed(request.headers.get("If-None-Match")):
        return Response(status_code=304, headers=headers)
    return Response(body, status, headers=headers, media_type="application/json")


def tag_of(body: bytes) -> str:
    """The entity tag of an answer."""
    return f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def require_condition(request: Request) -> None:
    """Refuse a change that doesn't say on which state it rests (If-Match)."""
    if request.headers.get("If-Match") is None:
        raise Problem("condition-needed", "send the ETag of what you have seen in If-Match")


def is_unchanged(request: Request, present: dict[str, Any]) -> bool:
    """Whether a change rests on the present state of what it is about."""
    given = request.headers.get("If-Match", "")
    return given.strip() == "*" or tag_of(to_json(present)) in _listed(given)


def _listed(header: str | None) -> list[str]:
    return [part.strip().removeprefix("W/") for part in (header or "").split(",")]

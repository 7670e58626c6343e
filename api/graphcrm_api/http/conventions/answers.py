"""Answers as they go out: JSON with an entity tag, which a caller may send back."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import Header, Request
from pydantic import BaseModel
from pydantic_core import to_json
from starlette.responses import Response

from graphcrm_api.http.conventions.problems import Problem

IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description="The ETag of what you have seen; `*` for whatever it is."),
]
"""The header of an endpoint that changes what somebody may have changed meanwhile."""


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


def required_condition(given: str | None) -> str:
    """The condition of a change (If-Match); refuse one that doesn't say on which state it rests."""
    if given is None:
        raise Problem("condition-needed", "send the ETag of what you have seen in If-Match")
    return given


def is_unchanged(condition: str, present: dict[str, Any]) -> bool:
    """Whether a change rests on the present state of what it is about."""
    return condition.strip() == "*" or tag_of(to_json(present)) in _listed(condition)


def _listed(header: str | None) -> list[str]:
    return [part.strip().removeprefix("W/") for part in (header or "").split(",")]

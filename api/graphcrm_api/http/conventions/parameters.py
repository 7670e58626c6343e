"""Query parameters: what an endpoint doesn't describe is refused, not passed over."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from rapidfuzz import fuzz, process

from graphcrm_api.http.conventions.problems import Problem

_LONGEST_SHOWN = 50


def require_known(request: Request) -> None:
    """Refuse a request with a query parameter that its endpoint doesn't have.

    Problem that names it and the nearest one there is: a misspelt filter would be no filter.
    """
    given = request.query_params.keys()
    known = _described(request) if given else None
    if known is None:
        return
    for name in given:
        if name not in known:
            raise _unknown(name[:_LONGEST_SHOWN], known)


def _described(request: Request) -> list[str] | None:
    """The query parameters that the description gives an endpoint; None: it isn't described."""
    paths = request.app.openapi()["paths"]
    endpoint: dict[str, Any] | None = paths.get(request.scope["route"].path_format)
    if endpoint is None:
        return None
    parameters = endpoint[request.method.lower()].get("parameters", [])  # or references to headers
    return [one["name"] for one in parameters if one.get("in") == "query"]


def _unknown(name: str, known: list[str]) -> Problem:
    said = f"there is no query parameter {name!r} here"
    nearest = process.extractOne(name.lower(), known, scorer=fuzz.ratio)
    message = f"{said}; the nearest is {nearest[0]!r}" if nearest else f"{said}, nor any other"
    return Problem("invalid", message, errors=[{"at": f"query.{name}", "message": message}])

"""Cursors: after which row the next page of a list begins."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any, TypeVar

from pydantic import TypeAdapter
from pydantic_core import from_json

from graphcrm_api.http.conventions.problems import Problem

T = TypeVar("T")


def cursor_of(asked: Any, after: Any) -> str:
    """A cursor for the rows after `after` of what was asked, as text for an address.

    Anybody can read what it says: it must be nothing that is masked for the caller.
    """
    content = json.dumps([_mark(asked), after], ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(content.encode()).decode().rstrip("=")


def after_of(asked: Any, cursor: str | None, shape: TypeAdapter[T]) -> T | None:
    """What a cursor says, None without one.

    Problem where it is of another question, and where it doesn't have the shape of those that were
    given out: callers can write cursors of their own.
    """
    if cursor is None:
        return None
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        mark, after = from_json(base64.urlsafe_b64decode(padded.encode("ascii")))
        if mark != _mark(asked):
            raise Problem("invalid", "the cursor belongs to a list with other parameters")
        return shape.validate_python(after)
    except (ValueError, TypeError):
        raise Problem("invalid", "the cursor is none of this service") from None


def _mark(asked: Any) -> str:
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:12]

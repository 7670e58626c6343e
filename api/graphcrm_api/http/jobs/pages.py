"""Pages of lists that are numbered, newest first."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, TypeAdapter

from graphcrm_api.http.conventions.cursors import LONGEST_PAGE, after_of

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Rows of a page.")]
Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=1000)]

_AFTER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0, lt=2**63)])


def after_number(asked: Any, cursor: str | None) -> int | None:
    """The number after which a page begins. Problem for a cursor of another list."""
    return after_of(asked, cursor, _AFTER)

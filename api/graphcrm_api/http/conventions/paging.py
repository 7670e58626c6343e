"""Pages of long lists: which one is asked for, and the cursor of the next one."""

import hmac
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, TypeVar

import pyarrow as pa
from fastapi import Depends, Query
from pydantic import Field, TypeAdapter

from graphcrm_api.http.conventions.cursors import after_of, cursor_of
from graphcrm_api.http.conventions.problems import Problem

LONGEST_PAGE = 500
USUAL_PAGE = 50

_LONGEST_CURSOR = 50_000
"""A cursor may hold the longest text and the longest id of the graph (see `cursors`)."""

Limit = Annotated[int, Query(ge=1, le=LONGEST_PAGE, description="Rows of a page.")]
Cursor = Annotated[
    str | None, Query(max_length=_LONGEST_CURSOR, description="`next` of the page before.")
]

_PLACE = TypeAdapter(tuple[int, str])
_NUMBER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0, lt=2**63)])

_SECRET = secrets.token_bytes(32)
"""Without it, what is masked in a row could be guessed, and the guess be tried with a cursor."""


class Numbered(Protocol):
    """What has a number of its own, by which it is listed."""

    @property
    def seq(self) -> int:
        """The number."""


T = TypeVar("T")
N = TypeVar("N", bound=Numbered)


@dataclass(frozen=True)
class Paging:
    """Which page of a list is asked for: the parameters of every list (see `Paged`).

    `asked` is what else was asked for: a cursor of another list is refused.
    """

    limit: Limit = USUAL_PAGE
    cursor: Cursor = None

    def after(self, asked: Any, shape: TypeAdapter[T]) -> T | None:
        """What the cursor says, None for the first page. Problem for one of another list."""
        return after_of(asked, self.cursor, shape)

    def by_number(
        self, asked: Any, read: Callable[[int | None, int], Sequence[N]]
    ) -> tuple[Sequence[N], str | None]:
        """A page of what is numbered; `read` takes the number before it, and how many."""
        found = read(self.after(asked, _NUMBER), self.limit + 1)
        shown = found[: self.limit]
        return shown, cursor_of(asked, shown[-1].seq) if len(found) > self.limit else None

    def by_row(
        self, table: pa.Table, asked: Any, by: Sequence[str] | None = None
    ) -> tuple[pa.Table, str | None]:
        """A page of rows that have no key; `by` are the columns that tell them apart, or all.

        The cursor knows its row again where the list has changed, however the rows before it moved.
        Problem where that row is gone, and where the service was started anew.
        """
        told = table.select(list(by)) if by else table
        start = _place_after(told, self.after(asked, _PLACE))
        part = table.slice(start, self.limit)
        end = start + part.num_rows
        more = end < table.num_rows
        return part, cursor_of(asked, [end, _mark(told, end - 1)]) if more else None


Paged = Annotated[Paging, Depends()]
"""The parameter of an endpoint that answers with a page."""


def _place_after(table: pa.Table, after: tuple[int, str] | None) -> int:
    if after is None:
        return 0
    place, mark = after
    if 0 < place <= table.num_rows and _mark(table, place - 1) == mark:
        return place
    for row in range(table.num_rows):
        if _mark(table, row) == mark:
            return row + 1
    raise Problem("gone", "the list has changed; begin again at its first page")


def _mark(table: pa.Table, row: int) -> str:
    """What tells a row from others, and nothing of what is in it."""
    values = repr([column[row].as_py() for column in table.columns])
    return hmac.digest(_SECRET, values.encode("utf-8", "surrogatepass"), "sha256").hex()[:10]

"""Answers of named questions, limited to the caller's branches and kept while the graph stands."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable, Generator, Hashable
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa
from pydantic import TypeAdapter

from graphcrm.store import Question
from graphcrm_api.http.conventions.cursors import after_of, cursor_of
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.limits import Limited
from graphcrm_api.http.privacy.sight import shown_rows

T = TypeVar("T")

_ROWS_AT_ONCE = 2_000
"""So many rows of an export are masked and sent at once."""

_AFTER = TypeAdapter(tuple[int, str])

_SECRET = secrets.token_bytes(32)
"""Without it, what is masked in a row could be guessed, and the guess be tried with a cursor."""


class Answers:
    """What a request reads of the answers that are kept: all of it of one state of the graph."""

    def __init__(self, caller: Caller) -> None:
        """For the time of a request."""
        self.caller = caller
        self._memory = caller.backend.memory

    @cached_property
    def _mark(self) -> str:
        with self.caller.store() as store:
            return store.marks().state

    def kept(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is made of the graph, made once until the graph changes; `key` names it."""
        return self._memory.get(key, self._mark, make)

    def whole(self, question: Question, values: dict[str, Any]) -> pa.Table:
        """A question's answer of the whole company, for what limits it; `values` are bound."""

        def ask() -> pa.Table:
            given = {name: value for name, value in values.items() if value is not None}
            with self.caller.store() as store:
                return store.query(question.name, **given)

        return self.kept(_key(question, values), ask)

    def limited(self, question: Question, values: dict[str, Any]) -> Limited:
        """A question's answer in the caller's branches, not yet masked; `values` are bound."""
        caller = self.caller
        if caller.branches is None:
            return Limited(self.whole(question, values), outside=False)

        def limit() -> Limited:
            table = self.whole(question, values)
            with caller.sight() as sight:
                return sight.limited(question, table)

        return self.kept(("in", caller.branches, _key(question, values)), limit)


def masked(caller: Caller, question: Question, table: pa.Table) -> list[dict[str, Any]]:
    """Rows that lie in the caller's branches, as they may be shown."""
    return shown_rows(question, table, unmasked=caller.unmasked)


def masked_batches(
    caller: Caller, question: Question, table: pa.Table
) -> Generator[pa.RecordBatch]:
    """Rows that lie in the branches as batches to export, masked; there is always a first one."""
    for start in range(0, max(table.num_rows, 1), _ROWS_AT_ONCE):
        rows = masked(caller, question, table.slice(start, _ROWS_AT_ONCE))
        yield pa.RecordBatch.from_pylist(rows, schema=question.schema)


def page_by_row(
    table: pa.Table, asked: Any, cursor: str | None, limit: int
) -> tuple[pa.Table, str | None]:
    """A page of rows that have no key, and the cursor of the next one.

    The cursor knows its row again where the list has changed, however the rows before it moved.
    Problem where that row is gone, and where the service was started anew.
    """
    start = _place_after(table, after_of(asked, cursor, _AFTER))
    part = table.slice(start, limit)
    end = start + part.num_rows
    more = end < table.num_rows
    return part, cursor_of(asked, [end, _mark(table, end - 1)]) if more else None


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
    return hmac.digest(_SECRET, values.encode(), "sha256").hex()[:10]


def _key(question: Question, values: dict[str, Any]) -> Hashable:
    return (question.name, *sorted(values.items()))

"""Answers of named questions, limited to the caller's branches and kept while the graph stands."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from functools import cached_property
from typing import Any, TypeVar

import pyarrow as pa

from graphcrm.store import Question
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.limits import Limited
from graphcrm_api.http.privacy.sight import shown_rows

T = TypeVar("T")

_ROWS_AT_ONCE = 2_000
"""So many rows of an export are masked and sent at once."""


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


def _key(question: Question, values: dict[str, Any]) -> Hashable:
    return (question.name, *sorted(values.items()))

"""Orphan policies as a caller may see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Hashable
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field, TypeAdapter

from graphcrm.orphans import by_customer, summary
from graphcrm_api.http.conventions.answering import Answers, masked, masked_batches
from graphcrm_api.http.conventions.cursors import cursor_of
from graphcrm_api.http.conventions.exporting import Export
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.customers.service import absent
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.orphans.schemas import CUSTOMERS, ORPHANS, Asked
from graphcrm_api.http.privacy.limits import Limited

_ROW = "_row"

_After = tuple[Any, str, int]
_NTH = Annotated[int, Field(ge=0, lt=2**31)]
_AFTER_TEXT: TypeAdapter[_After] = TypeAdapter(tuple[str | None, str, _NTH])
_AFTER_NUMBER: TypeAdapter[_After] = TypeAdapter(tuple[float | None, str, _NTH])
_AFTER = {
    "policy_id": _AFTER_TEXT,
    "premium": _AFTER_NUMBER,
    "next_due_on": _AFTER_TEXT,
    "open_claims": _AFTER_NUMBER,
    "days_since_contact": _AFTER_NUMBER,
}
"""What cursors say, by the column of the order: nothing of it is ever masked."""


def list_orphans(
    caller: Caller, asked: Asked, reason: str | None, sort: str, paging: Paging
) -> dict[str, Any]:
    """A page of the policies that nobody serves."""
    answers = Answers(caller)
    found = _found(answers, asked)
    order = _order(answers, asked, reason, sort, found)
    said = [_said(caller, asked), reason, sort]
    after = paging.after(said, _AFTER[_column(sort)[0]])
    start = 0 if after is None else _place_after(found.table, order, sort, after)
    rows = order[start : start + paging.limit]
    page = found.table.take(pa.array(rows))
    following = None
    if start + paging.limit < len(order):
        following = cursor_of(said, _after(found.table, sort, int(rows[-1])))
    caller.note_view("list", "orphans", rows=page.num_rows)
    return {"items": masked(caller, ORPHANS, page), "next": following}


def export_orphans(caller: Caller, asked: Asked, reason: str | None, sort: str) -> Export:
    """All of them."""

    def batches() -> Generator[pa.RecordBatch]:
        answers = Answers(caller)
        found = _found(answers, asked)
        table = found.table.take(pa.array(_order(answers, asked, reason, sort, found)))
        yield from masked_batches(caller, ORPHANS, table)

    return Export("orphans", batches)


def summarise(caller: Caller, asked: Asked) -> dict[str, Any]:
    """How many there are of what the caller may see."""
    answers = Answers(caller)
    found = _found(answers, asked)

    def make() -> dict[str, Any]:
        return summary(found.table).model_dump() | {"outside": found.outside}

    return answers.kept(("orphans summary", _mine(caller, asked)), make)


def list_customers(caller: Caller, asked: Asked, paging: Paging) -> dict[str, Any]:
    """A page of the customers whom that concerns, the most urgent first."""
    table = _customers(Answers(caller), asked)
    said = ["customers", _said(caller, asked)]
    page, following = paging.by_row(table, said)
    caller.note_view("list", "orphans by customer", rows=page.num_rows)
    return {"items": masked(caller, CUSTOMERS, page), "next": following}


def export_customers(caller: Caller, asked: Asked) -> Export:
    """All of them."""

    def batches() -> Generator[pa.RecordBatch]:
        yield from masked_batches(caller, CUSTOMERS, _customers(Answers(caller), asked))

    return Export("orphans by customer", batches)


def _customers(answers: Answers, asked: Asked) -> pa.Table:
    found = _found(answers, asked)
    return answers.kept(
        ("orphans by customer", _mine(answers.caller, asked)),
        lambda: by_customer(found.table).cast(CUSTOMERS.schema),
    )


def _found(answers: Answers, asked: Asked) -> Limited:
    """The orphans in the caller's branches; those of one agent only where the agent is theirs."""
    caller = answers.caller
    found = answers.limited(ORPHANS, _values(caller, asked))
    if asked.agent is None:
        return found
    with caller.sight() as sight:
        known = sight.store.node("Agent", asked.agent) is not None
        seen = sight.visible([("Agent", asked.agent)])
        if caller.branches is not None and not (known and seen):
            raise absent("Agent", asked.agent, refused=True, there=known)
    table = found.table.filter(pc.equal(found.table["agent_id"], asked.agent))
    if not known and not table.num_rows:
        raise absent("Agent", asked.agent)
    return Limited(table, found.outside)


def _values(caller: Caller, asked: Asked) -> dict[str, Any]:
    days = caller.backend.settings.leave_days if asked.leave_days is None else asked.leave_days
    return {
        "as_of": (asked.as_of or dt.date.today()).isoformat(),
        "leave_days": days,
        "unauthorised": int(asked.unauthorised),
        "agent_id": None,
    }


def _said(caller: Caller, asked: Asked) -> list[Any]:
    return [_values(caller, asked), asked.agent]


def _mine(caller: Caller, asked: Asked) -> Hashable:
    return (caller.branches, asked.agent, *sorted(_values(caller, asked).items()))


def _order(
    answers: Answers, asked: Asked, reason: str | None, sort: str, found: Limited
) -> npt.NDArray[np.int64]:
    """The rows of a reason in their order; what is unknown comes last, either way."""

    def make() -> npt.NDArray[np.int64]:
        table = found.table
        if reason is None:
            rows = np.arange(table.num_rows)
        else:
            rows = np.flatnonzero(pc.equal(table["reason"], reason).to_numpy())
        if sort == "policy_id":
            return rows
        name, descending = _column(sort)
        chosen = pa.table({name: table[name].take(pa.array(rows)), _ROW: rows})
        direction = "descending" if descending else "ascending"
        keys = [(name, direction, "at_end"), (_ROW, "ascending", "at_end")]
        order = pc.sort_indices(chosen, sort_keys=keys)
        ordered: npt.NDArray[np.int64] = rows[order.to_numpy()]
        return ordered

    return answers.kept(("orphans in order", reason, sort, _mine(answers.caller, asked)), make)


def _column(sort: str) -> tuple[str, bool]:
    return sort.removeprefix("-"), sort.startswith("-")


def _after(table: pa.Table, sort: str, row: int) -> _After:
    """What a cursor says of a row: its value, its policy, and which of the policy's rows it is."""
    policies = table["policy_id"]
    nth = 0
    while row > nth and policies[row - nth - 1].as_py() == policies[row].as_py():
        nth += 1
    return table[_column(sort)[0]][row].as_py(), policies[row].as_py(), nth


def _place_after(table: pa.Table, order: npt.NDArray[np.int64], sort: str, after: _After) -> int:
    """How many rows stand before or at the one that a cursor names, whether it is still there."""
    value, policy, nth = after
    at = int(pc.sum(pc.less(table["policy_id"], policy)).as_py() or 0)
    at += min(int(pc.sum(pc.equal(table["policy_id"], policy)).as_py() or 0), nth + 1)
    if sort == "policy_id":
        return int((order < at).sum())
    name, descending = _column(sort)
    values = table[name].take(pa.array(order)).combine_chunks()
    earlier = (order < at) & _same(values, value)
    if value is None:
        earlier |= values.is_valid().to_numpy(zero_copy_only=False)
    else:
        compare = pc.greater if descending else pc.less
        earlier |= pc.fill_null(compare(values, value), False).to_numpy(zero_copy_only=False)
    return int(earlier.sum())


def _same(values: pa.Array, value: Any) -> npt.NDArray[np.bool_]:
    same = values.is_null() if value is None else pc.fill_null(pc.equal(values, value), False)
    found: npt.NDArray[np.bool_] = same.to_numpy(zero_copy_only=False)
    return found

"""Customers as a caller may see them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pyarrow as pa

from graphcrm.customer import customer_of, further_of
from graphcrm.errors import UnknownNodeError
from graphcrm_api.http.conventions.exporting import Export
from graphcrm_api.http.conventions.lists import Listing
from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.customers.schemas import SECTIONS, FurtherRecords
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.sight import Sight, shown_batch

_OF_A_CHANGE = ("before", "after")


def absent(label: str, id: str, *, refused: bool = False, there: bool = True) -> Problem:
    """That there is no such node; said alike where it only lies outside of the branches.

    `refused` to somebody of some branches it is logged, also where it isn't `there`: the time that
    this takes would tell the one from the other.
    """
    said = f"there is no {label} with the id {id!r}"
    return Problem("not-found", said, refused=f"{label}:{id}" if refused else None, there=there)


def require_visible(sight: Sight, label: str, id: str) -> None:
    """Problem where a node isn't there or is none of the caller's."""
    there = sight.store.node(label, id) is not None
    seen = sight.visible([(label, id)])  # is asked in any case, so that both take as long
    if not there or not seen:
        raise absent(label, id, refused=sight.branches is not None, there=there)


def one_node(caller: Caller, label: str, id: str) -> dict[str, Any]:
    """A node with its properties."""
    with caller.sight() as sight:
        require_visible(sight, label, id)
        record = sight.store.node(label, id)
        assert record is not None
        caller.note_view("view", f"{label}:{id}")
        return sight.nodes([record])[0]


def find_nodes(caller: Caller, id: str) -> dict[str, Any]:
    """The nodes that have an id, those of the caller."""
    with caller.sight() as sight:
        there = sight.store.find(id)
        seen = sight.visible(there or [("Person", id)])  # so that both take as long
    if not there or not seen:
        limited = caller.branches is not None
        named = ", ".join(f"{label}:{id_}" for label, id_ in there) or f"node:{id}"
        raise Problem(
            "not-found",
            f"there is no node with the id {id!r}",
            refused=named if limited else None,
            there=bool(there),
        )
    return {"items": [{"label": label, "id": id_} for label, id_ in there if (label, id_) in seen]}


def history(caller: Caller, label: str, id: str) -> dict[str, Any]:
    """Earlier states of a node."""
    with caller.sight() as sight:
        require_visible(sight, label, id)
        earlier = sight.store.history(label, id)
        caller.note_view("view history", f"{label}:{id}", states=len(earlier))
        states = sight.nodes([{**state, "label": label, "id": id} for state in earlier])
    return {"items": [{**state, "at": in_utc(state.get("at"))} for state in states]}


def one_customer(caller: Caller, label: str, id: str, *, whole: bool) -> dict[str, Any]:
    """A customer with everything that hangs on them; `whole` beyond the caller's branches too.

    Only who may see the customer at all can ask for the whole.
    """
    with caller.sight() as sight:
        require_visible(sight, label, id)
        if whole:
            caller.require("customer:whole")
            purpose = caller.require_purpose()
            caller.note("view whole", f"{label}:{id}", stated=purpose)
            sight = Sight(sight.store, None, sight.unmasked)
        else:
            caller.note_view("view", f"{label}:{id}")
        try:
            found = customer_of(sight.store, label, id)
        except UnknownNodeError:
            raise absent(label, id) from None
        outside: list[str] = []
        shown: dict[str, Any] = {"record": sight.nodes([found.record])[0]}
        for name, question in SECTIONS.items():
            rows = pa.Table.from_pylist(getattr(found, name), schema=question.schema)
            answer = sight.answer(question, rows)
            shown[name] = answer.rows
            if answer.outside:
                outside.append(name)
        shown["history"] = [_change(sight, label, change) for change in found.history]
        further = further_of(label, id, shown["records"])  # as far as they are the caller's
        told = None if further is None else FurtherRecords.of(further)
        return {**shown, "further": told, "outside": outside}


def _change(sight: Sight, label: str, change: dict[str, Any]) -> dict[str, Any]:
    """A change of a record as it may be shown."""
    told = {
        when: sight.nodes([{"label": label, **{n: v[when] for n, v in change["fields"].items()}}])[
            0
        ]
        for when in _OF_A_CHANGE
    }
    names = [n for n in change["fields"] if any(n in told[when] for when in _OF_A_CHANGE)]
    return {
        "at": in_utc(change["at"]),
        "load": change["load"],
        "fields": {n: {when: told[when].get(n) for when in _OF_A_CHANGE} for n in names},
    }


def _looked_up(caller: Caller, label: str, asked: Listing) -> list[str]:
    """The masked properties of which a list asks for a whole value: counted, and noted."""
    looked_up = asked.exact_lookups(label, unmasked=caller.unmasked)
    if looked_up:
        caller.backend.limits.spend_lookup(caller.subject.name)
        caller.note("look up", label, properties=looked_up)
    return looked_up


def list_nodes(caller: Caller, label: str, asked: Listing) -> dict[str, Any]:
    """A page of nodes of a label."""
    _looked_up(caller, label, asked)
    with caller.sight() as sight:
        rows = sight.store.page(
            label,
            where=asked.where,
            sort=asked.sort,
            descending=asked.descending,
            after=asked.after(label),
            limit=asked.paging.limit + 1,
            branches=caller.branches,
        )
        there_is_more = len(rows) > asked.paging.limit
        rows = rows[: asked.paging.limit]
        caller.note_view("list", label, rows=len(rows))
        following = asked.next(label, rows[-1]) if there_is_more else None
        return {"items": [asked.of_fields(row) for row in sight.nodes(rows)], "next": following}


def export_nodes(caller: Caller, label: str, asked: Listing) -> Export:
    """All nodes of a label that fit."""
    if asked.sort is not None:
        raise Problem("invalid", "an export comes in the order of the ids")
    looked_up = _looked_up(caller, label, asked)

    def batches() -> Generator[pa.RecordBatch]:
        with caller.sight() as sight:
            found = sight.store.scan(
                label,
                columns=("id", *asked.fields) if asked.fields else None,
                where=asked.where,
                branches=caller.branches,
            )
        for batch in found:
            yield shown_batch(label, batch, unmasked=caller.unmasked)

    return Export(label, batches, {"properties": looked_up})

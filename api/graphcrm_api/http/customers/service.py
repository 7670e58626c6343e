"""Customers as a caller may see them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa

from graphcrm.customer import customer_of
from graphcrm.errors import UnknownNodeError
from graphcrm_api.http.conventions.lists import Listing
from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.customers.schemas import SECTIONS
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.sight import Sight, shown_batch

_OF_A_CHANGE = ("before", "after")


def absent(label: str, id: str, *, refused: bool = False) -> Problem:
    """That there is no such node; said alike where it only lies outside of the branches."""
    said = f"there is no {label} with the id {id!r}"
    return Problem("not-found", said, refused=f"{label}:{id}" if refused else None)


def require_visible(sight: Sight, label: str, id: str) -> None:
    """Problem where a node isn't there or is none of the caller's."""
    if sight.store.node(label, id) is None:
        raise absent(label, id)
    if not sight.visible([(label, id)]):
        raise absent(label, id, refused=True)


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
        seen = sight.visible(there)
    if not seen:
        refused = ", ".join(f"{label}:{id_}" for label, id_ in there) or None
        raise Problem("not-found", f"there is no node with the id {id!r}", refused=refused)
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
        return {**shown, "outside": outside}


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
            limit=asked.limit + 1,
            branches=caller.branches,
        )
        there_is_more = len(rows) > asked.limit
        rows = rows[: asked.limit]
        caller.note_view("list", label, rows=len(rows))
        following = asked.next(label, rows[-1]) if there_is_more else None
        return {"items": [asked.of_fields(row) for row in sight.nodes(rows)], "next": following}


def export_nodes(caller: Caller, label: str, asked: Listing) -> Iterator[pa.RecordBatch]:
    """All nodes of a label that fit, in batches; noted before the first is read."""
    caller.require("export:read")
    if asked.sort is not None:
        raise Problem("invalid", "an export comes in the order of the ids")
    looked_up = _looked_up(caller, label, asked)
    caller.note("export", label, properties=looked_up, unmasked=caller.unmasked)
    with caller.sight() as sight:
        batches = sight.store.scan(
            label,
            columns=("id", *asked.fields) if asked.fields else None,
            where=asked.where,
            branches=caller.branches,
        )
    for batch in batches:
        yield shown_batch(label, batch, unmasked=caller.unmasked)

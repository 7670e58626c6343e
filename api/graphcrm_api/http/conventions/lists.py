"""Lists of nodes: filtered, sorted, in pages, with only the fields that are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Query
from pydantic import Field, TypeAdapter

from graphcrm.model import VOCABULARY
from graphcrm.store.paging import OPERATORS, Condition
from graphcrm_api.http.conventions.cursors import cursor_of
from graphcrm_api.http.conventions.paging import Paged, Paging
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.privacy.masks import form_of

_FILTER = "A condition `property:operator:value`, such as `premium:ge:1000`; several must all hold."
_ALWAYS = ("label", "id")

_Number = Annotated[int, Field(ge=-(2**63), lt=2**63)] | float
_AFTER: TypeAdapter[tuple[str | _Number | None, str]] = TypeAdapter(
    tuple[str | _Number | None, str]
)
"""What a cursor says: the sorted value of a row, and its id."""


@dataclass(frozen=True)
class Listing:
    """What of a list is asked for (see `listing`)."""

    where: dict[str, Condition]
    sort: str | None
    descending: bool
    fields: tuple[str, ...] | None
    paging: Paging

    def after(self, label: str) -> tuple[Any, str] | None:
        """After which row the page begins."""
        return self.paging.after(self._asked(label), _AFTER)

    def next(self, label: str, last: dict[str, Any]) -> str:
        """The cursor of the page after a row, which has the sorted property unmasked.

        For whom that is masked, it is none to sort by (see `exact_lookups`).
        """
        return cursor_of(self._asked(label), [last.get(self.sort or "id"), last["id"]])

    def of_fields(self, row: dict[str, Any]) -> dict[str, Any]:
        """A row with the wanted fields only."""
        if self.fields is None:
            return row
        return {name: row[name] for name in (*_ALWAYS, *self.fields) if name in row}

    def exact_lookups(self, label: str, *, unmasked: bool) -> list[str]:
        """The masked properties that are looked up. Problem for what masked ones can't be asked,
        and for a property that the label doesn't have.

        Ranges, beginnings and order would tell what is masked, value by value.
        """
        known = {"id", *(p.name for p in VOCABULARY.nodes[label].properties)}
        for name in (*self.where, *(self.fields or ()), *([self.sort] if self.sort else ())):
            if name not in known:
                raise Problem("invalid", f"{label} has no property {name!r}")
        if unmasked:
            return []
        hidden = [name for name in self.where if form_of(label, name) is not None]
        for name in hidden:
            if self.where[name].op not in ("eq", "null"):
                raise _masked(name)
        if self.sort is not None and form_of(label, self.sort) is not None:
            raise _masked(self.sort)
        return [name for name in hidden if self.where[name].op == "eq"]

    def _asked(self, label: str) -> list[Any]:
        where = {name: [c.op, c.value] for name, c in self.where.items()}
        return [label, where, self.sort, self.descending]


def listing(
    paging: Paged,
    filter: Annotated[list[str], Query(description=_FILTER, max_length=20)] = [],  # noqa: B006
    sort: Annotated[
        str | None, Query(description="The property to sort by; `-` in front turns it round.")
    ] = None,
    fields: Annotated[
        str | None, Query(description="The properties wanted, parted by commas; all by default.")
    ] = None,
) -> Listing:
    """The parameters that every list of nodes has."""
    wanted = tuple(part.strip() for part in fields.split(",") if part.strip()) if fields else None
    descending = bool(sort and sort.startswith("-"))
    where = dict(_condition(text) for text in filter)
    if len(where) < len(filter):
        raise Problem("invalid", "a list takes one condition on a property")
    return Listing(where, sort.lstrip("-") if sort else None, descending, wanted, paging)


def _condition(text: str) -> tuple[str, Condition]:
    name, _, rest = text.partition(":")
    op, colon, value = rest.partition(":")
    if not name or not colon or op not in OPERATORS:
        raise Problem(
            "invalid", f"filter: {text!r} is not property:operator:value ({', '.join(OPERATORS)})"
        )
    if op == "in":
        return name, Condition(op, tuple(value.split(",")))
    if op == "null":
        return name, Condition(op, value.lower() in ("yes", "true", "1", ""))
    return name, Condition(op, value)


def _masked(name: str) -> Problem:
    return Problem(
        "masked",
        f"{name} is masked: without the scope pii and a purpose only a whole value can be asked",
    )

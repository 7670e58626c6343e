"""Pages of nodes: conditions on them, their order, and where a page begins."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, TypeVar

import pyarrow as pa
from pydantic_core import PydanticCustomError

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY, Kind, NodeType
from graphcrm.model.kinds import DATE, TEXT

OPERATORS = ("eq", "ne", "lt", "le", "gt", "ge", "in", "prefix", "null")

BATCH_ROWS = 5_000
"""So many rows a batch of a scan has, unless it is told otherwise."""

T = TypeVar("T")

Node = tuple[str, str]
"""A node's identity: its label and its id."""


@dataclass(frozen=True)
class Condition:
    """What a property must be: `Condition("ge", 1000)`.

    `in` takes several values, `prefix` the beginning of a text, `null` whether it is to be unset.
    What is unset fits none of the others, not even `ne`.
    """

    op: str
    value: Any


@dataclass(frozen=True)
class Bound:
    """A condition on a property, with values in the form in which stores keep them."""

    name: str
    op: str
    value: Any


@dataclass(frozen=True)
class Order:
    """The order of a page: by a property, then by the id; what is unset comes last, either way.

    `after` is the value and the id behind which the page begins.
    """

    sort: str
    descending: bool
    after: tuple[Any, str] | None


def bound(label: str, where: Mapping[str, Any] | None) -> tuple[Bound, ...]:
    """The conditions that `Store.page` is given; UsageError where one can't be."""
    found = []
    for name, given in (where or {}).items():
        kind = _kind(label, name)
        asked = given if isinstance(given, Condition) else Condition("eq", given)
        if asked.op == "eq" and asked.value is None:
            asked = Condition("null", True)
        if asked.op not in OPERATORS:
            raise UsageError(f"there is no condition {asked.op!r}; there are: {_LISTED}")
        if asked.op == "null":
            value: Any = bool(asked.value)
        elif asked.op == "in":
            value = [_value(label, name, kind, one) for one in asked.value]
        elif asked.op == "prefix" and kind.sqlite == "TEXT":
            value = str(asked.value)
        else:
            value = _value(label, name, kind, asked.value)
        found.append(Bound(name, asked.op, value))
    return tuple(found)


def order(label: str, sort: str | None, descending: bool, after: tuple[Any, str] | None) -> Order:
    """The order that `Store.page` is given; UsageError where it can't be."""
    name = sort or "id"
    kind = _kind(label, name)
    if after is not None and name != "id" and after[0] is not None:
        after = _value(label, name, kind, after[0]), after[1]
    return Order(name, descending, after)


def columns_of(label: str, names: Sequence[str] | None = None) -> dict[str, Kind]:
    """The columns by those names, or all that a node of the label has: the id and its properties.

    Raises UsageError for an unknown one.
    """
    if names is None:
        return _kinds(label)
    return {name: _kind(label, name) for name in names}


def at_least_one(name: str, value: int) -> None:
    """UsageError for a number of rows that is none."""
    if value < 1:
        raise UsageError(f"{name} must be {1} or more, not {value}")


def first_visible(
    candidates: Iterable[T],
    visible: Callable[[Sequence[T]], Iterable[T]],
    limit: int,
    most: int,
) -> tuple[list[T], bool]:
    """The first so many of some candidates that are visible, and whether that is all.

    Candidates are asked about in ever larger parts, at most some `most` of them; where these have
    been too few, the second answer is False.
    """
    source, found, asked, size = iter(candidates), list[T](), 0, 2 * limit
    while asked < most:
        part = list(islice(source, min(size, most - asked)))
        if not part:
            return found, True
        found += visible(part)
        if len(found) >= limit:
            return found[:limit], True
        asked += len(part)
        size = min(2 * size, BATCH_ROWS)
    return found, False


_LISTED = ", ".join(OPERATORS)


def node_type(label: str) -> NodeType:
    """The node type of a label; UsageError for an unknown one."""
    try:
        return VOCABULARY.nodes[label]
    except KeyError:
        known = ", ".join(VOCABULARY.nodes)
        raise UsageError(f"there is no label {label!r}; there are: {known}") from None


@cache
def _kinds(label: str) -> dict[str, Kind]:
    return {"id": TEXT} | {p.name: p.kind for p in node_type(label).properties}


def _kind(label: str, name: str) -> Kind:
    kinds = _kinds(label)
    if name not in kinds:
        raise UsageError(f"{label} has no property {name!r}; it has: {', '.join(kinds)}")
    return kinds[name]


def _value(label: str, name: str, kind: Kind, given: Any) -> Any:
    """A value in the form in which stores keep it: texts as they are, others read by their kind."""
    value = given
    try:
        if isinstance(given, str) and (kind.allowed or kind.duckdb != "VARCHAR"):
            value = DATE.parse(given) if kind.duckdb == "DATE" else kind.parse(given)
    except PydanticCustomError:
        value = None
    if type(value) not in _FITTING[kind.duckdb] and not isinstance(value, StrEnum):
        raise UsageError(f"{label}: {name} must be a {kind.name}, not {given!r}")
    if isinstance(value, dt.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(dt.UTC)
        return value.strftime("%Y-%m-%dT%H:%M:%S")
    return value.isoformat() if isinstance(value, dt.date) else _plain(value)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, StrEnum) else value


_FITTING: dict[str, tuple[type, ...]] = {
    "VARCHAR": (str,),
    "DATE": (dt.date,),
    "TIMESTAMP": (dt.datetime,),
    "DOUBLE": (float, int),
    "INTEGER": (int,),
}


_ARROW = {"TEXT": pa.string(), "REAL": pa.float64(), "INTEGER": pa.int64()}


def arrow_schema(columns: Mapping[str, Kind]) -> pa.Schema:
    """The schema of a scan's batches; dates are ISO text."""
    return pa.schema([(name, _ARROW[kind.sqlite]) for name, kind in columns.items()])


def arrow_batch(rows: Sequence[Sequence[Any]], schema: pa.Schema) -> pa.RecordBatch:
    """Some rows as a batch."""
    values = zip(*rows, strict=True) if rows else ([] for _ in schema)
    arrays = [pa.array(v, field.type) for v, field in zip(values, schema, strict=True)]
    return pa.record_batch(arrays, schema=schema)

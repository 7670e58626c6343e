"""The tables that an analysis hands over: brought into the form that stores keep, and checked."""

from collections.abc import Iterable
from typing import Any

import duckdb
import pyarrow as pa

from graphcrm.errors import UsageError
from graphcrm.model import EdgeType, NodeType
from graphcrm.store.forms import as_stored, quoted, sql_text
from graphcrm.store.writing.derived import ENDS

ONLY = "only_these"
"""The DuckDB table (label, id) of what a derivation is confined to."""

_GIVEN = "given"
_CALLED_NODE = "id"
_CALLED_EDGE = "start || ' → ' || \"end\""


def take_only(work: duckdb.DuckDBPyConnection, only: pa.Table) -> None:
    """Make the table `ONLY`. Raises UsageError for columns that don't fit."""
    _require_columns("only", only.column_names, ["label", "id"], [])
    work.register(_GIVEN, only)
    work.execute(
        f"CREATE OR REPLACE TABLE {ONLY} AS SELECT DISTINCT label::VARCHAR AS label, "
        f"id::VARCHAR AS id FROM {_GIVEN} ORDER BY label, id"
    )
    work.unregister(_GIVEN)


def take(
    work: duckdb.DuckDBPyConnection, type_: NodeType | EdgeType, table: pa.Table, into: str
) -> None:
    """Make the table `into` of the rows of a type, with the columns of `derived_columns`.

    Raises UsageError for columns and values that don't fit, and for a row that is there twice.
    """
    identity = ["id"] if isinstance(type_, NodeType) else list(ENDS)
    names = [p.name for p in type_.properties]
    required = [*identity, *(p.name for p in type_.properties if p.required)]
    _require_columns(name_of(type_), table.column_names, required, names)
    present = [p for p in type_.properties if p.name in table.column_names]
    work.register(_GIVEN, table)
    columns = [f"{quoted(name)}::VARCHAR AS {quoted(name)}" for name in identity]
    for p in present:
        given = quoted(p.name)
        columns.append(f"TRY_CAST({given} AS {p.kind.duckdb}) AS {given}")
        columns.append(f"{given} AS {quoted(f'given {p.name}')}")
    work.execute(f"CREATE OR REPLACE TABLE typed AS SELECT {', '.join(columns)} FROM {_GIVEN}")
    work.unregister(_GIVEN)
    _check(work, type_, identity, [p.name for p in present])
    stored = "".join(
        f", {as_stored(p) if p in present else 'NULL'} AS {quoted(p.name)}"
        for p in type_.properties
    )
    shown = ", ".join(map(quoted, identity))
    work.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT {shown}{stored} FROM typed")
    work.execute("DROP TABLE typed")


def find_beyond(work: duckdb.DuckDBPyConnection, type_: NodeType | EdgeType, rows: str) -> None:
    """Raise UsageError for a row of the table `rows` that `ONLY` does not reach."""
    if isinstance(type_, NodeType):
        reached = f"ANTI JOIN {ONLY} o ON o.label = {sql_text(type_.label)} AND o.id = r.id"
    else:
        reached = (
            f"ANTI JOIN {ONLY} s ON s.label = r.start_label AND s.id = r.start "
            f'ANTI JOIN {ONLY} t ON t.label = r.end_label AND t.id = r."end"'
        )
    found = first(work, type_, f"(SELECT r.* FROM {rows} r {reached})", "true")
    if found:
        raise UsageError(f"{name_of(type_)}: {found[0]!r} lies beyond what is to be derived")


def name_of(type_: NodeType | EdgeType) -> str:
    """The label or type."""
    return type_.label if isinstance(type_, NodeType) else type_.name


def first(
    work: duckdb.DuckDBPyConnection,
    type_: NodeType | EdgeType,
    rows: str,
    where: str,
    shown: str = "NULL",
) -> tuple[Any, ...] | None:
    """How to call the first row that fulfils a condition, and what is `shown` of it."""
    called = _CALLED_NODE if isinstance(type_, NodeType) else _CALLED_EDGE
    found = work.execute(
        f"SELECT coalesce({called}, ''), {shown} FROM {rows} WHERE {where} ORDER BY 1 LIMIT 1"
    ).fetchall()
    return found[0] if found else None


def _require_columns(
    name: str, given: Iterable[str], required: Iterable[str], possible: Iterable[str]
) -> None:
    names = list(given)
    for column in required:
        if column not in names:
            raise UsageError(f"{name}: the column {column!r} is missing")
    for column in names:
        if column not in {*required, *possible}:
            raise UsageError(f"{name}: has no property {column!r}")


def _check(
    work: duckdb.DuckDBPyConnection,
    type_: NodeType | EdgeType,
    identity: list[str],
    present: list[str],
) -> None:
    name = name_of(type_)
    for column in (*identity, *(p.name for p in type_.properties if p.required)):
        given = column if column in identity else f"given {column}"
        found = first(work, type_, "typed", f"coalesce({quoted(given)}::VARCHAR, '') = ''")
        if found:
            raise UsageError(f"{name}: {found[0]!r} has no value of {column!r}")
    for p in type_.properties:
        if p.name in present:
            column, given = quoted(p.name), quoted(f"given {p.name}")
            found = first(
                work,
                type_,
                "typed",
                f"({column} IS NULL AND {given} IS NOT NULL) "
                f"OR ({p.kind.sql_typed_refusal(column)}) IS NOT NULL",
                f"{given}::VARCHAR",
            )
            if found:
                called, value = found
                raise UsageError(
                    f"{name}: {called!r} has {value!r} as {p.name!r}, which is no {p.kind.name}"
                )
    if isinstance(type_, EdgeType):
        _check_ends(work, type_)
    shown = ", ".join(map(quoted, identity))
    twice = first(
        work, type_, f"(SELECT {shown} FROM typed GROUP BY ALL HAVING count(*) > 1)", "true"
    )
    if twice:
        raise UsageError(f"{name}: {twice[0]!r} is there twice")


def _check_ends(work: duckdb.DuckDBPyConnection, edge: EdgeType) -> None:
    for column, labels in (("start_label", edge.start), ("end_label", edge.end)):
        listed = ", ".join(map(sql_text, labels))
        found = first(work, edge, "typed", f"{column} NOT IN ({listed})", column)
        if found:
            raise UsageError(f"{edge.name}: {found[0]!r} can't have an end of label {found[1]!r}")
    if edge.ordered:
        found = first(work, edge, "typed", 'start_label = end_label AND start >= "end"')
        if found:
            raise UsageError(f"{edge.name}: {found[0]!r} must run from the smaller id to the other")

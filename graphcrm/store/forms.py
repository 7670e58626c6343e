"""The form in which stores keep values: dates are ISO text, so every store compares them alike."""

from collections.abc import Mapping

from graphcrm.model import VOCABULARY, Kind, Property


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
    return f'"{name}"'


def stored_type(kind: Kind) -> str:
    """The DuckDB type of a kind as stores keep it."""
    return kind.duckdb if kind.sqlite != "TEXT" else "VARCHAR"


def as_stored(column: Property, expression: str | None = None) -> str:
    """SQL (DuckDB) for a typed value in the form in which stores keep it."""
    value = expression or quoted(column.name)
    if column.kind.duckdb == "DATE":
        return f"strftime({value}, '%Y-%m-%d')"
    if column.kind.duckdb == "TIMESTAMP":
        return f"strftime({value}, '%Y-%m-%dT%H:%M:%S')"
    return value


DERIVED = "derived"
"""The origin of the edges that analyses make."""

DECIDED = "graphcrm"
"""The source of what decisions make; no load may use it."""


def origins() -> list[str]:
    """The names of all columns that make edges, as `table.column`, and of the other origin."""
    columns = [f"{t.name}.{column.name}" for t in VOCABULARY.tables.values() for column in t.links]
    return [*columns, DERIVED]


def origin_numbers() -> dict[str, int]:
    """A number for each of them, for stores that have none of their own."""
    return {name: number for number, name in enumerate(origins(), 1)}


def origin_names() -> dict[int, str]:
    """The other way round."""
    return {number: name for name, number in origin_numbers().items()}


def sql_text(value: str) -> str:
    """A text as an SQL literal."""
    return "'" + value.replace("'", "''") + "'"


def code_of(name: str, codes: Mapping[str, int]) -> str:
    """SQL for the code that a name has; NULL for a name without one."""
    cases = " ".join(f"WHEN {sql_text(known)} THEN {code}" for known, code in codes.items())
    return f"(CASE {name} {cases} END)::BIGINT" if cases else "NULL::BIGINT"


def name_of(code: str, codes: Mapping[str, int]) -> str:
    """SQL for the name that has a code."""
    cases = " ".join(f"WHEN {known} THEN {sql_text(name)}" for name, known in codes.items())
    return f"CASE {code} {cases} END" if cases else "NULL::VARCHAR"

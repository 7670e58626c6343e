"""The form in which stores keep values: dates are ISO text, so every store compares them alike."""

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


def origins() -> list[str]:
    """The names of all columns that make edges, as `table.column`."""
    return [f"{t.name}.{column.name}" for t in VOCABULARY.tables.values() for column in t.links]


def origin_numbers() -> dict[str, int]:
    """A number for each of them, for stores that have none of their own."""
    return {name: number for number, name in enumerate(origins(), 1)}

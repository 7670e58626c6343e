"""Rows between the driver's lists and DuckDB's tables."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from graphcrm.model import NodeType
from graphcrm.store.forms import stored_type
from graphcrm.store.neo4j.channel import PAGE, Row

_BOOKKEEPING = {
    "at_line": "_line", "file": "_file", "fingerprint": "_fingerprint", "tokens": "_tokens",
    "origin": "_origin", "d": "_d",
}  # fmt: skip
_ARROW = {
    "VARCHAR": pa.string(), "BIGINT": pa.int64(), "INTEGER": pa.int64(), "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
}  # fmt: skip


def cypher_name(column: str) -> str:
    """The property in which a column is kept."""
    return _BOOKKEEPING.get(column, column)


def listed(of: str, columns: Iterable[str]) -> str:
    """Cypher for the list of the properties of a node or relationship, in the order of columns."""
    return ", ".join(f"{of}.{cypher_name(column)}" for column in columns)


def pairs(names: Iterable[str], first: int) -> str:
    """Cypher for properties from the items of the list `row`, from `first` on."""
    return ", ".join(f"{name}: row[{n}]" for n, name in enumerate(names, first))


def assigned(columns: Iterable[str], first: int) -> str:
    """Cypher for a map of the properties of columns from the items of the list `row`."""
    return f"{{{pairs(map(cypher_name, columns), first)}}}"


def node_columns(node: NodeType) -> dict[str, str]:
    """The columns of a node beside its id, as stores keep them, with their DuckDB types."""
    columns = {p.name: stored_type(p.kind) for p in node.properties}
    if not node.recorded:
        return columns
    return columns | {"deleted_on": "VARCHAR", "extra": "VARCHAR", "at_line": "BIGINT"}


def put(
    work: duckdb.DuckDBPyConnection,
    into: str,
    columns: Mapping[str, str],
    pages: Iterable[Sequence[Row]],
    *,
    temporary: bool = True,
) -> None:
    """Make a DuckDB table (name → type) of pages of rows."""
    kind = "TEMP TABLE" if temporary else "TABLE"
    body = ", ".join(f'"{name}" {type_}' for name, type_ in columns.items())
    work.execute(f"CREATE OR REPLACE {kind} {into} ({body})")
    for page in pages:
        arrays = [
            pa.array(values, _ARROW.get(type_, pa.string()))
            for values, type_ in zip(zip(*page, strict=True), columns.values(), strict=True)
        ]
        work.register("a_page", pa.table(arrays, names=list(columns)))
        try:
            work.execute(f"INSERT INTO {into} SELECT * FROM a_page")
        finally:
            work.unregister("a_page")


def batches(work: duckdb.DuckDBPyConnection, sql: str) -> Iterator[list[tuple[Any, ...]]]:
    """The rows of a DuckDB query, some at a time."""
    for batch in work.sql(sql).to_arrow_reader(PAGE):
        columns = [column.to_pylist() for column in batch.columns]
        yield list(zip(*columns, strict=True))

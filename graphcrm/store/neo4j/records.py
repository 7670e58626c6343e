"""The records of a graph in a Neo4j database as a whole, for copying them."""

import duckdb

from graphcrm.store.forms import quoted
from graphcrm.store.neo4j.channel import Channel
from graphcrm.store.neo4j.rows import batches, pairs, put
from graphcrm.store.writing.keeper import RECORDS

_LABELS = {
    "load": "_Load", "file": "_File", "quarantine": "_Refusal", "history": "_Earlier",
    "edge_history": "_EarlierEdge", "watermark": "_Watermark", "kept": "_Kept",
}  # fmt: skip
_NAMED = {"load": "load", "file": "file", "watermark": "name", "kept": "name"}
"""By which property a kind's nodes are told apart, where that is not a `key` made for it."""

_ALSO = {
    "file": "SET n.done = true",
    "quarantine": "WITH n MATCH (f:_File {file: n.file}) SET n.table = f.table_name",
}


def fetch_records(channel: Channel, work: duckdb.DuckDBPyConnection, name: str, into: str) -> None:
    """Make the DuckDB table `into` of a kind of records."""
    columns = RECORDS[name]
    by = _NAMED.get(name, "key")
    numbered = columns.get(by) == "BIGINT" or name == "quarantine"
    pages = channel.pages(
        f"MATCH (n:{_LABELS[name]}) WHERE true",
        f"WITH [{', '.join(f'n.{column}' for column in columns)}] AS row",
        by=by,
        first=-1 if numbered else "",
    )
    put(work, into, columns, pages)


def add_records(channel: Channel, work: duckdb.DuckDBPyConnection, name: str, rows: str) -> None:
    """Add records of a kind; what is there stays one."""
    columns = list(RECORDS[name])
    by = _NAMED.get(name, "key")
    told = ", ".join(quoted(column) for column in columns)
    if by in columns:
        key = by
    elif name == "quarantine":
        key = f"row_number() OVER (ORDER BY {told})"
    else:
        nth = f"row_number() OVER (PARTITION BY {told})"
        key = f"md5(concat_ws('|', {told}, {nth}))"
    cypher = (
        f"UNWIND $batch.rows AS row MERGE (n:{_LABELS[name]} {{{by}: row[0]}}) "
        f"SET n += {{{pairs(columns, 1)}}} {_ALSO.get(name, '')}"
    )
    for batch in batches(work, f"SELECT {key}, {told} FROM ({rows})"):
        channel.write_rows(cypher, batch)

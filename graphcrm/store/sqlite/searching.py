"""Keeping the search index in step with the nodes."""

from collections.abc import Iterator

import pyarrow as pa

from graphcrm.model import NodeType
from graphcrm.store.forms import quoted
from graphcrm.store.search import SEARCHED, documents, name_tokens
from graphcrm.store.sqlite.bulk import BulkConnection

_BATCH = 200_000
_SCHEMA = pa.schema([("rowid", pa.int64()), ("tokens", pa.string())])


def index_new(bulk: BulkConnection, node: NodeType, rows: str) -> None:
    """Index new nodes: DuckDB SQL for their keys and properties."""
    found = documents(node, rows, bulk.work.sql(rows).columns)
    if found:
        _add(bulk, found)


def index_changed(bulk: BulkConnection, node: NodeType) -> None:
    """Index the nodes of the graph file's table `changed` anew."""
    if node.label not in SEARCHED:
        return
    bulk.execute("DELETE FROM search WHERE rowid IN (SELECT key FROM temp.changed)")
    columns = dict.fromkeys(SEARCHED[node.label], "VARCHAR")
    bulk.fetch(
        "reindexed",
        f"SELECT n.* FROM temp.changed c JOIN {quoted(node.table)} n ON n.key = c.key",
        {"key": "BIGINT", **columns},
    )
    found = documents(node, "SELECT * FROM reindexed", columns)
    assert found is not None
    _add(bulk, found)


def _add(bulk: BulkConnection, found: str) -> None:
    reader = bulk.work.sql(found).to_arrow_reader(_BATCH)

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in reader:
            tokens = name_tokens(batch.column("name"), batch.column("numbers"))
            yield pa.RecordBatch.from_arrays([batch.column("key"), tokens], schema=_SCHEMA)

    bulk.ingest_arrow("search", pa.RecordBatchReader.from_batches(_SCHEMA, batches()))

"""Completing the rows of a file with what the graph holds of their nodes."""

from graphcrm.duck import number
from graphcrm.model import NodeType
from graphcrm.store.sqlite.bulk import BulkConnection, stored_type
from graphcrm.store.sqlite.keys import KeyMap
from graphcrm.store.sqlite.schema import quoted

_FEW = 10


def add_stored(bulk: BulkConnection, keys: KeyMap, node: NodeType, rows: str, column: str) -> None:
    """Add a column to `rows` (a DuckDB table with `n` and `graph_id`); NULL for unknown nodes."""
    work, ids, name = bulk.work, keys.table(node.label), quoted(column)
    kind = next(p.kind for p in node.properties if p.name == column)
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE recalled AS SELECT c.n, i.key FROM {rows} c "
        f"JOIN {ids} i ON i.id = c.graph_id"
    )
    source = f"SELECT key, {name} FROM {quoted(node.table)}"
    if number(work, "SELECT count(*) FROM recalled") * _FEW < keys.count(node.label):
        bulk.ingest("recalled", "SELECT DISTINCT key FROM recalled", temporary=True)
        source = (
            f"SELECT n.key, n.{name} FROM temp.recalled r "
            f"JOIN {quoted(node.table)} n ON n.key = r.key"
        )
    bulk.fetch("stored", source, {"key": "BIGINT", column: stored_type(kind)})
    work.execute(
        f"CREATE OR REPLACE TABLE {rows} AS SELECT c.*, s.{name} FROM {rows} c "
        "LEFT JOIN recalled r ON r.n = c.n LEFT JOIN stored s ON s.key = r.key ORDER BY c.n"
    )

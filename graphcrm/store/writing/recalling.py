"""Completing the rows of a file with what the graph holds of their nodes."""

from graphcrm.duck import number
from graphcrm.model import NodeType
from graphcrm.store.forms import quoted, stored_type
from graphcrm.store.writing.keeper import Keeper
from graphcrm.store.writing.nodes import FEW


def add_stored(keeper: Keeper, node: NodeType, rows: str, column: str) -> None:
    """Add a column to `rows` (a DuckDB table with `n` and `graph_id`); NULL for unknown nodes."""
    work, ids, name = keeper.work, keeper.keys.table(node.label), quoted(column)
    kind = next(p.kind for p in node.properties if p.name == column)
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE recalled AS SELECT c.n, i.key FROM {rows} c "
        f"JOIN {ids} i ON i.id = c.graph_id"
    )
    few = number(work, "SELECT count(*) FROM recalled") * FEW < keeper.keys.count(node.label)
    wanted = "SELECT DISTINCT key FROM recalled" if few else None
    keeper.fetch_nodes(node, "stored", {column: stored_type(kind)}, wanted)
    work.execute(
        f"CREATE OR REPLACE TABLE {rows} AS SELECT c.*, s.{name} FROM {rows} c "
        "LEFT JOIN recalled r ON r.n = c.n LEFT JOIN stored s ON s.key = r.key ORDER BY c.n"
    )

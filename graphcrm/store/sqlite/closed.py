"""Edges that hang on closed nodes: these count as little as the nodes do.

An edge keeps standing when a node at its end is closed, since the node may come back with it.
"""

import sqlite3

from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.forms import quoted

_CLOSED = "SELECT key FROM {table} WHERE deleted_on IS NOT NULL"


def count_hidden_edges(connection: sqlite3.Connection) -> dict[str, int]:
    """Edge type → how many open edges of it have a closed node at an end, where there are any."""
    some = {
        node.label
        for node in VOCABULARY.nodes.values()
        if node.recorded
        and connection.execute(
            f"SELECT 1 FROM ({_CLOSED.format(table=quoted(node.table))}) LIMIT 1"
        ).fetchone()
    }
    counted: dict[str, int] = {}
    for edge in VOCABULARY.edges.values():
        sql = _hidden(edge, some)
        if sql:
            (counted[edge.name],) = connection.execute(sql).fetchone()
    return counted


def _hidden(edge: EdgeType, some: set[str]) -> str:
    """SQL that counts from the closed nodes, which an index holds."""
    ends = {
        end: " UNION ALL ".join(
            _CLOSED.format(table=quoted(VOCABULARY.nodes[label].table))
            for label in labels
            if label in some
        )
        for end, labels in (("src", edge.start), ("dst", edge.end))
    }
    parts = [
        f"SELECT e.src, e.dst, e.origin, e.d FROM ({closed}) c "
        f"CROSS JOIN {quoted(edge.table)} e ON e.{end} = c.key WHERE e.closed IS NULL"
        for end, closed in ends.items()
        if closed
    ]
    return f"SELECT count(*) FROM ({' UNION '.join(parts)})" if parts else ""

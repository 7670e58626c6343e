"""The records of a graph file as a whole, for copying them."""

from graphcrm.model import VOCABULARY
from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.bulk import BulkConnection
from graphcrm.store.writing.keeper import RECORDS

_EVERY = " UNION ALL ".join(
    f"SELECT key, '{node.label}' AS label, id FROM {quoted(node.table)}"
    for node in VOCABULARY.nodes.values()
)
_HISTORY = {
    "history": f"SELECT n.label, n.id, h.load, h.previous FROM history h JOIN ({_EVERY}) n "
    "ON n.key = h.key",
    "edge_history": "SELECT h.type, s.label AS src_label, s.id AS src, t.label AS dst_label, "
    f"t.id AS dst, h.load, h.previous FROM edge_history h JOIN ({_EVERY}) s ON s.key = h.src "
    f"JOIN ({_EVERY}) t ON t.key = h.dst",
}


def fetch_records(bulk: BulkConnection, name: str, into: str) -> None:
    """Make the DuckDB table `into` of a kind of records."""
    bulk.fetch(into, _HISTORY.get(name, f"SELECT * FROM {name}"), RECORDS[name])


def add_records(bulk: BulkConnection, name: str, rows: str) -> None:
    """Add records of a kind."""
    columns = ", ".join(quoted(column) for column in RECORDS[name])
    bulk.ingest("records", f"SELECT {columns} FROM ({rows})", temporary=True)
    if name == "history":
        bulk.execute(
            "INSERT INTO history (key, load, previous) SELECT n.key, r.load, r.previous "
            f"FROM temp.records r JOIN ({_EVERY}) n ON n.label = r.label AND n.id = r.id"
        )
    elif name == "edge_history":
        bulk.execute(
            "INSERT INTO edge_history (type, src, dst, load, previous) "
            "SELECT r.type, s.key, t.key, r.load, r.previous FROM temp.records r "
            f"JOIN ({_EVERY}) s ON s.label = r.src_label AND s.id = r.src "
            f"JOIN ({_EVERY}) t ON t.label = r.dst_label AND t.id = r.dst"
        )
    else:
        bulk.execute(f"INSERT INTO {name} ({columns}) SELECT {columns} FROM temp.records")

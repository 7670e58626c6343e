"""The tables of a graph file, derived from the vocabulary.

A node type has a table of its own, keyed by an integer whose low bits are the label's number. An
edge type has a table without row ids, clustered by (src, dst), with an index on (dst, src, …): each
edge is found from both ends. `origin` tells which column of which table made the edge, `d` tells
parallel edges apart.
"""

from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import quoted

SCHEMA_VERSION = 3

BOOKKEEPING = (
    "CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS load (
        load INTEGER PRIMARY KEY, state TEXT NOT NULL, started_at TEXT NOT NULL, finished_at TEXT,
        as_of TEXT NOT NULL, source TEXT, complete INTEGER NOT NULL, by TEXT NOT NULL,
        report TEXT, request TEXT)""",
    """CREATE TABLE IF NOT EXISTS file (
        file INTEGER PRIMARY KEY, load INTEGER NOT NULL, path TEXT NOT NULL,
        table_name TEXT NOT NULL, report TEXT)""",
    "CREATE TABLE IF NOT EXISTS source (source INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    "CREATE TABLE IF NOT EXISTS origin (origin INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
    """CREATE TABLE IF NOT EXISTS tally (
        kind TEXT NOT NULL, name TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (kind, name))""",
    """CREATE TABLE IF NOT EXISTS quarantine (
        id INTEGER PRIMARY KEY, file INTEGER NOT NULL, line INTEGER, column_name TEXT, value TEXT,
        reason TEXT NOT NULL, detail TEXT, node_id TEXT, record TEXT NOT NULL,
        resolved_by INTEGER)""",
    "CREATE INDEX IF NOT EXISTS quarantine_node ON quarantine (node_id) WHERE resolved_by IS NULL",
    """CREATE TABLE IF NOT EXISTS pending (
        origin INTEGER NOT NULL, type TEXT NOT NULL, anchor_label TEXT NOT NULL,
        anchor_own TEXT NOT NULL, anchor_ref TEXT NOT NULL, other_label TEXT NOT NULL,
        other_own TEXT NOT NULL, other_ref TEXT NOT NULL, d TEXT NOT NULL, inward INTEGER NOT NULL,
        anchor_key INTEGER, source TEXT, file INTEGER NOT NULL, line INTEGER, properties TEXT,
        detail TEXT)""",
    "CREATE INDEX IF NOT EXISTS pending_anchor ON pending (origin, anchor_own)",
    "CREATE INDEX IF NOT EXISTS pending_key ON pending (anchor_key, origin)",
    """CREATE TABLE IF NOT EXISTS history (
        key INTEGER NOT NULL, load INTEGER NOT NULL, previous TEXT NOT NULL,
        PRIMARY KEY (key, load, previous)) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS watermark (
        name TEXT PRIMARY KEY, value TEXT NOT NULL, load INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS edge_history (
        type TEXT NOT NULL, src INTEGER NOT NULL, dst INTEGER NOT NULL, load INTEGER NOT NULL,
        previous TEXT NOT NULL)""",
    "CREATE INDEX IF NOT EXISTS edge_history_src ON edge_history (src)",
    "CREATE INDEX IF NOT EXISTS edge_history_dst ON edge_history (dst)",
    "CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5(tokens, tokenize='unicode61')",
)

_INDEXED_TIMES = ("valid_from", "valid_to", "contacted_at")
"""What is asked of all edges of a node at once, without a look at the edges themselves."""

_SPECIAL_INDEXES = {
    "Person": ("person_same_name ON person (name_key, birth_date, deleted_on)",),
    "Institution": ("institution_core ON institution (core_name)",),
    "Policy": (
        "policy_in_force ON policy (status) WHERE status = 'in_force' AND deleted_on IS NULL",
    ),
    "Agent": ("agent_status ON agent (status)",),
    "Claim": ("claim_event ON claim (event_id) WHERE event_id IS NOT NULL",),
}


def node_table(node: NodeType) -> str:
    """The CREATE TABLE statement of a node type."""
    columns = [
        "key INTEGER PRIMARY KEY",
        "id TEXT NOT NULL",
        "source INTEGER",
        "file INTEGER NOT NULL",
        "at_line INTEGER",
        "deleted_on TEXT",
        "fingerprint INTEGER",
        *(f"{quoted(p.name)} {p.kind.sqlite}" for p in node.properties),
        "extra TEXT",
    ]
    return f"CREATE TABLE IF NOT EXISTS {quoted(node.table)} ({', '.join(columns)})"


def node_indexes(node: NodeType) -> dict[str, str]:
    """The indexes of a node type: name → CREATE statement."""
    special = {
        text.split(" ", 1)[0]: f"CREATE INDEX IF NOT EXISTS {text}"
        for text in _SPECIAL_INDEXES.get(node.label, ())
    }
    unique, closed = f"{node.table}_id", f"{node.table}_closed"
    if node.recorded:
        special[closed] = (
            f"CREATE INDEX IF NOT EXISTS {closed} ON {quoted(node.table)} (deleted_on) "
            "WHERE deleted_on IS NOT NULL"
        )
    return {
        unique: f"CREATE UNIQUE INDEX IF NOT EXISTS {unique} ON {quoted(node.table)} (id)",
        **special,
    }


def edge_table(edge: EdgeType) -> str:
    """The CREATE TABLE statement of an edge type."""
    columns = [
        "src INTEGER NOT NULL",
        "dst INTEGER NOT NULL",
        "origin INTEGER NOT NULL",
        "d TEXT NOT NULL",
        *(f"{quoted(p.name)} {p.kind.sqlite}" for p in edge.properties),
        "source INTEGER",
        "file INTEGER NOT NULL",
        "closed INTEGER",
        "extra TEXT",
        "PRIMARY KEY (src, dst, origin, d)",
    ]
    body = ", ".join(columns)
    return f"CREATE TABLE IF NOT EXISTS {quoted(edge.table)} ({body}) WITHOUT ROWID"


def edge_indexes(edge: EdgeType) -> dict[str, str]:
    """The indexes of an edge type: name → CREATE statement."""
    name = f"{edge.table}_dst"
    times = [p.name for p in edge.properties if p.name in _INDEXED_TIMES]
    columns = ", ".join(["dst", "src", "closed", *times])
    return {name: f"CREATE INDEX IF NOT EXISTS {name} ON {quoted(edge.table)} ({columns})"}


def all_tables() -> list[str]:
    """Every statement that makes an empty graph file."""
    statements = list(BOOKKEEPING)
    for node in VOCABULARY.nodes.values():
        statements += [node_table(node), *node_indexes(node).values()]
    for edge in VOCABULARY.edges.values():
        statements += [edge_table(edge), *edge_indexes(edge).values()]
    return statements

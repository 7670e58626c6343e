"""Constraints and indexes, derived from the vocabulary, and the mark of a graph of ours.

Nodes carry their `id`, their vocabulary's properties in the form of the embedded store (dates are
ISO text), `source`, `deleted_on` and `extra`; relationships their properties, `closed`, `source`
and `extra`. What begins with an underscore is bookkeeping: the properties `_file`, `_line`,
`_fingerprint`, `_tokens` (the search text), `_origin` (the column that made the relationship) and
`_d` (what tells parallel ones apart), and the labels `_Graph`, `_Lock`, `_Load`, `_File`,
`_Refusal`, `_Waiting`, `_Earlier`, `_EarlierEdge`, `_Watermark` and `_Kept`.
"""

import hashlib
import secrets

from graphcrm.errors import NewerGraphError, StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.search import SEARCHED

VERSION = 2
"""The form described above; a graph remembers the one it was written in."""

FULL_TEXT = "graphcrm_search"

_INDEXED = {
    "Person": (("name_key",), ("name_key", "birth_date")),  # only all of an index's parts use it
    "Institution": (("core_name",),),
    "Policy": (("status",),),
    "Agent": (("status",),),
    "Claim": (("event_id",),),
    "_Waiting": (("type",), ("origin",), ("anchor_id",)),
    "_Refusal": (("table",), ("file",)),
    "_Earlier": (("id",),),
    "_File": (("load",),),
}
_UNIQUE = {
    "_Graph": "name", "_Lock": "name", "_Load": "load", "_File": "file", "_Watermark": "name",
    "_Kept": "name", "_Refusal": "key", "_Waiting": "key", "_Earlier": "key",
    "_EarlierEdge": "key",
}  # fmt: skip


def statements() -> list[str]:
    """Every statement that makes a constraint or an index; each may be repeated."""
    unique = dict.fromkeys(VOCABULARY.nodes, "id") | _UNIQUE
    made = [
        f"CREATE CONSTRAINT graphcrm_{label}_{name} IF NOT EXISTS "
        f"FOR (n:{label}) REQUIRE n.{name} IS UNIQUE"
        for label, name in unique.items()
    ]
    indexed = {label: list(sets) for label, sets in _INDEXED.items()}
    for node in VOCABULARY.nodes.values():
        if node.recorded:
            indexed.setdefault(node.label, []).append(("deleted_on",))
    made += [
        f"CREATE INDEX graphcrm_{label}_{'_'.join(names)} IF NOT EXISTS "
        f"FOR (n:{label}) ON ({', '.join(f'n.{name}' for name in names)})"
        for label, sets in indexed.items()
        for names in sets
    ]
    made += [
        f"CREATE INDEX graphcrm_{type_}_closed IF NOT EXISTS FOR ()-[r:{type_}]-() ON (r.closed)"
        for type_ in VOCABULARY.edges
    ]
    made.append(
        f"CREATE FULLTEXT INDEX {FULL_TEXT} IF NOT EXISTS FOR (n:{'|'.join(SEARCHED)}) "
        "ON EACH [n._tokens] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    )
    return made


def holds_graph(server: Server) -> bool:
    """Whether the database holds a graph. Raises NewerGraphError for one of a later form."""
    rows = server.read("MATCH (g:_Graph {name: 'graph'}) RETURN g.version")
    if rows and rows[0][0] > VERSION:
        raise NewerGraphError(
            f"{server.address.url}: was written by a newer version of GraphCRM; update this one"
        )
    return bool(rows)


def make_graph(server: Server) -> None:
    """Make an empty graph in the database, or complete one. Raises StoreError.

    Foreign nodes that carry our labels would be mixed up with ours: then nothing is made.
    """
    if not holds_graph(server):
        _require_own_labels(server)
    _index(server)
    server.write("MERGE (:_Lock {name: 'lock'})")
    server.write(
        "MERGE (g:_Graph {name: 'graph'}) ON CREATE SET g.version = $version, g.change = 0, "
        "g.identity_key = $key, g.state = randomUUID(), g.facts = randomUUID(), "
        "g.indexed = $indexed",
        version=VERSION,
        key=secrets.token_hex(32),
        indexed=_indexed(),
    )


def complete_indexes(server: Server) -> None:
    """Make what is lacking since the vocabulary has grown; to be done by who may write."""
    ((indexed,),) = server.read("MATCH (g:_Graph) RETURN g.indexed")
    if indexed != _indexed():
        _index(server)
        server.write(
            "MATCH (g:_Graph) SET g.indexed = $indexed, g.version = $version",
            indexed=_indexed(),
            version=VERSION,
        )


def _index(server: Server) -> None:
    for statement in statements():
        server.write(statement)
    server.write("CALL db.awaitIndexes(300)")


def _indexed() -> str:
    """By what a graph tells for which statements it has everything."""
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()


def _require_own_labels(server: Server) -> None:
    labels = [*VOCABULARY.nodes, *_UNIQUE]
    parts = " UNION ALL ".join(
        f"MATCH (n:{label}) RETURN '{label}' AS label, count(n) AS n" for label in labels
    )
    foreign = [(label, count) for label, count in server.read(parts) if count]
    if foreign:
        label, count = foreign[0]
        raise StoreError(
            f"{server.address.url}: the database holds {count:,} nodes with the label {label} that "
            "are not GraphCRM's; nothing was written. Give the graph a database of its own, named "
            "at the end of the address"
        )

"""The least that could be done on Neo4j: a graph file's nodes and edges, written without a check.

The official driver, UNWIND and MERGE, a transaction per batch. No validation, no history, no
repeatability: the graph file has been through all that. This is the measure for a load into Neo4j,
and gives the questions in Cypher the data of the questions in SQL.

    NEO4J_PASSWORD=… python benchmarks/bare_neo4j.py shop.graph bolt://localhost:7687 neo4j
"""

import json
import os
import sqlite3
import sys
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from neo4j import Driver, GraphDatabase, Session

from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import quoted
from graphcrm.store.search import SEARCHED

_INDEXES = (
    "person_name FOR (n:Person) ON (n.name_key)",
    "person_same_name FOR (n:Person) ON (n.name_key, n.birth_date)",
    "institution_core FOR (n:Institution) ON (n.core_name)",
    "policy_status FOR (n:Policy) ON (n.status)",
    "agent_status FOR (n:Agent) ON (n.status)",
    "claim_event FOR (n:Claim) ON (n.event_id)",
    "load_number FOR (n:_Load) ON (n.load)",
    "waiting_type FOR (n:_Waiting) ON (n.type)",
    "waiting_anchor FOR (n:_Waiting) ON (n.anchor_id)",
)
_RENAMED = {
    "file": "_file",
    "at_line": "_line",
    "fingerprint": "_fingerprint",
    "source_name": "source",
}
_BOOKS = {"_Load": "load", "_File": "file"}

Rows = Iterator[dict[str, Any]]


def write_bare(sqlite_path: Path, driver: Driver, batch: int = 10_000) -> dict[str, int]:
    """Write a graph file into an empty database; returns the rows per label and edge type."""
    counts: dict[str, int] = {}
    graph = sqlite3.connect(f"file:{sqlite_path}?mode=ro", uri=True)
    graph.row_factory = sqlite3.Row
    with driver.session() as session:
        for node in VOCABULARY.nodes.values():
            session.run(
                f"CREATE CONSTRAINT {node.table}_id IF NOT EXISTS "
                f"FOR (n:{node.label}) REQUIRE n.id IS UNIQUE"
            ).consume()
        for node in VOCABULARY.nodes.values():
            merge = f"MERGE (n:{node.label} {{id: row.id}}) SET n += row.properties"
            counts[node.label] = _write(session, merge, _nodes(graph, node), batch)
        for edge in VOCABULARY.edges.values():
            counts[edge.name] = sum(
                _write(
                    session, _merge_edge(edge, start, end), _edges(graph, edge, start, end), batch
                )
                for start in edge.start
                for end in edge.end
            )
        for label, table in _BOOKS.items():
            merge = f"MERGE (n:{label} {{{table}: row.{table}}}) SET n += row"
            rows = map(_present, graph.execute(f"SELECT * FROM {table}"))
            counts[label] = _write(session, merge, rows, batch)
        create = "CREATE (n:_Waiting) SET n += row"
        counts["_Waiting"] = _write(session, create, _waiting(graph), batch)
        _make_indexes(session)
    graph.close()
    return counts


def _write(session: Session, statement: str, rows: Rows, batch: int) -> int:
    """Run the statement over the rows, a transaction per batch; returns how many there were."""
    written = 0
    while part := list(islice(rows, batch)):
        session.run(f"UNWIND $rows AS row {statement}", rows=part).consume()
        written += len(part)
    return written


def _nodes(graph: sqlite3.Connection, node: NodeType) -> Rows:
    tokens, search = "", ""
    if node.label in SEARCHED:
        tokens, search = ", t.tokens AS _tokens", "LEFT JOIN search t ON t.rowid = n.key"
    for row in graph.execute(
        f"SELECT n.*, s.name AS source_name{tokens} FROM {quoted(node.table)} n "
        f"LEFT JOIN source s ON s.source = n.source {search} ORDER BY n.key"
    ):
        properties = {
            _RENAMED.get(name, name): value
            for name, value in _present(row).items()
            if name not in ("key", "source")
        }
        yield {"id": properties.pop("id"), "properties": properties}


def _merge_edge(edge: EdgeType, start: str, end: str) -> str:
    return (
        f"MATCH (a:{start} {{id: row.start}}) MATCH (b:{end} {{id: row.end}}) "
        f"MERGE (a)-[r:{edge.name} {{_origin: row.origin, _d: row.d}}]->(b) SET r += row.properties"
    )


def _edges(graph: sqlite3.Connection, edge: EdgeType, start: str, end: str) -> Rows:
    names = [*(p.name for p in edge.properties), "closed", "extra"]
    columns = ", ".join(f"e.{quoted(name)}" for name in names)
    for row in graph.execute(
        f"SELECT {columns}, c.name AS source, e.file AS _file, "
        "a.id AS start_id, b.id AS end_id, o.name AS origin_name, e.d AS apart "
        f"FROM {quoted(edge.table)} e "
        f"CROSS JOIN {quoted(VOCABULARY.nodes[start].table)} a ON a.key = e.src "
        f"CROSS JOIN {quoted(VOCABULARY.nodes[end].table)} b ON b.key = e.dst "
        "CROSS JOIN origin o ON o.origin = e.origin LEFT JOIN source c ON c.source = e.source"
    ):
        properties = _present(row)
        ends = {name: properties.pop(f"{name}_id") for name in ("start", "end")}
        known = {"origin": properties.pop("origin_name"), "d": properties.pop("apart")}
        yield {**ends, **known, "properties": properties}


def _waiting(graph: sqlite3.Connection) -> Rows:
    anchor = ", ".join(
        f"(SELECT id FROM {quoted(node.table)} WHERE key = w.anchor_key)"
        for node in VOCABULARY.nodes.values()
    )
    for row in graph.execute(
        f"SELECT w.*, o.name AS origin_name, coalesce({anchor}) AS anchor_id "
        "FROM pending w JOIN origin o ON o.origin = w.origin ORDER BY w.rowid"
    ):
        properties = _present(row)
        properties["origin"] = properties.pop("origin_name")
        properties["inward"] = bool(properties["inward"])
        properties.pop("anchor_key", None)
        carried = json.loads(properties.pop("properties", "{}"))
        yield properties | {f"edge_{k}": v for k, v in carried.items() if v is not None}


def _present(row: sqlite3.Row) -> dict[str, Any]:
    return {name: value for name, value in dict(row).items() if value is not None}


def _make_indexes(session: Session) -> None:
    statements = [
        *_INDEXES,
        *(
            f"{n.table}_deleted_on FOR (n:{n.label}) ON (n.deleted_on)"
            for n in VOCABULARY.nodes.values()
        ),
        *(
            f"{e.table}_closed FOR ()-[r:{e.name}]-() ON (r.closed)"
            for e in VOCABULARY.edges.values()
        ),
    ]
    for statement in statements:
        name, rest = statement.split(" ", 1)
        session.run(f"CREATE INDEX {name} IF NOT EXISTS {rest}").consume()
    session.run(
        f"CREATE FULLTEXT INDEX search IF NOT EXISTS FOR (n:{'|'.join(SEARCHED)}) "
        "ON EACH [n._tokens] OPTIONS {indexConfig: {`fulltext.analyzer`: 'whitespace'}}"
    ).consume()
    session.run("CALL db.awaitIndexes(600)").consume()


if __name__ == "__main__":
    path, uri, user = sys.argv[1:]
    with GraphDatabase.driver(uri, auth=(user, os.environ["NEO4J_PASSWORD"])) as connection:
        started = time.monotonic()
        done = write_bare(Path(path), connection)
        print(f"{time.monotonic() - started:.2f} s, {sum(done.values()):,} rows")

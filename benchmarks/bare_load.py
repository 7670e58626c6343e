"""The least that could be done: the same tables, edges and indexes, without any check.

DuckDB reads the files and resolves the ids, ADBC writes to SQLite. No validation, no standards, no
history, no quarantine, no repeatability: identifiers are the raw values, a broken file breaks it.
This is the measure for `graphcrm load` in `benchmarks/load.py`.
"""

import sys
import time
from pathlib import Path

import adbc_driver_sqlite.dbapi as adbc
import duckdb

from graphcrm.model import VOCABULARY, EdgeType, Property, Table
from graphcrm.store.forms import quoted
from graphcrm.store.search import SEARCHED
from graphcrm.store.sqlite.schema import edge_indexes, edge_table, node_indexes, node_table
from graphcrm.store.writing.keys import KEY_STEP

_PRAGMAS = ("journal_mode = OFF", "synchronous = OFF", "cache_size = -262144")


class BareLoad:
    """One load of an interchange folder of Parquet files into a new SQLite file."""

    def __init__(self, folder: Path, target: Path) -> None:
        """Open both ends."""
        self.folder = folder
        self.work = duckdb.connect()
        self.work.execute("SET memory_limit = '1800MB'")
        self.connection = adbc.connect(f"file:{target}", autocommit=True)
        self.cursor = self.connection.cursor()
        for pragma in _PRAGMAS:
            self.cursor.execute(f"PRAGMA {pragma}")

    def run(self) -> dict[str, int]:
        """Load everything; returns the rows per table."""
        rows: dict[str, int] = {}
        for node in VOCABULARY.nodes.values():
            self.cursor.execute(node_table(node))
            self.work.execute(f"CREATE TABLE ids_{node.table} (id VARCHAR, key BIGINT)")
        for edge in VOCABULARY.edges.values():
            self.cursor.execute(edge_table(edge))
        self.cursor.execute("CREATE VIRTUAL TABLE search USING fts5(tokens, tokenize='unicode61')")
        self.cursor.execute("BEGIN")
        for name in VOCABULARY.load_order:
            path = self.folder / f"{name}.parquet"
            if path.exists():
                rows[name] = self._load(VOCABULARY.tables[name], path)
        self.cursor.execute("COMMIT")
        for node in VOCABULARY.nodes.values():
            for statement in node_indexes(node).values():
                self.cursor.execute(statement)
        for edge in VOCABULARY.edges.values():
            for statement in edge_indexes(edge).values():
                self.cursor.execute(statement)
        self.connection.close()
        return rows

    def _load(self, table: Table, path: Path) -> int:
        self.work.execute(
            f"CREATE OR REPLACE TABLE rows AS SELECT row_number() OVER () AS n, * FROM '{path}'"
        )
        if table.node:
            self._nodes(table)
        for column in table.links:
            self._edges(table, column)
        return int(self.work.execute("SELECT count(*) FROM rows").fetchall()[0][0])

    def _nodes(self, table: Table) -> None:
        assert table.node is not None
        node = VOCABULARY.nodes[table.node.label]
        present = {row[0] for row in self.work.execute("DESCRIBE rows").fetchall()}
        id_ = "concat_ws('|', " + ", ".join(f"{quoted(f)}" for f in table.node.id_fields) + ")"
        key = f"n * {KEY_STEP} + {node.number}"
        self.work.execute(f"INSERT INTO ids_{node.table} SELECT {id_}, {key} FROM rows")
        columns = ", ".join(quoted(p.name) for p in node.properties if p.name in present)
        derived = ", name AS name_key" if any(p.name == "name_key" for p in node.properties) else ""
        self._ingest(
            node.table,
            f"SELECT {key} AS key, {id_} AS id, 1::BIGINT AS file, n AS at_line, "
            f"{columns}{derived} FROM rows",
        )
        searched = [c for c in SEARCHED.get(node.label, ()) if c in present]
        if searched:
            tokens = ", ".join(quoted(c) for c in dict.fromkeys(searched))
            self._ingest(
                "search", f"SELECT {key} AS rowid, concat_ws(' ', {tokens}) AS tokens FROM rows"
            )

    def _edges(self, table: Table, column: Property) -> None:
        link = column.link
        assert link is not None
        reference = f"r.{quoted(column.name)}"
        if link.shared:
            self._identifiers(column, link.to[0])
            reference = f"left(md5({reference}), 24)"
        if table.edge:
            anchor = table.column(table.edge.anchor)
            assert anchor.link is not None
            anchor_reference, anchor_labels = f"r.{quoted(anchor.name)}", anchor.link.to
        else:
            assert table.node is not None
            parts = ", ".join(f"r.{quoted(f)}" for f in table.node.id_fields)
            anchor_reference, anchor_labels = f"concat_ws('|', {parts})", (table.node.label,)
        for name in dict.fromkeys(link.edges):
            edge = VOCABULARY.edges[name]
            src, dst = ("o.key", "a.key") if link.inward else ("a.key", "o.key")
            self._ingest(
                edge.table,
                f"SELECT DISTINCT ON (src, dst) * FROM (SELECT {src} AS src, {dst} AS dst, "
                f"1::BIGINT AS origin, '{column.name}' AS d, 1::BIGINT AS file"
                f"{self._carried(table, edge)} FROM rows r "
                f"JOIN ({_ids(anchor_labels)}) a ON a.id = {anchor_reference} "
                f"JOIN ({_ids(link.to)}) o ON o.id = {reference} "
                f"{_role(link.edge, link.edge_by, name)}) ORDER BY src, dst",
            )

    def _carried(self, table: Table, edge: EdgeType) -> str:
        if not table.edge:
            return ""
        present = {p.name for p in table.columns}
        names = [quoted(p.name) for p in edge.properties if p.name in present]
        return "".join(f", r.{name}" for name in names)

    def _identifiers(self, column: Property, label: str) -> None:
        node = VOCABULARY.nodes[label]
        self.work.execute(
            "CREATE OR REPLACE TABLE fresh AS SELECT id, value, "
            f"(row_number() OVER () + (SELECT count(*) FROM ids_{node.table})) * {KEY_STEP} + "
            f"{node.number} AS key FROM (SELECT left(md5({quoted(column.name)}), 24) AS id, "
            f"any_value({quoted(column.name)}) AS value FROM rows "
            f"WHERE {quoted(column.name)} IS NOT NULL GROUP BY 1) f "
            f"ANTI JOIN ids_{node.table} i USING (id)"
        )
        self.work.execute(f"INSERT INTO ids_{node.table} SELECT id, key FROM fresh")
        self._ingest(node.table, "SELECT key, id, value, 1::BIGINT AS file FROM fresh")

    def _ingest(self, table: str, sql: str) -> None:
        reader = self.work.sql(sql).to_arrow_reader(65_536)
        self.cursor.adbc_ingest(table, reader, mode="append")


def _ids(labels: tuple[str, ...]) -> str:
    return " UNION ALL ".join(f"SELECT id, key FROM ids_{label.lower()}" for label in labels)


def _role(edge: object, edge_by: str | None, name: str) -> str:
    if not isinstance(edge, dict) or edge_by is None:
        return ""
    role = next(role for role, type_ in edge.items() if type_ == name)
    return f"WHERE r.{quoted(edge_by)} = '{role}'"


if __name__ == "__main__":
    started = time.monotonic()
    BareLoad(Path(sys.argv[1]), Path(sys.argv[2])).run()
    print(f"{time.monotonic() - started:.2f}")

"""Nodes of a load in a Neo4j database."""

import datetime as dt
from collections.abc import Mapping

from graphcrm.model import LABEL_BITS, NodeType
from graphcrm.store.forms import quoted
from graphcrm.store.neo4j.recording import Recording
from graphcrm.store.neo4j.rows import assigned, batches, listed, node_columns, put
from graphcrm.store.neo4j.searching import tokens_table
from graphcrm.store.search import SEARCHED

_EARLIER = (
    "MERGE (h:_Earlier {key: row[1]}) "
    "SET h += {label: $label, id: row[0], load: $load, previous: row[2]} "
)


class NodeKeeping(Recording):
    """The part of a keeper that keeps nodes."""

    def fetch_ids(self, node: NodeType, into: str) -> None:
        """All ids of a label; what a broken-off file wrote has no fingerprint."""
        fingerprint = "CASE WHEN n._file IN $unfinished THEN null ELSE n._fingerprint END"
        pages = self.channel.pages(
            f"MATCH (n:{node.label}) WHERE true",
            f"WITH [n.id, {fingerprint if node.recorded else 'null'}] AS row",
            unfinished=self.unfinished,
        )
        put(self.work, "ids_read", {"id": "VARCHAR", "fingerprint": "BIGINT"}, pages)
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT id, "
            f"(row_number() OVER (ORDER BY id) << {LABEL_BITS}) + {node.number} AS key, "
            "fingerprint FROM ids_read"
        )

    def fetch_nodes(
        self, node: NodeType, into: str, columns: Mapping[str, str], wanted: str | None
    ) -> None:
        """Columns of nodes of a label."""
        match = f"MATCH (n:{node.label}) WHERE true"
        row = f"WITH [n.id, {listed('n', columns)}] AS row"
        ids = self.keys.table(node.label)
        if wanted:
            found = self.work.execute(f"SELECT i.id FROM ({wanted}) w JOIN {ids} i USING (key)")
            pages = self.channel.of([id_ for (id_,) in found.fetchall()], match, row)
        else:
            pages = self.channel.pages(match, row)
        types = dict(columns)
        shown = [f"r.{quoted(name)}" for name in columns]
        if "source" in types:
            types["source"] = "VARCHAR"
            shown[list(types).index("source")] = f"{self.source_code('r.source')} AS source"
        put(self.work, "nodes_read", {"id": "VARCHAR", **types}, pages)
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT i.key, {', '.join(shown)} "
            f"FROM nodes_read r JOIN {ids} i USING (id)"
        )

    def insert_nodes(self, node: NodeType, rows: str) -> None:
        """Add nodes, with their search text."""
        columns = [name for name in self.work.sql(rows).columns if name not in ("key", "id")]
        shown = [
            f"{self.source_name('r.source')} AS source" if c == "source" else f"r.{quoted(c)}"
            for c in columns
        ]
        joined = ""
        if tokens_table(self.work, node, rows, "new_tokens"):
            columns, shown = [*columns, "tokens"], [*shown, "t.tokens"]
            joined = "LEFT JOIN new_tokens t ON t.key = r.key"
        self._write(
            f"UNWIND $batch.rows AS row MERGE (n:{node.label} {{id: row[0]}}) "
            f"SET n += {assigned(columns, 1)}",
            f"SELECT r.id, {', '.join(shown)} FROM ({rows}) r {joined}",
        )

    def replace_nodes(
        self, node: NodeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Change nodes, with history and search text."""
        self._read_previous(node, changed, load)
        columns = ["at_line", "fingerprint", *names]
        shown = ", ".join(f"c.{quoted(c)}" for c in columns)
        tokens = ""
        if node.label in SEARCHED:
            present = {*names}
            both = ", ".join(
                f"c.{quoted(c)}" if c in present else f"p.{quoted(c)}"
                for c in dict.fromkeys(SEARCHED[node.label])
            )
            tokens_table(
                self.work,
                node,
                f"SELECT c.key, {both} FROM {changed} c JOIN previous p ON p.key = c.key",
                "new_tokens",
            )
            columns, shown = [*columns, "tokens"], f"{shown}, t.tokens"
            tokens = "LEFT JOIN new_tokens t ON t.key = c.key"
        self._write(
            f"UNWIND $batch.rows AS row {_EARLIER} WITH row MATCH (n:{node.label} {{id: row[0]}}) "
            f"SET n += {assigned(columns, 3)}, n._file = $file",
            f"SELECT i.id, p.history_key, p.history, {shown} FROM {changed} c "
            f"JOIN previous p ON p.key = c.key "
            f"JOIN {self.keys.table(node.label)} i ON i.key = c.key {tokens}",
            label=node.label,
            load=load,
            file=file,
        )

    def _read_previous(self, node: NodeType, rows: str, load: int) -> None:
        """Make the table `previous`: nodes as they are, and that as the JSON of their history."""
        types = node_columns(node) | {"file": "BIGINT"}
        self.fetch_nodes(node, "stored_nodes", types, f"SELECT key FROM {rows}")
        names = [p.name for p in node.properties] + ["deleted_on", "extra", "file"]
        pairs = ", ".join(f"'{name}', s.{quoted(name)}" for name in names)
        self.work.execute(
            "CREATE OR REPLACE TEMP TABLE previous AS SELECT *, "
            f"md5(concat_ws('|', '{node.label}', id, '{load}', history)) AS history_key FROM ("
            f"SELECT s.*, i.id, json_object({pairs}, 'line', s.at_line)::VARCHAR AS history "
            f"FROM stored_nodes s JOIN {self.keys.table(node.label)} i USING (key))"
        )

    def note_fingerprints(self, node: NodeType, same: str, file: int) -> None:
        """Set fingerprints; rows of a broken-off file now belong to this one."""
        self._write(
            f"UNWIND $batch.rows AS row MATCH (n:{node.label} {{id: row[0]}}) "
            "SET n._fingerprint = row[1], "
            "n._file = CASE WHEN n._file IN $unfinished THEN $file ELSE n._file END",
            f"SELECT i.id, s.fingerprint FROM {same} s "
            f"JOIN {self.keys.table(node.label)} i USING (key)",
            unfinished=self.unfinished,
            file=file,
        )

    def close_nodes(
        self, node: NodeType, missing: str, as_of: dt.date, load: int, file: int
    ) -> None:
        """Close nodes, with history."""
        self._read_previous(node, missing, load)
        self._write(
            f"UNWIND $batch.rows AS row {_EARLIER} WITH row MATCH (n:{node.label} {{id: row[0]}}) "
            "SET n += {deleted_on: $as_of, _file: $file, _line: null, _fingerprint: null}",
            "SELECT id, history_key, history FROM previous",
            label=node.label,
            load=load,
            as_of=as_of.isoformat(),
            file=file,
        )

    def _write(self, cypher: str, rows: str, **parameters: object) -> None:
        for batch in batches(self.work, rows):
            self.channel.write_rows(cypher, batch, **parameters)

"""What a Neo4j database does for a load: batches of rows in and out through the driver.

Nodes get integer keys for the time of the load only; the database knows them by label and id. A
file is written in many transactions: one that was broken off is marked as such, and what it wrote
is compared anew when it is loaded again.
"""

from graphcrm.duck import number
from graphcrm.store.forms import code_of, origin_names, origin_numbers
from graphcrm.store.neo4j.deriving import DerivedKeeping
from graphcrm.store.neo4j.rows import pairs, put
from graphcrm.store.writing.keeper import REFUSALS, WAITING

_SERIAL = 1 << 32
"""What a file leaves in the quarantine is numbered from here times the file's number."""

_KEPT = ("line", "column_name", "value", "reason", "detail", "node_id", "record")


class Neo4jKeeper(DerivedKeeping):
    """Keeps a load in a database of a Neo4j server."""

    def fetch_waiting(self, into: str, origin: int | None = None) -> None:
        """What waits (of an origin)."""
        columns = [name for name in WAITING if name != "anchor"]
        where = "true" if origin is None else f"n.origin = '{origin_names()[origin]}'"
        returned = ", ".join(f"n.{name}" for name in columns)
        types = {"id": "BIGINT", "anchor_id": "VARCHAR"} | {c: WAITING[c] for c in columns}
        types |= {"origin": "VARCHAR", "inward": "BOOLEAN"}
        pages = self.channel.pages(
            f"MATCH (n:_Waiting) WHERE {where}",
            f"WITH [n.key, n.anchor_id, {returned}] AS row",
            by="key",
            first=-1,
        )
        put(self.work, "waiting_read", types, pages)
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT w.* EXCLUDE (anchor_id) REPLACE ("
            f"{code_of('w.origin', origin_numbers())} AS origin, w.inward::BIGINT AS inward), "
            f"a.key AS anchor FROM waiting_read w LEFT JOIN ({self._anchors('waiting_read')}) a "
            "ON a.label = w.anchor_label AND a.id = w.anchor_id"
        )

    def _anchors(self, waiting: str) -> str:
        """SQL for label, id and key of the nodes of those labels that edges wait at."""
        labels = self.work.execute(f"SELECT DISTINCT anchor_label FROM ({waiting}) ORDER BY 1")
        return self.keys.tables([label for (label,) in labels.fetchall()])

    def add_waiting(self, rows: str) -> None:
        """Keep what waits."""
        columns = [name for name in WAITING if name not in ("anchor", "origin", "inward", "file")]
        shown = ", ".join(f"r.{name}" for name in columns)
        self._write(
            "UNWIND $batch.rows AS row MERGE (n:_Waiting {key: row[0]}) "
            "SET n += {anchor_id: row[1], origin: row[2], inward: row[3], file: row[4], "
            f"edge_valid_from: row[5], edge_valid_to: row[6], {pairs(columns, 7)}}}",
            f"SELECT {self._serials(rows)} AS key, a.id AS anchor_id, "
            f"{self.origin_name('r.origin')} AS origin, r.inward = 1 AS inward, r.file, "
            "r.properties->>'$.valid_from' AS valid_from, r.properties->>'$.valid_to' AS valid_to, "
            f"{shown} FROM ({rows}) r LEFT JOIN ({self._anchors(rows)}) a "
            "ON a.key = r.anchor",
        )

    def _serials(self, rows: str) -> str:
        """SQL for numbers of rows that no others have."""
        first = self.file * _SERIAL + self.serial
        self.serial += number(self.work, f"SELECT count(*) FROM ({rows})")
        return f"{first} + row_number() OVER ()"

    def drop_waiting(self, ids: str) -> None:
        """Forget what waited."""
        self._write(
            "UNWIND $batch.rows AS row MATCH (n:_Waiting {key: row[0]}) DELETE n",
            f"SELECT id FROM {ids}",
        )

    def fetch_refusals(self, table: str, into: str) -> None:
        """What was refused of a table and stands."""
        kept = ("file", "line", "column_name", "node_id", "record")
        pages = self.channel.pages(
            "MATCH (n:_Refusal {table: $table}) WHERE n.resolved_by IS NULL",
            "MATCH (f:_File {file: n.file}) MATCH (l:_Load {load: f.load}) "
            f"WITH [n.key, {', '.join(f'n.{c}' for c in kept)}, f.path, f.load, l.source] AS row",
            by="key",
            first=-1,
            table=table,
        )
        put(self.work, into, REFUSALS, pages)

    def add_refusals(self, rows: str, file: int) -> None:
        """Keep refusals."""
        ((table,),) = self.channel.read(
            "MATCH (f:_File {file: $file}) RETURN f.table_name", file=file
        )
        self._write(
            "UNWIND $batch.rows AS row MERGE (n:_Refusal {key: row[0]}) "
            f"SET n += {{file: $file, table: $table, {pairs(_KEPT, 1)}}}",
            f"SELECT {self._serials(rows)}, {', '.join(_KEPT)} FROM ({rows})",
            file=file,
            table=table,
        )

    def resolve_refusals(self, ids: str, load: int) -> None:
        """Note which load made refusals void."""
        self._write(
            "UNWIND $batch.rows AS row MATCH (n:_Refusal {key: row[0]}) SET n.resolved_by = $load",
            f"SELECT id FROM {ids}",
            load=load,
        )

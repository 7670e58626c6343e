"""What a graph file does for a load: rows in and out through ADBC."""

import datetime as dt
from collections.abc import Mapping

from graphcrm.duck import number
from graphcrm.model import EdgeType, NodeType
from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.deriving import DerivedKeeping
from graphcrm.store.sqlite.indexes import rebuilt
from graphcrm.store.sqlite.schema import edge_indexes, node_indexes
from graphcrm.store.sqlite.searching import index_changed, index_new
from graphcrm.store.writing.keeper import REFUSALS, WAITING
from graphcrm.store.writing.nodes import FEW

_REFUSALS = """
SELECT q.*, f.path, f.load, l.source
FROM quarantine q JOIN file f ON f.file = q.file JOIN load l ON l.load = f.load
WHERE q.resolved_by IS NULL AND f.table_name = '{table}'
"""


class SqliteKeeper(DerivedKeeping):
    """Keeps a load in a graph file; for processes of their own (see `bulk`)."""

    def fetch_ids(self, node: NodeType, into: str) -> None:
        """All ids of a label."""
        fingerprint = "fingerprint" if node.recorded else "NULL"
        self.bulk.fetch(
            into,
            f"SELECT id, key, {fingerprint} AS fingerprint FROM {quoted(node.table)}",
            {"id": "VARCHAR", "key": "BIGINT", "fingerprint": "BIGINT"},
        )

    def fetch_nodes(
        self, node: NodeType, into: str, columns: Mapping[str, str], wanted: str | None
    ) -> None:
        """Columns of nodes of a label."""
        source = f"SELECT * FROM {quoted(node.table)}"
        if wanted:
            self.bulk.ingest("wanted", wanted, temporary=True)
            source = f"SELECT n.* FROM temp.wanted w JOIN {quoted(node.table)} n ON n.key = w.key"
        self.bulk.fetch(into, source, {"key": "BIGINT", **columns})

    def insert_nodes(self, node: NodeType, rows: str) -> None:
        """Add nodes, and index them."""
        incoming = number(self.work, f"SELECT count(*) FROM ({rows})")
        before = self.keys.count(node.label) - incoming
        with rebuilt(self.bulk, node_indexes(node), before, incoming):
            self.bulk.ingest(node.table, rows)
        index_new(self.bulk, node, rows)

    def replace_nodes(
        self, node: NodeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Change nodes, with history."""
        columns = ", ".join(quoted(n) for n in ("key", "at_line", "fingerprint", *names))
        self.bulk.ingest("changed", f"SELECT {columns} FROM {changed}", temporary=True)
        self._keep_history(node, "temp.changed", load)
        assigned = ", ".join(f"{quoted(n)} = c.{quoted(n)}" for n in names)
        self.bulk.execute(
            f"UPDATE {quoted(node.table)} AS n SET {assigned}, file = {file}, "
            "at_line = c.at_line, fingerprint = c.fingerprint "
            "FROM temp.changed c WHERE n.key = c.key"
        )
        index_changed(self.bulk, node)

    def note_fingerprints(self, node: NodeType, same: str, file: int) -> None:
        """Set fingerprints."""
        self.bulk.ingest("same", f"SELECT key, fingerprint FROM {same}", temporary=True)
        self.bulk.execute(
            f"UPDATE {quoted(node.table)} AS n SET fingerprint = s.fingerprint "
            "FROM temp.same s WHERE n.key = s.key"
        )

    def close_nodes(
        self, node: NodeType, missing: str, as_of: dt.date, load: int, file: int
    ) -> None:
        """Close nodes, with history."""
        self.bulk.ingest("missing", f"SELECT key FROM {missing}", temporary=True)
        self._keep_history(node, "temp.missing", load)
        self.bulk.execute(
            f"UPDATE {quoted(node.table)} SET deleted_on = '{as_of}', "
            f"file = {file}, at_line = NULL, fingerprint = NULL "
            "WHERE key IN (SELECT key FROM temp.missing)"
        )

    def _keep_history(self, node: NodeType, keys: str, load: int) -> None:
        pairs = ", ".join(f"'{p.name}', n.{quoted(p.name)}" for p in node.properties)
        self.bulk.execute(
            "INSERT OR IGNORE INTO history (key, load, previous) "
            f"SELECT n.key, {load}, json_object({pairs}, 'deleted_on', n.deleted_on, "
            "'extra', n.extra, 'file', n.file, 'line', n.at_line) "
            f"FROM {keys} c JOIN {quoted(node.table)} n ON n.key = c.key"
        )

    def has_edges(self, origin: int, edge: EdgeType) -> bool:
        """Whether the origin ever made an edge of the type."""
        return self._counted("origin", f"{origin}:{edge.name}") > 0

    def fetch_edges(
        self,
        origin: int,
        edge: EdgeType,
        into: str,
        columns: Mapping[str, str],
        anchors: str | None,
        end: str,
    ) -> None:
        """Edges of an origin; of few anchors only theirs."""
        types = {"src": "BIGINT", "dst": "BIGINT", "d": "VARCHAR", "closed": "BIGINT"}
        table, where = quoted(edge.table), f"e.origin = {origin}"
        source = f"SELECT * FROM {table} e WHERE {where}"
        if anchors:
            wanted = number(self.work, f"SELECT count(*) FROM {anchors}")
            if wanted * FEW < self._counted("origin", f"{origin}:{edge.name}"):
                self.bulk.ingest("anchors", f"SELECT key FROM {anchors}", temporary=True)
                source = (
                    f"SELECT e.* FROM temp.anchors a JOIN {table} e ON e.{end} = a.key "
                    f"WHERE {where}"
                )
        self.bulk.fetch(into, source, {**types, "source": "BIGINT", **columns})

    def insert_edges(self, origin: int, edge: EdgeType, rows: str, added: int) -> None:
        """Add edges."""
        with rebuilt(self.bulk, edge_indexes(edge), self._counted("edge", edge.name), added):
            self.bulk.ingest(edge.table, f"SELECT *, {origin}::BIGINT AS origin FROM ({rows})")
        self.count("origin", f"{origin}:{edge.name}", added)
        self.count("edge", edge.name, added)

    def insert_missing_edges(self, edge: EdgeType, rows: str) -> None:
        """Add those edges that aren't there."""
        self.bulk.ingest("arriving", rows, temporary=True)
        columns = ", ".join(quoted(name) for name in self.work.sql(rows).columns)
        open_edges = f"SELECT count(*) FROM {quoted(edge.table)} WHERE closed IS NULL"
        before = self._number(open_edges)
        self.bulk.execute(
            f"INSERT OR IGNORE INTO {quoted(edge.table)} ({columns}) "
            f"SELECT {columns} FROM temp.arriving"
        )
        by_origin = f"SELECT origin, count(*) FROM ({rows}) GROUP BY origin"
        for origin, arrived in self.work.execute(by_origin).fetchall():
            self.count("origin", f"{origin}:{edge.name}", arrived)
        self.count("edge", edge.name, self._number(open_edges) - before)

    def change_edges(
        self, origin: int, edge: EdgeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Open and change edges, with history."""
        assigned = "".join(f", {quoted(n)} = c.{quoted(n)}" for n in names)
        self._apply(origin, edge, changed, load, f"closed = NULL, file = {file}{assigned}")

    def close_edges(
        self, origin: int, edge: EdgeType, gone: str, load: int, *, timed: bool
    ) -> None:
        """Close edges, with history."""
        ended = ", valid_to = coalesce(valid_to, c.ended)" if timed else ""
        self._apply(origin, edge, gone, load, f"closed = {load}{ended}")

    def _apply(self, origin: int, edge: EdgeType, rows: str, load: int, assignments: str) -> None:
        self.bulk.ingest("affected", f"SELECT * FROM {rows}", temporary=True)
        match = f"e.src = c.src AND e.dst = c.dst AND e.origin = {origin} AND e.d = c.d"
        pairs = "".join(f", '{p.name}', e.{quoted(p.name)}" for p in edge.properties)
        self.bulk.execute(
            "INSERT INTO edge_history (type, src, dst, load, previous) "
            f"SELECT '{edge.name}', e.src, e.dst, {load}, "
            f"json_object('origin', e.origin, 'd', e.d, 'closed', e.closed, 'file', e.file{pairs}) "
            f"FROM temp.affected c JOIN {quoted(edge.table)} e ON {match}"
        )
        self.bulk.execute(
            f"UPDATE {quoted(edge.table)} AS e SET {assignments} FROM temp.affected c WHERE {match}"
        )

    def fetch_waiting(self, into: str, origin: int | None = None) -> None:
        """What waits (of an origin)."""
        where = "" if origin is None else f"WHERE origin = {origin}"
        self.bulk.fetch(
            into,
            f"SELECT rowid AS id, *, anchor_key AS anchor FROM pending {where}",
            {"id": "BIGINT", **WAITING},
        )

    def add_waiting(self, rows: str) -> None:
        """Keep what waits."""
        self.bulk.ingest("pending", f"SELECT * RENAME (anchor AS anchor_key) FROM ({rows})")

    def drop_waiting(self, ids: str) -> None:
        """Forget what waited."""
        self.bulk.ingest("forgotten", f"SELECT id FROM {ids}", temporary=True)
        self.bulk.execute("DELETE FROM pending WHERE rowid IN (SELECT id FROM temp.forgotten)")

    def fetch_refusals(self, table: str, into: str) -> None:
        """What was refused of a table and stands."""
        self.bulk.fetch(into, _REFUSALS.format(table=table), REFUSALS)

    def add_refusals(self, rows: str, file: int) -> None:
        """Keep refusals."""
        self.bulk.ingest("quarantine", f"SELECT *, {file}::BIGINT AS file FROM ({rows})")

    def resolve_refusals(self, ids: str, load: int) -> None:
        """Note which load made refusals void."""
        self.bulk.ingest("superseded", f"SELECT id FROM {ids}", temporary=True)
        self.bulk.execute(
            f"UPDATE quarantine SET resolved_by = {load} "
            "WHERE id IN (SELECT id FROM temp.superseded)"
        )

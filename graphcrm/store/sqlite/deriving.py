"""Nodes and edges of derived types in a graph file."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

from graphcrm.duck import number
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import DERIVED, quoted
from graphcrm.store.sqlite.indexes import rebuilt
from graphcrm.store.sqlite.recording import Recording
from graphcrm.store.sqlite.schema import edge_indexes, node_indexes
from graphcrm.store.writing.derived import derived_columns
from graphcrm.store.writing.keys import KEY_STEP

_NO_FILE = 0
"""No file brought what is derived."""


class DerivedKeeping(Recording):
    """The part of a keeper that keeps what analyses found."""

    def deriving(self, names: Sequence[str], scope: str) -> AbstractContextManager[None]:
        """A transaction: nothing is ever half-written."""
        return self.transaction(facts=False)

    def half_derived(self) -> list[str]:
        """Nothing."""
        return []

    def fetch_derived_nodes(self, node: NodeType, into: str, only: str | None) -> None:
        """Nodes of a type."""
        source = f"SELECT n.* FROM {quoted(node.table)} n"
        if only:
            self._bring("only", f"SELECT id FROM {only} WHERE label = '{node.label}'")
            source = f"SELECT n.* FROM temp.only o CROSS JOIN {quoted(node.table)} n ON n.id = o.id"
        self.bulk.fetch(into, source, derived_columns(node))

    def fetch_derived_edges(self, edge: EdgeType, into: str, only: str | None) -> None:
        """Edges of a type."""
        source = quoted(edge.table)
        if only:
            self._bring("only", f"SELECT label, id FROM {only}")
            keys = " UNION ALL ".join(
                f"SELECT n.key FROM temp.only o CROSS JOIN {quoted(VOCABULARY.nodes[label].table)} "
                f"n ON n.id = o.id WHERE o.label = '{label}'"
                for label in dict.fromkeys((*edge.start, *edge.end))
            )
            source = "(" + " UNION ".join(
                f"SELECT e.* FROM ({keys}) k CROSS JOIN {quoted(edge.table)} e ON e.{end} = k.key"
                for end in ("src", "dst")
            ) + ")"  # fmt: skip
        properties = "".join(f", e.{quoted(p.name)}" for p in edge.properties)
        parts = " UNION ALL ".join(
            f"SELECT '{start}' AS start_label, s.id AS start, '{end}' AS end_label, "
            f't.id AS "end"{properties} FROM {source} e '
            f"CROSS JOIN {quoted(VOCABULARY.nodes[start].table)} s ON s.key = e.src "
            f"CROSS JOIN {quoted(VOCABULARY.nodes[end].table)} t ON t.key = e.dst"
            for start in edge.start
            for end in edge.end
        )
        self.bulk.fetch(into, parts, derived_columns(edge))

    def fetch_absent(self, label: str, ids: str, into: str) -> None:
        """Ids that no node has."""
        self._bring("wanted", f"SELECT DISTINCT id FROM {ids} ORDER BY id")
        table = quoted(VOCABULARY.nodes[label].table)
        self.bulk.fetch(
            into,
            f"SELECT w.id FROM temp.wanted w LEFT JOIN {table} n ON n.id = w.id "
            "WHERE n.key IS NULL",
            {"id": "VARCHAR"},
        )

    def add_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Add nodes, in the order of their ids."""
        table, incoming = quoted(node.table), number(self.work, f"SELECT count(*) FROM {rows}")
        last = self._number(f"SELECT max(key) FROM {table}") or node.number
        before = self._number(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {incoming * 2})")
        with rebuilt(self.bulk, node_indexes(node), before, incoming):
            self.bulk.ingest(
                node.table,
                f"SELECT {last} + row_number() OVER (ORDER BY id) * {KEY_STEP} AS key, "
                f"{_NO_FILE} AS file, * FROM {rows} ORDER BY id",
            )
        self.count("node", node.label, incoming)

    def change_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Change nodes."""
        self._bring("arriving", f"SELECT * FROM {rows}")
        assigned = ", ".join(f"{quoted(p.name)} = a.{quoted(p.name)}" for p in node.properties)
        self.bulk.execute(
            f"UPDATE {quoted(node.table)} AS n SET {assigned} FROM temp.arriving a "
            "WHERE n.id = a.id"
        )

    def remove_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Remove nodes, and first the derived edges that hang on them."""
        self._bring("wanted", f"SELECT id FROM {rows}")
        table = quoted(node.table)
        self.bulk.execute("DROP TABLE IF EXISTS temp.gone")
        self.bulk.execute(
            "CREATE TEMP TABLE gone AS "
            f"SELECT n.key FROM temp.wanted w CROSS JOIN {table} n ON n.id = w.id"
        )
        gone = "IN (SELECT key FROM temp.gone)"
        for edge in VOCABULARY.edges.values():
            for end, labels in (("src", edge.start), ("dst", edge.end)):
                if edge.derived and node.label in labels:
                    removed = self._delete(f"{quoted(edge.table)} WHERE {end} {gone}")
                    self.count("edge", edge.name, -removed)
        self.count("node", node.label, -self._delete(f"{table} WHERE key {gone}"))

    def add_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Add edges, in the order of their keys."""
        self._bring("arriving", f"SELECT * FROM {rows}")
        incoming = number(self.work, f"SELECT count(*) FROM {rows}")
        table = quoted(edge.table)
        before = self._number(f"SELECT count(*) FROM (SELECT 1 FROM {table} LIMIT {incoming * 2})")
        names = "".join(f", {quoted(p.name)}" for p in edge.properties)
        values = "".join(f", a.{quoted(p.name)}" for p in edge.properties)
        origin = self.origins()[DERIVED]
        parts = " UNION ALL ".join(
            f"SELECT s.key, t.key, {origin}, '', {_NO_FILE}{values} {_resolved(start, end)}"
            for start in edge.start
            for end in edge.end
        )
        with rebuilt(self.bulk, edge_indexes(edge), before, incoming):
            self.bulk.execute(
                f"INSERT INTO {table} (src, dst, origin, d, file{names}) {parts} ORDER BY 1, 2"
            )
        self.count("edge", edge.name, incoming)
        self.count("origin", f"{origin}:{edge.name}", incoming)

    def change_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Change edges."""
        assigned = ", ".join(f"{quoted(p.name)} = k.{quoted(p.name)}" for p in edge.properties)
        properties = "".join(f", a.{quoted(p.name)}" for p in edge.properties)
        self._resolve(edge, rows, properties)
        self.bulk.execute(
            f"UPDATE {quoted(edge.table)} AS e SET {assigned} FROM temp.keyed k "
            "WHERE e.src = k.src AND e.dst = k.dst"
        )

    def remove_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Remove edges."""
        self._resolve(edge, rows, "")
        removed = self._delete(
            f"{quoted(edge.table)} WHERE (src, dst) IN (SELECT src, dst FROM temp.keyed)"
        )
        self.count("edge", edge.name, -removed)

    def kept(self) -> dict[str, str]:
        """The texts that are kept."""
        return dict(self.bulk.rows("SELECT name, value FROM kept"))

    def keep(self, texts: Mapping[str, str | None]) -> None:
        """Keep texts."""
        for name, text in sorted(texts.items()):
            self.bulk.execute("DELETE FROM kept WHERE name = ?", name)
            if text is not None:
                self.bulk.execute("INSERT INTO kept (name, value) VALUES (?, ?)", name, text)

    def _bring(self, name: str, sql: str) -> None:
        """Make a temporary table of the graph file, anew."""
        self.bulk.ingest(name, sql, temporary=True)

    def _resolve(self, edge: EdgeType, rows: str, properties: str) -> None:
        """Make the temporary table `keyed` (src, dst and properties) of edges by their ends."""
        self._bring("arriving", f"SELECT * FROM {rows}")
        self.bulk.execute("DROP TABLE IF EXISTS temp.keyed")
        parts = " UNION ALL ".join(
            f"SELECT s.key AS src, t.key AS dst{properties} {_resolved(start, end)}"
            for start in edge.start
            for end in edge.end
        )
        self.bulk.execute(f"CREATE TEMP TABLE keyed AS {parts}")

    def _delete(self, what: str) -> int:
        self.bulk.execute(f"DELETE FROM {what}")
        return self._number("SELECT changes()")


def _resolved(start: str, end: str) -> str:
    """SQL that finds the nodes `s` and `t` at the ends of the temporary table `arriving`, `a`."""
    return (
        f"FROM temp.arriving a CROSS JOIN {quoted(VOCABULARY.nodes[start].table)} s "
        f"ON s.id = a.start CROSS JOIN {quoted(VOCABULARY.nodes[end].table)} t "
        f"""ON t.id = a."end" WHERE a.start_label = '{start}' AND a.end_label = '{end}'"""
    )

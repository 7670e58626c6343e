"""Writing the edges of a staged file: new ones, changed ones, closed ones, and those that wait."""

from dataclasses import dataclass

from graphcrm.model import EdgeType, Link, Property
from graphcrm.store.forms import quoted, stored_type
from graphcrm.store.staging import StagedFile, merged_extra
from graphcrm.store.writing.links import CANDIDATES, carried, edge_types, make_candidates
from graphcrm.store.writing.nodes import KEYED
from graphcrm.store.writing.pending import forget_pending, keep_pending
from graphcrm.store.writing.transaction import Transaction


@dataclass
class EdgeCounts:
    """What became of the edges of a file."""

    new: int = 0
    changed: int = 0
    closed: int = 0
    pending: int = 0


def write_links(transaction: Transaction, staged: StagedFile) -> EdgeCounts:
    """Write the edges that all columns of the file make."""
    counts = EdgeCounts()
    for column, link in staged.links:
        origin = f"{staged.table.name}.{column.name}"
        for edge in edge_types(link):
            make_candidates(transaction, staged, column, link, edge)
            writer = _OriginWriter(transaction, staged, origin, link, edge)
            forget_pending(transaction, staged, writer.origin, edge)
            writer.write(counts)
            counts.pending += keep_pending(
                transaction, staged, writer.origin, link, edge, list(writer.written)
            )
    return counts


class _OriginWriter:
    """Writes the candidates of one origin as edges of one type."""

    def __init__(
        self, transaction: Transaction, staged: StagedFile, origin: str, link: Link, edge: EdgeType
    ) -> None:
        self.transaction, self.staged, self.link, self.edge = transaction, staged, link, edge
        self.origin = transaction.origins[origin]
        self.timed = {p.name for p in edge.properties} >= {"valid_from", "valid_to"}
        properties = carried(staged, link, edge)
        self.written: dict[str, Property] = {
            p.name: p for p in edge.properties if p.name in properties
        }
        self.has_extra = staged.table.edge is not None and staged.has_extra

    def write(self, counts: EdgeCounts) -> None:
        """Compare with what is there, and write the difference."""
        transaction = self.transaction
        src, dst = ("other", "anchor") if self.link.inward else ("anchor", "other")
        columns = self._columns()
        transaction.work.execute(
            f"CREATE OR REPLACE TEMP TABLE wanted AS SELECT {src} AS src, {dst} AS dst, d, "
            f"dropped, at_line, {transaction.source_code('source')} AS source{columns} "
            f"FROM {CANDIDATES} WHERE anchor IS NOT NULL AND other IS NOT NULL"
        )
        if not transaction.keeper.has_edges(self.origin, self.edge):
            counts.new += self._insert("SELECT * FROM wanted WHERE dropped IS NULL")
            return
        self._fetch_present()
        self._begin_anew()
        counts.changed += self._update()
        counts.closed += self._close()
        self._start_successors()
        counts.new += self._insert(
            "SELECT w.* FROM wanted w ANTI JOIN present p "
            "ON w.src = p.src AND w.dst = p.dst AND w.d = p.d WHERE w.dropped IS NULL"
        )

    def _columns(self) -> str:
        names = [*self.written, *(["extra"] if self.has_extra else [])]
        return "".join(f", {quoted(name)}" for name in names)

    def _insert(self, sql: str) -> int:
        transaction = self.transaction
        added = transaction.table("added", sql)
        if added:
            transaction.keeper.insert_edges(
                self.origin,
                self.edge,
                f"SELECT src, dst, d{self._columns()}, source, {transaction.file}::BIGINT AS file "
                "FROM added ORDER BY src, dst, d",
                added,
            )
        return added

    def _fetch_present(self) -> None:
        """Read the edges of this origin whose anchors are in scope."""
        transaction = self.transaction
        types = {name: stored_type(p.kind) for name, p in self.written.items()}
        if self.has_extra:
            types["extra"] = "VARCHAR"
        transaction.table("anchors", self._anchors())
        anchors = None if transaction.complete else "anchors"
        end = self._end()
        transaction.keeper.fetch_edges(self.origin, self.edge, "present", types, anchors, end)
        if not transaction.complete or self.staged.table.node:
            transaction.work.execute(
                f"CREATE OR REPLACE TEMP TABLE present AS SELECT p.* FROM present p "
                f"SEMI JOIN anchors a ON p.{end} = a.key"
            )
        # DuckDB keeps '' and NULL apart, the file keeps '' for edges that nothing tells apart
        transaction.work.execute("UPDATE present SET d = '' WHERE d IS NULL")

    def _end(self) -> str:
        """The end at which the anchor is."""
        return "dst" if self.link.inward else "src"

    def _anchors(self) -> str:
        if self.staged.table.node:
            return f"SELECT key FROM {KEYED} WHERE NOT is_new"
        return f"SELECT DISTINCT anchor AS key FROM {CANDIDATES} WHERE anchor IS NOT NULL"

    def _update(self) -> int:
        """Change the properties of edges that are there, and reopen closed ones."""
        names = [*self.written, *(["extra"] if self.has_extra else [])]
        brought = {n: f"w.{quoted(n)}" for n in names}
        if self.has_extra:
            brought["extra"] = merged_extra(self.staged, "w.extra", "p.extra")
        columns = "".join(f", {value} AS {quoted(n)}" for n, value in brought.items())
        differs = " OR ".join(
            [
                "p.closed IS NOT NULL",
                *(f"{value} IS DISTINCT FROM p.{quoted(n)}" for n, value in brought.items()),
            ]
        )
        same = "w.src = p.src AND w.dst = p.dst AND w.d = p.d"
        changed = self.transaction.table(
            "changed_edges",
            f"SELECT w.src, w.dst, w.d{columns} "
            f"FROM wanted w JOIN present p ON {same} WHERE w.dropped IS NULL AND ({differs})",
        )
        if changed:
            reopened = self.transaction.one(
                f"SELECT count(*) FROM wanted w JOIN present p ON {same} "
                "WHERE w.dropped IS NULL AND p.closed IS NOT NULL"
            )
            if self.timed and "valid_to" not in names:  # what holds again has no end yet
                names.append("valid_to")
                self.transaction.work.execute(
                    "ALTER TABLE changed_edges ADD COLUMN valid_to VARCHAR"
                )
            self.transaction.keeper.change_edges(
                self.origin,
                self.edge,
                "changed_edges",
                names,
                self.transaction.load,
                self.transaction.file,
            )
            self.transaction.keeper.count("edge", self.edge.name, reopened)
        return changed

    def _close(self) -> int:
        """Close what the file no longer says: of a node's column, dropped rows, missing rows."""
        gone = "w.dropped IS NOT NULL" + (" OR w.src IS NULL" if self._says_all() else "")
        of_source = (
            f" AND coalesce(p.source, 0) IN ({self.transaction.scope})"
            if self.staged.table.edge
            else ""
        )
        closed = self.transaction.table(
            "closed_edges",
            f"SELECT p.src, p.dst, p.d, coalesce(w.dropped, '{self.transaction.as_of}') AS ended "
            "FROM present p LEFT JOIN wanted w "
            "ON w.src = p.src AND w.dst = p.dst AND w.d = p.d "
            f"WHERE p.closed IS NULL AND ({gone}){of_source}",
        )
        if closed:
            self.transaction.keeper.close_edges(
                self.origin, self.edge, "closed_edges", self.transaction.load, timed=self.timed
            )
            self.transaction.keeper.count("edge", self.edge.name, -closed)
        return closed

    def _says_all(self) -> bool:
        return self.staged.table.node is not None or self.transaction.complete

    def _is_dated_by_load(self) -> bool:
        """Whether the day on which an edge was first seen to hold is all that is known."""
        return self.timed and not self.staged.table.edge and "valid_from" not in self.written

    def _begin_anew(self) -> None:
        """An edge that holds again after it had ended is another edge beside the first."""
        if not self._is_dated_by_load():
            return
        self.transaction.work.execute(
            "CREATE OR REPLACE TEMP TABLE wanted AS SELECT w.* REPLACE (CASE "
            "WHEN p.src IS NULL THEN w.d WHEN p.open IS NOT NULL THEN p.open "
            f"ELSE '{self.transaction.as_of}' END AS d) FROM wanted w LEFT JOIN ("
            "SELECT src, dst, min(d) FILTER (closed IS NULL) AS open FROM present GROUP BY ALL"
            ") p ON w.src = p.src AND w.dst = p.dst"
        )

    def _start_successors(self) -> None:
        """An edge that comes after another of its anchor holds from the day this was seen."""
        if not self._is_dated_by_load():
            return
        end = self._end()
        for table, anchor in (("wanted", end), (CANDIDATES, "anchor")):
            self.transaction.work.execute(
                f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT w.*, CASE WHEN w.{anchor} IN "
                f"(SELECT {end} FROM present) THEN '{self.transaction.as_of}' END AS valid_from "
                f"FROM {table} w"
            )
        valid_from = next(p for p in self.edge.properties if p.name == "valid_from")
        self.written = {**self.written, "valid_from": valid_from}

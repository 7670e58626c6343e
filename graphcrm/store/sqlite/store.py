"""The embedded store: small and frequent work on a graph file."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from graphcrm.errors import StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import DeriveReport, Say, Status, Store, Unfinished
from graphcrm.store.deriving.request import Derivation
from graphcrm.store.deriving.start import derive
from graphcrm.store.finding import find
from graphcrm.store.forms import quoted
from graphcrm.store.lock import may_write, require_plain
from graphcrm.store.marks import Marks
from graphcrm.store.paging import (
    BATCH_ROWS,
    Node,
    at_least_one,
    bound,
    columns_of,
    order,
)
from graphcrm.store.paths import MEANT_NOTHING, search_paths
from graphcrm.store.projection import PATIENCE, Shown, past
from graphcrm.store.questions import question
from graphcrm.store.renewal import Mark, mark_of
from graphcrm.store.sqlite.closed import count_hidden_edges
from graphcrm.store.sqlite.connection import open_graph
from graphcrm.store.sqlite.degrees import count_neighbours
from graphcrm.store.sqlite.finding import Reaches, SqliteIndex
from graphcrm.store.sqlite.loads import read_loads
from graphcrm.store.sqlite.migrations import prepare
from graphcrm.store.sqlite.neighbourhood import NodeReader, find_neighbourhood
from graphcrm.store.sqlite.paging import find_page, scan_nodes
from graphcrm.store.sqlite.projecting import last_shown, show, writing_soon
from graphcrm.store.sqlite.refused import read_quarantine
from graphcrm.store.sqlite.visibility import Sight, branches_below
from graphcrm.store.staging import escaped_id
from graphcrm.store.surroundings import ways

if TYPE_CHECKING:
    import networkx as nx

_MARKS = """
SELECT (SELECT value FROM meta WHERE name = 'state'),
       coalesce((SELECT max(file) FROM file), 0) || ' '
       || coalesce((SELECT load || state FROM load ORDER BY load DESC LIMIT 1), '')
"""


class SqliteStore(Store):
    """A graph in one SQLite file. Many may read while one writes."""

    def __init__(self, path: Path) -> None:
        """Open the file, make it if it isn't there, migrate it if it is older."""
        self.path = path
        self.url = f"sqlite:///{path}"
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._reaches = Reaches.of_file(path)
        self._db = open_graph(path)
        try:
            prepare(self._db, path)
        except sqlite3.Error as error:
            self._db.close()
            raise StoreError(f"{path}: can't be opened as a graph ({error})") from error
        except BaseException:
            self._db.close()
            raise

    @property
    def place(self) -> str:
        """The file, whatever links lead to it."""
        return str(self.path.resolve())

    def query(self, name: str, **parameters: Any) -> pa.Table:
        """The answer of a named question; UnknownQuestionError, UsageError."""
        asked = question(name)
        values = asked.bind(parameters)
        try:
            return asked.answer(self._db.execute(asked.text, values))
        except sqlite3.Error as error:
            raise StoreError(f"{self.path}: the question {name} failed ({error})") from error

    def node(self, label: str, id: str) -> dict[str, Any] | None:
        """One node with its properties, or None."""
        table = quoted(VOCABULARY.nodes[label].table)
        cursor = self._db.execute(
            f"SELECT n.*, s.name AS source_name, f.path, f.load FROM {table} n "
            "LEFT JOIN source s ON s.source = n.source LEFT JOIN file f ON f.file = n.file "
            "WHERE n.id = ?",
            (id,),
        )
        row = cursor.fetchone()
        if row is None:
            return None
        values = dict(zip([d[0] for d in cursor.description], row, strict=True))
        values["source"] = values.pop("source_name")
        for internal in ("key", "file", "fingerprint"):
            values.pop(internal)
        return {"label": label, **values}

    def find(self, id: str) -> list[tuple[str, str]]:
        """The (label, id) of all nodes that have this id, in the order of the vocabulary."""
        parts = " UNION ALL ".join(
            f"SELECT '{node.label}' FROM {quoted(node.table)} WHERE id = :id"
            for node in VOCABULARY.nodes.values()
        )
        for written in dict.fromkeys((id, escaped_id(id))):  # as the graph, or as a source has it
            found = [(label, written) for (label,) in self._db.execute(parts, {"id": written})]
            if found:
                return found
        return []

    def neighbourhood(
        self,
        nodes: Sequence[tuple[str, str]],
        hops: int,
        limit: int,
        leave_out: Sequence[str] = ("Premium",),
        types: Sequence[str] | None = None,
        branches: Sequence[str] | None = None,
    ) -> "nx.MultiDiGraph[Any]":
        """The open nodes and edges within `hops` of the given (label, id), nearest first."""
        over = ways(leave_out, types)
        return find_neighbourhood(self._db, nodes, hops, limit, over, branches)

    def branches_below(self, ids: Sequence[str]) -> set[str]:
        """Those branches and all open departments below them; UnknownNodeError."""
        return branches_below(self._db, ids)

    def visible(self, nodes: Sequence[Node], branches: Sequence[str] | None) -> set[Node]:
        """Which of the nodes those branches may see; None sees all."""
        return set(nodes) if branches is None else Sight(self._db, branches).nodes(nodes)

    def page(
        self,
        label: str,
        *,
        where: Mapping[str, Any] | None = None,
        sort: str | None = None,
        descending: bool = False,
        after: tuple[Any, str] | None = None,
        limit: int = 50,
        branches: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Open nodes of a label in the order of a property and the id; UsageError."""
        at_least_one("limit", limit)
        conditions, ordered = bound(label, where), order(label, sort, descending, after)
        columns = columns_of(label)
        return find_page(self._db, label, columns, conditions, ordered, limit, branches)

    def scan(
        self,
        label: str,
        *,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Any] | None = None,
        branches: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """All open nodes of a label in the order of their ids, as of one moment; UsageError."""
        at_least_one("batch_rows", batch_rows)
        conditions, shown = bound(label, where), columns_of(label, columns)
        return scan_nodes(self.path, label, shown, conditions, branches, batch_rows)

    def degrees(
        self, label: str, id: str, branches: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """How many open neighbours a node has of each kind."""
        return count_neighbours(self._db, label, id, branches)

    def paths(
        self,
        start: Node,
        end: Node,
        *,
        hops: int = 6,
        limit: int = 10,
        leave_out: Sequence[str] = MEANT_NOTHING,
        branches: Sequence[str] | None = None,
        most: int = 20_000,
    ) -> "nx.MultiDiGraph[Any]":
        """The shortest ways between two nodes over open edges in either direction."""
        reader = NodeReader(self._db, branches)
        return search_paths(reader, start, end, ways(leave_out), hops, limit, most)

    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""
        table = quoted(VOCABULARY.nodes[label].table)
        rows = self._db.execute(
            "SELECT h.load, l.started_at, h.previous FROM history h "
            f"JOIN {table} n ON n.key = h.key LEFT JOIN load l ON l.load = h.load "
            "WHERE n.id = ? ORDER BY abs(h.load) DESC",
            (id,),
        )
        return past(rows)

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        whole_numbers: bool = False,
        branches: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The nodes that best fit a text: label, id, name and score (0 to 100), best first."""
        index = SqliteIndex(self._db, self.find, self._reaches, branches)
        return find(index, text, limit, whole_numbers=whole_numbers)

    def status(self) -> Status:
        """What is in the graph: open nodes, and open edges between such."""
        tally = self._db.execute("SELECT kind, name, n FROM tally WHERE n > 0").fetchall()
        counts = {(kind, name): n for kind, name, n in tally}
        hidden = count_hidden_edges(self._db)
        edges = {n: counts.get(("edge", n), 0) - hidden.get(n, 0) for n in VOCABULARY.edges}
        return Status(
            url=self.url,
            nodes={n: counts["node", n] for n in VOCABULARY.nodes if ("node", n) in counts},
            edges={name: n for name, n in edges.items() if n > 0},
            loads=self.loads(),
            refused=self._one(
                "SELECT count(*) FROM (SELECT DISTINCT file, line FROM quarantine "
                "WHERE resolved_by IS NULL)"
            ),
            pending=self._one("SELECT count(*) FROM pending"),
            change=self._change(),
        )

    def loads(self) -> list[dict[str, Any]]:
        """The last loads, newest first (see `told`)."""
        return read_loads(self._db, self.path)

    def marks(self) -> Marks:
        """What tells whether the graph has changed."""
        ((state, loaded),) = self._db.execute(_MARKS)
        return Marks(state, loaded)

    def unfinished(self) -> Unfinished:
        """A copy; of a load each file is written whole or not at all."""
        row = self._db.execute("SELECT value FROM meta WHERE name = 'copy_of'").fetchone()
        return Unfinished(copy_of=row[0] if row else None)

    def derive(
        self,
        nodes: Mapping[str, pa.Table],
        edges: Mapping[str, pa.Table],
        kept: Mapping[str, str | None] | None = None,
        *,
        only: pa.Table | None = None,
        say: Say = lambda text: None,
    ) -> DeriveReport:
        """Let derived types hold exactly what an analysis found; UsageError, StoreError."""
        return derive(self.url, Derivation(nodes, edges, kept or {}, only), say)

    def kept(self, name: str) -> str | None:
        """A text that is kept in the graph (see `derive`), or None."""
        row = self._db.execute("SELECT value FROM kept WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def project(
        self,
        decisions: Sequence[Shown],
        within: sqlite3.Connection | None = None,
        patience: float = PATIENCE,
    ) -> int:
        """Show decisions in the graph, each once; how many. UsageError, StoreError."""
        if within is not None:
            return show(within, decisions, str(self.path))
        with writing_soon(self._db, str(self.path), patience) as connection:
            return show(connection, decisions, str(self.path))

    def projected(self, within: sqlite3.Connection | None = None) -> int:
        """The number of the decision that the graph showed last."""
        return last_shown(within or self._db)

    def quarantine(self) -> pa.Table:
        """The rows and edges that were refused or wait, with file, line, column, value, reason."""
        return read_quarantine(self._db)

    def snapshot(self, say: Say = lambda text: None) -> Path:
        """A DuckDB file with the whole graph as tables, reused while the graph is unchanged.

        It is made in a process of its own. Where the graph is protected against writing, it lies in
        a temporary folder until the store is closed. Raises StoreError where that fails.
        """
        target = Path(f"{self.path}.snapshot")
        if not may_write(self.path.absolute()):
            self._scratch = self._scratch or tempfile.TemporaryDirectory(prefix="graphcrm-")
            target = Path(self._scratch.name) / target.name
        require_plain(target)
        present, meta = mark_of(target), dict(self._db.execute("SELECT name, value FROM meta"))
        if present is not None and present == Mark(meta["state"], meta["facts"]):
            return target
        process = subprocess.Popen(
            [sys.executable, "-m", "graphcrm.store.sqlite.snapshot", str(self.path), str(target)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert process.stdout is not None
        for line in process.stdout:
            say(line.strip())
        _, complaint = process.communicate()
        if process.returncode:
            reason = complaint.strip().rpartition("\n")[2]
            raise StoreError(f"{target}: the snapshot could not be made ({reason})")
        return target

    def backup(self, target: Path, say: Say = lambda text: None) -> None:
        """Copy the graph while it is in use; StoreError if the target exists."""
        if target.exists():
            raise StoreError(f"{target}: is there already; a backup never replaces a file")
        part = target.with_name(f"{target.name}.part")
        part.unlink(missing_ok=True)

        def progress(_: int, remaining: int, total: int) -> None:
            say(f"{100 * (total - remaining) // max(total, 1)} %")

        try:
            copy = sqlite3.connect(part)
            try:
                self._db.backup(copy, pages=16_384, progress=progress)
            finally:
                copy.close()
            part.replace(target)
        except (sqlite3.Error, OSError) as error:
            part.unlink(missing_ok=True)
            raise StoreError(f"{target}: the backup could not be written ({error})") from error

    def _change(self) -> int:
        return self._one("SELECT CAST(value AS INTEGER) FROM meta WHERE name = 'change'")

    def _one(self, sql: str) -> int:
        return int(self._db.execute(sql).fetchone()[0])

    def close(self) -> None:
        """Release the connection, and what was only made for it."""
        self._db.close()
        if self._scratch:
            self._scratch.cleanup()

"""The server store: small and frequent work on a graph in a Neo4j database."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa

from graphcrm.errors import NoGraphError, StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import DeriveReport, Say, Status, Store, Unfinished
from graphcrm.store.deriving.request import Derivation
from graphcrm.store.deriving.start import derive
from graphcrm.store.finding import find
from graphcrm.store.loads import SHOWN, told
from graphcrm.store.marks import Marks
from graphcrm.store.neo4j.address import Address
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.counting import count_edges, count_nodes
from graphcrm.store.neo4j.degrees import count_neighbours
from graphcrm.store.neo4j.deriving import half_written
from graphcrm.store.neo4j.finding import Neo4jIndex
from graphcrm.store.neo4j.lock import is_writing
from graphcrm.store.neo4j.neighbourhood import NodeReader, find_neighbourhood
from graphcrm.store.neo4j.paging import find_page, scan_nodes
from graphcrm.store.neo4j.projecting import last_shown, show
from graphcrm.store.neo4j.refused import read_quarantine
from graphcrm.store.neo4j.schema import holds_graph, make_graph
from graphcrm.store.neo4j.visibility import branches_below, visible_nodes
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
from graphcrm.store.staging import escaped_id
from graphcrm.store.surroundings import ways


class Neo4jStore(Store):
    """A graph in a database of a Neo4j server."""

    def __init__(self, address: Address, *, must_exist: bool = False) -> None:
        """Connect; make the graph if the database has none, unless it `must_exist`. StoreError."""
        self.url = address.url
        self._server = Server(address)
        try:
            if not holds_graph(self._server):
                if must_exist:
                    raise NoGraphError(
                        f"{self.url}: there is no graph here yet; `graphcrm load` makes one"
                    )
                make_graph(self._server)
        except BaseException:
            self._server.close()
            raise

    @property
    def place(self) -> str:
        """The database's own id."""
        return str(self._server.read("CALL db.info() YIELD id RETURN id")[0][0])

    def query(self, name: str, **parameters: Any) -> pa.Table:
        """The answer of a named question; UnknownQuestionError, UsageError."""
        asked = question(name, "cypher")
        values = asked.bind(parameters)
        return asked.answer(map(tuple, self._server.read(asked.text, **values)))

    def node(self, label: str, id: str) -> dict[str, Any] | None:
        """One node with its properties, or None."""
        rows = self._server.read(
            f"MATCH (n:{label} {{id: $id}}) OPTIONAL MATCH (f:_File {{file: n._file}}) "
            "RETURN properties(n), f.path, f.load",
            id=id,
        )
        if not rows:
            return None
        ((values, path, load),) = rows
        return {
            "label": label,
            "id": id,
            "at_line": values.get("_line"),
            "deleted_on": values.get("deleted_on"),
            **{p.name: values.get(p.name) for p in VOCABULARY.nodes[label].properties},
            "extra": values.get("extra"),
            "path": path,
            "load": load,
            "source": values.get("source"),
        }

    def find(self, id: str) -> list[tuple[str, str]]:
        """The (label, id) of all nodes that have this id, in the order of the vocabulary."""
        for written in dict.fromkeys((id, escaped_id(id))):  # as the graph, or as a source has it
            found = self._labels_with([written])
            if found:
                return found
        return []

    def _labels_with(self, ids: list[str]) -> list[tuple[str, str]]:
        parts = " UNION ALL ".join(
            f"UNWIND $batch.ids AS id MATCH (n:{label} {{id: id}}) "
            f"RETURN '{label}' AS label, n.id AS id"
            for label in VOCABULARY.nodes
        )
        return [(label, id_) for label, id_ in self._server.read(parts, batch={"ids": ids})]

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
        return find_neighbourhood(self._server, nodes, hops, limit, over, branches)

    def branches_below(self, ids: Sequence[str]) -> set[str]:
        """Those branches and all open departments below them; UnknownNodeError."""
        return branches_below(self._server, ids)

    def visible(self, nodes: Sequence[Node], branches: Sequence[str] | None) -> set[Node]:
        """Which of the nodes those branches may see; None sees all."""
        if branches is None:
            return set(nodes)
        return visible_nodes(self._server, nodes, branches)

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
        return find_page(self._server, label, columns, conditions, ordered, limit, branches)

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
        return scan_nodes(self._server, label, shown, conditions, branches, batch_rows)

    def degrees(
        self, label: str, id: str, branches: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """How many open neighbours a node has of each kind."""
        return count_neighbours(self._server, label, id, branches)

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
        reader = NodeReader(self._server, branches)
        return search_paths(reader, start, end, ways(leave_out), hops, limit, most)

    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""
        rows = self._server.read(
            "MATCH (h:_Earlier {id: $id, label: $label}) "
            "OPTIONAL MATCH (l:_Load {load: h.load}) "
            "RETURN h.load, l.started_at, h.previous ORDER BY abs(h.load) DESC",
            label=label,
            id=id,
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
        see = None if branches is None else lambda nodes: self.visible(nodes, branches)
        return find(Neo4jIndex(self._server, see), text, limit, whole_numbers=whole_numbers)

    def status(self) -> Status:
        """What is in the graph."""
        ((refused, pending, change),) = self._server.read(
            "MATCH (g:_Graph) RETURN "
            "COUNT { MATCH (r:_Refusal) WHERE r.resolved_by IS NULL "
            "RETURN DISTINCT r.file, r.line }, COUNT { (:_Waiting) }, g.change"
        )
        return Status(
            url=self.url,
            nodes=count_nodes(self._server),
            edges=count_edges(self._server),
            loads=self.loads(),
            refused=refused,
            pending=pending,
            change=change,
        )

    def loads(self) -> list[dict[str, Any]]:
        """The last loads, newest first (see `told`)."""
        names = ("load", "state", "started_at", "finished_at", "as_of", "source", "complete", "by",
                 "request", "report")  # fmt: skip
        rows = self._server.read(
            f"MATCH (l:_Load) RETURN {', '.join(f'l.{name}' for name in names)} "
            f"ORDER BY l.load DESC LIMIT {SHOWN}"
        )
        loads = [dict(zip(names, row, strict=True)) for row in rows]

        def written(load: int) -> list[tuple[str, str]]:
            rows = self._server.read(
                "MATCH (f:_File {load: $load}) RETURN f.path, f.table_name", load=load
            )
            return [(path, table) for path, table in rows]

        return told(self.url, loads, lambda: is_writing(self._server), written)

    def marks(self) -> Marks:
        """What tells whether the graph has changed; what is being written counts at its end."""
        ((state, loaded),) = self._server.read(
            "MATCH (g:_Graph) RETURN g.state, "
            "COLLECT { MATCH (f:_File) WHERE f.done RETURN toString(max(f.file)) } + "
            "COLLECT { MATCH (l:_Load) RETURN toString(l.load) + l.state "
            "ORDER BY l.load DESC LIMIT 1 }"
        )
        return Marks(state, " ".join(str(part) for part in loaded))

    def unfinished(self) -> Unfinished:
        """A copy, and files and derived types of which a part is written."""
        ((copy_of, derived, files),) = self._server.read(
            "MATCH (g:_Graph) RETURN g.copy_of, coalesce(g.deriving, []), COLLECT { "
            "MATCH (f:_File) WHERE NOT f.done AND f.made_good IS NULL "
            "RETURN f.path ORDER BY f.file }"
        )
        return Unfinished(files=files, copy_of=copy_of, derived=half_written(derived))

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
        rows = self._server.read("MATCH (k:_Kept {name: $name}) RETURN k.value", name=name)
        return str(rows[0][0]) if rows else None

    def project(
        self,
        decisions: Sequence[Shown],
        within: sqlite3.Connection | None = None,
        patience: float = PATIENCE,
    ) -> int:
        """Show decisions in the graph, each once; how many. UsageError, StoreError."""
        assert within is None, "a server's graph has no part in another database's transaction"
        return show(self._server, decisions, patience)

    def projected(self, within: sqlite3.Connection | None = None) -> int:
        """The number of the decision that the graph showed last."""
        return last_shown(self._server)

    def quarantine(self) -> pa.Table:
        """The rows and edges that were refused or wait, with file, line, column, value, reason."""
        return read_quarantine(self._server)

    def snapshot(self, say: Say = lambda text: None) -> Path:
        """A DuckDB file with the whole graph as tables, reused while the graph is unchanged."""
        from graphcrm.store.neo4j.snapshot import snapshot

        return snapshot(self._server, say)

    def backup(self, target: Path, say: Say = lambda text: None) -> None:
        """Raises StoreError: a server's backups are the server's business."""
        raise StoreError(
            f"{self.url}: a server's database is backed up with the server's own means "
            "(neo4j-admin database dump), or copied with `graphcrm copy`"
        )

    def close(self) -> None:
        """Release the connection."""
        self._server.close()

"""The server store: small and frequent work on a graph in a Neo4j database."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import pyarrow as pa

from graphcrm.errors import NoGraphError, StoreError
from graphcrm.model import VOCABULARY
from graphcrm.store.contract import DeriveReport, Say, Status, Store, Unfinished
from graphcrm.store.deriving.request import Derivation
from graphcrm.store.deriving.start import derive
from graphcrm.store.loads import SHOWN, told
from graphcrm.store.neo4j.address import Address
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.counting import count_edges, count_nodes
from graphcrm.store.neo4j.deriving import half_written
from graphcrm.store.neo4j.lock import is_writing
from graphcrm.store.neo4j.neighbourhood import find_neighbourhood
from graphcrm.store.neo4j.refused import read_quarantine
from graphcrm.store.neo4j.schema import FULL_TEXT, holds_graph, make_graph
from graphcrm.store.neo4j.searching import fits, full_text_query, own_tokens
from graphcrm.store.questions import question
from graphcrm.store.search import CANDIDATES, SEARCHED, Candidate, rank
from graphcrm.store.staging import ID_SEPARATOR, escaped_id

_FOUND = (
    f"CALL db.index.fulltext.queryNodes('{FULL_TEXT}', $query, {{limit: $limit}}) YIELD node "
    "RETURN head(labels(node)), node.id, properties(node), node.deleted_on IS NULL"
)
_SAME_NAME = (
    "MATCH (n:Person {name_key: $name}) WHERE n.deleted_on IS NULL "
    "RETURN 'Person', n.id, properties(n), true LIMIT $limit"
)


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
    ) -> "nx.MultiDiGraph[Any]":
        """The open nodes and edges within `hops` of the given (label, id), nearest first."""
        return find_neighbourhood(self._server, nodes, hops, limit, leave_out)

    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""
        rows = self._server.read(
            "MATCH (h:_Earlier {id: $id, label: $label}) MATCH (l:_Load {load: h.load}) "
            "RETURN h.load, l.started_at, h.previous ORDER BY h.load DESC",
            label=label,
            id=id,
        )
        return [
            {"replaced_by_load": load, "at": at, **json.loads(previous)}
            for load, at, previous in rows
        ]

    def search(self, text: str, limit: int = 20) -> list[dict[str, Any]]:
        """The nodes that best fit a text: label, id, name and score (0 to 100), best first."""
        stripped = text.strip()
        found: dict[tuple[str, str], Candidate] = {}
        query = full_text_query(stripped)
        if query:
            rows = self._server.read(_FOUND, query=query, limit=CANDIDATES)
            rows = [row for row in rows if fits(stripped, row[2].get("_tokens", ""))]
            rows += self._server.read(_SAME_NAME, name=stripped.lower(), limit=CANDIDATES)
            for label, id_, values, is_open in rows:
                if is_open:
                    name = values.get(SEARCHED[label][1]) or ""
                    tokens = own_tokens(values.get("_tokens", ""))
                    found[label, id_] = Candidate(0, label, id_, name, tokens)
        for label, id_ in self.find(stripped) or self._find_in_sources(stripped):
            if (label, id_) not in found:
                found[label, id_] = Candidate(0, label, id_, self._title(label, id_), "")
        return [
            {"label": c.label, "id": c.id, "name": c.name, "score": score}
            for score, c in rank(stripped, found.values(), limit)
        ]

    def _find_in_sources(self, id: str) -> list[tuple[str, str]]:
        """The (label, id) of all nodes that have this id in a source of theirs."""
        ((names,),) = self._server.read("MATCH (g:_Graph) RETURN coalesce(g.sources, [])")
        own = escaped_id(id)
        return self._labels_with([f"{escaped_id(n)}{ID_SEPARATOR}{own}" for n in sorted(names)])

    def _title(self, label: str, id: str) -> str:
        rows = self._server.read(f"MATCH (n:{label} {{id: $id}}) RETURN n.name", id=id)
        return str(rows[0][0] or "")

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

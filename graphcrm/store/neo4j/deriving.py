"""Nodes and edges of derived types in a Neo4j database.

They are written in many transactions. Until the last of them the graph remembers which types are
half-written, so that readers can be told, and deriving the same once more completes it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from graphcrm.model import EdgeType, NodeType
from graphcrm.store.forms import DERIVED, origin_numbers, quoted
from graphcrm.store.neo4j.channel import Row
from graphcrm.store.neo4j.edges import EdgeKeeping
from graphcrm.store.neo4j.rows import assigned, listed, put
from graphcrm.store.writing.derived import derived_columns

_EDGE = "[r:{0} {{_origin: '" + DERIVED + "', _d: ''}}]"


class DerivedKeeping(EdgeKeeping):
    """The part of a keeper that keeps what analyses found."""

    @contextmanager
    def deriving(self, names: Sequence[str], scope: str) -> Iterator[None]:
        """Note what is half-written; what was so before and is of another scope stays so."""
        marks = [f"{name} {scope}" for name in names]
        before = self._listed("deriving")
        done = [mark for mark in before if mark not in marks]
        if not scope:
            done = [mark for mark in done if mark.partition(" ")[0] not in names]
        with self.transaction(facts=False):
            self._mark(sorted({*before, *marks}))
            yield
            self._mark(done)

    def half_derived(self) -> list[str]:
        """What was broken off."""
        return half_written(self._listed("deriving"))

    def _mark(self, marks: Iterable[str]) -> None:
        self.channel.write("MATCH (g:_Graph) SET g.deriving = $marks", marks=list(marks))

    def fetch_derived_nodes(self, node: NodeType, into: str, only: str | None) -> None:
        """Nodes of a type."""
        columns = derived_columns(node)
        row = f"WITH [{listed('n', columns)}] AS row"
        put(self.work, into, columns, self._rows(node.label, row, only))

    def fetch_derived_edges(self, edge: EdgeType, into: str, only: str | None) -> None:
        """Edges of a type."""
        columns = derived_columns(edge)
        properties = "".join(f", r.{p.name}" for p in edge.properties)
        row = f"WITH [head(labels(a)), a.id, head(labels(b)), b.id{properties}] AS row"
        ((count,),) = self.channel.read(f"MATCH ()-[r:{edge.name}]->() RETURN count(r)")

        def found() -> Iterator[Sequence[Row]]:
            for label in edge.start if count else ():
                out = f"MATCH (n)-[r:{edge.name}]->(b) WITH n AS a, r, b {row}"
                yield from self._rows(label, out, only)
            for label in edge.end if count and only else ():
                back = f"MATCH (n)<-[r:{edge.name}]-(a) WITH n AS b, r, a {row}"
                yield from self._rows(label, back, only)

        put(self.work, "derived_read", columns, found())
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT DISTINCT * FROM derived_read"
        )

    def _rows(self, label: str, returned: str, only: str | None) -> Iterator[Sequence[Row]]:
        match = f"MATCH (n:{label}) WHERE true"
        if only is None:
            yield from self.channel.pages(match, returned)
            return
        wanted = f"SELECT DISTINCT id FROM {only} WHERE label = '{label}' ORDER BY id"
        ids = [id_ for (id_,) in self.work.execute(wanted).fetchall()]
        yield from self.channel.of(ids, match, returned)

    def fetch_absent(self, label: str, ids: str, into: str) -> None:
        """Ids that no node has."""
        put(
            self.work,
            "ids_found",
            {"id": "VARCHAR"},
            self._rows(
                label,
                "WITH [n.id] AS row",
                f"(SELECT '{label}' AS label, id FROM {ids})",
            ),
        )
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS "
            f"SELECT DISTINCT id FROM {ids} ANTI JOIN ids_found USING (id)"
        )

    def add_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Add nodes."""
        names = [p.name for p in node.properties]
        self._write(
            f"UNWIND $batch.rows AS row MERGE (n:{node.label} {{id: row[0]}}) "
            f"SET n += {assigned(['file', *names], 1)}",
            f"SELECT id, 0{_listed(names)} FROM {rows}",
        )

    def change_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Change nodes."""
        self.add_derived_nodes(node, rows)

    def remove_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Remove nodes, and what hangs on them: nothing but derived edges can."""
        self._write(
            f"UNWIND $batch.rows AS row MATCH (n:{node.label} {{id: row[0]}}) DETACH DELETE n",
            f"SELECT id FROM {rows}",
        )

    def add_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Add edges."""
        self._note_made(origin_numbers()[DERIVED], edge)
        names = [p.name for p in edge.properties]
        self._on_ends(
            edge,
            rows,
            names,
            f"MERGE (a)-{_EDGE.format(edge.name)}->(b) SET r += {assigned(['file', *names], 2)}",
        )

    def change_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Change edges."""
        self.add_derived_edges(edge, rows)

    def remove_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Remove edges."""
        self._on_ends(edge, rows, [], f"MATCH (a)-{_EDGE.format(edge.name)}->(b) DELETE r")

    def _on_ends(self, edge: EdgeType, rows: str, names: Sequence[str], action: str) -> None:
        """Run Cypher on the ends `a` and `b` of edges, whose properties follow 0 in `row`."""
        for start in edge.start:
            for end in edge.end:
                self._write(
                    f"UNWIND $batch.rows AS row MATCH (a:{start} {{id: row[0]}}) "
                    f"MATCH (b:{end} {{id: row[1]}}) {action}",
                    f'SELECT start, "end", 0{_listed(names)} FROM {rows} '
                    f"WHERE start_label = '{start}' AND end_label = '{end}'",
                )

    def kept(self) -> dict[str, str]:
        """The texts that are kept."""
        return dict(map(tuple, self.channel.read("MATCH (k:_Kept) RETURN k.name, k.value")))

    def keep(self, texts: Mapping[str, str | None]) -> None:
        """Keep texts."""
        for name, text in sorted(texts.items()):
            if text is None:
                self.channel.write("MATCH (k:_Kept {name: $name}) DELETE k", name=name)
            else:
                self.channel.write(
                    "MERGE (k:_Kept {name: $name}) SET k.value = $text", name=name, text=text
                )


def half_written(marks: Iterable[str]) -> list[str]:
    """The derived types of the marks that a graph has while such are written."""
    return sorted({mark.partition(" ")[0] for mark in marks})


def _listed(names: Iterable[str]) -> str:
    return "".join(f", {quoted(name)}" for name in names)

"""Edges of a load in a Neo4j database, and those that wait."""

from collections.abc import Iterator, Mapping, Sequence

from graphcrm.model import LABEL_BITS, VOCABULARY, EdgeType
from graphcrm.store.forms import origin_names, quoted, stored_type
from graphcrm.store.neo4j.channel import Row
from graphcrm.store.neo4j.nodes import NodeKeeping
from graphcrm.store.neo4j.rows import assigned, listed, put

_LABEL = (1 << LABEL_BITS) - 1
_ENDS = dict.fromkeys(("near", "near_id", "far", "far_id"), "VARCHAR")

NOTE_ORIGINS = (
    "g.origins = coalesce(g.origins, []) + "
    "[name IN $made WHERE NOT name IN coalesce(g.origins, [])]"
)
"""Decisions add to the list while a load runs, and so must the load."""


class EdgeKeeping(NodeKeeping):
    """The part of a keeper that keeps edges."""

    def has_edges(self, origin: int, edge: EdgeType) -> bool:
        """Whether the origin ever made an edge of the type."""
        return f"{_origin(origin)}:{edge.name}" in self.made

    def _note_made(self, origin: int, edge: EdgeType) -> None:
        name = f"{_origin(origin)}:{edge.name}"
        if name not in self.made:
            self.made.add(name)
            self.channel.write(f"MATCH (g:_Graph) SET {NOTE_ORIGINS}", made=[name])

    def fetch_edges(
        self,
        origin: int,
        edge: EdgeType,
        into: str,
        columns: Mapping[str, str],
        anchors: str | None,
        end: str,
    ) -> None:
        """Edges of an origin, from one end."""
        types = {"d": "VARCHAR", "closed": "BIGINT", "source": "VARCHAR", **columns}
        pages = self._pages(origin, edge, listed("r", types), anchors, end)
        put(self.work, "edges_read", {**_ENDS, **types}, pages)
        near, far = (edge.start, edge.end) if end == "src" else (edge.end, edge.start)
        other = "dst" if end == "src" else "src"
        shown = "".join(f", r.{quoted(name)}" for name in columns)
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE {into} AS SELECT a.key AS {end}, b.key AS {other}, "
            f"r.d, r.closed, {self.source_code('r.source')} AS source{shown} FROM edges_read r "
            f"JOIN ({self.keys.tables(near)}) a ON a.label = r.near AND a.id = r.near_id "
            f"JOIN ({self.keys.tables(far)}) b ON b.label = r.far AND b.id = r.far_id"
        )

    def _pages(
        self, origin: int, edge: EdgeType, properties: str, anchors: str | None, end: str
    ) -> Iterator[Sequence[Row]]:
        arrow = f"-[r:{edge.name} {{_origin: $origin}}]-"
        pattern = f"(n){arrow}>(m)" if end == "src" else f"(n)<{arrow}(m)"
        for label in edge.start if end == "src" else edge.end:
            row = (
                f"MATCH {pattern} "
                f"WITH ['{label}', n.id, head(labels(m)), m.id, {properties}] AS row"
            )
            match = f"MATCH (n:{label}) WHERE true"
            if anchors is None:
                yield from self.channel.pages(match, row, origin=_origin(origin))
                continue
            ids = self.work.execute(
                f"SELECT i.id FROM {anchors} a JOIN {self.keys.table(label)} i USING (key)"
            ).fetchall()
            yield from self.channel.of([id_ for (id_,) in ids], match, row, origin=_origin(origin))

    def insert_edges(self, origin: int, edge: EdgeType, rows: str, added: int) -> None:
        """Add edges."""
        self._note_made(origin, edge)
        self._merge(edge, f"SELECT *, {origin} AS origin FROM ({rows})", "SET")

    def insert_missing_edges(self, edge: EdgeType, rows: str) -> None:
        """Add those edges that aren't there."""
        for (origin,) in self.work.execute(f"SELECT DISTINCT origin FROM ({rows})").fetchall():
            self._note_made(origin, edge)
        self._merge(edge, rows, "ON CREATE SET")

    def _merge(self, edge: EdgeType, rows: str, how: str) -> None:
        known = ("src", "dst", "origin", "d", "source")
        columns = [name for name in self.work.sql(rows).columns if name not in known]
        shown = "".join(f", r.{quoted(name)}" for name in columns)
        self._send(
            edge,
            rows,
            f"{self.origin_name('r.origin')} AS origin, r.d, "
            f"{self.source_name('r.source')} AS source{shown}",
            f"MERGE (a)-[r:{edge.name} {{_origin: row[2], _d: row[3]}}]->(b) "
            f"{how} r += {assigned(['source', *columns], 4)}",
        )

    def _send(
        self, edge: EdgeType, rows: str, shown: str, action: str, **parameters: object
    ) -> None:
        """Run Cypher on the ends `a` and `b` of rows (src, dst, …), which are in the list `row`."""
        self.work.execute(
            f"CREATE OR REPLACE TEMP TABLE outgoing AS SELECT r.src & {_LABEL} AS a, "
            f"r.dst & {_LABEL} AS b, s.id AS src_id, t.id AS dst_id, {shown} FROM ({rows}) r "
            f"JOIN ({self.keys.tables(edge.start)}) s ON s.key = r.src "
            f"JOIN ({self.keys.tables(edge.end)}) t ON t.key = r.dst"
        )
        pairs = self.work.execute("SELECT DISTINCT a, b FROM outgoing ORDER BY a, b").fetchall()
        for a, b in pairs:
            start, end = VOCABULARY.label_of(a), VOCABULARY.label_of(b)
            self._write(
                f"UNWIND $batch.rows AS row MATCH (a:{start} {{id: row[0]}}) "
                f"MATCH (b:{end} {{id: row[1]}}) {action}",
                f"SELECT * EXCLUDE (a, b) FROM outgoing WHERE a = {a} AND b = {b}",
                **parameters,
            )

    def change_edges(
        self, origin: int, edge: EdgeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Open and change edges, with history."""
        shown = "".join(f", r.{quoted(name)}" for name in names)
        self._replace(
            origin, edge, changed, shown, f"r += {assigned(names, 5)}, r.closed = null, "
            "r._file = $file", load, file=file,
        )  # fmt: skip

    def close_edges(
        self, origin: int, edge: EdgeType, gone: str, load: int, *, timed: bool
    ) -> None:
        """Close edges, with history."""
        ended = ", r.valid_to = coalesce(r.valid_to, row[5])" if timed else ""
        self._replace(origin, edge, gone, ", r.ended", f"r.closed = $load{ended}", load)

    def _replace(
        self,
        origin: int,
        edge: EdgeType,
        rows: str,
        shown: str,
        assignments: str,
        load: int,
        **parameters: object,
    ) -> None:
        types = {p.name: stored_type(p.kind) for p in edge.properties} | {"file": "BIGINT"}
        self.work.execute(f"CREATE OR REPLACE TEMP TABLE ends AS SELECT src AS key FROM {rows}")
        self.fetch_edges(origin, edge, "stored_edges", types, "ends", "src")
        pairs = "".join(f", '{p.name}', e.{quoted(p.name)}" for p in edge.properties)
        previous = (
            f"json_object('origin', {origin}, 'd', r.d, 'closed', e.closed, 'file', e.file{pairs})"
        )
        self._send(
            edge,
            f"SELECT r.*, {previous}::VARCHAR AS previous FROM {rows} r JOIN stored_edges e "
            "ON e.src = r.src AND e.dst = r.dst AND e.d = r.d",
            f"r.d, md5(concat_ws('|', '{edge.name}', r.src & {_LABEL}, s.id, r.dst & {_LABEL}, "
            f"t.id, '{load}', previous)) AS history_key, previous{shown}",
            f"MATCH (a)-[r:{edge.name} {{_origin: $origin, _d: row[2]}}]->(b) "
            "MERGE (h:_EarlierEdge {key: row[3]}) SET h += {type: $type, "
            "src_label: head(labels(a)), src: a.id, dst_label: head(labels(b)), dst: b.id, "
            f"load: $load, previous: row[4]}} SET {assignments}",
            origin=_origin(origin),
            type=edge.name,
            load=load,
            **parameters,
        )


def _origin(number: int) -> str:
    return origin_names()[number]

"""The parts of a graph in a form that no store numbers: how each is read, and how it is written."""

from abc import ABC, abstractmethod

from graphcrm.duck import number
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import DERIVED, code_of, name_of, quoted, stored_type
from graphcrm.store.writing.keeper import RECORDS, WAITING, Keeper

_RECORD = {
    "source": "BIGINT", "file": "BIGINT", "at_line": "BIGINT", "fingerprint": "BIGINT",
    "deleted_on": "VARCHAR", "extra": "VARCHAR",
}  # fmt: skip
"""What a node carries beside its properties, if it is a row of a file."""


class Part(ABC):
    """A type of nodes or edges, or a kind of record."""

    name: str

    @abstractmethod
    def read(self, keeper: Keeper, into: str) -> None:
        """Make the DuckDB table `into` of what a store holds of it, for all connections to see."""

    @abstractmethod
    def write(self, keeper: Keeper, rows: str) -> None:
        """Write what such a table holds and the store lacks."""


class Nodes(Part):
    """The nodes of a label."""

    def __init__(self, node: NodeType) -> None:
        """Of that type."""
        self.node, self.name = node, node.label
        own = {p.name: stored_type(p.kind) for p in node.properties}
        self._columns = own | (_RECORD if node.recorded else {"file": "BIGINT"})

    def read(self, keeper: Keeper, into: str) -> None:
        """By their ids."""
        keeper.fetch_nodes(self.node, "stored", self._columns, None)
        columns = ", ".join(
            f"{_source_name(keeper)} AS source" if name == "source" else f"r.{quoted(name)}"
            for name in self._columns
        )
        keeper.work.execute(
            f"CREATE OR REPLACE TABLE {into} AS SELECT i.id, {columns} "
            f"FROM stored r JOIN {keeper.keys.table(self.node.label)} i USING (key)"
        )

    def write(self, keeper: Keeper, rows: str) -> None:
        """Those whose ids are new."""
        work, label = keeper.work, self.node.label
        keeper.sources(_sources(keeper, rows) if "source" in self._columns else ())
        work.execute(
            "CREATE OR REPLACE TEMP TABLE arriving AS "
            f"SELECT *, row_number() OVER (ORDER BY id) AS position FROM {rows}"
        )
        if not keeper.keys.assign(label, "arriving", "position", "assigned"):
            return
        columns = ", ".join(
            f"{_source_code(keeper)} AS source" if name == "source" else f"r.{quoted(name)}"
            for name in self._columns
        )
        new = "FROM arriving r JOIN assigned k USING (position) WHERE k.is_new"
        keeper.insert_nodes(self.node, f"SELECT k.key, r.id, {columns} {new}")
        is_open = " AND deleted_on IS NULL" if self.node.recorded else ""
        keeper.count("node", label, number(work, f"SELECT count(*) {new}{is_open}"))


class Edges(Part):
    """The edges of a type."""

    def __init__(self, edge: EdgeType) -> None:
        """Of that type."""
        self.edge, self.name = edge, edge.name
        self._columns = {p.name: stored_type(p.kind) for p in edge.properties}
        self._columns |= {"file": "BIGINT", "extra": "VARCHAR"}
        self._origins = (
            [DERIVED]
            if edge.derived
            else [
                f"{table.name}.{column.name}"
                for table in VOCABULARY.tables.values()
                for column in table.links
                if column.link and edge.name in column.link.edges
            ]
        )

    def read(self, keeper: Keeper, into: str) -> None:
        """By the labels and ids of their ends."""
        columns = "".join(f", r.{quoted(name)}" for name in self._columns)
        numbers = keeper.origins()
        for n, origin in enumerate(self._origins):
            keeper.fetch_edges(numbers[origin], self.edge, "stored", self._columns, None, "src")
            made = f"CREATE OR REPLACE TABLE {into} AS" if n == 0 else f"INSERT INTO {into}"
            keeper.work.execute(
                f"{made} SELECT '{origin}' AS origin, s.label AS src_label, s.id AS src, "
                "t.label AS dst_label, t.id AS dst, coalesce(r.d, '') AS d, r.closed, "
                f"{_source_name(keeper)} AS source{columns} FROM stored r "
                f"JOIN ({keeper.keys.tables(self.edge.start)}) s ON s.key = r.src "
                f"JOIN ({keeper.keys.tables(self.edge.end)}) t ON t.key = r.dst"
            )

    def write(self, keeper: Keeper, rows: str) -> None:
        """Those that are not there."""
        work, numbers = keeper.work, keeper.origins()
        keeper.sources(_sources(keeper, rows))
        columns = "".join(f", r.{quoted(name)}" for name in self._columns)
        for origin in self._origins:
            work.execute(
                "CREATE OR REPLACE TEMP TABLE arriving AS SELECT s.key AS src, t.key AS dst, r.d, "
                f"r.closed, {_source_code(keeper)} AS source{columns} FROM {rows} r "
                f"JOIN ({keeper.keys.tables(self.edge.start)}) s "
                "ON s.label = r.src_label AND s.id = r.src "
                f"JOIN ({keeper.keys.tables(self.edge.end)}) t "
                f"ON t.label = r.dst_label AND t.id = r.dst WHERE r.origin = '{origin}'"
            )
            if keeper.has_edges(numbers[origin], self.edge):
                keeper.fetch_edges(numbers[origin], self.edge, "there", {}, None, "src")
                work.execute(
                    "DELETE FROM arriving r USING there t "
                    "WHERE r.src = t.src AND r.dst = t.dst AND r.d = coalesce(t.d, '')"
                )
            lacking = number(work, "SELECT count(*) FROM arriving")
            if lacking:
                rows_in_order = "SELECT * FROM arriving ORDER BY src, dst, d"
                keeper.insert_edges(numbers[origin], self.edge, rows_in_order, lacking)
                closed = number(work, "SELECT count(closed) FROM arriving")
                keeper.count("edge", self.edge.name, -closed)


class Waiting(Part):
    """The edges that wait for a node."""

    name = "waiting"

    def read(self, keeper: Keeper, into: str) -> None:
        """By the id of their anchor, where that is there."""
        keeper.fetch_waiting("stored")
        columns = ", ".join(f"r.{name}" for name in WAITING if name not in ("anchor", "origin"))
        keeper.work.execute(
            f"CREATE OR REPLACE TABLE {into} AS SELECT "
            f"{name_of('r.origin', keeper.origins())} AS origin, "
            f"a.id AS anchor, {columns} FROM stored r "
            f"LEFT JOIN ({keeper.keys.tables(VOCABULARY.nodes)}) a ON a.key = r.anchor"
        )

    def write(self, keeper: Keeper, rows: str) -> None:
        """All of them, in the place of those that an earlier attempt wrote."""
        keeper.fetch_waiting("there")
        keeper.drop_waiting("there")
        if not number(keeper.work, f"SELECT count(*) FROM {rows}"):
            return
        keeper.work.execute(
            "CREATE OR REPLACE TEMP TABLE arriving AS SELECT r.* REPLACE ("
            f"{code_of('r.origin', keeper.origins())} AS origin, a.key AS anchor) FROM {rows} r "
            f"LEFT JOIN ({keeper.keys.tables(VOCABULARY.nodes)}) a "
            "ON a.label = r.anchor_label AND a.id = r.anchor ORDER BY r.file, r.line"
        )
        keeper.add_waiting("SELECT * FROM arriving")


class Records(Part):
    """A kind of record."""

    def __init__(self, name: str) -> None:
        """Of that kind."""
        self.name = name

    def read(self, keeper: Keeper, into: str) -> None:
        """As they are."""
        keeper.fetch_records(self.name, "stored")
        keeper.work.execute(f"CREATE OR REPLACE TABLE {into} AS SELECT * FROM stored")

    def write(self, keeper: Keeper, rows: str) -> None:
        """Those that are not there."""
        keeper.fetch_records(self.name, "there")
        keeper.work.execute(
            f"CREATE OR REPLACE TEMP TABLE arriving AS FROM {rows} EXCEPT ALL FROM there"
        )
        if number(keeper.work, "SELECT count(*) FROM arriving"):
            keeper.add_records(self.name, "SELECT * FROM arriving")


def all_parts() -> list[Part]:
    """Every part, such that what others refer to comes first; the loads that made it all last."""
    return [
        *(Nodes(node) for node in VOCABULARY.nodes.values()),
        *(Edges(edge) for edge in VOCABULARY.edges.values()),
        Waiting(),
        *(Records(name) for name in reversed(RECORDS)),
    ]


def _sources(keeper: Keeper, rows: str) -> list[str]:
    found = keeper.work.execute(f"SELECT DISTINCT source FROM {rows} WHERE source IS NOT NULL")
    return sorted(name for (name,) in found.fetchall())


def _source_name(keeper: Keeper) -> str:
    return name_of("r.source", keeper.sources(()))


def _source_code(keeper: Keeper) -> str:
    return code_of("r.source", keeper.sources(()))

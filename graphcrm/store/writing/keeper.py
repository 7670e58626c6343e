"""What a store does for a load: gives what it holds, and keeps what the load found out."""

import datetime as dt
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager

import duckdb

from graphcrm.model import EdgeType, NodeType
from graphcrm.store.contract import LoadPlan, LoadReport
from graphcrm.store.writing.derived import DerivedKeeper
from graphcrm.store.writing.keys import KeyMap


class Keeper(DerivedKeeper):
    """The storage side of a load, for its time.

    Tables that methods name lie in the DuckDB connection `work`; where they take `rows`, this is
    DuckDB SQL. Nodes go by integer keys, whose low bits are their label's number: a store that has
    no such keys gives out its own for the time of the load. Values are as stores keep them: dates
    are ISO text. `source` is a source's code, `origin` that of the column that makes an edge.
    """

    work: duckdb.DuckDBPyConnection
    keys: KeyMap
    errors: tuple[type[Exception], ...] = ()
    """What the engine of the store raises, beside StoreError."""
    left_behind: str
    """What is left of a file that could not be written, as a part of a sentence."""

    # --- the record of the load
    @abstractmethod
    def open(self, plan: LoadPlan, what: str = "a load") -> AbstractContextManager[None]:
        """Be the only writer for a while; others are told `what` writes.

        In a rehearsal nothing that is written stays.
        """

    @abstractmethod
    def begin_load(self, plan: LoadPlan, started_at: str) -> int:
        """Record a load as running, and those that died as interrupted; returns its number."""

    @abstractmethod
    def end_load(self, load: int, state: str, report: LoadReport, finished_at: str) -> None:
        """Record how a load ended."""

    @abstractmethod
    def begin_file(self, load: int, path: str, table: str) -> int:
        """Record that a file is written; returns its number."""

    @abstractmethod
    def end_file(self, file: int, report_json: str) -> None:
        """Record that a file is written whole."""

    @abstractmethod
    def transaction(self, *, facts: bool = True) -> AbstractContextManager[None]:
        """What is written within counts as one change of the graph; all of it, or it can be taken
        up again. Without `facts` it is nothing but what analyses found."""

    @abstractmethod
    def tidy(self) -> None:
        """What makes later questions quicker, after a load."""

    @abstractmethod
    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made (32 bytes)."""

    @abstractmethod
    def origins(self) -> dict[str, int]:
        """The code of each column that makes edges, by its name `table.column`."""

    @abstractmethod
    def sources(self, names: Iterable[str]) -> dict[str, int]:
        """The code of each source, by its name, after the named ones were added."""

    @abstractmethod
    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads; None: never."""

    @abstractmethod
    def keep_watermark(self, name: str, value: str, load: int) -> None:
        """Remember how far a source was read."""

    # --- nodes

    @abstractmethod
    def fetch_ids(self, node: NodeType, into: str) -> None:
        """Make the table `into` (id, key, fingerprint) of all nodes of a label."""

    @abstractmethod
    def fetch_nodes(
        self, node: NodeType, into: str, columns: Mapping[str, str], wanted: str | None
    ) -> None:
        """Make the table `into` (key and `columns`: name → DuckDB type) of nodes of a label.

        `wanted` are rows with their `key`; None: all.
        """

    @abstractmethod
    def insert_nodes(self, node: NodeType, rows: str) -> None:
        """Add nodes: key, id, file, properties; of records also source, at_line, fingerprint,
        deleted_on, extra. They can be searched for."""

    @abstractmethod
    def replace_nodes(
        self, node: NodeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Set the properties `names` of nodes to those of the table `changed` (key, at_line,
        fingerprint), keeping what they were. The search finds them by what they are now."""

    @abstractmethod
    def note_fingerprints(self, node: NodeType, same: str, file: int) -> None:
        """Set the fingerprints of nodes to those of the table `same` (key, fingerprint)."""

    @abstractmethod
    def close_nodes(
        self, node: NodeType, missing: str, as_of: dt.date, load: int, file: int
    ) -> None:
        """Close the nodes of the table `missing` (key), keeping what they were."""

    # --- edges

    @abstractmethod
    def has_edges(self, origin: int, edge: EdgeType) -> bool:
        """Whether the origin ever made an edge of the type."""

    @abstractmethod
    def fetch_edges(
        self,
        origin: int,
        edge: EdgeType,
        into: str,
        columns: Mapping[str, str],
        anchors: str | None,
        end: str,
    ) -> None:
        """Make the table `into` (src, dst, d, closed, source and `columns`) of an origin's edges.

        Those whose `end` (src or dst) is a key of the table `anchors`, or more; None: all.
        """

    @abstractmethod
    def insert_edges(self, origin: int, edge: EdgeType, rows: str, added: int) -> None:
        """Add edges (src, dst, d, source, file, properties, extra), none of which is there; they
        are as many as `added` says."""

    @abstractmethod
    def insert_missing_edges(self, edge: EdgeType, rows: str) -> None:
        """Add those edges that aren't there: as `insert_edges`, and with their `origin`."""

    @abstractmethod
    def change_edges(
        self, origin: int, edge: EdgeType, changed: str, names: list[str], load: int, file: int
    ) -> None:
        """Open edges and set the properties `names` to those of the table `changed` (src, dst, d),
        keeping what they were."""

    @abstractmethod
    def close_edges(
        self, origin: int, edge: EdgeType, gone: str, load: int, *, timed: bool
    ) -> None:
        """Close the edges of the table `gone` (src, dst, d, ended), keeping what they were.

        `timed` ones that have no `valid_to` get the day on which they `ended`.
        """

    # --- what waits, and what was refused

    @abstractmethod
    def fetch_waiting(self, into: str, origin: int | None = None) -> None:
        """Make the table `into` of the edges that wait (of an origin): `id` and the columns of
        `WAITING`."""

    @abstractmethod
    def add_waiting(self, rows: str) -> None:
        """Keep edges that wait: the columns of `WAITING`."""

    @abstractmethod
    def drop_waiting(self, ids: str) -> None:
        """Forget the waiting edges of the table `ids` (id)."""

    @abstractmethod
    def fetch_refusals(self, table: str, into: str) -> None:
        """Make the table `into` of what was refused of a table and stands: the columns of
        `REFUSALS`."""

    @abstractmethod
    def add_refusals(self, rows: str, file: int) -> None:
        """Keep refusals: line, column_name, value, reason, detail, node_id, record."""

    @abstractmethod
    def resolve_refusals(self, ids: str, load: int) -> None:
        """Note for the refusals of the rows `ids` (id) that a load made them void."""

    # --- for copying a graph as a whole

    @abstractmethod
    def steady(self) -> AbstractContextManager[None]:
        """Show one moment of the graph, to read only, while decisions go on being written.

        A server can't: what a decision changes meanwhile is seen in part before, in part after.
        """

    @abstractmethod
    def adopt(self, identity_key: bytes) -> None:
        """Take over another graph's secret; to be done while there are no nodes."""

    @abstractmethod
    def copy_of(self) -> str | None:
        """The address of the graph of which this one holds only a part."""

    @abstractmethod
    def note_copy(self, of: str | None) -> None:
        """Note that a copy of a graph begins here; None: that it is through."""

    @abstractmethod
    def fetch_records(self, name: str, into: str) -> None:
        """Make the table `into` of a kind of `RECORDS`."""

    @abstractmethod
    def add_records(self, name: str, rows: str) -> None:
        """Add records of a kind, none of which is there."""

    @abstractmethod
    def count(self, kind: str, name: str, change: int) -> None:
        """Hear of a change in the number of open nodes or edges (`kind`) of a name."""


WAITING = {
    "origin": "BIGINT", "type": "VARCHAR", "anchor_label": "VARCHAR", "anchor_own": "VARCHAR",
    "anchor_ref": "VARCHAR", "other_label": "VARCHAR", "other_own": "VARCHAR",
    "other_ref": "VARCHAR", "d": "VARCHAR", "inward": "BIGINT", "anchor": "BIGINT",
    "source": "VARCHAR", "file": "BIGINT", "line": "BIGINT", "properties": "VARCHAR",
    "detail": "VARCHAR",
}  # fmt: skip
"""What is kept of an edge that waits: the key of its anchor if that is there, both ends as they are
called in their own source and as they were written, and its properties as JSON."""

RECORDS = {
    "load": {
        "load": "BIGINT", "state": "VARCHAR", "started_at": "VARCHAR", "finished_at": "VARCHAR",
        "as_of": "VARCHAR", "source": "VARCHAR", "complete": "BIGINT", "by": "VARCHAR",
        "request": "VARCHAR", "report": "VARCHAR",
    },
    "file": {
        "file": "BIGINT", "load": "BIGINT", "path": "VARCHAR", "table_name": "VARCHAR",
        "report": "VARCHAR",
    },
    "quarantine": {
        "file": "BIGINT", "line": "BIGINT", "column_name": "VARCHAR", "value": "VARCHAR",
        "reason": "VARCHAR", "detail": "VARCHAR", "node_id": "VARCHAR", "record": "VARCHAR",
        "resolved_by": "BIGINT",
    },
    "history": {
        "label": "VARCHAR", "id": "VARCHAR", "load": "BIGINT", "previous": "VARCHAR",
    },
    "edge_history": {
        "type": "VARCHAR", "src_label": "VARCHAR", "src": "VARCHAR", "dst_label": "VARCHAR",
        "dst": "VARCHAR", "load": "BIGINT", "previous": "VARCHAR",
    },
    "watermark": {"name": "VARCHAR", "value": "VARCHAR", "load": "BIGINT"},
    "kept": {"name": "VARCHAR", "value": "VARCHAR"},
}  # fmt: skip
"""What a graph keeps beside nodes, edges and what waits: kind → column → DuckDB type."""

REFUSALS = {
    "id": "BIGINT", "file": "BIGINT", "line": "BIGINT", "column_name": "VARCHAR",
    "node_id": "VARCHAR", "record": "VARCHAR", "path": "VARCHAR", "load": "BIGINT",
    "source": "VARCHAR",
}  # fmt: skip
"""What is fetched of a refusal; `source` is that of its load."""

"""What every store of a graph can do."""

import datetime as dt
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from pydantic import BaseModel, Field, field_validator

from graphcrm.model import Table
from graphcrm.store.marks import Marks
from graphcrm.store.paging import BATCH_ROWS, Node
from graphcrm.store.paths import MEANT_NOTHING
from graphcrm.store.projection import PATIENCE, Shown
from graphcrm.store.staging import StagedFile

if TYPE_CHECKING:
    import networkx as nx

Say = Callable[[str], object]


class LoadPlan(BaseModel):
    """What a load is: by whom, of which source, as of which day.

    `complete`: the files are the whole of their sources, what is missing is closed.
    `confirmed`: the user has said that renaming many known ids is meant. `rehearsal`: nothing is
    kept, all that the load would do is only counted. `request`: what was asked for, as JSON, by
    which it can be taken up again.
    """

    source: str | None = None
    complete: bool = False
    confirmed: bool = False
    rehearsal: bool = False
    as_of: dt.date = Field(default_factory=dt.date.today)
    by: str = "unknown"
    request: str | None = None

    @field_validator("source")
    @classmethod
    def _blank_is_none(cls, source: str | None) -> str | None:
        return (source or "").strip() or None


class Refusal(BaseModel):
    """Why a row was refused: its line in the file, and what was wrong with which value."""

    line: int | None
    column: str | None
    value: str | None
    reason: str
    detail: str | None


class FileReport(BaseModel):
    """What became of one file, in rows and edges.

    A rehearsal shows the first rows that would come in (`examples`: column → value), and the first
    that would not (`refusals`).
    """

    path: str
    table: str
    rows: int = 0
    refused: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    closed: int = 0
    edges_new: int = 0
    edges_changed: int = 0
    edges_closed: int = 0
    edges_pending: int = 0
    seconds: float = 0.0
    error: str | None = None
    examples: list[dict[str, str]] = Field(default_factory=list)
    refusals: list[Refusal] = Field(default_factory=list)


class LoadReport(BaseModel):
    """What became of a load: its number, its files, and the edges that healed.

    `passed_over` are files of a folder that hold a result instead of a table (see `is_result`).
    """

    load: int
    files: list[FileReport]
    healed: int = 0
    seconds: float = 0.0
    passed_over: list[str] = []

    @property
    def refused(self) -> int:
        """Rows that were refused, in all files."""
        return sum(file.refused for file in self.files)

    @property
    def failed(self) -> list[FileReport]:
        """The files from which nothing was loaded."""
        return [file for file in self.files if file.error]


class Status(BaseModel):
    """What is in a graph."""

    url: str
    nodes: dict[str, int]
    edges: dict[str, int]
    loads: list[dict[str, Any]]
    refused: int
    pending: int
    change: int

    @property
    def empty(self) -> bool:
        """Whether no load has brought anything yet, not even a row that was refused."""
        return not (self.nodes or self.edges or self.refused or self.pending)


class DerivedType(BaseModel):
    """What became of the nodes or edges of one derived type, in nodes or edges."""

    name: str
    new: int = 0
    changed: int = 0
    removed: int = 0
    same: int = 0


class DeriveReport(BaseModel):
    """What became of the results of an analysis; `kept` names the texts that are new or changed."""

    types: list[DerivedType]
    kept: list[str] = Field(default_factory=list)
    seconds: float = 0.0

    @property
    def changed(self) -> bool:
        """Whether the graph is another one than before."""
        return bool(self.kept) or any(t.new or t.changed or t.removed for t in self.types)


class Unfinished(BaseModel):
    """What of a graph is still being written, or was broken off: answers may lack a part of it.

    `files`: those of which a part is written, and that no later load made good. `copy_of`: the
    address of the graph of which it holds a part. `derived`: the derived types that are partly old
    and partly new; deriving the same once more completes them. `behind`: the address of a service
    that says no more than that there is something.
    """

    files: list[str] = Field(default_factory=list)
    copy_of: str | None = None
    derived: list[str] = Field(default_factory=list)
    behind: str | None = None

    def __bool__(self) -> bool:
        """Whether there is something unfinished."""
        return bool(self.files or self.copy_of or self.derived or self.behind)

    def __str__(self) -> str:
        """What is unfinished, and how to complete it."""
        told = []
        if self.files:
            told.append(f"a load of {', '.join(self.files)} (graphcrm load --resume)")
        if self.copy_of:
            told.append(f"a copy of {self.copy_of} (graphcrm copy)")
        if self.derived:
            told.append(f"the analysis that makes {', '.join(self.derived)} (run it once more)")
        if self.behind:
            told.append(f"what is done at {self.behind}")
        return (
            f"answers may lack a part of {' and of '.join(told)}: it is under way, or was broken "
            "off and is to be completed"
        )


class LoadWriter(ABC):
    """Writes the files of one load; each file entirely or not at all."""

    @property
    @abstractmethod
    def load(self) -> int:
        """The number of this load."""

    @property
    @abstractmethod
    def identity_key(self) -> bytes:
        """The graph's secret from which the ids of identifier nodes are made (32 bytes)."""

    @abstractmethod
    def skip_known(self, table: Table, rows: str) -> int:
        """Take away those rows that the graph holds in the very same form; returns how many.

        `rows` is a DuckDB table with `n`, `graph_id`, `fingerprint` and `bad`. Called once for
        each file before `write`, which counts the rows as the same.
        """

    @abstractmethod
    def add_stored(self, table: Table, rows: str, column: str) -> None:
        """Add to rows what the graph holds of a column for their nodes, NULL for unknown ones.

        `rows` is a DuckDB table with `n` and `graph_id` that lacks the column.
        """

    @abstractmethod
    def foresee(self, table: Table, rows: str) -> None:
        """Look at some rows before anything of the load is written; ConfirmationNeeded.

        `rows` is DuckDB SQL for `graph_id` and `name`.
        """

    @abstractmethod
    def watermark(self, name: str) -> str | None:
        """How far a source was read by earlier loads, as its StagedFile said; None: never."""

    @abstractmethod
    def write(
        self, staged: StagedFile, through: Callable[[float], None] = lambda share: None
    ) -> FileReport:
        """Write one staged file. `through` hears which share of it is written, part by part.

        Raises, before anything is written, ConfirmationNeeded, and UsageError for rows of the
        source that decisions have.
        """

    @abstractmethod
    def finish(self, failed: Sequence[FileReport]) -> LoadReport:
        """Make the edges that waited for nodes of this load, and close the load's record."""

    @abstractmethod
    def __enter__(self) -> "LoadWriter":
        """Begin the load."""

    @abstractmethod
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the load; one that didn't finish is recorded as interrupted."""


class Store(ABC):
    """A graph: the small and frequent work. Bulk work goes through LoadWriter and snapshots."""

    url: str

    @property
    @abstractmethod
    def place(self) -> str:
        """Where the graph is, the same for every way to write its address."""

    @abstractmethod
    def query(self, name: str, **parameters: Any) -> pa.Table:
        """The answer of a named question; UnknownQuestionError, UsageError."""

    @abstractmethod
    def node(self, label: str, id: str) -> dict[str, Any] | None:
        """One node with its properties, or None."""

    @abstractmethod
    def find(self, id: str) -> list[tuple[str, str]]:
        """The (label, id) of all nodes that have this id, in the order of the vocabulary."""

    @abstractmethod
    def neighbourhood(
        self,
        nodes: Sequence[tuple[str, str]],
        hops: int,
        limit: int,
        leave_out: Sequence[str] = ("Premium",),
        types: Sequence[str] | None = None,
        branches: Sequence[str] | None = None,
    ) -> "nx.MultiDiGraph[Any]":
        """The open nodes and edges within `hops` of the given (label, id), nearest first.

        Nodes carry `label`, `id`, `hop` and their properties, edges `type` and theirs;
        `graph["complete"]` is False where more than `limit` nodes are there, and `graph["hubs"]`
        counts the hubs that were not gone out from. `types` confines it to some edge types.

        With `branches` no way leads through a node that these may not see (see `visible`). All
        such neighbours that a node has by one edge type are shown as one node ("Outside", "1")
        with `label` and `hop` only, numbered in the order found.

        Raises UnknownNodeError for a start that isn't there, or that the branches may not see;
        UsageError for an unknown edge type.
        """

    @abstractmethod
    def branches_below(self, ids: Sequence[str]) -> set[str]:
        """Those branches (ids of departments) and all open departments below them, at any depth.

        Use it once for a caller, to have the `branches` that the other reads take. Raises
        UnknownNodeError for an id that no department has.
        """

    @abstractmethod
    def visible(self, nodes: Sequence[Node], branches: Sequence[str] | None) -> set[Node]:
        """Which of the nodes those branches may see; None is the whole company, which sees all.

        The rules are those of `graphcrm.model.visibility`. Whether a node is there that everybody
        may see is not looked at; any other must be.
        """

    @abstractmethod
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
        """Open nodes of a label, at most `limit`: `label`, `id` and all properties, None if unset.

        They come in the order of a property, then of the id, by default of the id alone;
        `descending` turns the order round, but what is unset always comes last. The page begins
        behind `after`, the sort value and the id of the last node of the page before. `where` maps
        properties to values they must have, or to a `graphcrm.store.paging.Condition`. Texts are
        ordered by their code points.

        Raises UsageError for an unknown label, property or operator and for a value that a property
        can't have.
        """

    @abstractmethod
    def scan(
        self,
        label: str,
        *,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Any] | None = None,
        branches: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """All open nodes of a label in the order of their ids, as of one moment, in batches.

        Use it for exports: the memory it takes does not grow with the number of nodes. `columns`
        are names of properties, or `id`; by default the id and all properties. Dates are ISO text.
        There is always a first batch, which has no rows where there is nothing. The store can be
        used meanwhile. On a server, which can't show an earlier moment while it is being written,
        loads are waited for, ten seconds at most, and kept out until all is read; that is ahead of
        who takes it, and waits for them in a temporary file.

        Raises UsageError as `page` does, at the call; StoreError where reading fails.
        """

    @abstractmethod
    def degrees(
        self, label: str, id: str, branches: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """How many open neighbours a node has of each kind: use it before expanding the node.

        One entry for each edge type, direction and label of the far end, in the order of the
        vocabulary: `edge`, `outward` (whether it starts at the node), `label`, `count` (of open
        edges to open nodes that the branches may see) and `outside` (whether there are some
        that they may not). Raises UnknownNodeError as `neighbourhood` does.
        """

    @abstractmethod
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
        """The shortest ways between two nodes over open edges in either direction, at most `limit`.

        `graph["paths"]` lists them, each as its nodes from start to end, in the order of their
        nodes' labels and ids; the graph holds their nodes and all edges between consecutive ones,
        described as in `neighbourhood`. Hubs are the last resort: only where no way of at most
        `hops` edges avoids them does one lead through the many edges of a hub (see
        `graphcrm.store.surroundings`). `leave_out` names labels and edge types over which no way
        may lead. With `branches` none leads through a node that these may not see.

        `graph["complete"]` is False where there are more than `limit`, or where `most` nodes were
        looked at before all was known. Raises UnknownNodeError as `neighbourhood` does.
        """

    @abstractmethod
    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""

    @abstractmethod
    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        whole_numbers: bool = False,
        branches: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The nodes that best fit a text: (label, id, name, score), best first, at most `limit`.

        Names are found by their beginning, pinyin and initials, and with a slip where few fit;
        numbers (phones, documents, e-mail, plates) by their beginning, or, with `whole_numbers`,
        only by all of them: use it for whoever may not see them. An id is found as it is.

        With `branches` only what these may see (see `visible`) is found, and what they may not see
        changes nothing in the answer.
        """

    @abstractmethod
    def status(self) -> Status:
        """What is in the graph."""

    @abstractmethod
    def loads(self) -> list[dict[str, Any]]:
        """The last loads, newest first, with their reports (see `graphcrm.store.loads.told`)."""

    @abstractmethod
    def marks(self) -> Marks:
        """What tells whether the graph has changed: use it to keep what was made of the graph.

        Read it before the graph is read, so that a change in between is noticed afterwards.
        """

    @abstractmethod
    def unfinished(self) -> Unfinished:
        """What answers may lack a part of; it takes no longer than looking at one node."""

    @abstractmethod
    def derive(
        self,
        nodes: Mapping[str, pa.Table],
        edges: Mapping[str, pa.Table],
        kept: Mapping[str, str | None] | None = None,
        *,
        only: pa.Table | None = None,
        say: Say = lambda text: None,
    ) -> DeriveReport:
        """Let derived types hold exactly what an analysis found: label or type → its rows.

        Nodes have the column id, edges start_label, start, end_label and end (labels and ids), and
        both their properties, of which those that are not required may be absent. What is there
        and the same stays untouched, what is not in the tables is removed. Types that are not named
        stay as they are, except that a removed node takes its edges with it. `kept` are texts to
        keep in the graph by their names, None to forget one; others stay.

        `only` (label, id) confines all of it to the nodes in it and to the edges with an end in
        it, in time proportional to them: use it after a small change.

        Nobody else writes meanwhile; where somebody does, `say` hears of the wait. Nothing at all
        is written where the graph holds all of it already. Raises UsageError, and changes nothing,
        for a type that is not derived, a column or value that doesn't fit, a row twice or beyond
        `only`, and an edge to a node that isn't there; StoreError where it can't be written.
        """

    @abstractmethod
    def kept(self, name: str) -> str | None:
        """A text that is kept in the graph (see `derive`), or None."""

    @abstractmethod
    def project(
        self,
        decisions: Sequence[Shown],
        within: sqlite3.Connection | None = None,
        patience: float = PATIENCE,
    ) -> int:
        """Show decisions in the graph (see `graphcrm.store.projection`), each once; how many.

        They are shown in the order of their numbers, all in one transaction or none; what was shown
        already is passed over. `within` is an embedded graph's own transaction that writes, so that
        a decision that is kept in it is one with its effect; the caller ends it. It does not wait
        for a load to end, only for what is being written at the moment, for `patience` seconds.

        Raises UsageError for effects that a graph can't show, and for decisions of which one in
        between lacks; StoreError where they name what isn't there or would change what no decision
        made, for a graph of which a part is copied, and where it can't be written.
        """

    @abstractmethod
    def projected(self, within: sqlite3.Connection | None = None) -> int:
        """The number of the decision that the graph showed last; 0 where it shows none."""

    @abstractmethod
    def quarantine(self) -> pa.Table:
        """The rows and edges that were refused or wait, with file, line, column, value, reason."""

    @abstractmethod
    def snapshot(self, say: Say = lambda text: None) -> Path:
        """A DuckDB file with the whole graph as tables, reused while the graph is unchanged."""

    @abstractmethod
    def backup(self, target: Path, say: Say = lambda text: None) -> None:
        """Copy the graph while it is in use; StoreError if the target exists."""

    @abstractmethod
    def close(self) -> None:
        """Release the connection."""

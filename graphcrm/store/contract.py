"""What every store of a graph can do."""

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import networkx as nx
import pyarrow as pa
from pydantic import BaseModel, Field, field_validator

from graphcrm.model import Table
from graphcrm.store.staging import StagedFile

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
    """What became of a load: its number, its files, and the edges that healed."""

    load: int
    files: list[FileReport]
    healed: int = 0
    seconds: float = 0.0

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
    and partly new; deriving the same once more completes them.
    """

    files: list[str] = Field(default_factory=list)
    copy_of: str | None = None
    derived: list[str] = Field(default_factory=list)

    def __bool__(self) -> bool:
        """Whether there is something unfinished."""
        return bool(self.files or self.copy_of or self.derived)

    def __str__(self) -> str:
        """What is unfinished, and how to complete it."""
        told = []
        if self.files:
            told.append(f"a load of {', '.join(self.files)} (graphcrm load --resume)")
        if self.copy_of:
            told.append(f"a copy of {self.copy_of} (graphcrm copy)")
        if self.derived:
            told.append(f"the analysis that makes {', '.join(self.derived)} (run it once more)")
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
    def write(self, staged: StagedFile) -> FileReport:
        """Write one staged file. Raises ConfirmationNeeded before anything is written."""

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
    ) -> "nx.MultiDiGraph[Any]":
        """The open nodes and edges within `hops` of the given (label, id), nearest first."""

    @abstractmethod
    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""

    @abstractmethod
    def search(self, text: str, limit: int = 20) -> list[dict[str, Any]]:
        """The nodes that best fit a text: (label, id, name, score), best first."""

    @abstractmethod
    def status(self) -> Status:
        """What is in the graph."""

    @abstractmethod
    def loads(self) -> list[dict[str, Any]]:
        """The last loads, newest first, with their reports (see `graphcrm.store.loads.told`)."""

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

"""What a store does for the results of analyses: gives what it holds of them, and keeps others."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager

import duckdb

from graphcrm.model import EdgeType, NodeType
from graphcrm.store.forms import stored_type

ENDS = {"start_label": "VARCHAR", "start": "VARCHAR", "end_label": "VARCHAR", "end": "VARCHAR"}
"""How an edge names its ends, by labels and ids: column → DuckDB type."""


def derived_columns(type_: NodeType | EdgeType) -> dict[str, str]:
    """The columns of a derived type: its identity, and its properties as stores keep them."""
    identity = {"id": "VARCHAR"} if isinstance(type_, NodeType) else ENDS
    return identity | {p.name: stored_type(p.kind) for p in type_.properties}


class DerivedKeeper(ABC):
    """The part of a keeper that keeps nodes and edges of derived types.

    They go by labels and ids, and have the columns of `derived_columns`. Tables lie in the DuckDB
    connection `work`. `only`, a table (label, id), means the nodes in it, and the edges with an end
    in it; None means all.
    """

    work: duckdb.DuckDBPyConnection

    @abstractmethod
    def deriving(self, names: Sequence[str], scope: str) -> AbstractContextManager[None]:
        """What is written within counts as one change of the graph; all of it, or the types of
        these names are known to be half-written until the same `scope` (`` for all) is through."""

    @abstractmethod
    def half_derived(self) -> list[str]:
        """The types that are known to be half-written."""

    @abstractmethod
    def fetch_derived_nodes(self, node: NodeType, into: str, only: str | None) -> None:
        """Make the table `into` of the nodes of a type."""

    @abstractmethod
    def fetch_derived_edges(self, edge: EdgeType, into: str, only: str | None) -> None:
        """Make the table `into` of the edges of a type, each once."""

    @abstractmethod
    def fetch_absent(self, label: str, ids: str, into: str) -> None:
        """Make the table `into` (id) of the ids of the table `ids` that no node of a label has."""

    @abstractmethod
    def add_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Add the nodes of the table `rows`, none of which is there."""

    @abstractmethod
    def change_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Let the nodes of the table `rows`, all of which are there, be as they are in it."""

    @abstractmethod
    def remove_derived_nodes(self, node: NodeType, rows: str) -> None:
        """Remove the nodes of the table `rows` (id), and the derived edges that hang on them."""

    @abstractmethod
    def add_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Add the edges of the table `rows`, none of which is there, between nodes that are."""

    @abstractmethod
    def change_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Let the edges of the table `rows`, all of which are there, be as they are in it."""

    @abstractmethod
    def remove_derived_edges(self, edge: EdgeType, rows: str) -> None:
        """Remove the edges of the table `rows` (`ENDS`)."""

    @abstractmethod
    def kept(self) -> dict[str, str]:
        """The texts that are kept in the graph, by name."""

    @abstractmethod
    def keep(self, texts: Mapping[str, str | None]) -> None:
        """Keep texts by their names; None: forget it."""

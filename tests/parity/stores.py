"""The same graph in an embedded store and on a server, loaded step by step."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import graphcrm
from graphcrm import GraphCRMError, LoadReport
from graphcrm.model import VOCABULARY
from tests.loading import Load
from tests.parity.contents import (
    HASHED,
    Contents,
    neo4j_contents,
    require_same,
    snapshot_contents,
    sqlite_contents,
    without_times,
)

if TYPE_CHECKING:
    import neo4j

_numbers = count()


@dataclass
class Neo4jServer:
    """A server whose only database belongs to the test that uses it last."""

    version: str
    url: str
    driver: neo4j.Driver
    holds: str = "?"

    def __str__(self) -> str:
        return self.version

    @property
    def languages(self) -> tuple[str, ...]:
        """The versions of Cypher that it speaks."""
        numbers = [int(part) for part in self.version.split(".")[:2]]
        return ("5", "25") if numbers >= [2025, 6] else ("5",)

    def empty(self, holds: str) -> None:
        """Take everything away, and note what it holds from now on."""
        self.holds = "?"
        with self.driver.session() as session:
            session.run("MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS").consume()
        self.holds = holds


@dataclass
class Pair:
    """One graph in both stores, empty at first."""

    folder: Path
    server: Neo4jServer
    load_apart: Load
    path: Path = field(init=False)
    sqlite: graphcrm.Graph = field(init=False)
    neo4j: graphcrm.Graph = field(init=False)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take an empty graph of either kind."""
        self.path = self.folder / f"{next(_numbers)}.graph"
        self.server.empty(str(self.path))
        self.sqlite = graphcrm.connect(self.path)
        self.neo4j = graphcrm.connect(self.server.url)

    def close(self) -> None:
        """Close both."""
        self.sqlite.store.close()
        self.neo4j.store.close()

    @property
    def stores(self) -> dict[str, graphcrm.Graph]:
        """Both graphs, by the names of their stores."""
        return {"SQLite": self.sqlite, "Neo4j": self.neo4j}

    def load(self, plan: dict[str, Any] | None = None, /, **tables: str) -> LoadReport:
        """Load tables as CSV (indentation is taken away) into both; they must agree afterwards."""
        folder = self.folder / f"load{next(_numbers)}"
        folder.mkdir()
        for table, text in tables.items():
            body = textwrap.dedent(text).strip() + "\n"
            (folder / f"{table}.csv").write_text(body, encoding="utf-8")
        return self.load_from([folder], **(plan or {}))

    def load_from(self, sources: Iterable[Path | str], **plan: Any) -> LoadReport:
        """Load the same into both; raises what both raised. They must agree afterwards."""
        assert self.server.holds == str(self.path), "another test uses the server"
        told: dict[str, LoadReport | GraphCRMError] = {}
        for store, graph in (("SQLite", self.path), ("Neo4j", self.server.url)):
            try:
                told[store] = self.load_apart(graph, *sources, **dict(plan))
            except GraphCRMError as error:
                told[store] = error
        self.require_same()
        here, there = told["SQLite"], told["Neo4j"]
        if isinstance(here, LoadReport) and isinstance(there, LoadReport):
            assert without_times(there.model_dump()) == without_times(here.model_dump())
            return here
        assert (type(there), str(there)) == (type(here), str(here))
        assert isinstance(here, GraphCRMError)
        raise here

    def require_same(self) -> None:
        """Fail with what only one of the stores holds."""
        require_same(*self.contents().values())

    def contents(self) -> dict[str, Contents]:
        """What both hold."""
        return {"SQLite": sqlite_contents(self.path), "Neo4j": neo4j_contents(self.server.driver)}

    def require_same_snapshots(self) -> None:
        """Fail where the tables of the snapshots differ."""
        require_same(*(snapshot_contents(graph.snapshot()) for graph in self.stores.values()))

    def values(self, store: str) -> dict[str, str]:
        """The values behind the ids of a store's identifiers."""
        if store == "SQLite":
            import sqlite3
            from contextlib import closing

            parts = " UNION ALL ".join(
                f'SELECT id, value FROM "{VOCABULARY.nodes[label].table}"'
                for label in sorted(HASHED)
            )
            with closing(sqlite3.connect(self.path)) as db:
                return dict(db.execute(parts).fetchall())
        labels = "|".join(sorted(HASHED))
        with self.server.driver.session() as session:
            rows = session.run(f"MATCH (n:{labels}) RETURN n.id, n.value").values()
        return dict(rows)


def told(rows: Iterable[tuple[Any, ...]], values: dict[str, str]) -> Counter[tuple[Any, ...]]:
    """The rows of an answer in any order, identifiers by their values, amounts to the cent."""

    def cell(value: Any) -> Any:
        if isinstance(value, float):
            return round(value, 2)
        return values.get(value, value) if isinstance(value, str) else value

    return Counter(tuple(cell(value) for value in row) for row in rows)

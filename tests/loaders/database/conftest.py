"""Real databases to load from: SQLite files, and a PostgreSQL server that the tests start."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.store import LoadReport
from tests.sharing import WORKER


@dataclass(frozen=True)
class Database:
    """A database of a test's own: how it is addressed, and a way to write into it."""

    address: str
    execute: Callable[[str], object]


@pytest.fixture(params=["sqlite", "postgresql", "postgresql+pg8000"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of every kind that is read in a way of its own."""
    if request.param == "sqlite":
        file = tmp_path / "core.db"
        connection = sqlite3.connect(file, isolation_level=None)
        yield Database(f"sqlite:///{file}", connection.execute)
        connection.close()
        return
    socket = request.getfixturevalue("postgres")
    name, on_server = f"book_{WORKER}", request.getfixturevalue("on_server")
    on_server("postgres", f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    query = (
        f"host={socket}" if request.param == "postgresql" else f"unix_sock={socket}/.s.PGSQL.5432"
    )
    address = f"{request.param}://postgres@/{name}?{query}"
    yield Database(address, lambda sql: on_server(name, sql))
    on_server("postgres", f"DROP DATABASE {name} WITH (FORCE)")


class Book:
    """A graph, and loads from a database into it."""

    def __init__(self, folder: Path) -> None:
        self.graph = graphcrm.connect(folder / "book.graph")
        self.mapping = folder / "mapping.yaml"

    def load(self, address: str, mapping: str = "", **plan: Any) -> LoadReport:
        """Load, with the text of a mapping if one is given."""
        if mapping:
            self.mapping.write_text(mapping, encoding="utf-8")
        used = self.mapping if mapping else None
        return self.graph.load(address, mapping=used, **{"source": "core", **plan})

    def names(self) -> dict[str, str]:
        """The persons: id -> name."""
        file = Path(self.graph.url.removeprefix("sqlite:///"))
        with sqlite3.connect(file) as connection:
            return dict(connection.execute("SELECT id, name FROM person WHERE deleted_on IS NULL"))


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    """An empty graph to load into."""
    made = Book(tmp_path)
    with made.graph:
        yield made

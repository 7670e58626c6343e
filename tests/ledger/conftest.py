"""Ledgers on both kinds of database: SQLite files, and a PostgreSQL server for this folder."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from graphcrm.ledger import Database
from tests.ledger.beside import Place
from tests.servers.postgres import postgres_server
from tests.sharing import WORKER, shared_once

_NUMBERS = itertools.count()


@pytest.fixture(scope="session")
def socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The socket of a server whose settings these tests may change."""
    with shared_once(tmp_path_factory, "ledger-postgres", postgres_server) as folder:
        yield Path(folder) / ".s.PGSQL.5432"


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        yield Place(f"sqlite:///{tmp_path}/insurer.graph.service")
        return
    socket = request.getfixturevalue("socket")
    name = f"ledger_{WORKER}_{next(_NUMBERS)}"
    server = Place(f"postgresql://postgres@/postgres?unix_sock={socket}")
    server.run(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    yield Place(f"postgresql://postgres@/{name}?unix_sock={socket}")
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def ledger(place: Place) -> Iterator[Database]:
    """An open ledger of each kind, with nothing in it."""
    with closing(Database(place.url)) as database:
        yield database

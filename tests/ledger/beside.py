"""Getting at a ledger's tables past the ledger, and working on it from other processes."""

from __future__ import annotations

import os
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa


@dataclass(frozen=True)
class Place:
    """Where a ledger is."""

    url: str

    @property
    def path(self) -> Path | None:
        return Path(self.url[len("sqlite:///") :]) if self.url.startswith("sqlite") else None

    @property
    def socket(self) -> str:
        return self.url.partition("unix_sock=")[2]

    def run(self, *statements: str, guarded: bool = True) -> list[Any]:
        """Run statements, past the triggers unless `guarded`; returns the last one's rows."""
        rows: list[Any] = []
        if self.path is not None:
            with closing(sqlite3.connect(self.path, isolation_level=None)) as file:
                triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
                for (name,) in [] if guarded else file.execute(triggers).fetchall():
                    file.execute(f"DROP TRIGGER {name}")
                for statement in statements:
                    rows = file.execute(statement).fetchall()
            return rows
        with _server(self.url).connect() as server:
            role = "origin" if guarded else "replica"
            server.exec_driver_sql(f"SET session_replication_role = {role}")
            for statement in statements:
                result = server.exec_driver_sql(statement)
                rows = list(result) if result.returns_rows else []
        return rows


@cache
def _server(url: str) -> sa.Engine:
    address = url.replace("postgresql:", "postgresql+pg8000:")
    return sa.create_engine(address, isolation_level="AUTOCOMMIT")


def in_another_process(work: Callable[[], object]) -> int:
    """Begin `work` in a process of its own; returns its number. Wait for it with `ended_well`."""
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def ended_well(*children: int) -> bool:
    """Wait for processes; whether none of them failed."""
    codes = [os.waitpid(child, 0)[1] for child in children]
    return not any(codes)


@contextmanager
def stopped_within(work: Callable[[Callable[[], None]], object]) -> Iterator[int]:
    """A process that has come to where `work` calls what it is given, and waits there for ever."""
    reading, writing = os.pipe()
    waiting, _never = os.pipe()

    def told() -> None:
        os.write(writing, b"here")
        os.read(waiting, 1)

    child = in_another_process(lambda: work(told))
    assert os.read(reading, 4) == b"here"
    yield child
    for end in (reading, writing, waiting, _never):
        os.close(end)

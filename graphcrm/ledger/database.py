"""A ledger that is open: its transactions, and how it is brought to the present schema."""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import NewerGraphError, StoreError
from graphcrm.ledger import schema
from graphcrm.ledger.address import Address
from graphcrm.ledger.faults import plain_connecting, plain_errors
from graphcrm.store.lock import may_write
from graphcrm.store.sqlite.connection import let_read_while_written

_PATIENCE = 30.0

_BEGIN = {"read": "BEGIN", "write": "BEGIN IMMEDIATE"}
_BEGIN_ON_SERVER = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"


class NoLedgerError(StoreError):
    """There is no ledger at an address yet."""


class Database:
    """A database of SQLite or PostgreSQL with the tables of the ledger; for many threads.

    Use `writing` and `reading` for a transaction each; the functions of the modules beside this one
    take the connection that they give. Transactions don't nest.
    """

    def __init__(
        self,
        url: str,
        *,
        connect: Callable[[], sqlite3.Connection] | None = None,
        patience: float = _PATIENCE,
        must_exist: bool = False,
    ) -> None:
        """Open the database at `sqlite:///path` or `postgresql://user@host:port/name`.

        It is made if it is a file that isn't there, and brought to the present schema; others may
        open it at the same moment. `connect` opens a file that is a graph's own
        (`graphcrm.store.sqlite.connection.open_graph`; the graph must be there already).
        `patience`: seconds that a transaction waits for one of somebody else. `must_exist`: make
        nothing; use it for looking.

        Raises UsageError for a wrong address, NewerGraphError for a newer schema, NoLedgerError for
        one that must exist and doesn't, StoreError where it can't be reached or opened.
        """
        self._address = Address.parse(url)
        self._patience = patience
        self._turn = threading.Lock()
        self._own_file = self._address.path is not None and connect is None
        with plain_errors(self._address):
            if self._address.path is not None and not self._address.path.exists():
                if must_exist:
                    raise NoLedgerError(f"{self.title}: nothing was recorded here yet")
                _make_file(self._address.path)
            self._engine = self._address.engine(connect)
            try:
                sa.event.listen(self._engine, "connect", self._set_up)
                sa.event.listen(self._engine, "begin", _begin)
                self._prepare(must_exist)
            except BaseException:
                self._engine.dispose()
                raise

    @property
    def title(self) -> str:
        """How messages call it: the path, or the address without password."""
        return self._address.title

    @property
    def path(self) -> Path | None:
        """The file of a SQLite database."""
        return self._address.path

    @contextmanager
    def writing(self, *, durable: bool = True) -> Iterator[sa.Connection]:
        """One transaction that writes; an exception within undoes it.

        SQLite: nobody else writes from its begin, threads of this process come in turn. What was
        committed survives the end of the process; with `durable`, also a power cut (which costs the
        wait for the disk). Raises StoreError where somebody else writes for longer than the
        patience.
        """
        with self._in_turn(), plain_errors(self._address):
            mode = {"ledger_mode": "write", "ledger_durable": durable}
            with self._connect() as opened:
                connection = opened.execution_options(**mode)
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One transaction that reads: all of it sees the database as at one moment."""
        with plain_errors(self._address), self._connect() as opened:
            connection = opened.execution_options(ledger_mode="read")
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Release all connections. It must not be used afterwards."""
        self._engine.dispose()

    def _connect(self) -> sa.Connection:
        with plain_connecting(self._address):
            return self._engine.connect()

    def _in_turn(self) -> AbstractContextManager[Any]:
        # SQLite's own waiting is a row of naps; threads that queue here are let in at once
        return self._queue() if self._address.path is not None else nullcontext()

    @contextmanager
    def _queue(self) -> Iterator[None]:
        if not self._turn.acquire(timeout=self._patience):
            raise StoreError(f"{self.title}: is being written by another process; try again")
        try:
            yield
        finally:
            self._turn.release()

    def _set_up(self, raw: Any, _: object) -> None:
        if self._address.path is not None:
            raw.execute(f"PRAGMA busy_timeout = {round(self._patience * 1000)}")
            raw.execute("PRAGMA synchronous = FULL")
            raw.execute("PRAGMA foreign_keys = ON")
            return
        cursor = raw.cursor()
        cursor.execute(f"SET lock_timeout = {round(self._patience * 1000)}")
        raw.commit()
        cursor.close()

    def _prepare(self, must_exist: bool) -> None:
        with self.reading() as connection:
            version = schema.version(connection)
        if version == schema.HEAD:
            return
        if version is None and must_exist:
            raise NoLedgerError(f"{self.title}: nothing was recorded here yet")
        if version is not None and version > schema.HEAD:
            raise NewerGraphError(
                f"{self.title}: was written by a newer GraphCRM (schema {version}; this one knows "
                f"{schema.HEAD}). Install the newer version to open it."
            )
        if self._address.path is not None and not may_write(self._address.path.absolute()):
            raise StoreError(
                f"{self.title}: must first be brought to this version of GraphCRM, but can only be "
                "read here; open it once where it can be written"
            )
        if self._own_file:
            with self._connect() as connection:
                raw = connection.connection.driver_connection
                assert isinstance(raw, sqlite3.Connection)
                let_read_while_written(raw)
        with self.writing() as connection:
            schema.upgrade(connection)


def _begin(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    mode = options.get("ledger_mode", "read")
    if connection.dialect.name != "sqlite":
        if mode == "read":
            connection.exec_driver_sql(_BEGIN_ON_SERVER)
        return
    durable = options.get("ledger_durable", True)
    if mode == "write" and connection.info.get("durable", True) != durable:
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        connection.info["durable"] = durable
    connection.exec_driver_sql(_BEGIN[mode])


def _make_file(path: Path) -> None:
    """Make the file so that none but user and group can read the secrets in it."""
    if not path.absolute().parent.exists():
        raise StoreError(f"{path}: the folder {path.parent} does not exist")
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o660))
    except OSError as error:
        raise StoreError(f"{path}: can't be made, because its folder can't be written") from error

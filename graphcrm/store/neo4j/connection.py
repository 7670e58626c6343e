"""Talking to a Neo4j server: reads and writes with retry, and errors that a person can use."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import neo4j
from neo4j import exceptions

from graphcrm.errors import PasswordNeededError, StoreError
from graphcrm.store.neo4j.address import Address

OLDEST = (5, 26)
"""The oldest server: the long-term release of version 5."""

_CONNECT_SECONDS = 5.0
_RETRY_SECONDS = 6.0
"""So a question to a server that went away fails within ten seconds."""

_MEMORY = ("OutOfMemory", "TransactionMemoryLimit", "TransactionOutOfMemory")
_READ_ONLY = ("ReadOnly", "NotALeader")

_T = TypeVar("_T")

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # it would print its retries


class Server:
    """A database of a server, through the official driver. Threads may share it."""

    def __init__(self, address: Address) -> None:
        """Connect. Raises StoreError: unreachable, wrong password, no such database, too old."""
        self.address = address
        password = address.password()
        self._driver = neo4j.GraphDatabase.driver(
            address.uri,
            auth=(address.user, password) if password is not None else None,
            connection_timeout=_CONNECT_SECONDS,
            connection_acquisition_timeout=_CONNECT_SECONDS,
            max_transaction_retry_time=_RETRY_SECONDS,
            notifications_min_severity="OFF",
            keep_alive=True,
        )
        self._bookmarks = neo4j.GraphDatabase.bookmark_manager()
        try:
            with server_errors(address):
                self._require_version()
        except BaseException:
            self._driver.close()
            raise

    def close(self) -> None:
        """Close all connections."""
        self._driver.close()

    def _require_version(self) -> None:
        rows = self.read("CALL dbms.components() YIELD name, versions RETURN name, versions[0]")
        version = next((text for name, text in rows if name == "Neo4j Kernel"), "0")
        numbers = tuple(int(part) for part in version.split("-")[0].split(".")[:2])
        if numbers < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise StoreError(
                f"{self.address.url}: the server is Neo4j {version}; {oldest} is the oldest that "
                "GraphCRM works with"
            )

    def session(self, *, write: bool = False) -> neo4j.Session:
        """A session in the database, for streams and long transactions."""
        mode = neo4j.WRITE_ACCESS if write else neo4j.READ_ACCESS
        return self._driver.session(
            database=self.address.database,
            default_access_mode=mode,
            bookmark_manager=self._bookmarks,  # in a cluster, what was written can be read at once
        )

    def read(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        """The rows of a query, read in a transaction that is tried again. Raises StoreError."""
        return self._run("execute_read", cypher, parameters)

    def write(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        """Run a writing query that may be repeated. Raises StoreError."""
        return self._run("execute_write", cypher, parameters)

    def transact(self, work: Callable[[neo4j.ManagedTransaction], _T]) -> _T:
        """Run a piece of writing in one transaction; it may be run again. Raises StoreError."""
        with server_errors(self.address), self.session(write=True) as session:
            return session.execute_write(work)

    def _run(self, kind: str, cypher: str, parameters: dict[str, Any]) -> list[list[Any]]:
        def work(transaction: neo4j.ManagedTransaction) -> list[list[Any]]:
            return transaction.run(cypher, parameters).values()

        write = kind == "execute_write"
        with server_errors(self.address), self.session(write=write) as session:
            done: list[list[Any]] = getattr(session, kind)(work)
            return done


class ReadOnlyError(StoreError):
    """The database can only be read here."""


class OutOfMemoryError(StoreError):
    """The server has too little memory for a transaction; smaller ones may do."""


@contextmanager
def server_errors(address: Address) -> Iterator[None]:
    """Turn what the driver raises into StoreErrors that say what to do."""
    try:
        yield
    except (exceptions.Neo4jError, exceptions.DriverError) as error:
        raise _told(address, error) from error
    except (OSError, ValueError) as error:  # a host name that can't be resolved, for one
        raise StoreError(f"{address.uri}: the server can't be reached ({error})") from error


def _told(address: Address, error: Exception) -> StoreError:
    code = str(getattr(error, "code", None) or "")
    reason = str(getattr(error, "message", None) or error).split("\n", 1)[0]
    if isinstance(error, exceptions.AuthError | exceptions.TokenExpired) or ".Security." in code:
        return _refused(address, code, reason)
    if isinstance(error, exceptions.DriverError):
        whole = " ".join(str(error).split())
        return StoreError(f"{address.uri}: the server can't be reached ({whole[:300]})")
    if "DatabaseNotFound" in code:
        return StoreError(
            f"{address.url}: the server has no database {address.database or 'for this user'!r}"
        )
    if any(part in code for part in _MEMORY):
        return OutOfMemoryError(
            f"{address.url}: the server has too little memory for this ({reason}); "
            "give it more (dbms.memory.transaction.total.max, server.memory.heap.max_size)"
        )
    if any(part in code for part in _READ_ONLY):
        return ReadOnlyError(f"{address.url}: can only be read here ({reason})")
    return StoreError(f"{address.url}: the server refused ({reason})")


def _refused(address: Address, code: str, reason: str) -> StoreError:
    if "Forbidden" in code:
        return ReadOnlyError(f"{address.url}: the user {address.user!r} may not do this ({reason})")
    if address.password() is None:
        return PasswordNeededError(
            f"{address.url}: the server wants a password; give it in GRAPHCRM_GRAPH_PASSWORD, or "
            "in a file that GRAPHCRM_GRAPH_PASSWORD_FILE names"
        )
    return StoreError(f"{address.url}: user or password is wrong ({reason})")

"""Talking to a Neo4j server: reads and writes with retry, and errors that a person can use."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import neo4j
from neo4j import exceptions

from graphcrm.errors import GraphCRMError, PasswordNeededError, StoreError
from graphcrm.store.neo4j.address import Address

OLDEST = (5, 26)
"""The oldest server: the long-term release of version 5."""

_CONNECT_SECONDS = 3.0
_RETRY_SECONDS = 6.0
"""So a server that isn't there is told of within four seconds, and one that went away in ten."""

_AGENT = re.compile(r"Neo4j/(\d+)\.(\d+)")

_MEMORY = ("OutOfMemory", "TransactionMemoryLimit", "TransactionOutOfMemory")
_READ_ONLY = ("ReadOnly", "NotALeader")

logging.getLogger("neo4j").addHandler(logging.NullHandler())  # it would print its retries


class Server:
    """A database of a server, through the official driver. Threads may share it."""

    def __init__(self, address: Address) -> None:
        """Connect. Raises StoreError: unreachable, wrong password, no such database, too old.

        This is tried only once, where reads and writes are tried for a while.
        """
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
        with self.session() as session:
            agent = session.run("RETURN 1").consume().server.agent
        told = _AGENT.match(agent)
        if told is None or tuple(map(int, told.groups())) < OLDEST:
            oldest = ".".join(map(str, OLDEST))
            raise StoreError(
                f"{self.address.url}: the server is {agent}; Neo4j {oldest} is the oldest that "
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
        with server_errors(self.address), self.session() as session:
            return session.execute_read(_rows, cypher, parameters)

    def write(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        """Run a writing query that may be repeated. Raises StoreError."""
        with server_errors(self.address), self.session(write=True) as session:
            return session.execute_write(_rows, cypher, parameters)


def _rows(
    transaction: neo4j.ManagedTransaction, cypher: str, parameters: dict[str, Any]
) -> list[list[Any]]:
    return transaction.run(cypher, parameters).values()


class ReadOnlyError(StoreError):
    """The database can only be read here."""


class OutOfMemoryError(StoreError):
    """The server has too little memory for a transaction; smaller ones may do."""


@contextmanager
def server_errors(address: Address) -> Iterator[None]:
    """Turn what the driver raises into StoreErrors that say what to do."""
    try:
        yield
    except GraphCRMError:  # of which some are ValueErrors
        raise
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

"""One writer at a time, wherever it runs: whoever writes holds a lock that the server releases when
the connection ends."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime

import neo4j
from neo4j import exceptions

from graphcrm.store.lock import current_user
from graphcrm.store.neo4j.connection import ReadOnlyError, Server, server_errors

_TAKE = "MATCH (l:_Lock {name: 'lock'}) SET l.taken = coalesce(l.taken, 0) + 1"
_AT_ONCE = 0.2
_PATIENCE = 30.0
WAITED = ("TransactionTimedOut", "LockClientStopped", "LockAcquisitionTimeout", "Terminated")
"""Parts of the codes by which the server says that somebody else held a lock for too long."""


@contextmanager
def writing(
    server: Server, what: str, waiting: Callable[[str], object]
) -> Iterator[Callable[[], None]]:
    """Be the only one who writes to a graph. `waiting` is called with who writes, if somebody does.

    Yields what makes sure that the lock is still held. Raises StoreError where the graph can only
    be read.
    """
    with server_errors(server.address), server.session(write=True) as session:
        if not _is_free(session, _AT_ONCE):
            waiting(who(server))
            while not _is_free(session, _PATIENCE):
                pass
        held = session.begin_transaction(timeout=0)
        held.run(_TAKE).consume()

        def check() -> None:
            with server_errors(server.address):
                held.run("RETURN 1").consume()

        since = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"what": what, "user": current_user(), "process": os.getpid(), "since": since}
        server.write("MATCH (g:_Graph) SET g.writer = $note", note=json.dumps(entry))
        try:
            yield check
        finally:
            with suppress(exceptions.Neo4jError, exceptions.DriverError):
                held.rollback()


def is_writing(server: Server) -> bool:
    """Whether somebody writes to the graph; it takes a moment if so.

    True, too, for who may only read, and so can't try.
    """
    try:
        with server_errors(server.address), server.session(write=True) as session:
            return not _is_free(session, _AT_ONCE)
    except ReadOnlyError:
        return True


def who(server: Server) -> str:
    """Who writes, or wrote last."""
    rows = server.read("MATCH (g:_Graph) RETURN g.writer")
    try:
        return "{what} by {user} (process {process}, since {since})".format(
            **json.loads(rows[0][0])
        )
    except (ValueError, TypeError, IndexError, KeyError):
        return "another process"


def _is_free(session: neo4j.Session, patience: float) -> bool:
    """Whether the lock is to be had within so many seconds."""
    try:
        with session.begin_transaction(timeout=patience) as attempt:
            attempt.run(_TAKE).consume()
            attempt.rollback()
    except exceptions.Neo4jError as error:
        if any(part in str(error.code) for part in WAITED):
            return False
        raise
    return True

"""Opening the databases beside a graph: the service's state, and what was decided."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from graphcrm_api.cli.language import text
from graphcrm_api.cli.opening import graph_url

if TYPE_CHECKING:
    from graphcrm.ledger import Database

PATIENCE = 10.0
"""Seconds that a person waits at the terminal for somebody else's transaction."""


@contextmanager
def open_state(given: str | None) -> "Iterator[Database]":
    """The service's state beside a graph, made if it isn't there. UsageError for no graph."""
    from graphcrm.ledger import Database, state_url

    database = Database(state_url(_existing(given)), patience=PATIENCE)
    try:
        yield database
    finally:
        database.close()


@contextmanager
def open_recorded(given: str | None) -> "Iterator[tuple[Database | None, Database | None]]":
    """For looking only: the state and the decisions of a graph; None where none is recorded yet.

    Beside a graph on a server both are one database.
    """
    from graphcrm.ledger import Database, NoLedgerError, ledger_url, state_url
    from graphcrm.store import is_server, store_path
    from graphcrm.store.sqlite.connection import open_graph

    address = _existing(given)
    opened: list[Database | None] = []
    try:
        for url, connect in (
            (state_url(address), None),
            (ledger_url(address), lambda: open_graph(store_path(address))),
        ):
            own = None if is_server(address) else connect
            try:
                opened.append(Database(url, connect=own, patience=PATIENCE, must_exist=True))
            except NoLedgerError:
                opened.append(None)
        yield opened[0], opened[1]
    finally:
        for database in opened:
            if database is not None:
                database.close()


def _existing(given: str | None) -> str:
    """The address of a graph. A server's is not tried: the graph itself is not asked for here."""
    from graphcrm.errors import UsageError
    from graphcrm.store import graph_exists, is_server

    address = graph_url(given)
    if not is_server(address) and not graph_exists(address):
        raise UsageError(text("no_graph", graph=address))
    return address

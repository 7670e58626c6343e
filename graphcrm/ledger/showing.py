"""Showing in a graph what its ledger holds, and taking a ledger over into a graph's own file."""

from collections.abc import Callable
from contextlib import closing

import sqlalchemy as sa

from graphcrm.errors import StoreError
from graphcrm.ledger import chain, decisions
from graphcrm.ledger.address import ledger_url
from graphcrm.ledger.database import Database
from graphcrm.ledger.tables import DECISION
from graphcrm.store import Store
from graphcrm.store.sqlite.connection import open_graph
from graphcrm.store.sqlite.store import SqliteStore

BATCH = 500
"""So many decisions are shown in one transaction."""

_PATIENCE = 30.0

Tell = Callable[[int, int], object]
"""Hears up to which number decisions are shown, and which is the last."""


def ledger_of(store: Store, patience: float = _PATIENCE) -> Database:
    """Open the database in which decisions about a graph are: its own file, or the setting `state`.

    `patience`: seconds for which a decision waits for another writer. Raises UsageError where the
    setting lacks, StoreError where it can't be opened.
    """
    url = ledger_url(store.url)
    if not isinstance(store, SqliteStore):
        return Database(url, patience=patience)
    path = store.path.resolve()
    return Database(url, connect=lambda: open_graph(path), patience=patience)


def show_all(store: Store, database: Database, tell: Tell = lambda shown, of: None) -> int:
    """Show all decisions that a graph does not show yet, in their order; returns how many.

    Raises StoreError where one names what isn't there (those before it are shown then), or where
    the ledger is another graph's.
    """
    done = 0
    while True:
        last = store.projected()
        with database.reading() as connection:
            head = decisions.last(connection)
            some = decisions.since(connection, last, BATCH)
        if last > head:
            raise StoreError(
                f"{database.title}: has {head} decisions, but the graph shows {last}; it is not "
                "the ledger of this graph, or an old copy of it"
            )
        if some:
            done += store.project(some)
            tell(some[-1].seq, head)
        if len(some) < BATCH:
            return done


def replay(store: Store, database: Database, tell: Tell = lambda shown, of: None) -> int:
    """Show all decisions of a ledger in a graph that was emptied and loaded anew; how many.

    For an embedded graph they are taken into its own ledger first, where they are another's. What
    the graph shows already is passed over. `tell` hears of the progress. Raises StoreError as
    `show_all` and `take_over`.
    """
    if not isinstance(store, SqliteStore) or _is_of(database, store):
        return show_all(store, database, tell)
    with closing(ledger_of(store)) as own:
        take_over(own, database)
        return show_all(store, own, tell)


def take_over(own: Database, other: Database) -> int:
    """Take the decisions of another ledger into one that has none of its own; returns how many.

    Their numbers, times and hashes stay, so that both have the same chain. Use it for a graph that
    was loaded anew into another file. Raises StoreError where the chain of the other is broken, or
    does not continue what is there.
    """
    with other.reading() as source, own.writing() as target:
        found = decisions.verify(source)
        if found.broken is not None:
            raise StoreError(f"{other.title}: decision {found.broken} was changed or lacks")
        seq, sealed = chain.head(target, DECISION)
        if seq and sealed != _hash_of(source, seq):
            raise StoreError(f"{own.title}: has decisions of its own; nothing was taken over")
        taken, rest = 0, sa.select(DECISION).order_by(DECISION.c.seq).limit(BATCH)
        while rows := source.execute(rest.where(DECISION.c.seq > seq + taken)).all():
            target.execute(sa.insert(DECISION), [dict(row._mapping) for row in rows])
            taken += len(rows)
        return taken


def _hash_of(connection: sa.Connection, seq: int) -> str | None:
    found: str | None = connection.execute(
        sa.select(DECISION.c.hash).where(DECISION.c.seq == seq)
    ).scalar()
    return found


def _is_of(database: Database, store: SqliteStore) -> bool:
    """Whether a ledger is in the graph's own file."""
    return database.path is not None and database.path.resolve() == store.path.resolve()

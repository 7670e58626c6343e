"""Dropping and making indexes around large writes, inside the write's transaction."""

from collections.abc import Iterator
from contextlib import contextmanager

from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.bulk import BulkConnection

_WORTH_REBUILDING = 10_000


@contextmanager
def rebuilt(
    bulk: BulkConnection, indexes: dict[str, str], present: int, incoming: int
) -> Iterator[None]:
    """Write without indexes and build them afterwards where that is quicker.

    `present` and `incoming` are row counts. Building sorts once; keeping an index up while many
    rows come in costs a search for each.
    """
    drop = incoming > _WORTH_REBUILDING and incoming > present // 2
    if drop:
        for name in indexes:
            bulk.execute(f"DROP INDEX IF EXISTS {quoted(name)}")
    yield
    if drop:
        for statement in indexes.values():
            bulk.execute(statement)

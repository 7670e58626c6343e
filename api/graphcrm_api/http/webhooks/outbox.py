"""The line of messages that webhooks are told of.

For a graph in a file, the messages of decisions lie in that file, those of the service in its
state: the former are taken over, so that all have one line of numbers. Beside a graph on a server
both are one database, and nothing is to be taken over.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from graphcrm.ledger import messages
from graphcrm.ledger.tables import DELIVERY, MARK
from graphcrm.ledger.webhooks import Delivery
from graphcrm.store import is_server
from graphcrm_api.http.backend import Backend

SCOPE = "webhooks:write"

_TAKEN_OVER = "taken over"
_AT_ONCE = 500


def take_over(backend: Backend) -> int:
    """Take over what is new in a graph's own file, each message once; returns how many."""
    if is_server(backend.address):
        return 0
    with backend.state.reading() as connection:
        done = _taken_over(connection)
    with backend.ledger.database.reading() as connection:
        new = messages.since(connection, done, _AT_ONCE)
    if not new:
        return 0
    with backend.state.writing() as connection:
        done = _taken_over(connection)  # another service may have been faster
        for message in new:
            if message.seq > done:
                messages.send(
                    connection,
                    event=message.event,
                    payload=message.payload,
                    decision=message.decision,
                )
        _note_taken_over(connection, max(done, new[-1].seq))
    return len(new)


def drop(connection: sa.Connection, delivery: Delivery) -> None:
    """Forget a delivery that its webhook may not hear of: it must not even know that it was."""
    connection.execute(
        sa.delete(DELIVERY).where(
            DELIVERY.c.message == delivery.message, DELIVERY.c.webhook == delivery.webhook
        )
    )


def _taken_over(connection: sa.Connection) -> int:
    found = connection.execute(sa.select(MARK.c.seq).where(MARK.c.name == _TAKEN_OVER)).scalar()
    return found or 0


def _note_taken_over(connection: sa.Connection, seq: int) -> None:
    mark = sqlite.insert(MARK).values(name=_TAKEN_OVER, seq=seq)
    connection.execute(
        mark.on_conflict_do_update(index_elements=["name"], set_={"seq": mark.excluded.seq})
    )

"""The outbox: messages that decisions send out, written in the decision's own transaction.

So there is no decision without its message, and no message of a decision that was undone. What
sends them (see `webhooks`) reads them later.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.ledger import chain, times
from graphcrm.ledger.schema import take_turn
from graphcrm.ledger.tables import MESSAGE


@dataclass(frozen=True)
class Message:
    """A message. event: what happened (`contact.recorded`); decision: the id of its cause."""

    seq: int
    at: datetime
    event: str
    payload: dict[str, Any]
    decision: str | None


def send(
    connection: sa.Connection,
    *,
    event: str,
    payload: Mapping[str, Any],
    decision: str | None = None,
) -> Message:
    """Add a message within a transaction that writes. Raises UsageError for what JSON can't hold.

    They are numbered from 1 in the order of their transactions, so that who has read up to a number
    misses none.
    """
    if not event or any(letter.isspace() or letter in ",*\0" for letter in event):
        raise UsageError(f"{event!r} is no name of an event")
    take_turn(connection)
    last = connection.execute(sa.select(sa.func.max(MESSAGE.c.seq))).scalar() or 0
    message = Message(last + 1, times.now(), event, dict(payload), decision)
    values = {
        "seq": message.seq,
        "at": times.written(message.at),
        "event": event,
        "payload": chain.canonical(payload),
        "decision": decision,
    }
    connection.execute(sa.insert(MESSAGE), values)
    return message


def since(connection: sa.Connection, seq: int, limit: int) -> list[Message]:
    """At most `limit` messages after the one of the number `seq`, in their order."""
    query = sa.select(MESSAGE).where(MESSAGE.c.seq > seq).order_by(MESSAGE.c.seq).limit(limit)
    return [_message(row) for row in connection.execute(query)]


def get(connection: sa.Connection, seq: int) -> Message | None:
    """The message of a number, or None."""
    row = connection.execute(sa.select(MESSAGE).where(MESSAGE.c.seq == seq)).first()
    return None if row is None else _message(row)


def _message(row: sa.Row[Any]) -> Message:
    payload = json.loads(row.payload)
    return Message(row.seq, times.read(row.at), row.event, payload, row.decision)

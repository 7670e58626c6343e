"""Webhooks: addresses that want to hear of events, and each delivery of a message to one of them.

They are the service's state; the messages lie with the decisions, which for an embedded graph is
another file. So `schedule` is given messages and makes the deliveries, and remembers how far it is.
Each message is delivered at least once; the receiver knows a repetition by its number.
"""

import json
import random
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from graphcrm.errors import UsageError
from graphcrm.ledger import chain, times
from graphcrm.ledger.messages import Message
from graphcrm.ledger.schema import take_turn
from graphcrm.ledger.tables import DELIVERY, MARK, WEBHOOK

ALL_EVENTS = "*"
ATTEMPTS = 12
"""After so many a delivery is dead: with the pauses below, after about 6 hours on average."""

BASE_SECONDS, LONGEST_PAUSE_SECONDS = 10.0, 2 * 3600.0
_LEASE_SECONDS = 60.0
_SCHEDULED = "scheduled"

DeliveryState = Literal["waiting", "delivered", "dead"]


@dataclass(frozen=True)
class Webhook:
    """An address with the events that it wants (`*`: all).

    The secret, with which messages are signed, has to be kept as it is: a hash can't sign.
    """

    id: str
    url: str
    events: tuple[str, ...]
    secret: str
    created_at: datetime
    created_by: str
    active: bool

    def wants(self, event: str) -> bool:
        """Whether an event is to be delivered to it."""
        return self.active and (ALL_EVENTS in self.events or event in self.events)


@dataclass(frozen=True)
class Delivery:
    """A message (its number) on the way to a webhook (its id); attempts: those that failed."""

    message: int
    webhook: str
    state: DeliveryState
    attempts: int
    next_at: datetime
    status: int | None
    error: str | None


def add(connection: sa.Connection, *, url: str, events: Sequence[str], by: str) -> Webhook:
    """Add a webhook; its secret is made here.

    Raises UsageError for an address that is not http:// or https:// with a host, for one that
    holds a password, and for no event at all.
    """
    try:
        parts = urlsplit(url)
        there = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        there = False
    if not there:
        raise UsageError(f"{url}: a webhook's address begins with https:// or http:// and a host")
    if parts.password is not None:
        raise UsageError(f"{parts.hostname}: the address of a webhook must hold no password")
    if not events or not all(event.strip() for event in events):
        raise UsageError(f"a webhook needs the events that it wants, or {ALL_EVENTS!r} for all")
    values = {
        "id": secrets.token_hex(8),
        "url": url,
        "events": chain.canonical(sorted(set(events))),
        "secret": secrets.token_urlsafe(32),
        "created_at": times.written(times.now()),
        "created_by": by,
        "active": 1,
    }
    connection.execute(sa.insert(WEBHOOK), values)
    made = get(connection, str(values["id"]))
    assert made is not None
    return made


def get(connection: sa.Connection, id: str) -> Webhook | None:
    """The webhook of an id, active or not."""
    row = connection.execute(sa.select(WEBHOOK).where(WEBHOOK.c.id == id)).first()
    return None if row is None else _webhook(row)


def list_webhooks(connection: sa.Connection) -> list[Webhook]:
    """All webhooks, oldest first."""
    query = sa.select(WEBHOOK).order_by(WEBHOOK.c.created_at, WEBHOOK.c.id)
    return [_webhook(row) for row in connection.execute(query)]


def deactivate(connection: sa.Connection, id: str) -> Webhook:
    """Send nothing more to a webhook; what waits for it is dead. UsageError for an unknown one."""
    connection.execute(sa.update(WEBHOOK).where(WEBHOOK.c.id == id).values(active=0))
    connection.execute(
        sa.update(DELIVERY)
        .where(DELIVERY.c.webhook == id, DELIVERY.c.state == "waiting")
        .values(state="dead", error="the webhook was switched off")
    )
    webhook = get(connection, id)
    if webhook is None:
        raise UsageError(f"there is no webhook {id!r}")
    return webhook


def scheduled(connection: sa.Connection) -> int:
    """The number of the last message that deliveries were made of; 0 before the first."""
    found = connection.execute(sa.select(MARK.c.seq).where(MARK.c.name == _SCHEDULED)).scalar()
    return found or 0


def schedule(connection: sa.Connection, messages: Sequence[Message]) -> int:
    """Make deliveries of the messages after the last `scheduled`; returns how many.

    Messages that were scheduled before are passed over, so that two services may do it at once.
    """
    take_turn(connection)
    done = scheduled(connection)
    new = [message for message in messages if message.seq > done]
    if not new:
        return 0
    webhooks, now = list_webhooks(connection), times.written(times.now())
    rows = [
        {
            "message": message.seq,
            "webhook": webhook.id,
            "state": "waiting",
            "attempts": 0,
            "next_at": now,
        }
        for message in new
        for webhook in webhooks
        if webhook.wants(message.event)
    ]
    if rows:
        connection.execute(sa.insert(DELIVERY), rows)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    mark = dialect.insert(MARK).values(name=_SCHEDULED, seq=max(m.seq for m in new))
    connection.execute(
        mark.on_conflict_do_update(index_elements=["name"], set_={"seq": mark.excluded.seq})
    )
    return len(rows)


def due(
    connection: sa.Connection, now: datetime, limit: int, lease_seconds: float = _LEASE_SECONDS
) -> list[Delivery]:
    """Take deliveries whose time has come, oldest first; nobody else gets them during the lease.

    Say of each whether it was `delivered` or `failed`; of whom nothing is heard is due again.
    """
    query = (
        sa.select(DELIVERY)
        .where(DELIVERY.c.state == "waiting", DELIVERY.c.next_at <= times.written(now))
        .order_by(DELIVERY.c.next_at, DELIVERY.c.message, DELIVERY.c.webhook)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = [_delivery(row) for row in connection.execute(query)]
    for delivery in found:
        _set(connection, delivery, next_at=times.later(now, lease_seconds))
    return found


def delivered(connection: sa.Connection, delivery: Delivery, status: int) -> None:
    """Note that the receiver took a message, with its HTTP status."""
    _set(connection, delivery, state="delivered", status=status, error=None)


def failed(
    connection: sa.Connection,
    delivery: Delivery,
    now: datetime,
    *,
    error: str,
    status: int | None = None,
) -> Delivery:
    """Note that a message was not taken, and when to try again; after `ATTEMPTS` it is dead.

    The pause is chosen evenly between nothing and a bound that doubles each time ("full jitter":
    Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015), so that receivers that
    come back are not met by all at once.
    """
    attempts = delivery.attempts + 1
    bound = min(LONGEST_PAUSE_SECONDS, BASE_SECONDS * 2**delivery.attempts)
    _set(
        connection,
        delivery,
        state="dead" if attempts >= ATTEMPTS else "waiting",
        attempts=attempts,
        next_at=times.later(now, random.uniform(0, bound)),
        status=status,
        error=error,
    )
    row = connection.execute(sa.select(DELIVERY).where(*_this(delivery))).one()
    return _delivery(row)


def deliveries(
    connection: sa.Connection, webhook: str, limit: int, state: DeliveryState | None = None
) -> list[Delivery]:
    """The deliveries to a webhook, newest message first."""
    query = (
        sa.select(DELIVERY)
        .where(DELIVERY.c.webhook == webhook)
        .order_by(DELIVERY.c.message.desc())
        .limit(limit)
    )
    if state is not None:
        query = query.where(DELIVERY.c.state == state)
    return [_delivery(row) for row in connection.execute(query)]


def _this(delivery: Delivery) -> tuple[sa.ColumnElement[bool], ...]:
    return (DELIVERY.c.message == delivery.message, DELIVERY.c.webhook == delivery.webhook)


def _set(connection: sa.Connection, delivery: Delivery, **values: Any) -> None:
    # one that was switched off or done meanwhile stays so
    still = DELIVERY.c.state == "waiting"
    connection.execute(sa.update(DELIVERY).where(*_this(delivery), still).values(**values))


def _webhook(row: sa.Row[Any]) -> Webhook:
    return Webhook(
        id=row.id,
        url=row.url,
        events=tuple(json.loads(row.events)),
        secret=row.secret,
        created_at=times.read(row.created_at),
        created_by=row.created_by,
        active=bool(row.active),
    )


def _delivery(row: sa.Row[Any]) -> Delivery:
    values = dict(row._mapping)
    values["next_at"] = times.read(values["next_at"])
    return Delivery(**values)

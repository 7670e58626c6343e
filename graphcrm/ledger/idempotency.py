"""Idempotency keys: a request that is sent twice is done once and answered twice alike.

(The IETF draft "The Idempotency-Key HTTP Header Field".) A key belongs to who sent it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from graphcrm.errors import GraphCRMError, UsageError
from graphcrm.ledger import times
from graphcrm.ledger.tables import IDEMPOTENCY

LEASE_SECONDS = 60.0
KEPT_FOR = timedelta(days=7)
_LONGEST = 255


class IdempotencyConflict(GraphCRMError):  # noqa: N818 - a state of things, not a failure
    """The key was used for another request."""


class IdempotencyBusy(GraphCRMError):  # noqa: N818 - a state of things, not a failure
    """The first request with this key is not answered yet."""


@dataclass(frozen=True)
class Kept:
    """The answer that was given to the first request."""

    status: int
    headers: dict[str, str]
    body: bytes


def claim(
    connection: sa.Connection,
    *,
    who: str,
    key: str,
    fingerprint: str,
    lease_seconds: float = LEASE_SECONDS,
) -> Kept | None:
    """Take a key for a request, of which `fingerprint` is a hash; within a transaction that writes.

    Let it be the first thing in that transaction: one that has appended to a chain keeps others
    waiting, and two that wait for each other are undone.

    None: do the request, then `keep` its answer; best in the same transaction, so that neither is
    without the other. Kept: give this answer again, and do nothing. A claim whose request died is
    taken over when its lease is over.

    Raises IdempotencyConflict where the key was used for a request of another fingerprint,
    IdempotencyBusy while the first one is being done, UsageError for a key that is empty or too
    long.
    """
    if not 0 < len(key) <= _LONGEST or "\0" in key:
        raise UsageError(f"an idempotency key has 1 to {_LONGEST} characters")
    now = times.now()
    claimed = {
        "fingerprint": fingerprint,
        "claimed_at": times.written(now),
        "lease_until": times.later(now, lease_seconds),
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = connection.execute(
        dialect.insert(IDEMPOTENCY)
        .values(who=who, name=key, **claimed)
        .on_conflict_do_nothing()
        .returning(IDEMPOTENCY.c.name)
    ).first()
    if added is not None:
        return None
    mine = (IDEMPOTENCY.c.who == who) & (IDEMPOTENCY.c.name == key)
    row = connection.execute(sa.select(IDEMPOTENCY).where(mine).with_for_update()).one()
    kept = _answered(row, fingerprint)
    if kept is not None:
        return kept
    if row.lease_until > times.written(now):
        raise IdempotencyBusy("a request with this idempotency key is still being done")
    connection.execute(sa.update(IDEMPOTENCY).where(mine).values(**claimed))
    return None


def look(connection: sa.Connection, *, who: str, key: str, fingerprint: str) -> Kept | None:
    """The answer that a key has already; None where there is none yet, and nothing is claimed.

    Raises IdempotencyConflict where the key was used for a request of another fingerprint.
    """
    mine = (IDEMPOTENCY.c.who == who) & (IDEMPOTENCY.c.name == key)
    row = connection.execute(sa.select(IDEMPOTENCY).where(mine)).first()
    return None if row is None else _answered(row, fingerprint)


def keep(
    connection: sa.Connection,
    *,
    who: str,
    key: str,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
) -> None:
    """Keep the answer of a request that was claimed.

    Raises IdempotencyConflict where another, which took the claim over, has answered in the
    meantime: undo the transaction then. Raises LookupError for a key that nobody claimed.
    """
    mine = (IDEMPOTENCY.c.who == who) & (IDEMPOTENCY.c.name == key)
    row = connection.execute(sa.select(IDEMPOTENCY.c.status).where(mine).with_for_update()).first()
    if row is None:
        raise LookupError(key)
    if row.status is not None:
        raise IdempotencyConflict("another request with this idempotency key was answered first")
    answer = {"status": status, "headers": json.dumps(dict(headers)), "body": body}
    connection.execute(sa.update(IDEMPOTENCY).where(mine).values(**answer))


def release(connection: sa.Connection, *, who: str, key: str) -> None:
    """Give up a claim whose request failed without an effect, so that it can be sent again."""
    connection.execute(
        sa.delete(IDEMPOTENCY).where(
            IDEMPOTENCY.c.who == who, IDEMPOTENCY.c.name == key, IDEMPOTENCY.c.status.is_(None)
        )
    )


def forget(connection: sa.Connection, older_than: timedelta = KEPT_FOR) -> int:
    """Remove keys that were claimed longer ago; returns how many. A key may be used anew then."""
    limit = times.written(times.now() - older_than)
    return connection.execute(
        sa.delete(IDEMPOTENCY).where(IDEMPOTENCY.c.claimed_at < limit)
    ).rowcount


def _answered(row: sa.Row[Any], fingerprint: str) -> Kept | None:
    if row.fingerprint != fingerprint:
        raise IdempotencyConflict("this idempotency key was used for another request")
    if row.status is None:
        return None
    return Kept(row.status, json.loads(row.headers), bytes(row.body))

"""The audit log: who did or looked at what, through which way in, and whether it was allowed."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from graphcrm.errors import StoreError
from graphcrm.ledger import chain, times
from graphcrm.ledger.chain import Verification
from graphcrm.ledger.tables import AUDIT

Outcome = Literal["done", "refused"]


@dataclass(frozen=True)
class AuditEntry:
    """An entry. who: user or key; via: the way in (cli, http …); purpose: as the caller gave it."""

    seq: int
    at: datetime
    who: str
    via: str
    action: str
    resource: str
    outcome: Outcome
    purpose: str | None
    detail: dict[str, Any] | None
    request_id: str | None
    hash: str


def append(
    connection: sa.Connection,
    *,
    who: str,
    via: str,
    action: str,
    resource: str,
    outcome: Outcome,
    purpose: str | None = None,
    detail: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> int:
    """Add an entry within a transaction that writes; returns its number.

    Raises UsageError for detail that JSON can't hold.
    """
    content = {
        "at": times.written(times.now()),
        "who": who,
        "via": via,
        "action": action,
        "resource": resource,
        "outcome": outcome,
        "purpose": purpose,
        "detail": chain.canonical_or_none(detail),
        "request_id": request_id,
    }
    return chain.append(connection, AUDIT, content)[0]


def page(
    connection: sa.Connection,
    *,
    after: int | None = None,
    limit: int,
    who: str | None = None,
    action: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[AuditEntry]:
    """Entries, newest first; those that follow the entry `after` in this order.

    `since` counts, `until` does not any more; both need an offset from UTC, else UsageError.
    Raises StoreError for an entry that is no entry any more.
    """
    query = sa.select(AUDIT).order_by(AUDIT.c.seq.desc()).limit(limit)
    if after is not None:
        query = query.where(AUDIT.c.seq < after)
    if who is not None:
        query = query.where(AUDIT.c.who == who)
    if action is not None:
        query = query.where(AUDIT.c.action == action)
    if since is not None:
        query = query.where(AUDIT.c.at >= times.written(since))
    if until is not None:
        query = query.where(AUDIT.c.at < times.written(until))
    return [_entry(row) for row in connection.execute(query)]


def verify(
    connection: sa.Connection, expected_head: str | Collection[str] | None = None
) -> Verification:
    """Check the chain of all entries; see `graphcrm.ledger.chain.verify`."""
    return chain.verify(connection, AUDIT, expected_head)


def _entry(row: sa.Row[Any]) -> AuditEntry:
    values = dict(row._mapping)
    try:
        values["at"] = times.read(values["at"])
        values["detail"] = None if values["detail"] is None else json.loads(values["detail"])
    except (TypeError, ValueError):
        raise StoreError(
            f"entry {row.seq} of the audit log was changed from outside; "
            "`graphcrm audit verify` checks all of it"
        ) from None
    return AuditEntry(**values)

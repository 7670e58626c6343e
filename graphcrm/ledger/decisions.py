"""Decisions: what a person or a rule laid down about the graph. They are added, never changed.

A decision that turns out wrong is followed by another that corrects it.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import StoreError
from graphcrm.ledger import chain, times
from graphcrm.ledger.chain import Verification
from graphcrm.ledger.tables import DECISION


@dataclass(frozen=True)
class Decision:
    """A decision. subject: {"label", "id"} of the node it is about; effects: what the graph shows.

    corrects: the id of the decision that it replaces. trace: what it rested on, such as scores and
    the model at the time.
    """

    seq: int
    id: str
    at: datetime
    kind: str
    subject: dict[str, str] | None
    payload: dict[str, Any]
    by: str
    reason: str | None
    effects: dict[str, Any]
    corrects: str | None
    trace: dict[str, Any] | None
    request_id: str | None
    hash: str


def append(
    connection: sa.Connection,
    *,
    id: str,
    kind: str,
    subject: Mapping[str, str] | None,
    payload: Mapping[str, Any],
    by: str,
    reason: str | None,
    effects: Mapping[str, Any],
    corrects: str | None = None,
    trace: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> Decision:
    """Add a decision within a transaction that writes.

    Raises UsageError for what JSON can't hold, sqlalchemy's IntegrityError for an id that is there.
    """
    content = {
        "id": id,
        "at": times.written(times.now()),
        "kind": kind,
        "subject_label": None if subject is None else subject["label"],
        "subject_id": None if subject is None else subject["id"],
        "payload": chain.canonical(payload),
        "made_by": by,
        "reason": reason,
        "effects": chain.canonical(effects),
        "corrects": corrects,
        "trace": chain.canonical_or_none(trace),
        "request_id": request_id,
    }
    seq, sealed = chain.append(connection, DECISION, content)
    return _decision({**content, "seq": seq, "hash": sealed})


def since(connection: sa.Connection, seq: int, limit: int) -> list[Decision]:
    """At most `limit` decisions after the one of the number `seq`, in the order they were made."""
    query = sa.select(DECISION).where(DECISION.c.seq > seq).order_by(DECISION.c.seq).limit(limit)
    return [_decision(dict(row._mapping)) for row in connection.execute(query)]


def get(connection: sa.Connection, id: str) -> Decision | None:
    """The decision of an id, or None."""
    row = connection.execute(sa.select(DECISION).where(DECISION.c.id == id)).first()
    return None if row is None else _decision(dict(row._mapping))


def of_subject(connection: sa.Connection, label: str, id: str) -> list[Decision]:
    """All decisions about a node, in the order they were made."""
    query = (
        sa.select(DECISION)
        .where(DECISION.c.subject_label == label, DECISION.c.subject_id == id)
        .order_by(DECISION.c.seq)
    )
    return [_decision(dict(row._mapping)) for row in connection.execute(query)]


def page(
    connection: sa.Connection,
    *,
    after: int | None = None,
    limit: int,
    by: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Decision]:
    """Decisions, newest first; those that follow the one of the number `after` in this order.

    `since` counts, `until` does not any more; both need an offset from UTC, else UsageError.
    """
    query = sa.select(DECISION).order_by(DECISION.c.seq.desc()).limit(limit)
    if after is not None:
        query = query.where(DECISION.c.seq < after)
    if by is not None:
        query = query.where(DECISION.c.made_by == by)
    if kind is not None:
        query = query.where(DECISION.c.kind == kind)
    if since is not None:
        query = query.where(DECISION.c.at >= times.written(since))
    if until is not None:
        query = query.where(DECISION.c.at < times.written(until))
    return [_decision(dict(row._mapping)) for row in connection.execute(query)]


def last(connection: sa.Connection) -> int:
    """The number of the last decision; 0 where there is none."""
    return chain.head(connection, DECISION)[0]


def verify(
    connection: sa.Connection, expected_head: str | Collection[str] | None = None
) -> Verification:
    """Check the chain of all decisions; see `graphcrm.ledger.chain.verify`."""
    return chain.verify(connection, DECISION, expected_head)


def _decision(row: Mapping[str, Any]) -> Decision:
    try:
        return _read(row)
    except (TypeError, ValueError):
        raise StoreError(
            f"decision {row['seq']} was changed from outside; `graphcrm audit verify` checks all"
        ) from None


def _read(row: Mapping[str, Any]) -> Decision:
    label, id = row["subject_label"], row["subject_id"]
    return Decision(
        seq=row["seq"],
        id=row["id"],
        at=times.read(row["at"]),
        kind=row["kind"],
        subject=None if label is None else {"label": label, "id": id},
        payload=json.loads(row["payload"]),
        by=row["made_by"],
        reason=row["reason"],
        effects=json.loads(row["effects"]),
        corrects=row["corrects"],
        trace=None if row["trace"] is None else json.loads(row["trace"]),
        request_id=row["request_id"],
        hash=row["hash"],
    )

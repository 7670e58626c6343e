"""Jobs: what takes too long for one request, kept so that it survives the service's end.

A worker takes a job under a lease and renews it while it works. Where the lease is over, the worker
is gone: `recover` puts a resumable job back into the queue and ends the others.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from graphcrm.ledger import chain, times
from graphcrm.ledger.tables import JOB

State = Literal["queued", "running", "succeeded", "failed", "cancelled"]

STOPPED = "the service stopped"
"""The error of a job whose worker is gone."""


@dataclass(frozen=True)
class Job:
    """A job. seq: its place in the queue; by: who asked for it; branches: None for all of them.

    lease_by: the worker; cancel_by: who asked for its end; attempts: how often it was begun.
    """

    seq: int
    id: str
    kind: str
    request: dict[str, Any]
    by: str
    branches: tuple[str, ...] | None
    state: State
    resumable: bool
    progress: dict[str, Any] | None
    result: dict[str, Any] | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    lease_by: str | None
    lease_until: datetime | None
    cancel_by: str | None
    attempts: int

    @property
    def cancel_requested(self) -> bool:
        """Whether somebody asked for its end."""
        return self.cancel_by is not None

    @property
    def over(self) -> bool:
        """Whether nothing of it will change any more."""
        return self.state in ("succeeded", "failed", "cancelled")


def add(
    connection: sa.Connection,
    *,
    kind: str,
    request: Mapping[str, Any],
    by: str,
    branches: Sequence[str] | None = None,
    resumable: bool = False,
) -> Job:
    """Put a job at the end of the queue. Raises UsageError for a request that JSON can't hold."""
    id = secrets.token_hex(16)
    connection.execute(
        sa.insert(JOB),
        {
            "id": id,
            "kind": kind,
            "request": chain.canonical(request),
            "requested_by": by,
            "branches": None if branches is None else chain.canonical(list(branches)),
            "state": "queued",
            "resumable": int(resumable),
            "created_at": times.written(times.now()),
            "attempts": 0,
        },
    )
    return _require(connection, id)


def get(connection: sa.Connection, id: str) -> Job | None:
    """The job of an id, or None."""
    row = connection.execute(sa.select(JOB).where(JOB.c.id == id)).first()
    return None if row is None else _job(row)


def page(
    connection: sa.Connection,
    *,
    after: int | None = None,
    limit: int,
    by: str | None = None,
    state: State | None = None,
) -> list[Job]:
    """Jobs, newest first; those that follow the one of the number `after` in this order."""
    query = sa.select(JOB).order_by(JOB.c.seq.desc()).limit(limit)
    if after is not None:
        query = query.where(JOB.c.seq < after)
    if by is not None:
        query = query.where(JOB.c.requested_by == by)
    if state is not None:
        query = query.where(JOB.c.state == state)
    return [_job(row) for row in connection.execute(query)]


def unended(connection: sa.Connection) -> list[Job]:
    """The jobs that wait or run and whose end nobody has asked for yet, oldest first."""
    query = sa.select(JOB).where(JOB.c.state.in_(("queued", "running")), JOB.c.cancel_by.is_(None))
    return [_job(row) for row in connection.execute(query.order_by(JOB.c.seq))]


def claim_next(
    connection: sa.Connection,
    worker: str,
    lease_seconds: float,
    kinds: Sequence[str] | None = None,
) -> Job | None:
    """Take the job that has waited longest; None where none waits. No two workers get the same."""
    waiting = sa.select(JOB.c.id).where(JOB.c.state == "queued").order_by(JOB.c.seq).limit(1)
    if kinds is not None:
        waiting = waiting.where(JOB.c.kind.in_(kinds))
    id = connection.execute(waiting.with_for_update(skip_locked=True)).scalar()
    if id is None:
        return None
    now = times.now()
    connection.execute(
        sa.update(JOB)
        .where(JOB.c.id == id)
        .values(
            state="running",
            started_at=sa.func.coalesce(JOB.c.started_at, times.written(now)),
            lease_by=worker,
            lease_until=times.later(now, lease_seconds),
            attempts=JOB.c.attempts + 1,
        )
    )
    return _require(connection, id)


def renew(
    connection: sa.Connection,
    id: str,
    worker: str,
    lease_seconds: float,
    progress: Mapping[str, Any] | None = None,
) -> Job | None:
    """Hold on to a job, and say how far it is; look at the answer's `cancel_requested`.

    None: the job was given to another, or ended; stop work on it.
    """
    values: dict[str, Any] = {"lease_until": times.later(times.now(), lease_seconds)}
    if progress is not None:
        values["progress"] = chain.canonical(progress)
    changed = connection.execute(sa.update(JOB).where(*_held(id, worker)).values(**values))
    return _require(connection, id) if changed.rowcount else None


def finish(
    connection: sa.Connection,
    id: str,
    worker: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: str | None = None,
    cancelled: bool = False,
) -> Job | None:
    """End a job: with a result, with an error that a person can read, or because it was cancelled.

    None: it was given to another, or ended; nothing changed.
    """
    state = "cancelled" if cancelled else "failed" if error is not None else "succeeded"
    said = {} if cancelled else {"error": error}  # why it was cancelled stands already
    changed = connection.execute(
        sa.update(JOB)
        .where(*_held(id, worker))
        .values(
            state=state,
            result=chain.canonical_or_none(result),
            **said,
            finished_at=times.written(times.now()),
            lease_by=None,
            lease_until=None,
        )
    )
    return _require(connection, id) if changed.rowcount else None


def request_cancel(
    connection: sa.Connection, id: str, by: str, reason: str | None = None
) -> Job | None:
    """Ask for the end of a job. One that waits is cancelled at once; None for an unknown one.

    `reason`: what stands as its error, where it was not asked for by whoever started it.
    """
    now = times.written(times.now())
    connection.execute(
        sa.update(JOB)
        .where(JOB.c.id == id, JOB.c.state == "queued")
        .values(state="cancelled", cancel_by=by, error=reason, finished_at=now)
    )
    connection.execute(
        sa.update(JOB)
        .where(JOB.c.id == id, JOB.c.state == "running", JOB.c.cancel_by.is_(None))
        .values(cancel_by=by, error=reason)
    )
    return get(connection, id)


def recover(connection: sa.Connection, now: datetime) -> list[Job]:
    """Deal with the jobs whose worker is gone; returns them as they are then.

    A resumable one goes back into the queue unless its end was asked for, others have failed.
    """
    gone = (
        sa.select(JOB)
        .where(JOB.c.state == "running", JOB.c.lease_until < times.written(now))
        .order_by(JOB.c.seq)
        .with_for_update(skip_locked=True)
    )
    found = [_job(row) for row in connection.execute(gone)]
    for job in found:
        over: dict[str, Any] = {"finished_at": times.written(now)}
        if job.cancel_requested:
            values = {"state": "cancelled", **over}
        elif job.resumable:
            values = {"state": "queued"}
        else:
            values = {"state": "failed", "error": STOPPED, **over}
        connection.execute(
            sa.update(JOB)
            .where(JOB.c.id == job.id)
            .values(lease_by=None, lease_until=None, **values)
        )
    return [_require(connection, job.id) for job in found]


def _held(id: str, worker: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (JOB.c.id == id, JOB.c.state == "running", JOB.c.lease_by == worker)


def _require(connection: sa.Connection, id: str) -> Job:
    job = get(connection, id)
    assert job is not None
    return job


def _job(row: sa.Row[Any]) -> Job:
    def data(kept: str | None) -> Any:
        return None if kept is None else json.loads(kept)

    return Job(
        seq=row.seq,
        id=row.id,
        kind=row.kind,
        request=data(row.request),
        by=row.requested_by,
        branches=None if row.branches is None else tuple(data(row.branches)),
        state=row.state,
        resumable=bool(row.resumable),
        progress=data(row.progress),
        result=data(row.result),
        error=row.error,
        created_at=times.read(row.created_at),
        started_at=times.read_or_none(row.started_at),
        finished_at=times.read_or_none(row.finished_at),
        lease_by=row.lease_by,
        lease_until=times.read_or_none(row.lease_until),
        cancel_by=row.cancel_by,
        attempts=row.attempts,
    )

"""Recording decisions so that the graph shows them: the ledger is the truth, the graph its image.

In an embedded graph both are in one file, and a decision and its effect are one transaction. Beside
a server the decision is written first, then shown by its number; what a crash left unshown is shown
when a ledger is opened, before the next decision, and by `replay`.
"""

import sqlite3
import threading
import uuid
import warnings
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import StoreError, UnfinishedWarning, UnknownNodeError
from graphcrm.ledger import decisions, idempotency, messages
from graphcrm.ledger.database import Database
from graphcrm.ledger.decisions import Decision
from graphcrm.ledger.idempotency import IdempotencyConflict, Kept
from graphcrm.ledger.showing import BATCH, show_all
from graphcrm.store import Store
from graphcrm.store.projection import Effects, Node, read_effects
from graphcrm.store.sqlite.store import SqliteStore

DECISION_HEADER = "graphcrm-decision"
"""The header of a kept answer that names the decision it answers."""

_CREATED = 201


@dataclass(frozen=True)
class Draft:
    """A decision as it is to be recorded; see `graphcrm.ledger.decisions.Decision`."""

    subject: Mapping[str, str] | None
    payload: Mapping[str, Any]
    effects: Mapping[str, Any]
    corrects: str | None = None


class Turn:
    """The moment in which a decision is made: its transaction, its id, and a look at the graph."""

    def __init__(self, connection: sa.Connection, id: str, look: "Look") -> None:
        """Made by a ledger."""
        self.connection, self.id = connection, id
        self._look = look
        self._seen: dict[Node, dict[str, Any] | None] = {}

    def node(self, label: str, id: str) -> dict[str, Any] | None:
        """A node of the graph with its properties, or None; each is looked at once."""
        if (label, id) not in self._seen:
            self._seen[label, id] = self._look(label, id)
        return self._seen[label, id]


Look = Callable[[str, str], dict[str, Any] | None]


class Ledger:
    """Where decisions about a graph are recorded. Threads may share it."""

    def __init__(self, store: Store, database: Database) -> None:
        """Use the ledger that `ledger_of` opens; the caller closes both.

        What is not shown in the graph yet is shown now; where that can't be done, an
        UnfinishedWarning says why.
        """
        self._store, self._database = store, database
        self._embedded = isinstance(store, SqliteStore)
        # an embedded store is for one thread at a time
        self._alone: AbstractContextManager[Any] = (
            threading.Lock() if self._embedded else nullcontext()
        )
        try:
            self.catch_up()
        except StoreError as error:
            warnings.warn(str(error), UnfinishedWarning, stacklevel=2)

    @property
    def database(self) -> Database:
        """The database in which the decisions are."""
        return self._database

    def behind(self) -> int:
        """How many decisions the graph does not show yet."""
        with self._alone:
            shown = self._store.projected()
        with self._database.reading() as connection:
            return decisions.last(connection) - shown

    def record(
        self,
        *,
        kind: str,
        subject: Mapping[str, str] | None,
        payload: Mapping[str, Any],
        effects: Mapping[str, Any],
        by: str,
        reason: str | None,
        corrects: str | None = None,
        id: str | None = None,
        idempotency: tuple[str, str, str] | None = None,
        answer: Callable[[Decision], Kept] | None = None,
        message: tuple[str, Mapping[str, Any]] | None = None,
        trace: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> Decision:
        """Record a decision and show its effects; see `decide`."""
        draft = Draft(subject, payload, effects, corrects)
        return self.decide(
            lambda turn: draft,
            kind=kind,
            by=by,
            reason=reason,
            id=id,
            idempotency=idempotency,
            answer=answer,
            message=message,
            trace=trace,
            request_id=request_id,
        )

    def decide(
        self,
        draft: Callable[[Turn], Draft],
        *,
        kind: str,
        by: str,
        reason: str | None,
        id: str | None = None,
        idempotency: tuple[str, str, str] | None = None,
        answer: Callable[[Decision], Kept] | None = None,
        message: tuple[str, Mapping[str, Any]] | None = None,
        trace: Mapping[str, Any] | None = None,
        request_id: str | None = None,
    ) -> Decision:
        """Record what `draft` makes of the moment in which it is its turn, and show its effects.

        Decision, idempotency key, message and, in an embedded graph, effect are one transaction;
        an exception of `draft` leaves nothing. `id` is that of the decision, by default a new one.
        `idempotency` is (who, key, fingerprint): the second time the first decision is returned and
        nothing is done; `answer` makes what is kept of the answer, which then has the header
        `DECISION_HEADER`. `message` is (event, payload).

        Where a server's graph can't show the decision at once, it stands all the same, and an
        UnfinishedWarning says so. Raises UsageError for effects that a graph can't show,
        UnknownNodeError and StoreError where they name what isn't there; StoreError where the graph
        or the ledger can't be written, or where an earlier decision can't be shown;
        IdempotencyConflict and IdempotencyBusy.
        """
        if not self._embedded:
            self.catch_up()
        with self._database.writing() as connection:
            if idempotency is not None:
                known = _done_before(connection, idempotency)
                if known is not None:
                    return known
            turn = Turn(connection, id or uuid.uuid4().hex, self._look)
            made = draft(turn)
            effects = read_effects(made.effects)
            if not self._embedded:  # what can't be shown would keep back all that comes after it
                _require_there(turn, effects)
            decision = decisions.append(
                connection,
                id=turn.id,
                kind=kind,
                subject=made.subject,
                payload=made.payload,
                by=by,
                reason=reason,
                effects=made.effects,
                corrects=made.corrects,
                trace=trace,
                request_id=request_id,
            )
            if idempotency is not None:
                _keep(connection, idempotency, decision, answer)
            if message is not None:
                event, payload = message
                messages.send(connection, event=event, payload=payload, decision=decision.id)
            if self._embedded:
                self._show_within(connection)
        if not self._embedded:
            self._show_soon(decision)
        return decision

    def catch_up(self) -> int:
        """Show all decisions that the graph does not show yet; how many. StoreError, as `replay`.

        This is done at the opening, and before each decision on a server's graph.
        """
        with self._alone:
            return show_all(self._store, self._database)

    def _look(self, label: str, id: str) -> dict[str, Any] | None:
        with self._alone:
            return self._store.node(label, id)

    def _show_within(self, connection: sa.Connection) -> None:
        raw = connection.connection.driver_connection
        assert isinstance(raw, sqlite3.Connection)
        last = self._store.projected(raw)
        while some := decisions.since(connection, last, BATCH):  # mostly just this one
            self._store.project(some, raw)
            last = some[-1].seq

    def _show_soon(self, decision: Decision) -> None:
        try:
            self.catch_up()
        except StoreError as error:
            warnings.warn(
                f"decision {decision.seq} is recorded, but not shown in the graph yet: {error}",
                UnfinishedWarning,
                stacklevel=4,
            )


def _done_before(connection: sa.Connection, key: tuple[str, str, str]) -> Decision | None:
    """The decision that an idempotency key stands for; None where it was free, and is taken now."""
    who, name, fingerprint = key
    kept = idempotency.claim(connection, who=who, key=name, fingerprint=fingerprint)
    if kept is None:
        return None
    found = decisions.get(connection, kept.headers.get(DECISION_HEADER, ""))
    if found is None:
        raise IdempotencyConflict("this idempotency key was used for another request")
    return found


def _keep(
    connection: sa.Connection,
    key: tuple[str, str, str],
    decision: Decision,
    answer: Callable[[Decision], Kept] | None,
) -> None:
    kept = answer(decision) if answer else Kept(_CREATED, {}, b"")
    idempotency.keep(
        connection,
        who=key[0],
        key=key[1],
        status=kept.status,
        headers={**kept.headers, DECISION_HEADER: decision.id},
        body=kept.body,
    )


def _require_there(turn: Turn, effects: Effects) -> None:
    """Raise UnknownNodeError for a node that the effects need and the graph lacks."""
    made = {(node.label, node.id) for node in effects.nodes}
    edges = (*effects.edges, *effects.closed_edges)
    needed = [*effects.closed_nodes, *(end for edge in edges for end in (edge.start, edge.end))]
    for label, id_ in needed:
        if (label, id_) not in made and turn.node(label, id_) is None:
            raise UnknownNodeError(f"there is no {label} with the id {id_!r}")

"""Recording and correcting contacts, within the branches of who does it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from graphcrm.contacts import (
    ContactChangedError,
    contact_id,
    correct_contact,
    record_contact,
)
from graphcrm.contacts.values import named_nodes, read_values
from graphcrm.ledger import decisions
from graphcrm.ledger.decisions import Decision
from graphcrm.ledger.idempotency import IdempotencyBusy, IdempotencyConflict
from graphcrm.store.paging import Node
from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.customers.service import absent, require_visible
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.masks import HIDDEN

_NONE = -1
"""The number of no decision."""


def recorded(caller: Caller, values: Mapping[str, Any], fingerprint: str) -> dict[str, Any]:
    """Record a contact; its customer and all else that it names must lie in the branches."""
    values = _handled(caller, values)
    named = named_nodes(read_values(values))
    _require_theirs(caller, named.values())
    _require_handled_here(caller, named)
    with _conflicts():
        decision = record_contact(
            caller.backend.ledger,
            values,
            caller.subject.name,
            idempotency=_key(caller, fingerprint),
            trace=_trace(caller),
            request_id=caller.request_id,
        )
    _note(caller, contact_id(decision.id), decision)
    return _told(caller, contact_id(decision.id))


def corrected(
    caller: Caller,
    contact: str,
    values: Mapping[str, Any],
    reason: str,
    fingerprint: str,
    unchanged: Callable[[dict[str, Any]], bool],
) -> dict[str, Any]:
    """Correct a contact that was recorded here, and is as it was seen (`unchanged`)."""
    present = shown(caller, contact)
    made = _decided(caller, contact)
    if made:  # else it is told below that it was not recorded here
        before = named_nodes(read_values(made[-1].payload))
        now = named_nodes(read_values({**made[-1].payload, **values}))
        _require_theirs(caller, set(now.values()) - set(before.values()))
        _require_handled_here(caller, now)
    with _conflicts():
        decision = correct_contact(
            caller.backend.ledger,
            contact,
            values,
            caller.subject.name,
            reason,
            seen=made[-1].seq if made and unchanged(present) else _NONE,
            idempotency=_key(caller, fingerprint),
            trace=_trace(caller),
            request_id=caller.request_id,
        )
    _note(caller, contact, decision)
    return _told(caller, contact)


def shown(caller: Caller, contact: str) -> dict[str, Any]:
    """A contact as it stands, with what was decided about it. Problem where it is not theirs."""
    with caller.sight() as sight:
        require_visible(sight, "Contact", contact)
    return _told(caller, contact)


def seen(caller: Caller, contact: str) -> dict[str, Any]:
    """The same, kept in the audit log."""
    found = shown(caller, contact)
    caller.note_view("view", f"Contact:{contact}")
    return found


def _told(caller: Caller, contact: str) -> dict[str, Any]:
    with caller.sight() as sight:
        record = sight.store.node("Contact", contact)
        assert record is not None
        node = sight.nodes([record])[0]
    trace = [
        {
            "seq": made.seq,
            "kind": made.kind,
            "at": in_utc(made.at),
            "by": made.by,
            "reason": made.reason if caller.unmasked or made.reason is None else HIDDEN,
        }
        for made in _decided(caller, contact)
    ]
    return {"contact": node, "trace": trace}


def _decided(caller: Caller, contact: str) -> list[Decision]:
    with caller.backend.ledger.database.reading() as connection:
        return decisions.of_subject(connection, "Contact", contact)


def _note(caller: Caller, contact: str, decision: Decision) -> None:
    """Keep the change in the audit log; a repeated request has changed nothing."""
    if decision.request_id == caller.request_id:
        caller.note("change", f"Contact:{contact}", decision=decision.seq)


@contextmanager
def _conflicts() -> Iterator[None]:
    """Turn what stands against a decision into problems."""
    try:
        yield
    except (IdempotencyBusy, IdempotencyConflict) as error:
        raise Problem("conflict", str(error)) from None
    except ContactChangedError:
        raise Problem("changed-meanwhile", "read it again, and decide anew") from None


def _handled(caller: Caller, values: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the branch of who records it, where neither agent nor department is said."""
    own = caller.subject.branches
    if own is None or len(own) != 1 or {"agent_id", "department_id"} & set(values):
        return values
    return {**values, "department_id": next(iter(own))}


def _require_theirs(caller: Caller, named: Iterable[Node]) -> None:
    """Problem where a node that is named lies outside of the branches: as if it were not there."""
    nodes = [node for node in named if node[0] != "Product"]
    with caller.sight() as sight:
        found = sight.visible(nodes)
    for node in nodes:
        if node not in found:
            raise absent(*node, refused=True)


def _require_handled_here(caller: Caller, named: Mapping[str, Node]) -> None:
    """Problem where a contact would be another branch's, or nobody's.

    Everybody may see the company's departments, but who handled a contact with a customer may see
    the customer: nobody opens them to others by naming those.
    """
    if caller.branches is None:
        return
    department = named.get("department_id")
    if department is not None and department[1] not in caller.branches:
        raise absent(*department, refused=True)
    if department is None and "agent_id" not in named:
        raise Problem("invalid", "say which of your branches it is of: department_id or agent_id")


def _key(caller: Caller, fingerprint: str) -> tuple[str, str, str] | None:
    """The key under which the decision itself is done once.

    It has a name of its own: beside a server, that of the request is in the same database.
    """
    if caller.idempotency_key is None:
        return None
    digest = hashlib.sha256(caller.idempotency_key.encode()).hexdigest()
    return caller.subject.name, f"decision {digest}", fingerprint


def _trace(caller: Caller) -> dict[str, Any]:
    """How the decision came in: part of it for good."""
    return {"via": caller.subject.via, "purpose": caller.purpose}

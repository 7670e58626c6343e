"""Recording contacts, and correcting those that were recorded."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from graphcrm.contacts.values import (
    TABLE,
    contact_id,
    named_nodes,
    read_values,
    require_open,
    require_past,
)
from graphcrm.errors import GraphCRMError, UnknownNodeError, UsageError
from graphcrm.ledger import decisions
from graphcrm.ledger.decisions import Decision
from graphcrm.ledger.idempotency import Kept
from graphcrm.ledger.recording import Draft, Ledger, Turn
from graphcrm.ledger.schema import take_turn
from graphcrm.model.dealings import Contact
from graphcrm.store.projection import as_kept, effects_of

RECORDED, CORRECTED = "contact.recorded", "contact.corrected"
"""The kinds of these decisions, and the events of the messages that they send."""


class ContactChangedError(GraphCRMError):
    """Somebody has corrected a contact since it was looked at."""


def record_contact(
    ledger: Ledger,
    values: Mapping[str, Any],
    by: str,
    *,
    reason: str | None = None,
    idempotency: tuple[str, str, str] | None = None,
    answer: Callable[[Decision], Kept] | None = None,
    trace: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> Decision:
    """Record a contact with a customer; its id is `contact_id(decision.id)`.

    `values` are those of the table `contacts` by column, references the ids that nodes have in the
    graph. A message tells of it. See `Ledger.decide` for the rest. Raises UsageError that names the
    column and the value: one that the vocabulary refuses, a time more than a day ahead, a node that
    is not there or is closed.
    """
    id_ = uuid.uuid4().hex
    typed = read_values(values)
    require_past(typed["contacted_at"])

    def draft(turn: Turn) -> Draft:
        require_open(turn, named_nodes(typed))
        effects = effects_of(TABLE, contact_id(turn.id), typed)
        return Draft(_subject(contact_id(turn.id)), _payload(typed), effects)

    return ledger.decide(
        draft,
        kind=RECORDED,
        by=by,
        reason=reason,
        id=id_,
        idempotency=idempotency,
        answer=answer,
        message=(RECORDED, _told(contact_id(id_), typed)),
        trace=trace,
        request_id=request_id,
    )


def correct_contact(
    ledger: Ledger,
    contact: str,
    values: Mapping[str, Any],
    by: str,
    reason: str,
    *,
    seen: int | None = None,
    idempotency: tuple[str, str, str] | None = None,
    answer: Callable[[Decision], Kept] | None = None,
    trace: Mapping[str, Any] | None = None,
    request_id: str | None = None,
) -> Decision:
    """Correct a recorded contact: the graph shows the new values, the ledger keeps the old ones.

    `values` are those that change, an empty one takes away what was said. `seen` is the number of
    the last decision about it that was seen: ContactChangedError where there is another by now. See
    `Ledger.decide` for the rest. Raises UsageError as `record_contact`, and where nothing differs,
    no reason is given, or the contact came by a load; UnknownNodeError where there is no such
    contact.
    """
    if not reason.strip():
        raise UsageError("a correction needs a reason")

    def draft(turn: Turn) -> Draft:
        take_turn(turn.connection)  # what is corrected must not change meanwhile
        made = decisions.of_subject(turn.connection, Contact.label, contact)
        if not made:
            raise _not_ours(turn, contact)
        if seen is not None and made[-1].seq != seen:
            raise ContactChangedError(f"the contact {contact!r} was corrected meanwhile")
        before = read_values(made[-1].payload)
        typed = read_values({**made[-1].payload, **values})
        if typed == before:
            raise UsageError("nothing differs from what is recorded")
        if typed["contacted_at"] != before["contacted_at"]:
            require_past(typed["contacted_at"])
        known = named_nodes(before)
        named = named_nodes(typed)
        require_open(turn, {c: node for c, node in named.items() if known.get(c) != node})
        effects = effects_of(TABLE, contact, typed)
        effects["closes"] = _gone(made[-1].effects["edges"], effects["edges"])
        return Draft(_subject(contact), _payload(typed), effects, corrects=made[0].id)

    return ledger.decide(
        draft,
        kind=CORRECTED,
        by=by,
        reason=reason,
        idempotency=idempotency,
        answer=answer,
        message=(CORRECTED, {"contact": contact}),
        trace=trace,
        request_id=request_id,
    )


def _not_ours(turn: Turn, contact: str) -> UsageError | UnknownNodeError:
    if turn.node(Contact.label, contact) is None:
        return UnknownNodeError(f"there is no {Contact.label} with the id {contact!r}")
    return UsageError(
        f"the contact {contact!r} was not recorded here but loaded; correct it in the system that "
        "it came from, and load it again"
    )


def _subject(contact: str) -> dict[str, str]:
    return {"label": Contact.label, "id": contact}


def _payload(typed: Mapping[str, Any]) -> dict[str, Any]:
    return {name: as_kept(value) for name, value in typed.items()}


def _told(contact: str, typed: Mapping[str, Any]) -> dict[str, Any]:
    """What a message says of a contact: which it is, nothing of what was said."""
    label, id_ = named_nodes(typed)["customer_id"]
    return {"contact": contact, "customer": {"label": label, "id": id_}}


def _gone(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The edges that a correction takes away, as it says so."""
    ends = ("type", "start", "end", "origin")
    stays = [{name: edge[name] for name in ends} for edge in after]
    were = [{name: edge[name] for name in ends} for edge in before]
    return [edge for edge in were if edge not in stays]

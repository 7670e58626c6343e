"""One customer with everything that hangs on them."""

from typing import Any

from pydantic import BaseModel

from graphcrm.errors import UsageError
from graphcrm.store import Store

_BOOKKEEPING = ("at", "replaced_by_load", "file", "line", "at_line", "name_key", "flaws")
_LABELS = ("Person", "Institution", "Department")


class Customer(BaseModel):
    """A customer as they stand: the record, and a list of rows for each kind of thing."""

    record: dict[str, Any]
    policies: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    history: list[dict[str, Any]]


def customer_of(store: Store, label: str, id: str) -> Customer:
    """Gather a customer from the graph. Raises UsageError for a node that is no customer."""
    if label not in _LABELS:
        raise UsageError(f"{id!r} is a {label}, not a customer ({', '.join(_LABELS)})")
    record = store.node(label, id)
    assert record is not None
    asked = {"label": label, "id": id}
    return Customer(
        record={name: value for name, value in record.items() if value is not None},
        policies=store.query("customer_policies", **asked).to_pylist(),
        claims=store.query("customer_claims", **asked).to_pylist(),
        contacts=store.query("customer_contacts", **asked).to_pylist(),
        ties=store.query("customer_ties", **asked).to_pylist(),
        history=_changes(record, store.history(label, id)),
    )


def _changes(record: dict[str, Any], history: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What each load changed: per load the fields that differ, with their value before and after.

    `history` holds whole earlier records, newest first; each is followed by the one before it.
    """
    changes: list[dict[str, Any]] = []
    after = record
    for before in history:
        names = [n for n in before if n not in _BOOKKEEPING and before[n] != after.get(n)]
        fields = {n: {"before": before[n], "after": after.get(n)} for n in names}
        if fields:
            at, load = before["at"], before["replaced_by_load"]
            changes.append({"at": at, "load": load, "fields": fields})
        after = before
    return changes

"""One customer with everything that hangs on them."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from graphcrm.errors import UsageError
from graphcrm.store import Store

_BOOKKEEPING = ("at", "replaced_by_load", "file", "line", "at_line", "name_key", "flaws")
_LABELS = ("Person", "Institution", "Department", "Customer")


class Further(BaseModel):
    """That a record is not all of its customer: which customer, and how many further records."""

    customer_id: str
    records: int


class Customer(BaseModel):
    """A customer as they stand: the record, and a list of rows for each kind of thing.

    `records` are all records that are taken for the same customer, this one included. What hangs on
    a record is its own, for others may be taken for the same wrongly: where there are `further`
    records, the Customer of that id has what hangs on all of them.
    """

    record: dict[str, Any]
    records: list[dict[str, Any]]
    policies: list[dict[str, Any]]
    claims: list[dict[str, Any]]
    contacts: list[dict[str, Any]]
    ties: list[dict[str, Any]]
    history: list[dict[str, Any]]
    further: Further | None = None


def further_of(label: str, id: str, records: Sequence[Mapping[str, Any]]) -> Further | None:
    """What lies beyond a record, of the records of its customer; None where nothing does."""
    others = [row for row in records if (row["label"], row["id"]) != (label, id)]
    customer = next((row["customer_id"] for row in others if row["customer_id"]), None)
    if label == "Customer" or customer is None:
        return None
    return Further(customer_id=customer, records=len(others))


def customer_of(store: Store, label: str, id: str) -> Customer:
    """Gather a customer from the graph: what hangs on a record, or on all of those of a `Customer`.

    Raises UsageError for a node that is no customer.
    """
    if label not in _LABELS:
        raise UsageError(f"{id!r} is a {label}, not a customer ({', '.join(_LABELS)})")
    record = store.node(label, id)
    assert record is not None
    records = store.query("customer_records", label=label, id=id).to_pylist()
    parts = records if label == "Customer" else [{"label": label, "id": id}]

    def gathered(question: str) -> list[dict[str, Any]]:
        rows = [
            row
            for part in parts
            for row in store.query(question, label=part["label"], id=part["id"]).to_pylist()
        ]
        several = len(parts) > 1  # what hangs on two records of one customer is there once
        return list({tuple(row.values()): row for row in rows}.values()) if several else rows

    return Customer(
        record={name: value for name, value in record.items() if value is not None},
        records=records,
        policies=gathered("customer_policies"),
        claims=gathered("customer_claims"),
        contacts=gathered("customer_contacts"),
        ties=gathered("customer_ties"),
        history=_changes(record, store.history(label, id)),
        further=further_of(label, id, records),
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

"""One customer with everything that hangs on them."""

from typing import Any

from pydantic import BaseModel

from graphcrm.errors import UsageError
from graphcrm.store import Store

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
        history=store.history(label, id),
    )

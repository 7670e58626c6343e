"""What is said of a contact, checked by the vocabulary's own row."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from graphcrm.errors import UsageError
from graphcrm.ledger.recording import Turn
from graphcrm.model import REFUSALS, VOCABULARY
from graphcrm.model.dealings import Contact
from graphcrm.store.projection import Node, node_id, references

TABLE = VOCABULARY.tables[Contact.table]

COLUMNS = tuple(
    column.name for column in TABLE.columns if column.name not in ("id", "source", "deleted_on")
)
"""What can be said of a contact: the columns of the table `contacts` without those of a record."""

_FUTURE = dt.timedelta(days=1)
"""Clocks differ, and a time without an offset may be that of a place further east."""


def contact_id(decision: str) -> str:
    """The id of the contact that the decision of an id recorded."""
    return node_id(decision)


def read_values(given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a contact by column, typed as the vocabulary says, without the empty ones.

    Values are as in a file: texts, or numbers, days and times. A time with an offset is turned into
    UTC, one without stays as it is. Raises UsageError that names the column and the value.
    """
    for name in given:
        if name not in COLUMNS:
            raise UsageError(f"a contact has no column {name!r}; it has {', '.join(COLUMNS)}")
    texts = {name: _text(name, value) for name, value in given.items() if value is not None}
    try:
        row = Contact.model_validate({"id": Contact.label, **texts})
    except ValidationError as error:
        raise _refused(error, texts) from None
    values = row.model_dump(by_alias=True, include={*COLUMNS})
    return {name: value for name, value in values.items() if value is not None}


def require_past(contacted_at: dt.datetime) -> None:
    """Raise UsageError for a contact that has not been yet."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    if contacted_at > now + _FUTURE:
        raise UsageError(f"contacted_at: {contacted_at.isoformat()} lies in the future")


def named_nodes(values: Mapping[str, Any]) -> dict[str, Node]:
    """The nodes that typed values name, by their columns."""
    return {column.name: node for column, node in references(TABLE, values)}


def require_open(turn: Turn, nodes: Mapping[str, Node]) -> None:
    """Raise UsageError for nodes (by column) of which one is not there, or is closed."""
    for column, (label, id_) in nodes.items():
        found = turn.node(label, id_)
        if found is None:
            raise UsageError(f"{column}: there is no {label} with the id {id_!r}")
        if found.get("deleted_on") is not None:
            raise UsageError(f"{column}: the {label} {id_!r} is closed")


def _text(name: str, value: Any) -> str:
    """A value as it would stand in a file."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise UsageError(f"the value {value!r} of {name} is refused: it must be a text or a number")
    return str(value)


def _refused(error: ValidationError, texts: Mapping[str, str]) -> UsageError:
    first = error.errors()[0]
    name, reason = str(first["loc"][0]), first["type"]
    if reason == "missing" or name not in texts:
        return UsageError(f"a contact needs a value of {name!r}")
    allowed = TABLE.column(name).kind.allowed
    told = REFUSALS[reason].en
    if allowed:
        told = f"it is one of {', '.join(allowed)}"
    shown = texts[name] if len(texts[name]) <= _SHOWN else f"{texts[name][:_SHOWN]}…"
    return UsageError(f"the value {shown!r} of {name} is refused: {told}")


_SHOWN = 60
"""So many characters of a wrong value are repeated."""

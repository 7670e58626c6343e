"""What is sent and answered about contacts; their columns are those of the vocabulary."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from graphcrm.contacts import COLUMNS
from graphcrm.model import VOCABULARY
from graphcrm_api.http.conventions.schemas import node_schema

_TABLE = VOCABULARY.tables["contacts"]
_EXAMPLE: dict[str, Any] = {
    "customer_id": "P0000010",
    "contacted_at": "2026-06-30T10:15:00",
    "direction": "in",
    "channel": "phone",
    "topic": "service",
    "outcome": "resolved",
    "note": "Asked for a copy of the policy.",
}
_CORRECTED: dict[str, Any] = {"outcome": "no_answer", "note": None, "reason": "misheard"}


def _field(name: str, *, needed: bool) -> Any:
    column = _TABLE.column(name)
    codes = list(column.kind.allowed)
    described = f"{column.description} {column.traits.zh}"
    type_: Any = int if column.kind.sqlite == "INTEGER" else str
    if column.required and needed:
        return (type_, Field(description=described, json_schema_extra=_one_of(codes)))
    return (
        type_ | None,
        Field(None, description=described, json_schema_extra=_one_of(codes, None)),
    )


def _one_of(codes: list[str], *others: None) -> dict[str, Any]:
    return {"enum": [*codes, *others]} if codes else {}


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _NewContact(_Strict):
    """A contact with a customer, as it is to be recorded."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})


class _Correction(_Strict):
    """What is to be otherwise; what is not named stays, null takes away what was said."""

    model_config = ConfigDict(json_schema_extra={"examples": [_CORRECTED]})

    reason: str = Field(min_length=1, max_length=500, description="Why it is corrected.")


NewContact = create_model(
    "NewContact",
    __base__=_NewContact,
    __doc__=_NewContact.__doc__,
    **{name: _field(name, needed=True) for name in COLUMNS},
)
Correction = create_model(
    "Correction",
    __base__=_Correction,
    __doc__=_Correction.__doc__,
    **{name: _field(name, needed=False) for name in COLUMNS},
)


class Trace(BaseModel):
    """One decision about a contact."""

    seq: int = Field(description="Its number in the ledger.")
    kind: str = Field(description="`contact.recorded` or `contact.corrected`.")
    at: str = Field(description="When (UTC).")
    by: str = Field(description="Who.")
    reason: str | None = Field(None, description="Why.")


class RecordedContact(BaseModel):
    """A contact as it stands, and what was decided about it, in order."""

    contact: node_schema("Contact")  # type: ignore[valid-type]
    trace: list[Trace]

"""What is asked about duplicates, and what answers look like."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, create_model

from graphcrm.duplicates.customers import LEAST, PROPERTIES
from graphcrm.model import VOCABULARY
from graphcrm_api.http.conventions.schemas import page_of

SURE, PROBABLE = 0.95, 0.5
"""From which probability on a match is sure, and probable; below that it is possible."""

Band = Literal["sure", "probable", "possible"]

_BANDS = f"sure: at least {SURE}, probable: at least {PROBABLE}, possible: at least {LEAST}"
_EXAMPLE: dict[str, JsonValue] = {
    "name": "张伟",
    "birth_date": "1988-04-12",
    "phone": "13800000000",
}


def band(probability: float) -> Band:
    """How sure a match is, in a word."""
    if probability >= SURE:
        return "sure"
    return "probable" if probability >= PROBABLE else "possible"


def _person_asked() -> type[BaseModel]:
    said = {p.name: f"{p.description} {p.traits.zh}" for p in VOCABULARY.nodes["Person"].properties}
    text = Annotated[str, Field(max_length=500)] | None
    fields: dict[str, Any] = {
        name: (text, Field(None, description=said[name])) for name in PROPERTIES
    }
    return create_model(
        "PersonAsked",
        __doc__="What is known of the person who is about to be entered; at least one thing.",
        __config__=ConfigDict(
            extra="forbid", json_schema_extra={"examples": [_EXAMPLE], "minProperties": 1}
        ),
        **fields,
    )


PersonAsked = _person_asked()


class Evidence(BaseModel):
    """What a field says for or against two records being one customer."""

    column: str | None = Field(description="The field; null: what any two begin with.")
    level: str = Field(description="How they agree.", examples=["equal"])
    left: str | None = Field(description="What the first holds; masked as the field is.")
    right: str | None = Field(description="What the other holds, or what was asked for.")
    weight: float = Field(description="log2 of how much likelier it is for one customer.")
    before: float = Field(description="The sum of the weights before it.")
    after: float = Field(description="The sum with it.")


class Candidate(BaseModel):
    """A record that may be of the same customer."""

    label: str = Field(description="Its type.", examples=["Person"])
    id: str = Field(description="Its id.", examples=["P0000042"])
    name: str | None = Field(None, description="Its name.", examples=["张*"])
    customer_id: str | None = Field(None, description="Its customer; null for a new record.")
    probability: float = Field(description="How probable it is (0 to 1).", examples=[0.98])
    band: Band = Field(description=f"The same in a word ({_BANDS}).")
    weight: float = Field(description="log2 of the odds of this record alone.")
    evidence: list[Evidence] = Field(description="What speaks for it and against.")


class BranchToCall(BaseModel):
    """A branch that knows a customer."""

    id: str = Field(description="Its id.", examples=["DEP0000027"])
    name: str | None = Field(None, description="Its name.", examples=["南山营业部"])
    phone: str | None = Field(
        None, description="Its phone, else that of the company.", examples=["0755-26000000"]
    )


class CandidateOutside(BaseModel):
    """A record outside of your branches that may be of the same customer: whom to call about it."""

    band: Band = Field(description=f"How sure it is ({_BANDS}).")
    name: str | None = Field(None, description="Its name, masked.", examples=["张*"])
    branch: BranchToCall | None = Field(
        None, description="The branch that serves them, or that entered the record."
    )


class Found(BaseModel):
    """Who may be the customer that is about to be entered, the likeliest first."""

    candidates: list[Candidate] = Field(description="Records in your branches.")
    outside: list[CandidateOutside] = Field(description="Records in other branches.")


class Record(BaseModel):
    """A record of a customer."""

    label: str = Field(description="Its type.", examples=["Person"])
    id: str = Field(description="Its id.", examples=["P0000042"])
    name: str | None = Field(None, description="Its name.", examples=["张*"])
    birth_date: str | None = Field(None, description="Date of birth.", examples=["1988-**-**"])
    probability: float | None = Field(
        None, description="How probable it is that it belongs to the others (0 to 1)."
    )


class Cluster(BaseModel):
    """A customer with several records."""

    customer_id: str = Field(description="The customer.")
    probability: float | None = Field(description="That of the most doubtful of these records.")
    records: list[Record] = Field(description="The records in your branches.")
    outside: bool = Field(description="Whether others lie in branches that are not yours.")


ClusterPage = page_of(Cluster, "Cluster")


class Side(BaseModel):
    """One of two records that are compared."""

    label: str = Field(description="Its type.", examples=["Person"])
    id: str = Field(description="Its id.", examples=["P0000042"])
    name: str | None = Field(None, description="Its name.", examples=["张*"])


class Explanation(BaseModel):
    """Why two records are one customer, or are not, by the model that was used."""

    left: Side = Field(description="The record of the smaller id.")
    right: Side = Field(description="The other one.")
    same: bool = Field(description="Whether they are one customer as found last.")
    apart: bool = Field(description="Whether a source states that they are two.")
    probability: float = Field(description="How probable it is that they are one (0 to 1).")
    weight: float = Field(description="log2 of the odds, against all alternatives.")
    model_version: str = Field(description="The model.")
    evidence: list[Evidence] = Field(description="Step by step, from what any two begin with.")

"""What answers about the audit log look like."""

import datetime as dt
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from graphcrm_api.http.conventions.schemas import View, page_of


def _in_utc(moment: dt.datetime) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise ValueError("must lie within the years 1 to 9999 in UTC") from None


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
"""A moment with its offset from UTC."""


class Entry(View):
    """An entry of the audit log."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "seq": 4711,
                    "at": "2026-06-30T08:15:00Z",
                    "who": "key:aB3dE5gH",
                    "via": "key:aB3dE5gH",
                    "action": "view",
                    "resource": "Person:core:P000017",
                    "outcome": "done",
                    "purpose": "call back",
                    "detail": None,
                    "request_id": "0af7651916cd43dd8448eb211c80319c",
                }
            ]
        }
    )

    seq: int = Field(description="Its number; they have no gap.")
    at: dt.datetime
    who: str
    via: str = Field(description="By what way, proven how.")
    action: str
    resource: str
    outcome: Literal["done", "refused"]
    purpose: str | None = Field(description="As the caller stated it.")
    detail: dict[str, Any] | None
    request_id: str | None


EntryPage = page_of(Entry, "Entry")


class Chain(BaseModel):
    """What the check of one record found."""

    chain: Literal["audit", "decisions"]
    entries: int = Field(description="How many are whole, from the first on.")
    head: str = Field(description="The hash of the last of them; note it elsewhere.")
    broken: int | None = Field(description="The first entry that was changed or lacks.")


class Check(BaseModel):
    """Whether what was recorded is still as it was written."""

    whole: bool
    chains: list[Chain]
    heads_not_found: list[str] = Field(description="Given heads that no entry has.")

"""What keys are asked for with, and what answers about them look like."""

import datetime as dt
from typing import Annotated, Literal

from fastapi import Path
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from graphcrm.ledger.keys import ROLES
from graphcrm_api.http.conventions.days import Day
from graphcrm_api.http.conventions.schemas import View, page_of

Prefix = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{8}$", description="The key's prefix.")]
Role = Literal[ROLES]  # type: ignore[valid-type]
_Text = Annotated[str, Field(max_length=200, pattern=r"^[^\u0000-\u0020][^\u0000-\u001f]*$")]

_EXAMPLE: JsonDict = {
    "prefix": "aB3dE5gH",
    "name": "front desk",
    "roles": ["reader"],
    "branches": ["DEP0000027"],
    "expires_on": "2027-12-31",
    "created_at": "2026-06-30T08:00:00Z",
    "created_by": "key:Zx9Yw8Vu",
    "used_at": None,
    "revoked_at": None,
    "revoked_by": None,
}


class KeyOrder(BaseModel):
    """A key to make."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"name": "front desk", "roles": ["reader"], "branches": ["DEP0000027"],
                 "expires_on": "2027-12-31"}
            ]
        },
    )  # fmt: skip

    name: _Text = Field(description="What uses it.")
    roles: list[Role] = Field(min_length=1, max_length=len(ROLES), description="What it may do.")
    branches: list[_Text] | None = Field(
        None,
        min_length=1,
        max_length=500,
        description="Ids of the departments whose customers it may see; null: the whole company.",
    )
    expires_on: Day | None = Field(None, description="The last day, in UTC, on which it opens.")


class KeyView(View):
    """A key, without its secret."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    prefix: str = Field(description="By which it is named in lists and in the audit log.")
    name: str
    roles: list[str]
    branches: list[str] | None
    expires_on: dt.date | None
    created_at: dt.datetime
    created_by: str
    used_at: dt.datetime | None = Field(description="When it was last used, to the minute.")
    revoked_at: dt.datetime | None
    revoked_by: str | None


class MadeKey(KeyView):
    """A key that was just made."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{**_EXAMPLE, "key": "gcrm_aB3dE5gH_(43 characters)"}]}
    )

    key: str | None = Field(
        description="The key itself, shown this once. Null where the answer is given again to a "
        "repeated Idempotency-Key: it is not kept. Revoke the key then, and make another.",
    )


KeyPage = page_of(KeyView, "Key")

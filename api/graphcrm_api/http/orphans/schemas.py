"""What is asked of orphans, and what answers about them look like."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from graphcrm.orphans import OrphanCount
from graphcrm.store import Question, question
from graphcrm.store.questions import Column
from graphcrm_api.http.conventions.days import Day

Reason = Literal["departed", "suspended", "on_leave", "unauthorised", "unknown", "none"]
Sort = Literal[
    "policy_id", "premium", "-premium", "next_due_on", "-next_due_on", "open_claims",
    "-open_claims", "days_since_contact", "-days_since_contact",
]  # fmt: skip

ORPHANS = question("orphan_policies")

CUSTOMERS = Question(
    name="orphan_customers",
    topic="orphans",
    purpose="Customers with policies that nobody serves, the most urgent first.",
    public=False,
    parameters=ORPHANS.parameters,
    columns=(
        Column("customer_label", "text", None, "Person, Institution or Department"),
        Column("customer_id", "text", "{customer_label}.id", "the policyholder"),
        Column("customer_name", "text", "{customer_label}.title", "the policyholder's name"),
        Column("policies", "integer", None, "orphan policies"),
        Column("reasons", "text", None, "why they are orphans, joined by `;`"),
        Column("premium", "amount", None, "premium per year in the currency of most of them"),
        Column("currency", "text", None, "that currency"),
        Column("other_premiums", "text", None, "those in others, such as `USD 1200.00`"),
        Column("next_due_on", "date", None, "the earliest day on which a premium falls due"),
        Column("open_claims", "integer", None, "claims under these policies that are open"),
        Column("days_since_contact", "integer", None, "days since the last; empty = never"),
    ),
    text="",
    purpose_zh="持有孤儿单的客户，最紧急的在前。",
)
"""The rows of `graphcrm.orphans.by_customer`: a question asked of the answer to another."""


@dataclass(frozen=True)
class Asked:
    """Which orphans are meant."""

    as_of: dt.date | None
    leave_days: int | None
    unauthorised: bool
    agent: str | None


def asked(
    as_of: Annotated[
        Day | None,
        Query(
            description="The day for which it is asked; today by default.", examples=["2026-06-30"]
        ),
    ] = None,
    leave_days: Annotated[
        int | None,
        Query(
            ge=0,
            le=36_500,
            description="An agent on leave counts after more than so many days; by default as set.",
        ),
    ] = None,
    unauthorised: Annotated[
        bool, Query(description="Also agents without a licence or authority for the line.")
    ] = False,
    agent: Annotated[
        str | None,
        Query(description="Only policies of this agent.", max_length=500, examples=["AG0000001"]),
    ] = None,
) -> Asked:
    """The parameters that say which orphans are meant."""
    return Asked(as_of, leave_days, unauthorised, agent)


class Summary(BaseModel):
    """How many policies nobody serves, of how many customers, and why; only what you may see."""

    policies: int = Field(description="Policies that nobody serves.", examples=[1204])
    customers: int = Field(description="Customers who hold them.", examples=[873])
    premium: dict[str, float] = Field(
        description="Premium per year by currency.", examples=[{"CNY": 5_210_400.0}]
    )
    reasons: dict[str, OrphanCount] = Field(description="The same by reason.")
    outside: bool = Field(description="Whether there are more in branches that are not yours.")

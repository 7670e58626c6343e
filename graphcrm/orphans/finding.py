"""Orphan policies: which there are, and how much hangs on them."""

import datetime as dt

import pyarrow as pa
from pydantic import BaseModel

from graphcrm.duck import engine, number
from graphcrm.errors import UnknownNodeError, UsageError
from graphcrm.store import Store

REASONS = ("departed", "suspended", "on_leave", "unauthorised", "unknown", "none")
"""Why a policy is an orphan, in the order in which the reasons are listed."""


class OrphanCount(BaseModel):
    """A number of orphan policies and their premium per year, by currency."""

    policies: int
    premium: dict[str, float]


class OrphanSummary(OrphanCount):
    """How many orphan policies there are, of how many customers, and why; only what occurs."""

    customers: int
    reasons: dict[str, OrphanCount]


def find_orphans(
    store: Store,
    as_of: dt.date | None = None,
    leave_days: int = 0,
    unauthorised: bool = False,
    agent: str | None = None,
) -> pa.Table:
    """The policies in force that nobody able to do so serves: a row for each.

    The columns are those of the question `orphan_policies`: policy_id, the customer (label, id,
    name), the agent (id, name), reason (see REASONS), premium and currency, next_due_on,
    open_claims, days_since_contact. A policy one of whose serving agents is at work is no orphan.

    `as_of` (default today) is the day it is asked for: agents, servings, premiums, claims and
    contacts count as they were known to be then, policies by their present status. An agent on
    leave counts after more than `leave_days` days (0 = from the second day on; a leave of unknown
    start counts). `unauthorised` adds agents whose licence has run out or who have no authority
    for the policy's line; agents of whom neither is known are taken as authorised.

    `agent` is an id: only the rows with this `agent_id` are looked for, which takes milliseconds.
    It may be that of an agent who is in no file, but whom a policy names. Raises UnknownNodeError
    where no agent has the id and no orphan policy names it; UsageError for a negative `leave_days`.
    """
    if leave_days < 0:
        raise UsageError(f"leave_days must be 0 or more, not {leave_days}")
    found = store.query(
        "orphan_policies",
        as_of=as_of,
        leave_days=leave_days,
        unauthorised=int(unauthorised),
        agent_id=agent,
    )
    if agent is not None and not found.num_rows and store.node("Agent", agent) is None:
        raise UnknownNodeError(f"there is no Agent with the id {agent!r}")
    return found


def summary(table: pa.Table) -> OrphanSummary:
    """The answer of find_orphans in numbers; the currency of most policies goes first."""
    with engine() as work:
        work.register("orphan", table)
        sums = work.execute(
            "SELECT reason, currency, count(*), round(coalesce(sum(premium_per_year), 0), 2) "
            "FROM orphan GROUP BY GROUPING SETS ((reason, currency), (currency)) "
            "ORDER BY count(*) DESC, currency"
        ).fetchall()
        customers = number(
            work, "SELECT count(*) FROM (SELECT DISTINCT customer_label, customer_id FROM orphan)"
        )
    counts: dict[str | None, OrphanCount] = {}
    for reason, currency, policies, premium in sums:
        entry = counts.setdefault(reason, OrphanCount(policies=0, premium={}))
        entry.policies += policies
        entry.premium[currency] = premium
    return OrphanSummary(
        policies=table.num_rows,
        premium=counts[None].premium if None in counts else {},
        customers=customers,
        reasons={reason: counts[reason] for reason in REASONS if reason in counts},
    )

"""Contacts with customers, and services that they asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import Agents
from graphcrm.sample.busy_days import crowd
from graphcrm.sample.claims import Claims
from graphcrm.sample.columns import NO_DAY, Column, IdSpace, Ints, Rng
from graphcrm.sample.departments import Departments
from graphcrm.sample.policies import DEPARTMENT, INSTITUTION, Policies
from graphcrm.sample.products import Products
from graphcrm.sample.servicing import Servicing
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, between, pick
from graphcrm.sample.takeover import Conduct
from graphcrm.sample.wording import word_lists

CHANNELS = ["phone", "message", "visit", "branch", "email", "web"]
TOPICS = ["sales", "renewal", "claim", "service", "complaint", "notice", "other"]
OUTCOMES = ["reached", "no_answer", "refused", "resolved", "escalated"]
_SALES, _CLAIM = 0, 2
_DAYS = 730


@dataclass
class _Touch:
    policy: Ints
    day: Ints
    agent: Ints
    department: Ints


def contacts_table(
    streams: Streams, book: Policies, ids: IdSpace, policies: IdSpace, work: Servicing,
    agents: Agents, agent_ids: IdSpace, offices: Departments, departments: IdSpace,
    persons: IdSpace, institutions: IdSpace, products: Products, losses: Claims, claims: IdSpace,
    conduct: Conduct, as_of: int, shape: SampleShape,
) -> pa.Table:  # fmt: skip
    """Return the `contacts` table: two years of calls, messages and visits of customers.

    Sham contacts are added to `conduct`.
    """
    rng = streams.of("contacts")
    n = len(ids.numbers)
    policy, day = _customers(rng, book, n, as_of)
    incoming = rng.random(n) < 0.35
    topic = np.where(
        incoming,
        pick(rng, np.array([0.05, 0.1, 0.2, 0.4, 0.12, 0, 0.13]), n),
        pick(rng, np.array([0.4, 0.25, 0.05, 0.1, 0.0, 0.15, 0.05]), n),
    )
    claim = _claims_spoken_of(rng, topic, policy, day, book, losses, as_of)
    touch = _touches(rng, policy, day, book, work, agents, offices)
    outcome = np.where(
        incoming,
        pick(rng, np.array([0.3, 0, 0, 0.6, 0.1]), n),
        pick(rng, np.array([0.45, 0.3, 0.15, 0.1, 0]), n),
    )
    rated = rng.random(n) < np.where(incoming, 0.3, 0.05)
    about = (claim >= 0) | ((topic != _SALES) & (rng.random(n) < 0.6))
    offer = pick(rng, np.where(products.group, 0.0, products.share), n)
    second = np.floor(8.5 * 3600 + rng.random(n) * 10.5 * 3600).astype(np.int64)
    notes = word_lists()["notes"]
    talking = np.where(incoming | (claim >= 0), -1, touch.agent)
    crowd(rng, talking, ~incoming, touch.day, second, agents, conduct, shape)
    return pa.table(
        {
            "id": ids.column(),
            **_customer_columns(book, touch.policy, persons, institutions),
            "contacted_at": col.moments(touch.day * 86_400 + second),
            "direction": col.words(["in", "out"], np.where(incoming, 0, 1)),
            "channel": col.words(CHANNELS, pick(rng, np.array([50.0, 25, 10, 8, 3, 4]), n)),
            "agent_id": agent_ids.of(touch.agent),
            "department_id": departments.of(touch.department),
            "topic": col.words(TOPICS, topic),
            "outcome": col.words(OUTCOMES, outcome),
            "satisfaction": pa.array(1 + pick(rng, np.array([4.0, 6, 15, 35, 40]), n), mask=~rated),
            "policy_id": policies.of(np.where(about, touch.policy, -1)),
            "claim_id": claims.of(claim),
            "product_code": col.words(products.code, np.where(topic == _SALES, offer, -1)),
            "note": col.words(
                notes, np.where(rng.random(n) < 0.2, rng.integers(0, len(notes), n), -1)
            ),
        }
    )


def services_table(
    streams: Streams, book: Policies, ids: IdSpace, work: Servicing, agents: Agents,
    agent_ids: IdSpace, offices: Departments, departments: IdSpace, persons: IdSpace,
    institutions: IdSpace, as_of: int,
) -> pa.Table:  # fmt: skip
    """Return the `services` table: two years of what customers asked for."""
    rng = streams.of("services")
    n = len(ids.numbers)
    policy, day = _customers(rng, book, n, as_of)
    touch = _touches(rng, policy, day, book, work, agents, offices)
    lists = word_lists()
    core, added = lists["service_core"], lists["service_value_added"]
    kind = rng.integers(0, len(core) + len(added), n)
    promised = touch.day + rng.integers(2, 15, n)
    done = touch.day + rng.geometric(0.18, n) - 1
    return pa.table(
        {
            "id": ids.column(),
            **_customer_columns(book, touch.policy, persons, institutions),
            "kind": col.words([*core, *added], kind),
            "class": col.words(["core", "value_added"], (kind >= len(core)).astype(np.int64)),
            "requested_on": col.days(touch.day),
            "promised_by": col.days(promised),
            "done_on": col.days(np.where(done > as_of, NO_DAY, done)),
            "department_id": departments.of(touch.department),
            "agent_id": agent_ids.of(touch.agent),
        }
    )


def _customer_columns(
    book: Policies, policy: Ints, persons: IdSpace, institutions: IdSpace
) -> dict[str, Column]:
    """Return customer_id and customer_kind of the holders of the policies."""
    firm = book.holder_kind[policy] == INSTITUTION
    holder = book.holder[policy]
    return {
        "customer_id": col.chosen(
            firm,
            institutions.of(np.where(firm, holder, -1)),
            persons.of(np.where(firm, -1, holder)),
        ),
        "customer_kind": col.words(["person", "institution"], firm.astype(np.int64)),
    }


def how_many(rng: Rng, mean: float, book: Policies, customers: int) -> int:
    """Return the number of rows for `mean` a customer; none where nobody holds a policy."""
    held = bool((book.holder_kind != DEPARTMENT).any())
    return int(rng.poisson(mean * customers)) if held else 0


def _customers(rng: Rng, book: Policies, rows: int, as_of: int) -> tuple[Ints, Ints]:
    """Return (policy, day): whose policy brought the contact, and when in the last two years."""
    mine = book.holder_kind != DEPARTMENT
    held = np.flatnonzero(mine & (book.issued < as_of - 2))
    held = held if len(held) else np.flatnonzero(mine)
    if not rows:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    policy = held[rng.integers(0, len(held), rows)]
    first = np.maximum(book.issued[policy], as_of - _DAYS)
    return policy, first + np.floor(rng.random(rows) ** 0.8 * (as_of - first)).astype(np.int64)


def _claims_spoken_of(
    rng: Rng, topic: Ints, policy: Ints, day: Ints, book: Policies, losses: Claims, as_of: int
) -> Ints:
    """Return the claim of each contact about one, -1 for others; moves `policy` and `day` to it."""
    claim = np.full(len(topic), -1)
    recent = np.flatnonzero(
        (losses.reported > as_of - _DAYS) & (book.holder_kind[losses.policy] != DEPARTMENT)
    )
    at = np.flatnonzero(topic == _CLAIM)
    if len(recent) and len(at):
        claim[at] = recent[rng.integers(0, len(recent), len(at))]
        policy[at] = losses.policy[claim[at]]
        reported = losses.reported[claim[at]]
        day[at] = between(rng, reported, np.minimum(reported + 60, as_of))
    return claim


def _touches(
    rng: Rng, policy: Ints, day: Ints, book: Policies, work: Servicing, agents: Agents,
    offices: Departments,
) -> _Touch:  # fmt: skip
    """Return policies touched by their agents, or by a branch where no agent worked on that day."""
    agent = work.served_by[policy]
    there = (agent >= 0) & agents.works_on(np.maximum(agent, 0), day)
    by_branch = ~there | (rng.random(len(policy)) < 0.25)
    department = np.where(by_branch, offices.branch_of_city[book.city[policy]], -1)
    return _Touch(policy, day, np.where(by_branch, -1, agent), department)

"""The `policies` table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import BANK, BROKER, Agents
from graphcrm.sample.columns import NO_DAY, Column, Floats, IdSpace, Ints, Rng
from graphcrm.sample.departments import Departments
from graphcrm.sample.people import People
from graphcrm.sample.policies import (
    BUSINESS,
    DEPARTMENT,
    FREQUENCIES,
    HOLDER_KINDS,
    IN_FORCE,
    INSTITUTION,
    PERSON,
    SINGLE,
    STATUSES,
    SURRENDERED,
    Policies,
)
from graphcrm.sample.products import LIFE, Products
from graphcrm.sample.servicing import Servicing

CHANNELS = ["agent", "bank", "broker", "direct", "online", "other"]
_PER_YEAR = np.array([1, 1, 2, 4, 12])


def table(
    rng: Rng, book: Policies, ids: IdSpace, products: Products, work: Servicing, agents: Agents,
    agent_ids: IdSpace, persons: IdSpace, institutions: IdSpace, offices: Departments,
    departments: IdSpace, vehicle: Column, people: People, as_of: int,
) -> pa.Table:  # fmt: skip
    """Return the `policies` table in row order; `vehicle` is the vehicle_id column."""
    n = book.rows
    seller = np.maximum(work.sold_by, 0)
    sold = work.sold_by >= 0
    kind = agents.kind[seller]
    channel = np.where(kind == BANK, 1, np.where(kind == BROKER, 2, 0))
    channel = np.where(sold, channel, 3 + (rng.random(n) < 0.55))
    branch = np.where(sold, agents.branch[seller], offices.branch_of_city[book.city])
    person = book.holder_kind == PERSON
    account = people.account[np.where(person, book.holder, 0)]
    gone = book.status == SURRENDERED
    back = gone & person & (account >= 0)
    paid = np.where(book.status == IN_FORCE, as_of, np.minimum(book.last_day, as_of))
    keyed = sold & (rng.random(n) < 0.6)
    return pa.table(
        {
            "id": ids.column(),
            "product_code": col.words(products.code, book.product),
            "holder_id": col.chosen(
                person,
                persons.of(np.where(person, book.holder, -1)),
                col.chosen(
                    book.holder_kind == INSTITUTION,
                    institutions.of(np.where(book.holder_kind == INSTITUTION, book.holder, -1)),
                    departments.of(np.where(book.holder_kind == DEPARTMENT, book.holder, -1)),
                ),
            ),
            "holder_kind": col.words(HOLDER_KINDS, book.holder_kind),
            "premium": col.amounts(book.premium),
            "currency": col.words(["CNY", "USD"], book.dollars.astype(np.int64)),
            "sum_insured": col.amounts(_sums_insured(rng, book)),
            "frequency": col.words(FREQUENCIES, book.frequency),
            "business_type": col.words(BUSINESS, book.business),
            "channel": col.words(CHANNELS, channel),
            "applied_on": col.days(book.applied),
            "issued_on": col.days(book.issued),
            "starts_on": col.days(book.starts),
            "ends_on": col.days(book.ends),
            "ended_on": col.days(book.ended),
            "status": col.words(STATUSES, book.status),
            "surrender_value": col.amounts(_surrender_values(book, as_of)),
            "surrender_account": col.whole(np.where(back, account, -1)),
            "paid_to": col.days(_paid_to(book, paid)),
            "sold_by": agent_ids.of(work.sold_by),
            "served_by": work.served_by_column(agent_ids),
            "branch_id": departments.of(branch),
            "vehicle_id": vehicle,
            "replaces_id": ids.of(book.replaces),
            "renews_id": ids.of(book.renews),
            "created_on": col.days(np.where(rng.random(n) < 0.8, book.applied, NO_DAY)),
            "entered_by": agent_ids.of(np.where(keyed, work.sold_by, -1)),
            "entered_branch_id": departments.of(np.where(keyed, branch, -1)),
        }
    )


def _sums_insured(rng: Rng, book: Policies) -> Floats:
    factor = np.array([18.0, 120, 800, 250, 900, 300, 700])[book.line]
    raw = book.premium * factor * np.exp(0.3 * rng.normal(size=book.rows))
    return np.asarray(np.maximum(np.round(raw, -4), 10_000.0))


def _surrender_values(book: Policies, as_of: int) -> Floats:
    until = np.where(book.ended > NO_DAY, book.ended, as_of)
    years = np.clip((until - book.starts) / 365.25, 0, 30)
    single = book.frequency == SINGLE
    paid_in = np.where(single, book.premium, book.premium * np.minimum(years, 20))
    value = paid_in * np.clip(0.3 + 0.06 * years, 0, 0.98)
    has = (book.line == LIFE) & (np.isin(book.status, [IN_FORCE, SURRENDERED])) & (years > 0)
    return np.where(has, value, np.nan)


def _paid_to(book: Policies, until: Ints) -> Ints:
    """Return the day to which premiums are paid: the next due day on or after `until`."""
    step = np.round(365.25 / _PER_YEAR[book.frequency]).astype(np.int64)
    periods = np.maximum((until - book.starts) // step + 1, 1)
    day = book.starts + periods * step
    day = np.where(book.ends > NO_DAY, np.minimum(day, book.ends), day)
    return np.where(book.frequency == SINGLE, NO_DAY, day)

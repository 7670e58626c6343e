"""Premium histories: what was due, what was paid, and from whose account."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import NO_DAY, IdSpace, Ints, Rng
from graphcrm.sample.households import Households
from graphcrm.sample.people import People
from graphcrm.sample.policies import IN_FORCE, LAPSED, SINGLE, Policies
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.takeover import KINDS, Conduct

_PER_YEAR = np.array([1, 1, 2, 4, 12])
_MONTHS = np.array([0, 12, 6, 3, 1])
_HISTORY = 730
_BY_AGENT = 0.02
"""Of the policies paid from another account: those where the agent helped out, once."""


def histories(streams: Streams, book: Policies, as_of: int, shape: SampleShape) -> Ints:
    """Return the policies with premiums rows: a share of the ones that paid in the last two years.

    They are in force, or have lapsed for a premium that was not paid.
    """
    lapsed = (book.status == LAPSED) & (book.ended > as_of - _HISTORY)
    some = ((book.status == IN_FORCE) | lapsed) & (book.frequency != SINGLE) & (book.human >= 0)
    chance = shape.premium_histories / max(float(some.mean()), 1e-9)
    return np.flatnonzero(some & (streams.of("histories").random(book.rows) < chance))


def table(
    streams: Streams, book: Policies, policy: Ints, ids: IdSpace, people: People,
    families: Households, entity: Ints, agents: Agents, sold_by: Ints, conduct: Conduct,
    as_of: int, shape: SampleShape,
) -> pa.Table:  # fmt: skip
    """Return the `premiums` table: two years of the policies that have histories.

    `entity` is the human being behind each person record.
    """
    rng = streams.of("premiums")
    account = _payers(rng, book, policy, people, families, entity, agents, sold_by, conduct, shape)
    months = _MONTHS[book.frequency[policy]]
    begin = book.starts[policy].astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first_day = begin.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    day = book.starts[policy] - first_day
    # The premium for want of which it lapsed was the last one asked for.
    lapsed = book.status[policy] == LAPSED
    until = np.where(lapsed, book.ended[policy] - shape.grace_days + 10, as_of)
    today = until.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = (today - begin) // months
    first = np.maximum(0, last - _HISTORY * 12 // 365 // months)
    count = np.maximum(last - first + 1, 0)
    row = np.repeat(np.arange(len(policy)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count) + first[row]
    month = (begin[row] + number * months[row]).astype("datetime64[M]").astype("datetime64[D]")
    due = month.astype(np.int64) + np.minimum(day[row], 27)
    due = np.where(number == 0, book.starts[policy[row]], due)
    kept = due <= until[row]
    row, due, number = row[kept], due[kept], number[kept]
    order = np.lexsort((due, ids.numbers[policy[row]]))
    row, due, number = row[order], due[order], number[order]
    mine, n = policy[row], len(row)
    paid = due + np.where(rng.random(n) < 0.8, rng.integers(-5, 3, n), rng.integers(3, 50, n))
    never = lapsed[row] & (due > until[row] - 28)
    open_still = (paid > as_of) | (rng.random(n) < 0.01) | never
    amount = book.premium[mine] / _PER_YEAR[book.frequency[mine]]
    return pa.table(
        {
            "policy_id": ids.of(mine),
            "due_on": col.days(due),
            "amount": col.amounts(amount),
            "paid_on": col.days(np.where(open_still, NO_DAY, paid)),
            "paid_by_account": col.whole(np.where(open_still, -1, account[row])),
        }
    )


def _payers(
    rng: Rng, book: Policies, policy: Ints, people: People, families: Households, entity: Ints,
    agents: Agents, sold_by: Ints, conduct: Conduct, shape: SampleShape,
) -> Ints:  # fmt: skip
    """Return the account that pays each policy: the holder's, a relative's, now and then another's.

    A seller who finances premiums pays from the account that commission is paid to.
    """
    holder = book.holder[policy]
    own = people.account[holder]
    human = entity[holder]
    relative = np.where(families.spouse[human] >= 0, families.spouse[human], families.father[human])
    # The first record of a human being has its number.
    theirs = np.where(relative >= 0, people.account[np.maximum(relative, 0)], -1)
    other = rng.random(len(policy)) < shape.paid_by_another
    account = np.where(other & (theirs >= 0), theirs, own)
    seller = sold_by[policy]
    by_agent = (rng.random(len(policy)) < shape.paid_by_another * _BY_AGENT) & (seller >= 0)
    financed = np.array(conduct.policy, np.int64)
    financed = financed[np.array(conduct.kind, np.int64) == KINDS.index("premium_financing")]
    by_agent |= np.isin(policy, financed)
    return np.where(by_agent, agents.account[np.maximum(seller, 0)], account)

"""The `servings` table: who sold, served and collected for a policy, where the source tells it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import ACTIVE, SERVICE, Agents
from graphcrm.sample.columns import NO_DAY, IdSpace, Ints, Rng
from graphcrm.sample.places import Local
from graphcrm.sample.policies import PENDING, SINGLE, Policies
from graphcrm.sample.sellers import Authorised, selling
from graphcrm.sample.servicing import Servicing
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.wording import word_lists

ROLES = ["sold", "serves", "collects"]
SOLD, SERVES, COLLECTS = range(3)


@dataclass
class _Rows:
    """Some rows of the table, all of one role."""

    role: int
    policy: Ints
    agent: Ints
    begins: Ints
    ends: Ints
    reason: Ints


def table(
    streams: Streams, work: Servicing, book: Policies, staff: Agents, policies: IdSpace,
    agents: IdSpace, left_open: Ints, cities: int, as_of: int, shape: SampleShape,
) -> pa.Table:  # fmt: skip
    """Return the `servings` table in order of the policy's id, role and first day.

    Two rows tell of each hand-over; `left_open` are those after which nobody closed the former
    agent's serving. Of some policies the sellers are named, of some the agent who collects the
    premium.
    """
    rng = streams.of("servings")
    parts = [
        *_sales(rng, work, book, staff, cities, shape), *_hand_overs(work, book, left_open),
        _collections(rng, work, book, staff, cities, as_of, shape),
    ]  # fmt: skip
    role = np.repeat([part.role for part in parts], [len(part.policy) for part in parts])
    policy = np.concatenate([part.policy for part in parts])
    begins = np.concatenate([part.begins for part in parts])
    order = np.lexsort((begins, role, policies.numbers[policy]))
    ends = np.concatenate([part.ends for part in parts])
    agent = np.concatenate([part.agent for part in parts])
    reason = np.concatenate([part.reason for part in parts])
    return pa.table(
        {
            "policy_id": policies.of(policy[order]),
            "agent_id": agents.of(agent[order]),
            "role": col.words(ROLES, role[order]),
            "valid_from": col.days(begins[order]),
            "valid_to": col.days(ends[order]),
            "reason": col.words(word_lists()["handover_reasons"], reason[order]),
        }
    )


def _hand_overs(work: Servicing, book: Policies, left_open: Ints) -> tuple[_Rows, _Rows]:
    """Return the servings before and after each hand-over."""
    until = work.on.copy()
    until[left_open] = NO_DAY
    unknown, never = np.full(len(until), -1), np.full(len(until), NO_DAY)
    former = _Rows(SERVES, work.policy, work.old, book.starts[work.policy], until, unknown)
    return former, _Rows(SERVES, work.policy, work.new, work.on, never, work.reason)


def _sales(
    rng: Rng, work: Servicing, book: Policies, staff: Agents, cities: int, shape: SampleShape
) -> tuple[_Rows, _Rows]:
    """Return the sellers of some policies, and for a share of these a second one."""
    stated = (work.sold_by >= 0) & (rng.random(book.rows) < shape.sellers_in_history)
    policy = np.flatnonzero(stated)
    those, weight = selling(staff)
    able = Authorised(those, staff, weight, cities)
    second = able.draw(rng, book.city[policy], book.line[policy])
    joint = (second >= 0) & (second != work.sold_by[policy])
    joint &= rng.random(len(policy)) < shape.sold_jointly
    joint &= staff.works_on(np.maximum(second, 0), book.applied[policy])
    parts = []
    for at, agent in ((policy, work.sold_by[policy]), (policy[joint], second[joint])):
        never, unknown = np.full(len(at), NO_DAY), np.full(len(at), -1)
        parts.append(_Rows(SOLD, at, agent, book.issued[at], never, unknown))
    return parts[0], parts[1]


def _collections(
    rng: Rng, work: Servicing, book: Policies, staff: Agents, cities: int, as_of: int,
    shape: SampleShape,
) -> _Rows:  # fmt: skip
    """Return who collects the premium of some policies: who serves them, or a service agent."""
    paying = (book.frequency != SINGLE) & (book.status != PENDING)
    policy = np.flatnonzero(paying & (rng.random(book.rows) < shape.collected))
    agent, begins = work.sold_by.copy(), book.starts.copy()
    agent[work.policy], begins[work.policy] = work.new, work.on
    agent, begins = agent[policy], begins[policy]
    rounds = np.flatnonzero((staff.kind == SERVICE) & (staff.status == ACTIVE))
    if len(rounds):
        local = Local(rounds, staff.city[rounds], np.ones(len(rounds)), cities)
        other = local.draw(rng, book.city[policy])
        swapped = (agent < 0) | (rng.random(len(policy)) < shape.collected_by_another)
        agent = np.where(swapped, other, agent)
        begins = np.where(swapped, book.starts[policy], begins)
    known = np.maximum(agent, 0)
    begins = np.maximum(begins, staff.hired[known])
    ends = book.ended[policy]
    gone = staff.departed[known]
    ends = np.where((gone > NO_DAY) & ((ends == NO_DAY) | (gone < ends)), gone, ends)
    kept = (agent >= 0) & (begins <= np.where(ends > NO_DAY, ends, as_of))
    unknown = np.full(int(kept.sum()), -1)
    return _Rows(COLLECTS, policy[kept], agent[kept], begins[kept], ends[kept], unknown)

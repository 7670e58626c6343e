"""Who keyed the records, and when."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.agents import ASSESSOR, BANK, CLERK, Agents
from graphcrm.sample.channels import CLAIMS, CORE, COUNTER, MIGRATED, OLD
from graphcrm.sample.columns import NO_DAY, Column, IdSpace, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.places import Local
from graphcrm.sample.policies import PERSON, Policies
from graphcrm.sample.servicing import Servicing

_UNKNOWN_DAY = 0.15
_YEARS = 12


@dataclass(frozen=True)
class Entry:
    """Who keyed the records, and when: a day and two id columns, each with nulls."""

    on: Ints
    by: Column
    branch: Column


def of_persons(
    rng: Rng, records: Records, born: Ints, book: Policies, work: Servicing, home: Ints,
    agents: Agents, agent_ids: IdSpace, departments: IdSpace, cities: int, as_of: int,
) -> Entry:  # fmt: skip
    """Return the entry of each person record: shortly before its first policy, where it has one.

    Sellers key what comes by the agents' app and half of what stands in the core system; the bank's
    people, assessors and clerks key the rest. What was migrated has the day of that, and nobody.
    """
    n, channel = len(born), records.channel
    day = as_of - np.floor(rng.random(n) ** 1.3 * _YEARS * 365).astype(np.int64)
    by = home.copy()
    held = np.flatnonzero(book.holder_kind == PERSON)
    order = held[np.lexsort((book.applied[held], book.holder[held]))]
    holder, first = np.unique(book.holder[order], return_index=True)
    policy = order[first]
    day[holder] = book.applied[policy] - rng.integers(0, 20, len(holder))
    by[holder] = work.sold_by[policy]
    day = np.minimum(np.maximum(day, born + 1), as_of)
    at_desk = (channel == CORE) & (rng.random(n) < 0.5)
    for where, kinds in (
        (channel == COUNTER, [BANK]), (channel == CLAIMS, [ASSESSOR, CLERK]), (at_desk, [CLERK]),
    ):  # fmt: skip
        those = np.flatnonzero(np.isin(agents.kind, kinds))
        near = Local(those, agents.city[those], np.ones(len(those)), cities)
        by[where] = near.draw(rng, records.people.city[where])
    by[channel == OLD] = -1
    day[channel == OLD] = min(MIGRATED, as_of)
    return _entry(rng, day, by, agents, agent_ids, departments, 0.75)


def of_institutions(
    rng: Rng, rows: int, agents: Agents, agent_ids: IdSpace, departments: IdSpace, as_of: int
) -> Entry:
    """Return the entry of each institution record: by a clerk, on a day of the last years."""
    day = as_of - np.floor(rng.random(rows) ** 1.3 * _YEARS * 365).astype(np.int64)
    clerks = np.flatnonzero(agents.kind == CLERK)
    clerks = clerks if len(clerks) else np.arange(len(agents.kind))
    by = clerks[rng.integers(0, len(clerks), rows)]
    return _entry(rng, day, by, agents, agent_ids, departments, 0.6)


def _entry(
    rng: Rng, day: Ints, by: Ints, agents: Agents, agent_ids: IdSpace, departments: IdSpace,
    share: float,
) -> Entry:  # fmt: skip
    named = (by >= 0) & agents.works_on(np.maximum(by, 0), day) & (rng.random(len(day)) < share)
    by = np.where(named, by, -1)
    branch = np.where(named, agents.branch[by], -1)
    unknown = rng.random(len(day)) < _UNKNOWN_DAY
    return Entry(np.where(unknown, NO_DAY, day), agent_ids.of(by), departments.of(branch))

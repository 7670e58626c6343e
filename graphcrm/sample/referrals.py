"""Who brought whom: trees of referrals with heavy-tailed sizes, and a few loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample import referral_days, referral_forest
from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import Column, IdSpace, Ints, Rng
from graphcrm.sample.departments import Departments, workplaces
from graphcrm.sample.duplicates import Records
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.people import People
from graphcrm.sample.policies import (
    DEPARTMENT,
    HOLDER_KINDS,
    INSTITUTION,
    PERSON,
    Policies,
)
from graphcrm.sample.referral_days import Purchases
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

_TREES_WITH_ONE = 10
"""Trees of which institutions began two at least."""


@dataclass
class Referrals:
    """One referral a row; loops hang on no tree.

    Who is brought is a person record; the referrer is a record of the kind (`policies.PERSON`,
    `INSTITUTION`, `DEPARTMENT`) beside it. `root`, `root_kind`, `depth` and `size` have a row for
    each tree: who began it, the longest chain in referrals, and the number of parties, the root
    included. `loops` is the number of loops.
    """

    referrer: Ints
    referrer_kind: Ints
    referred: Ints
    on: Ints
    root: Ints
    root_kind: Ints
    depth: Ints
    size: Ints
    loops: int
    self_referrers: Ints  # agents who refer their own customers to themselves


def refer(
    streams: Streams, humans: People, records: Records, firms: Institutions, offices: Departments,
    policies: Policies, staff: Agents, sellers: Ints, as_of: int, shape: SampleShape,
) -> Referrals:  # fmt: skip
    """Return trees over a share of the adults, one record each, and loops of two to four others.

    The `sellers`, agents who are customers, are put where somebody brings many. Some trees are
    begun by an institution, or a department of one, that sends its people to us.
    """
    rng = streams.of("referrals")
    adults = np.flatnonzero((as_of - humans.born) > 20 * 366)
    people = records.any_of(rng, rng.permutation(adults))
    target = int(len(people) * shape.referred)
    loops = max(1, len(records.entity) // shape.customers_per_loop)
    lengths = rng.integers(2, 5, loops)
    lengths = lengths[np.cumsum(lengths) <= len(people) - target]
    outside = target + int(lengths.sum())
    members = people[target:outside].copy()

    parent, root, level = referral_forest.grow(rng, target, shape.referral_depth)
    busy = referral_forest.put_where_many_are_brought(rng, people, parent, records, staff, sellers)
    day = referral_days.days(
        rng, people, parent, level, Purchases(policies), policies, staff, busy, outside, as_of,
        shape,
    )  # fmt: skip
    child = np.flatnonzero(parent >= 0)
    roots = np.flatnonzero(parent < 0)
    size = np.bincount(root, minlength=target)[roots]
    depth = np.zeros(target, np.int64)
    np.maximum.at(depth, root, level)
    roots, size = roots[size > 1], size[size > 1]
    who, kind = people[:target].copy(), np.full(target, PERSON)
    institutions = _institutions(rng, records, firms, people, parent, roots, shape)
    institutions[np.isin(roots, busy[1])] = -1
    begun = institutions >= 0
    part = workplaces(rng, offices, institutions[begun])
    who[roots[begun]] = np.where(part >= 0, part, institutions[begun])
    kind[roots[begun]] = np.where(part >= 0, DEPARTMENT, INSTITUTION)

    ends = np.cumsum(lengths)
    following = np.arange(len(members)) + 1
    following[ends - 1] = ends - lengths
    loop_day = as_of - rng.integers(30, 3000, len(members))
    return Referrals(
        referrer=np.concatenate([who[parent[child]], members]),
        referrer_kind=np.concatenate([kind[parent[child]], np.full(len(members), PERSON)]),
        referred=np.concatenate([people[child], members[following]]),
        on=np.concatenate([day[child], loop_day]),
        root=who[roots],
        root_kind=kind[roots],
        depth=depth[roots],
        size=size,
        loops=len(lengths),
        self_referrers=busy[0],
    )


def brought_policies(book: Referrals, policies: Policies) -> Ints:
    """Return the policy that each referral brought, -1 for none: the next one applied for."""
    return referral_days.brought(Purchases(policies), policies, book.referred, book.on)


def table(
    rng: Rng, book: Referrals, policies: Policies, policy_ids: IdSpace, parties: list[IdSpace]
) -> pa.Table:
    """Return the `referrals` table in random order; `parties` are the ids by kind of party."""
    order = rng.permutation(len(book.on))
    on, referred = book.on[order], book.referred[order]
    policy = brought_policies(book, policies)[order]
    kind = book.referrer_kind[order]
    return pa.table(
        {
            "referrer_id": ids_of(book.referrer[order], kind, parties),
            "referrer_kind": col.words(HOLDER_KINDS, kind),
            "referred_id": parties[PERSON].of(referred),
            "referred_kind": col.words(["person"], np.zeros(len(on), np.int64)),
            "referred_on": col.days(np.where(rng.random(len(on)) < 0.97, on, col.NO_DAY)),
            "policy_id": policy_ids.of(policy),
        }
    )


def ids_of(party: Ints, kind: Ints, parties: list[IdSpace]) -> Column:
    """Return the ids of parties of different kinds."""
    found: Column = pa.nulls(len(party), pa.string())
    for code, space in enumerate(parties):
        mine = kind == code
        found = col.chosen(mine, space.of(np.where(mine, party, -1)), found)
    return found


def _institutions(
    rng: Rng, records: Records, firms: Institutions, people: Ints, parent: Ints, roots: Ints,
    shape: SampleShape,
) -> Ints:  # fmt: skip
    """Return the institution record that began each tree, mostly -1; each institution once.

    It brought two or more, if there are such trees, and is the employer of one of them, else any
    institution.
    """
    found = np.full(len(roots), -1)
    least = 2 if len(roots) >= _TREES_WITH_ONE and shape.referred_by_institution > 0 else 0
    number = max(round(len(roots) * shape.referred_by_institution), least)
    child = np.flatnonzero(parent >= 0)
    brought = np.bincount(parent[child], minlength=len(parent))[roots]
    those = rng.permutation(len(roots))
    those = those[np.argsort(brought[those] < 2, kind="stable")][:number]
    first = np.full(len(parent), -1)
    first[parent[child][::-1]] = child[::-1]
    others = np.flatnonzero(~firms.own)
    employer = records.people.employer[people[first[roots[those]]]]
    drawn = others[rng.integers(0, len(others), len(those))] if len(others) else employer
    firm = np.where((employer >= 0) & ~firms.own[np.maximum(employer, 0)], employer, drawn)
    once = np.unique(firms.entity[firm], return_index=True)[1] if len(firm) else those[:0]
    found[those[once]] = firm[once]
    return found

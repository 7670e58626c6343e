"""Who brought whom: trees of referrals with heavy-tailed sizes, and a few loops."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import IdSpace, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.people import People
from graphcrm.sample.policies import PERSON, Policies
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

_BURST, _MANY = 45, 5
_SLOW = 260.0
"""Mean days between a person's own referral and one that he makes."""


@dataclass
class Referrals:
    """One referral a row, between person records; loops hang on no tree.

    `root`, `depth` and `size` have a row for each tree: its first person, the longest chain in
    referrals, and the number of persons, the root included. `loops` is the number of loops.
    """

    referrer: Ints
    referred: Ints
    on: Ints
    root: Ints
    depth: Ints
    size: Ints
    loops: int
    self_referrers: Ints  # agents who refer their own customers to themselves


def refer(
    streams: Streams, humans: People, records: Records, staff: Agents, sellers: Ints, as_of: int,
    shape: SampleShape,
) -> Referrals:  # fmt: skip
    """Return trees over a share of the adults, one record each, and loops of two to four others.

    The `sellers`, agents who are customers, are put where somebody brings many.
    """
    rng = streams.of("referrals")
    adults = np.flatnonzero((as_of - humans.born) > 20 * 366)
    people = records.any_of(rng, rng.permutation(adults))
    target = int(len(people) * shape.referred)
    loops = max(1, len(records.entity) // shape.customers_per_loop)
    lengths = rng.integers(2, 5, loops)
    lengths = lengths[np.cumsum(lengths) <= len(people) - target]
    members = people[target : target + int(lengths.sum())]

    parent, root, level = _forest(rng, target, shape.referral_depth)
    busy = _put_where_many_are_brought(rng, people, parent, records, staff, sellers)
    started = as_of - 60 - np.floor(rng.random(target) * 12 * 365).astype(np.int64)
    day = started.copy()
    for step in range(1, shape.referral_depth + 1):
        at = np.flatnonzero(level == step)
        wait = 3 + np.floor(rng.exponential(_SLOW, len(at))).astype(np.int64)
        # Some bring many within days: a campaign, a wedding, a works meeting.
        bursts = rng.random(target) < shape.referral_bursts
        soon = np.floor(rng.random(len(at)) * 10).astype(np.int64)
        wait = np.where(bursts[parent[at]], _BURST + soon, wait)
        day[at] = np.minimum(day[parent[at]] + wait, as_of)
    child = np.flatnonzero(parent >= 0)

    ends = np.cumsum(lengths)
    following = np.arange(len(members)) + 1
    following[ends - 1] = ends - lengths
    loop_day = as_of - rng.integers(30, 3000, len(members))
    roots = np.flatnonzero(parent < 0)
    size = np.bincount(root, minlength=target)[roots]
    depth = np.zeros(target, np.int64)
    np.maximum.at(depth, root, level)
    kept = size > 1
    return Referrals(
        referrer=np.concatenate([people[parent[child]], members]),
        referred=np.concatenate([people[child], members[following]]),
        on=np.concatenate([day[child], loop_day]),
        root=people[roots[kept]],
        depth=depth[roots[kept]],
        size=size[kept],
        loops=len(lengths),
        self_referrers=busy,
    )


def brought_policies(book: Referrals, policies: Policies) -> Ints:
    """Return the policy that each referral brought, -1 for none: the next one applied for."""
    held = np.flatnonzero(policies.holder_kind == PERSON)
    if not len(held):
        return np.full(len(book.on), -1)
    key = policies.holder[held] * 2**20 + policies.applied[held]
    by = np.argsort(key, kind="stable")
    at = np.searchsorted(key[by], book.referred * 2**20 + book.on)
    candidate = held[by[np.minimum(at, len(held) - 1)]]
    fits = (at < len(held)) & (policies.holder[candidate] == book.referred)
    return np.where(fits & (policies.applied[candidate] < book.on + 400), candidate, -1)


def table(
    rng: Rng, book: Referrals, policies: Policies, policy_ids: IdSpace, persons: IdSpace
) -> pa.Table:
    """Return the `referrals` table in random order."""
    order = rng.permutation(len(book.on))
    on, referred = book.on[order], book.referred[order]
    policy = brought_policies(book, policies)[order]
    kind = col.words(["person"], np.zeros(len(on), np.int64))
    return pa.table(
        {
            "referrer_id": persons.of(book.referrer[order]),
            "referrer_kind": kind,
            "referred_id": persons.of(referred),
            "referred_kind": kind,
            "referred_on": col.days(np.where(rng.random(len(on)) < 0.97, on, col.NO_DAY)),
            "policy_id": policy_ids.of(policy),
        }
    )


def _forest(rng: Rng, nodes: int, deepest: int) -> tuple[Ints, Ints, Ints]:
    """Return (parent, root, level) of `nodes` nodes in trees grown level by level.

    Each tree has a depth of its own; offspring follow a power law, cut at a fifteenth of all
    nodes or 400, so that sizes are heavy-tailed.
    """
    parent, root, level = np.full(nodes, -1), np.arange(nodes), np.zeros(nodes, np.int64)
    used, most = 0, int(np.clip(nodes // 15, 3, 400))
    while used < nodes:
        current = np.arange(used, min(used + max(1, (nodes - used) // 8), nodes))
        used = int(current[-1]) + 1
        reach = np.zeros(nodes, np.int64)
        reach[current] = np.minimum(rng.geometric(0.45, len(current)), deepest)
        reach[0] = deepest  # one tree at least goes all the way
        for step in range(1, deepest + 1):
            each = np.floor(rng.pareto(1.3, len(current)) * 0.7).clip(0, most).astype(np.int64)
            grows = reach[root[current]] >= step
            eldest = np.unique(root[current], return_index=True)[1]
            spine = current[eldest[grows[eldest]]]
            others = rng.permutation(np.repeat(current, np.where(grows, each, 0)))
            # A level takes a third of the room that is left, or one child for each tree.
            room = min(nodes - used, max(len(spine), (nodes - used) // 3))
            parents = np.concatenate([spine, others])[:room]
            if not len(parents):
                break
            new = np.arange(used, used + len(parents))
            parent[new], root[new], level[new] = parents, root[parents], step
            current, used = new, used + len(new)
    return parent, root, level


def _put_where_many_are_brought(
    rng: Rng, people: Ints, parent: Ints, records: Records, staff: Agents, sellers: Ints
) -> Ints:
    """Swap the sellers' own person records to nodes of many children; return who got one."""
    children = np.bincount(parent[parent >= 0], minlength=len(parent))
    nodes = rng.permutation(np.flatnonzero(children >= _MANY))
    nodes = nodes[np.argsort(-children[nodes], kind="stable")][: 2 * len(sellers)]
    put = min(len(nodes), len(sellers))
    where = np.full(len(records.count), -1)
    where[records.entity[people]] = np.arange(len(people))
    for agent, node in zip(sellers[:put].tolist(), nodes[:put].tolist(), strict=True):
        own = staff.person[agent]
        place = where[records.entity[own]]
        if place >= 0:
            people[place] = people[node]
            where[records.entity[people[place]]] = place
        people[node] = own
        where[records.entity[own]] = node
    return sellers[:put]

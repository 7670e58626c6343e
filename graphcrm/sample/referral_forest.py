"""The shape of the referral trees, and who stands where in them."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import Ints, Rng
from graphcrm.sample.duplicates import Records

_MANY = 4


def grow(rng: Rng, nodes: int, deepest: int) -> tuple[Ints, Ints, Ints]:
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


def put_where_many_are_brought(
    rng: Rng, people: Ints, parent: Ints, records: Records, staff: Agents, sellers: Ints
) -> tuple[Ints, Ints]:
    """Swap the sellers' own person records to nodes of many children; return who got which."""
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
    return sellers[:put], nodes[:put]

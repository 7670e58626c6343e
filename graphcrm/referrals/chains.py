"""Chains of referrals: from a customer whom nobody brought down to the last one."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from graphcrm.referrals.network import Bools, Ints, Network, read_network
from graphcrm.referrals.premiums import Premiums, read_premiums
from graphcrm.store import Store

_AT_ONCE = 5_000_000


def chains(store: Store) -> pa.Table:
    """Every chain of referrals: a row for each root, the largest first.

    A root is a customer who brought others and whom nobody brought. Columns: root_label, root_id,
    root_name; depth (in referrals: that of the farthest customer by the shortest way); size (in
    customers, the root included); premium (per year, in force, of those who were brought, without
    the root's own), currency, other_currencies (true where some of it is in further currencies,
    which `premium` leaves out; see Premiums.total).

    A customer who was brought by several belongs to the chains of all of them; referrals of
    oneself and repeated referrals add nothing; nothing is followed twice, so loops end. Loops that
    hang on no root are in `loops`. Time grows with the sum of the sizes.
    """
    network = read_network(store)
    premiums = read_premiums(store, network)
    roots = np.flatnonzero((network.backward.degree == 0) & (network.forward.degree > 0))
    parts = [_described(network, premiums, *piece) for piece in reach(network, roots)]
    table = pa.concat_tables(parts or [_described(network, premiums, roots, roots, roots, roots)])
    return table.sort_by(
        [
            ("size", "descending"),
            ("depth", "descending"),
            ("root_label", "ascending"),
            ("root_id", "ascending"),
        ]
    )


def _described(
    network: Network, premiums: Premiums, roots: Ints, owner: Ints, node: Ints, level: Ints
) -> pa.Table:
    depth = np.zeros(len(roots), np.int64)
    np.maximum.at(depth, owner, level)
    at = pa.array(roots)
    described = pa.table(
        {
            "root_label": network.labels.take(at),
            "root_id": network.ids.take(at),
            "root_name": network.names.take(at),
            "depth": pa.array(depth),
            "size": pa.array(1 + np.bincount(owner, minlength=len(roots)).astype(np.int64)),
        }
    )
    money = premiums.total(owner, node, len(roots))
    for name in money.column_names:
        described = described.append_column(name, money[name])
    return described


def reach(
    network: Network, roots: Ints, at_once: int = _AT_ONCE
) -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Whom each root leads to, level by level, roots in pieces so that memory stays bounded.

    Each piece is (roots, owner, node, level): `owner` is a position in the piece's roots, `node`
    a customer whom that root leads to, once, and `level` the least number of referrals between
    them. A piece holds about `at_once` customers at most, unless a single root has more.
    """
    waiting = [roots] if len(roots) else []
    while waiting:
        piece = waiting.pop()
        found = _walk(network, piece, at_once if len(piece) > 1 else None)
        if found is None:
            half = len(piece) // 2
            waiting += [piece[half:], piece[:half]]
        else:
            yield piece, *found


def _walk(network: Network, roots: Ints, most: int | None) -> tuple[Ints, Ints, Ints] | None:
    """Breadth-first from all roots at once; None where it comes to more than `most` pairs."""
    forward, size = network.forward, network.size
    # a customer brought by one alone can't be come upon twice from a root that nobody brought
    several = network.backward.degree > 1
    seen = np.zeros(0, np.int64)
    owner, node = np.arange(len(roots)), roots
    owners, nodes, levels, total = [], [], [], 0
    level = 0
    while len(node):
        level += 1
        if most is not None and total + int(forward.degree[node].sum()) > most:
            return None
        at, edge = forward.spread(node)
        owner, node = owner[at], forward.other[edge]
        doubtful = several[node]
        if doubtful.any():
            key = np.unique(owner[doubtful] * size + node[doubtful])
            key = key[~_within(key, seen)]
            seen = np.sort(np.concatenate([seen, key]))
            owner = np.concatenate([owner[~doubtful], key // size])
            node = np.concatenate([node[~doubtful], key % size])
        owners.append(owner)
        nodes.append(node)
        levels.append(np.full(len(node), level))
        total += len(node)
    return np.concatenate(owners), np.concatenate(nodes), np.concatenate(levels)


def _within(values: Ints, ordered: Ints) -> Bools:
    """Which values are among the ordered ones."""
    if not len(ordered):
        return np.zeros(len(values), bool)
    at = np.minimum(np.searchsorted(ordered, values), len(ordered) - 1)
    found: Bools = ordered[at] == values
    return found

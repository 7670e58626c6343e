"""One customer's referrals, for drawing as a tree."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.errors import UnknownNodeError
from graphcrm.referrals.network import Bools, Ints, Network, read_network
from graphcrm.referrals.premiums import read_premiums
from graphcrm.store import Store

_SCHEMA = pa.schema(
    [
        ("level", pa.int64()),
        ("referrer_label", pa.string()),
        ("referrer_id", pa.string()),
        ("label", pa.string()),
        ("id", pa.string()),
        ("name", pa.string()),
        ("referred_on", pa.string()),
        ("premium", pa.float64()),
        ("currency", pa.string()),
        ("other_currencies", pa.bool_()),
        ("cut", pa.string()),
    ]
)


def tree(store: Store, label: str, id: str) -> pa.Table:
    """Whom a customer brought, whom these brought, and so on: a row for each referral.

    Columns: level (0 = the customer themselves), the referrer (label, id), the customer (label,
    id, name), referred_on (ISO, the first of several), the customer's own premium, currency and
    other_currencies (see Premiums.total; null for a customer whom nobody brought), cut. Parents
    come before their children, siblings by date and id.

    Each customer's referrals are followed once: `cut` is `loop` where the customer stands above
    themselves on the way, `again` where they stand elsewhere in the tree too, else null.
    Raises UnknownNodeError where there is no such customer.
    """
    network = read_network(store)
    start = network.code(label, id)
    if start is None:
        return _alone(store, label, id)
    order = np.lexsort((_rank(network)[network.target], network.day, network.source))
    target, day = network.target[order], network.day[order]
    bounds = np.searchsorted(network.source, np.arange(network.size + 1))
    parent = np.full(network.size, -1, np.int64)
    seen = np.zeros(network.size, bool)
    seen[start] = True
    rows: list[tuple[Ints, Ints, Ints, Ints, Ints]] = []
    node = np.array([start])
    while len(node):
        counts = bounds[node + 1] - bounds[node]
        above = np.repeat(node, counts)
        within = np.arange(len(above)) - np.repeat(np.cumsum(counts) - counts, counts)
        edge = np.repeat(bounds[node], counts) + within
        below = target[edge]
        first = np.zeros(len(below), bool)
        first[np.unique(below, return_index=True)[1]] = True
        first &= ~seen[below]
        parent[below[first]] = above[first]
        cut = np.zeros(len(below), np.int64)
        cut[~first] = np.where(_above(parent, above[~first], below[~first]), 1, 2)
        rows.append((np.full(len(below), len(rows) + 1), above, below, day[edge], cut))
        node = below[first]
        seen[node] = True
    return _table(store, network, start, rows)


def _above(parent: Ints, node: Ints, wanted: Ints) -> Bools:
    """Whether `wanted` is the node itself or stands above it."""
    found = np.zeros(len(node), bool)
    going = np.arange(len(node))
    while len(going):
        found[going] = node[going] == wanted[going]
        node = np.where(found, node, parent[node])
        going = going[~found[going] & (node[going] >= 0)]
    return found


def _rank(network: Network) -> Ints:
    """The place of each customer by label and id."""
    named = pa.table({"label": network.labels, "id": network.ids})
    order = pc.sort_indices(named, [("label", "ascending"), ("id", "ascending")]).to_numpy()
    rank = np.empty(network.size, np.int64)
    rank[order] = np.arange(network.size)
    return rank


def _table(
    store: Store, network: Network, start: int, rows: list[tuple[Ints, Ints, Ints, Ints, Ints]]
) -> pa.Table:
    level, above, below, day, cut = (np.concatenate(column) for column in zip(*rows, strict=True))
    level, below = np.concatenate([[0], level]), np.concatenate([[start], below])
    cut = np.concatenate([[0], cut])
    referrer, referred = pa.array([None, *above.tolist()], pa.int64()), pa.array(below)
    money = read_premiums(store, network).total(np.arange(len(below)), below, len(below))
    brought = pa.array(np.isin(below, network.target))
    return pa.table(
        [
            pa.array(level),
            network.labels.take(referrer),
            network.ids.take(referrer),
            network.labels.take(referred),
            network.ids.take(referred),
            network.names.take(referred),
            pa.concat_arrays([pa.nulls(1, pa.string()), network.dates(day)]),
            *(
                pc.if_else(brought, money[name], pa.scalar(None, _SCHEMA.field(name).type))
                for name in ("premium", "currency", "other_currencies")
            ),
            pa.array([None, "loop", "again"], pa.string()).take(pa.array(cut)),
        ],
        schema=_SCHEMA,
    )


def _alone(store: Store, label: str, id: str) -> pa.Table:
    """The tree of a customer who takes part in no referral."""
    known = label in ("Person", "Institution", "Department")
    values = store.node(label, id) if known else None
    if values is None:
        raise UnknownNodeError(f"there is no customer {label} with the id {id!r}")
    row = dict.fromkeys(_SCHEMA.names) | {"level": 0, "label": label, "id": id}
    return pa.Table.from_pylist([row | {"name": values["name"]}], schema=_SCHEMA)

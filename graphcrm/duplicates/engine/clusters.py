"""Which records are one customer, given how likely each pair is."""

from __future__ import annotations

import math

import graspologic_native
import numpy as np
import scipy.sparse as sp

from graphcrm.duplicates.engine.fields import Keys, Numbers

MISSING = 0.1
"""What a pair that was not compared counts against its cluster (nats)."""


def cluster(rows: int, left: Keys, right: Keys, odds: Numbers) -> Keys:
    """The cluster of each row, numbered by its first row, from 0.

    Correlation clustering as Leiden with the constant Potts model: a pair counts ln(1 + e^s) -
    ln 2, s its log-odds, so that even odds count nothing; pairs that nothing speaks for count
    -0.1. Source: Traag, Waltman and van Eck, From Louvain to Leiden (2019).
    """
    weight = np.logaddexp(0, odds) - math.log(2) + MISSING
    held = weight > 0
    if not held.any():
        return np.arange(rows)
    one, other, weight = left[held], right[held], weight[held]
    involved, place = np.unique(np.concatenate((one, other)), return_inverse=True)
    one, other = place[: len(one)], place[len(one) :]
    size = len(involved)
    graph = sp.coo_array(
        (
            np.concatenate((weight, weight)),
            (np.concatenate((one, other)), np.concatenate((other, one))),
        ),
        shape=(size, size),
    ).tocsr()
    graph.sort_indices()
    _, found = graspologic_native.leiden_csr(
        graph.indptr.astype(np.int64),
        graph.indices.astype(np.int32),
        graph.data.astype(np.float64),
        size,
        resolution=MISSING,
        randomness=1e-9,
        use_modularity=False,
        seed=1,
    )
    community = np.empty(size, np.int64)
    community[np.fromiter(found, np.int64, size)] = np.fromiter(found.values(), np.int64, size)
    whole = np.arange(rows, dtype=np.int64) + int(community.max(initial=0)) + 1
    whole[involved] = community
    return by_first_row(whole)


def by_first_row(clusters: Keys) -> Keys:
    """The same clusters, numbered in the order of their first rows."""
    _, first, back = np.unique(clusters, return_index=True, return_inverse=True)
    order = np.empty(len(first), np.int64)
    order[np.argsort(first, kind="stable")] = np.arange(len(first))
    return order[back]

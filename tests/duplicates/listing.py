"""Small lists of customers, written by hand."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa

from graphcrm.duplicates import Role
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.fields import Field, Keys

Partition = set[frozenset[int]]


def table(**columns: Sequence[str | None]) -> pa.Table:
    """A table of text."""
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def field(role: Role, *values: str | None) -> Field:
    """The field of one column."""
    (made,) = fields_of(table(c=values), {"c": role})
    return made


def numbers(values: Iterable[int]) -> Keys:
    """Rows, as the engine wants them."""
    return np.array(list(values), np.int64)


def partition(cluster_ids: Iterable[int], rows: Iterable[int] | None = None) -> Partition:
    """Which rows are together, whatever their cluster is called; `rows` names each row."""
    ids = list(cluster_ids)
    groups: dict[int, set[int]] = {}
    for row, cluster in zip(rows if rows is not None else range(len(ids)), ids, strict=True):
        groups.setdefault(cluster, set()).add(row)
    return {frozenset(group) for group in groups.values()}


def f1(cluster_ids: Iterable[int], truth: Iterable[object]) -> float:
    """The pairwise F1, 0 to 1."""
    found, true = _pairs(cluster_ids), _pairs(truth)
    return 2 * len(found & true) / (len(found) + len(true))


def _pairs(names: Iterable[object]) -> set[tuple[int, int]]:
    groups: dict[object, list[int]] = {}
    for row, name in enumerate(names):
        groups.setdefault(name, []).append(row)
    return {pair for rows in groups.values() for pair in combinations(rows, 2)}

"""Which records are compared at all: those that share something rare.

Without hand-written rules: every value and word is a key, and every two parts of values together
are one. What bounds the work is not a choice of keys but a budget of accidental pairs: how often
two records that have nothing to do with each other would meet. What the budget came to where a
model was learned is kept with it (`Bounds`), so that later it depends on two records alone whether
they are compared.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from graphcrm.duplicates.engine.blocks import (
    LARGEST,
    Bounds,
    Change,
    Rows,
    by_one,
    by_two,
    distinct,
)
from graphcrm.duplicates.engine.fields import THREADS, Field, Keys, Kind
from graphcrm.duplicates.engine.keys import Key, keys_of, rarity, twos_of

ACCIDENTAL = (5.0, 40.0)
"""Least and most pairs per record that would agree in two keys by accident."""

PAIRS = 1_000_000
"""Accidental pairs in all, as far as these bounds per record allow; half as many may share one
value alone."""

MOST = 2_000_000
MOST_PER_RECORD = 3
"""Pairs that are compared at most: as many, or as many per record where that is more."""

_SAMPLE = 20_000


class Candidates(NamedTuple):
    """The pairs to compare, each once, left < right, in ascending order, and what bounds them."""

    left: Keys
    right: Keys
    bounds: Bounds


def candidate_pairs(fields: list[Field], effort: float = 1.0) -> Candidates:
    """The pairs of rows worth comparing, and what bounds them from now on.

    A pair is a candidate where both rows share one value or word that few rows hold, or agree in
    two keys that few would agree in by accident. A block that is too large for that is split by
    the whole values. `effort` multiplies what the budgets allow.
    """
    rows, keys = len(fields[0].codes), keys_of(fields)
    budget = effort * min(max(PAIRS / rows, ACCIDENTAL[0]), ACCIDENTAL[1])
    twos = twos_of(keys)
    most = _most_accidental(twos, rows, budget)
    with ThreadPoolExecutor(THREADS) as threads:
        sizes = [size for found in threads.map(_sizes, fields) for size in found]
        largest = _largest(np.concatenate(sizes) if sizes else np.empty(0, np.int64), rows, budget)
        ones = threads.map(lambda field: by_one(field, largest, None), fields)
        bounds = Bounds(rows, largest, most, 0.0, [])
        blocked = list(threads.map(lambda two: by_two(two, bounds, None, None), twos))
        pairs = distinct([*(found.pairs for found in (*ones, *blocked))])
        left, right = pairs // rows, pairs % rows
        bounds = replace(bounds, hubs=[found.hubs for found in blocked])
        allowed = int(effort * max(MOST, MOST_PER_RECORD * rows))
        if len(left) > allowed:
            rare = rarity(left, right, keys, threads)
            least = float(np.partition(rare, -allowed)[-allowed])
            left, right = left[rare >= least], right[rare >= least]
            bounds = replace(bounds, rarity=least)
    return Candidates(left, right, bounds)


def candidates_within(
    fields: list[Field], bounds: Bounds, change: Change | None = None
) -> tuple[Candidates, Rows]:
    """The candidates by the bounds of a model, and which rows they are of.

    `fields` have the model's frequencies. With a `change`, these are the pairs of rows that are
    there after it of which one is touched, or in a block that the change made too large or no
    longer so.
    """
    rows, keys = len(fields[0].codes), keys_of(fields)
    twos = twos_of(keys)
    assert len(twos) == len(bounds.hubs)
    with ThreadPoolExecutor(THREADS) as threads:
        while True:
            ones = threads.map(lambda field, c=change: by_one(field, bounds.largest, c), fields)
            blocked = threads.map(
                lambda two, hubs, c=change: by_two(two, bounds, hubs, c), twos, bounds.hubs
            )
            every = [*ones, *blocked]
            if change is None:
                touched = np.ones(rows, bool)
                break
            crossing = np.concatenate([found.crossing for found in every])
            touched = change.touched
            if touched[crossing].all():
                break
            touched = touched.copy()
            touched[crossing] = True
            change = Change(change.before, change.after, touched)
        pairs = distinct([found.pairs for found in every])
        left, right = pairs // rows, pairs % rows
        if change is not None:
            near = touched[left] | touched[right]
            left, right = left[near], right[near]
        if bounds.rarity > 0:
            kept = rarity(left, right, keys, threads) >= bounds.rarity
            left, right = left[kept], right[kept]
    return Candidates(left, right, bounds), touched


def _most_accidental(twos: list[tuple[Key, Key]], rows: int, budget: float) -> float:
    """How many others a row may meet in a block by accident, so that the budget is kept."""
    chosen = np.linspace(0, rows - 1, min(rows, _SAMPLE)).astype(np.int64)
    met = [np.empty(0)]
    for a, b in twos:
        known = chosen[(a.part[chosen] >= 0) & (b.part[chosen] >= 0)]
        met.append(a.share(known) * b.share(known) * rows)
    expected = np.sort(np.concatenate(met))
    expected = expected[expected <= LARGEST]
    total = np.cumsum(expected) / 2 / len(chosen)
    place = int(np.searchsorted(total, budget))
    return float(expected[min(place, len(expected) - 1)]) if len(expected) else 0.0


def _sizes(field: Field) -> list[Keys]:
    """How many records hold each value and word, where it is a block."""
    if field.kind is Kind.CATEGORY:
        return []
    held = [field.held] if field.words is None else [field.held, field.holders]
    return [sizes[(sizes > 1) & (sizes <= LARGEST)] for sizes in held]


def _largest(sizes: Keys, rows: int, budget: float) -> int:
    """The largest block of one value that the budget has room for."""
    counted = np.bincount(sizes, minlength=LARGEST + 1).astype(float)
    size = np.arange(len(counted))
    total = np.cumsum(counted * size * (size - 1) / 2)
    fits = int(np.searchsorted(total, budget / 2 * rows, side="right"))
    return max(fits - 1, 2)

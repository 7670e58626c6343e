"""Kinds in exact shares, each on a row that can have it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcrm.sample.columns import Bools, Floats, Ints, Rng


def exact(rng: Rng, weights: Floats, rows: int, *, each_from: int) -> Ints:
    """Return a kind for each of `rows` rows, in random order and in the exact shares of `weights`.

    From `each_from` rows on, every kind with a weight occurs: a kind that rounding left out takes a
    row of the most frequent one.
    """
    edges = np.floor(np.cumsum([0.0, *weights]) / max(weights.sum(), 1e-9) * rows + 0.5)
    count = np.diff(edges).astype(np.int64)
    if rows >= each_from:
        for kind in np.flatnonzero((count == 0) & (weights > 0)):
            if count.max() > 1:
                count[count.argmax()] -= 1
                count[kind] = 1
    return rng.permutation(np.repeat(np.arange(len(weights)), count))


def fit(rng: Rng, kind: Ints, can: Callable[[int, Ints], Bools], anywhere: list[int]) -> None:
    """Exchange kinds between rows, in place, until each stands on a row that can have it.

    `can` says for a kind which of some rows can have it; those `anywhere` can stand on every row. A
    kind for which there are too few rows stays where it is.
    """
    for number in range(int(kind.max(initial=-1)) + 1):
        wrong = np.flatnonzero(kind == number)
        wrong = wrong[~can(number, wrong)]
        if number in anywhere or not len(wrong):
            continue
        free = rng.permutation(np.flatnonzero(np.isin(kind, anywhere)))
        free = free[can(number, free)][: len(wrong)]
        kind[wrong[: len(free)]] = kind[free]
        kind[free] = number

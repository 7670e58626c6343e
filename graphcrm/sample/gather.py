"""Groups of things that lie together, each thing in one group at most."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from graphcrm.sample.columns import Bools, Ints, Rng

_TRIES, _FOR_THE_FIRST = 12, 600


class Gathering:
    """Takes groups of claims (or other rows) that share a key and are near one another in time.

    Planted things take over what has happened anyway: so no amount, day or id tells them apart.
    """

    def __init__(self, rows: int) -> None:
        """Take the number of rows; all of them are free."""
        self.free: Bools = np.ones(rows, np.bool_)

    def groups(
        self, rng: Rng, rows: Ints, key: Ints, day: Ints, sizes: Ints, *, spread: int,
        least: int, unlike: Ints | None = None,
    ) -> Iterator[Ints]:  # fmt: skip
        """Give a group of each size out of the free ones among `rows`, as far as there are any.

        A group is drawn from a run of `spread` times its size of rows with one `key`, in order of
        `day` (both beside `rows`); no two of it have the same `unlike` (by row number). A group of
        fewer than `least` is not given; what could not be had is left out. For the first group
        more places are tried than for the others: a small book has few of some kind.
        """
        order = np.lexsort((day, key))
        rows, key = rows[order], key[order]
        low, high = np.searchsorted(key, key), np.searchsorted(key, key, side="right")
        tries = _FOR_THE_FIRST
        for size in sizes:
            for _ in range(tries if len(rows) else 0):
                at = int(rng.integers(0, len(rows)))
                reach = int(size) * spread // 2
                run = rows[max(low[at], at - reach) : min(high[at], at + reach + 1)]
                run = rng.permutation(run[self.free[run]])
                if unlike is not None:
                    run = run[np.sort(np.unique(unlike[run], return_index=True)[1])]
                if len(run) >= least:
                    group = run[: int(size)]
                    self.free[group] = False
                    tries = _TRIES
                    yield group
                    break
            else:
                tries = _TRIES

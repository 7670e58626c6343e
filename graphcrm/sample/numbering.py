"""The ids of a book that is made company by company: laid out over the whole of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.columns import IdSpace, Ints
from graphcrm.sample.streams import Streams

_ROUNDS = 5
_MOST_SPARE = 10_000


@dataclass
class _Range:
    """The numbers of one table: how far they are given out, and in which order."""

    size: int
    keys: Ints
    used: int
    first: Ints  # the numbers of the first company's rows that all companies share
    reserved: int

    def numbers(self, start: int, stop: int) -> Ints:
        return scattered(np.arange(start, stop), self.size, self.keys) + 1


class Numbering:
    """Gives each company of the insurer its ids, out of one range for each table.

    The range is as long for a table as the first company makes likely. Its numbers are given out
    in an order that looks random, so that neither the company nor the row shows in an id; no list
    of them is kept, so that the memory does not grow with the book.
    """

    def __init__(self, streams: Streams, times: float) -> None:
        """Take the streams of the whole book, and how many times as large it is as the first."""
        self._streams, self._times = streams, times
        self._ranges: dict[str, _Range] = {}

    def ids(self, table: str, prefix: str, rows: int, shared: int = 0) -> IdSpace:
        """Return ids for the next `rows` rows of the table, with gaps between them.

        The first `shared` rows are the same in every company and keep the first one's ids.
        """
        known = self._ranges.get(table)
        fresh = rows if known is None else rows - shared
        if known is None:
            known = self._ranges[table] = self._range(table, rows)
        if known.used + fresh > known.size - known.reserved:
            raise RuntimeError(f"{table}: later companies have far more rows than the first")
        numbers = known.numbers(known.used, known.used + fresh)
        known.used += fresh
        if fresh == rows:
            known.first = numbers[:shared]
        else:
            numbers = np.concatenate([known.first, numbers])
        spare = known.numbers(known.size - known.reserved, known.size)
        return IdSpace(prefix, numbers, spare, max(7, len(str(known.size))))

    def _range(self, table: str, rows: int) -> _Range:
        if self._times > 1:
            # Companies differ: one has more policies or branches to a customer than another.
            size = int(2 * self._times * (rows + 5 * rows**0.5 + 20)) + 1_000
        else:
            size = int(rows * 1.3) + 20
        keys = self._streams.of(f"ids of {table}").integers(1, 2**62, _ROUNDS)
        reserved = min(size - rows if self._times <= 1 else size // 50, _MOST_SPARE)
        return _Range(size, keys, 0, np.empty(0, np.int64), reserved)


def scattered(numbers: Ints, size: int, keys: Ints) -> Ints:
    """Return another number below `size` for each, no two the same: a permutation by its keys.

    A Feistel network over two unequal halves whose product is `size` or little more (the
    generalised Feistel cipher FE1 of Black and Rogaway, 2002); what falls outside walks on.
    """
    wide = int(np.ceil(size**0.5))
    high = -(-size // wide)
    out = numbers.astype(np.int64)
    outside = np.arange(len(out))
    while len(outside):
        left, right = np.divmod(out[outside], wide)
        for number, key in enumerate(keys):
            if number % 2:
                right = (right + _mixed(left, int(key))) % wide
            else:
                left = (left + _mixed(right, int(key))) % high
        out[outside] = left * wide + right
        outside = outside[out[outside] >= size]
    return out


def _mixed(values: Ints, key: int) -> Ints:
    """Return whole numbers below 2**32 that look unrelated to the values."""
    mixed = (values.astype(np.uint64) + np.uint64(key)) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    return (mixed >> np.uint64(32)).astype(np.int64)

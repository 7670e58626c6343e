"""Numbers that stand for texts, the same on every machine: what a model remembers values by."""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Hashes = npt.NDArray[np.uint64]

BITS = 48
"""Bits of a hash: among a million texts one in 200 million others is taken for one of them."""

_FACTOR = np.uint64(0xD6E8FEB86659FD93)
_REST = np.uint64(64 - BITS)
_AT_ONCE = 4_000_000


def hashed(texts: pa.StringArray) -> Hashes:
    """A number for each text: a polynomial of its UTF-8 bytes, each byte a random number."""
    offsets = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]
    if not len(texts):
        return np.empty(0, np.uint64)
    signs = np.frombuffer(texts.buffers()[2] or b"", np.uint8)
    found = np.empty(len(texts), np.uint64)
    start = 0
    while start < len(texts):
        stop = int(np.searchsorted(offsets, offsets[start] + _AT_ONCE, side="right")) - 1
        stop = min(max(stop, start + 1), len(texts))
        found[start:stop] = _polynomials(signs, offsets[start : stop + 1])
        start = stop
    return _mixed(found) >> _REST


def joined_hashes(one: Hashes, other: Hashes) -> Hashes:
    """A number for each two texts, by those of either."""
    return _mixed(one * _FACTOR + other) >> _REST


def joined_total(texts: pa.StringArray, numbers: Hashes) -> int:
    """A number for texts with a number each, whatever their order."""
    return int(joined_hashes(hashed(texts), numbers).sum(dtype=np.uint64))


def _polynomials(signs: npt.NDArray[np.uint8], offsets: npt.NDArray[np.int32]) -> Hashes:
    lengths = np.diff(offsets)
    place = np.arange(offsets[-1] - offsets[0]) - np.repeat(offsets[:-1] - offsets[0], lengths)
    powers = np.full(int(lengths.max(initial=0)) + 1, _FACTOR)
    powers[0] = 1
    worth = _bytes()[signs[offsets[0] : offsets[-1]]] * np.cumprod(powers)[place]
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(worth, dtype=np.uint64)))
    ends: Hashes = sums[offsets[1:] - offsets[0]] - sums[offsets[:-1] - offsets[0]]
    return ends


def _mixed(numbers: Hashes) -> Hashes:
    """The same numbers spread out evenly. Source: Steele, Lea and Flood, SplitMix (2014)."""
    found = numbers + np.uint64(0x9E3779B97F4A7C15)
    found = (found ^ (found >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    found = (found ^ (found >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return found ^ (found >> np.uint64(31))


@cache
def _bytes() -> Hashes:
    return _mixed(np.arange(256, dtype=np.uint64))

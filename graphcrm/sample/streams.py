"""Random streams: one for each subject, all from one seed, none moved by another's use."""

from __future__ import annotations

import zlib

import numpy as np

from graphcrm.sample.columns import Floats, Ints, Rng


class Streams:
    """Hands out a generator by the subject's name."""

    def __init__(self, seed: int, company: int = 0) -> None:
        """Take the seed, a whole number of 0 or more; ValueError for a negative one.

        Each company of a large book has streams of its own.
        """
        if seed < 0:
            raise ValueError(f"seed must be 0 or more, not {seed}")
        self._seed, self._company = seed, (company,) if company else ()

    def of(self, subject: str) -> Rng:
        """Return the generator of a subject; the same name gives the same stream again."""
        key = zlib.crc32(subject.encode())
        return np.random.default_rng(
            np.random.SeedSequence(self._seed, spawn_key=(key, *self._company))
        )


def pick(rng: Rng, weights: Floats, rows: int) -> Ints:
    """Return `rows` indexes drawn with probability proportional to `weights`."""
    total = np.cumsum(weights)
    drawn = np.searchsorted(total, rng.random(rows) * total[-1], side="right")
    index: Ints = np.minimum(drawn, len(weights) - 1)
    return index


def between(rng: Rng, low: Ints, high: Ints) -> Ints:
    """Return whole numbers drawn evenly from low to high, both included (low where high < low)."""
    span = np.maximum(high - low + 1, 1)
    drawn: Ints = low + np.floor(rng.random(len(low)) * span).astype(np.int64)
    return drawn

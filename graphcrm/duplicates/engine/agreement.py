"""How pairs of records agree: a level in every field, a chunk of pairs at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcrm.duplicates.engine.fields import Field, Keys, side_by_side
from graphcrm.duplicates.engine.levels import Levels, levels_of

CHUNK = 1_000_000
"""Pairs that are compared at once: bounds the memory."""


def compare(
    fields: list[Field], left: Keys, right: Keys, say: Callable[[float], None] = lambda share: None
) -> Levels:
    """A matrix of levels, a row for each pair, a column for each field; 0 = can't be compared.

    Each distinct pair of values of a chunk is compared once.
    """
    found = np.zeros((len(left), len(fields)), np.int8)
    with side_by_side(len(left)) as each:
        for start in range(0, len(left), CHUNK):
            part = slice(start, start + CHUNK)
            columns = each(lambda f, p=part: _compare(f, left[p], right[p]), fields)
            for number, levels in enumerate(columns):
                found[part, number] = levels
                say(min((start + CHUNK * (number + 1) / len(fields)) / len(left), 1.0))
    return found


def _compare(field: Field, left: Keys, right: Keys) -> Levels:
    key, known = value_pairs(field, left, right)
    distinct, back = np.unique(key, return_inverse=True)
    size = len(field.values)
    levels = levels_of(field, distinct // size, distinct % size)
    found = np.zeros(len(left), np.int8)
    found[known] = levels[back]
    return found


def value_pairs(field: Field, left: Keys, right: Keys) -> tuple[Keys, Keys]:
    """A number for each pair of known values (the smaller's position * values + the larger's).

    Returns the numbers and the positions of their pairs.
    """
    a, b = field.codes[left], field.codes[right]
    known = np.flatnonzero((a >= 0) & (b >= 0))
    a, b = a[known].astype(np.int64), b[known].astype(np.int64)
    return np.minimum(a, b) * len(field.values) + np.maximum(a, b), known

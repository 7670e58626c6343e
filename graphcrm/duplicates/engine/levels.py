"""How far two values of a field agree, as a level: each distinct pair of values once.

Level 0 is kept for what can't be compared. Higher levels are not always more alike; what a level
is worth is learned.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from graphcrm.duplicates.engine.fields import Field, Keys, Kind, Words, as_numpy, workers
from graphcrm.duplicates.engine.shared_words import WORD_LEVELS, word_levels

Levels = npt.NDArray[np.int8]

NAMES: dict[Kind, tuple[str, ...]] = {
    Kind.DATE: (
        "different", "within_10_years", "within_2_years", "two_edits", "same_year",
        "two_parts_equal", "day_month_swapped", "one_edit", "equal",
    ),
    Kind.IDENTIFIER: (
        "different", "same_part", "two_edits", "one_edit",
        "equal_many_hold", "equal_some_hold", "equal_few_hold", "equal",
    ),
    Kind.CODE: (
        "different", "same_1", "same_2", "same_3", "same_4", "one_edit", "equal",
    ),
    Kind.TEXT: ("different", "some_letters", "similar", "nearly_equal", "equal"),
    Kind.CATEGORY: ("different", "equal"),
}  # fmt: skip

_SIMILAR = np.array([0.7, 0.88, 0.92, 0.99999], np.float32)
_HOLD = (3, 6, 20)


def levels_of(field: Field, left: Keys, right: Keys) -> Levels:
    """The level of each pair of values (positions, never equal in both)."""
    if not len(left):
        return np.empty(0, np.int8)
    if field.kind is Kind.WORDS:
        return word_levels(field, left, right)
    if field.kind is Kind.IDENTIFIER:
        return _identifier_levels(field, left, right)
    found = np.full(len(left), len(NAMES[field.kind]), np.int8)
    unequal = np.flatnonzero(left != right)
    if len(unequal):
        a, b = field.values.take(left[unequal]), field.values.take(right[unequal])
        found[unequal] = _BY_KIND[field.kind](a, b)
    return found


def distances(a: pa.Array, b: pa.Array) -> npt.NDArray[np.float32]:
    """Edits (insert, delete, replace, swap neighbours) between texts, by character."""
    return process.cpdist(
        a.to_pylist(), b.to_pylist(), scorer=OSA.distance, workers=workers(len(a)), dtype=np.float32
    )


def similarities(a: pa.Array, b: pa.Array) -> npt.NDArray[np.float32]:
    """Jaro-Winkler similarity, 0 to 1, by character."""
    return process.cpdist(
        a.to_pylist(),
        b.to_pylist(),
        scorer=JaroWinkler.normalized_similarity,
        workers=workers(len(a)),
        dtype=np.float32,
    )


def _text_levels(a: pa.Array, b: pa.Array) -> Levels:
    return (1 + np.searchsorted(_SIMILAR[:-1], similarities(a, b), side="right")).astype(np.int8)


def _code_levels(a: pa.Array, b: pa.Array) -> Levels:
    found = np.ones(len(a), np.int8)
    for signs, level in ((1, 2), (2, 3), (3, 4), (5, 5)):
        found[_equal(a, b, 0, signs)] = level
    found[distances(a, b) == 1] = 6
    return found


def _date_levels(a: pa.Array, b: pa.Array) -> Levels:
    edits = distances(a, b)
    year = _equal(a, b, 0, 4)
    month, day = _equal(a, b, 5, 7), _equal(a, b, 8, 10)
    swapped = year & _crossed(a, b, (5, 7), (8, 10)) & _crossed(a, b, (8, 10), (5, 7))
    apart = np.abs(_year(a) - _year(b))
    found = np.ones(len(a), np.int8)
    for level, fits in (
        (2, apart <= 10), (3, apart <= 2), (4, edits == 2), (5, year),
        (6, year.astype(int) + month + day == 2), (7, swapped), (8, edits == 1),
    ):  # fmt: skip
        found[fits] = level
    return found


def _category_levels(a: pa.Array, b: pa.Array) -> Levels:
    return np.ones(len(a), np.int8)


def _identifier_levels(field: Field, left: Keys, right: Keys) -> Levels:
    """The best that any two numbers of the records agree in; the fewer hold it, the more it says.

    Numbers of two kinds (a passport, a resident ID) can't be compared: level 0.
    """
    assert field.words is not None
    words = field.words
    counts = words.counts(left) * words.counts(right)
    pair = np.repeat(np.arange(len(left)), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    row, column = np.divmod(within, words.counts(right)[pair])
    a = words.numbers[words.offsets[left][pair] + row]
    b = words.numbers[words.offsets[right][pair] + column]
    found = np.empty(len(pair), np.int8)
    equal = a == b
    found[equal] = 8 - np.searchsorted(_HOLD, field.holders[a[equal]], side="left")
    odd = np.flatnonzero(~equal)
    size = len(words.texts)
    low, high = np.minimum(a[odd], b[odd]), np.maximum(a[odd], b[odd])
    distinct, back = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
    found[odd] = _number_levels(words, distinct // size, distinct % size)[back]
    starts = np.cumsum(counts) - counts
    return np.maximum.reduceat(found, starts) if len(left) else found


def _number_levels(words: Words, one: Keys, other: Keys) -> Levels:
    if not len(one):
        return np.empty(0, np.int8)
    edits = process.cpdist(
        words.spelt[one].tolist(),
        words.spelt[other].tolist(),
        scorer=OSA.distance,
        score_cutoff=2,
        workers=workers(len(one)),
        dtype=np.float32,
    )
    found = np.ones(len(one), np.int8)
    for part in words.parts:
        found[(part[one] == part[other]) & ~(words.resident[one] | words.resident[other])] = 2
    # Two sound resident IDs are those of two persons, however near: a slip breaks the check digit.
    near = ~(words.sound[one] & words.sound[other])
    # Two of one name number their mail addresses: other digits are no slip.
    near &= words.digits[one] == words.digits[other]
    found[near & (edits == 2)] = 3
    found[near & (edits == 1)] = 4
    kinds = words.resident[one] != words.resident[other]
    apart = np.abs(words.lengths[one] - words.lengths[other]) > 2
    found[kinds & apart & (found == 1)] = 0
    return found


def _equal(a: pa.Array, b: pa.Array, start: int, stop: int) -> npt.NDArray[np.bool_]:
    """Whether a stretch of both texts is equal and has no gap."""
    return _crossed(a, b, (start, stop), (start, stop))


def _crossed(
    a: pa.Array, b: pa.Array, one: tuple[int, int], other: tuple[int, int]
) -> npt.NDArray[np.bool_]:
    mine = pc.utf8_slice_codeunits(a, *one)
    full = pc.greater_equal(pc.utf8_length(mine), one[1] - one[0])
    same = pc.equal(mine, pc.utf8_slice_codeunits(b, *other))
    return as_numpy(pc.and_(full, same))


def _year(texts: pa.Array) -> npt.NDArray[np.float64]:
    """The year a date begins with; NaN where it begins with none."""
    years = pc.struct_field(pc.extract_regex(texts, "^(?P<y>[0-9]{4})"), "y").cast(pa.float64())
    return as_numpy(years)


_BY_KIND = {
    Kind.TEXT: _text_levels,
    Kind.CODE: _code_levels,
    Kind.DATE: _date_levels,
    Kind.CATEGORY: _category_levels,
}

LEVELS = {kind: len(names) for kind, names in NAMES.items()} | {Kind.WORDS: WORD_LEVELS}
"""How many levels there are, level 0 aside; but for words, the highest is equality."""

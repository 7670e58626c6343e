"""What two values have in common as words, in nats of information, and what remains unexplained.

The information of a word is -ln of the share of records that hold it: 张 and john say little, 锶睿
says much. Words that differ count in part where they are spelt or sound alike.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from rapidfuzz import process
from rapidfuzz.distance import JaroWinkler

from graphcrm.duplicates.engine.fields import Codes, Field, Keys, Numbers, Words, workers
from graphcrm.duplicates.engine.hashes import joined_hashes
from graphcrm.standards.resemblance import shapes

SHARED = (2.0, 4.0, 6.0, 8.0, 10.0, 13.0, 16.0)
"""Where the shared information (nats) passes from one band into the next."""

REST = (0.5, 5.0, 9.0)
"""Bands of what the shorter value holds that the other doesn't explain (nats)."""

BANDS = len(SHARED) + 1
FORMS = len(REST) + 3
"""Forms of agreement: equal, part of the other, similar words, then ever more unexplained."""

WORD_LEVELS = BANDS * FORMS

_SPREAD = 1000.0
_ALIKE = 0.8
_DISCOUNT = 0.7
_SAME_SOUND = 0.95
_ONE_CHARACTER = 0.4
_SAME_INITIAL = 0.5
_AT_ONCE = 1_000_000


def information(field: Field) -> Numbers:
    """The information of each word of a field (nats).

    A word's share is smoothed by 1,000 people, of whom as many bear a name as elsewhere and none
    holds another word, so that a short list takes neither every name for common nor 王 for rare.
    """
    elsewhere = _SPREAD * field.words.bearers if field.person and field.words else 0.0
    found: Numbers = np.log((field.records + _SPREAD) / (field.holders + 1.0 + elsewhere))
    return found


def word_levels(field: Field, left: Keys, right: Keys) -> npt.NDArray[np.int8]:
    """The level of each pair of values: form of agreement * BANDS + band of information + 1."""
    assert field.words is not None
    sizes = field.words.counts(left) * field.words.counts(right)
    pieces = np.searchsorted(np.cumsum(sizes), np.arange(0, sizes.sum(), _AT_ONCE)).tolist()
    worth = information(field)
    parts = [
        _levels(field.words, worth, left[start:stop], right[start:stop])
        for start, stop in zip([0, *pieces[1:]], [*pieces[1:], len(left)], strict=True)
    ]
    return np.concatenate(parts) if parts else np.empty(0, np.int8)


def _levels(words: Words, worth: Numbers, left: Keys, right: Keys) -> npt.NDArray[np.int8]:
    found = shared_words(words, worth, left, right)
    band = np.searchsorted(SHARED, found.shared, side="right")
    rest = np.minimum(found.rest_left, found.rest_right)
    form = 2 + np.searchsorted(REST, rest, side="right")
    form[(rest < REST[0]) & ~found.similar] = 1
    form[~found.similar & (np.maximum(found.rest_left, found.rest_right) < 1e-9)] = 0
    return (1 + form * BANDS + band).astype(np.int8)


class Shared(NamedTuple):
    """Per pair of values: information shared, left over on either side; whether by likeness."""

    shared: Numbers
    rest_left: Numbers
    rest_right: Numbers
    similar: npt.NDArray[np.bool_]


def shared_words(words: Words, worth: Numbers, left: Keys, right: Keys) -> Shared:
    """What pairs of values have in common; each word is matched with one other at most."""
    counts_left, counts_right = words.counts(left), words.counts(right)
    counts = counts_left * counts_right
    pair = np.repeat(np.arange(len(left), dtype=np.int32), counts)
    within = np.arange(len(pair)) - np.repeat(np.cumsum(counts) - counts, counts)
    row, column = np.divmod(within, counts_right[pair])
    one = words.numbers[words.offsets[left][pair] + row]
    other = words.numbers[words.offsets[right][pair] + column]
    place_one = (np.cumsum(counts_left) - counts_left)[pair] + row
    place_other = (np.cumsum(counts_right) - counts_right)[pair] + column

    used_one = np.zeros(counts_left.sum(), bool)
    used_other = np.zeros(counts_right.sum(), bool)
    equal = np.flatnonzero(one == other)
    shared: Numbers = np.bincount(pair[equal], worth[one[equal]], len(left)).astype(float)
    used_one[place_one[equal]] = True
    used_other[place_other[equal]] = True

    may = (words.may_be_alike[one] > 0) & (words.may_be_alike[other] > 0)
    open_ = np.flatnonzero(may & ~used_one[place_one] & ~used_other[place_other])
    alike = _likeness(words, one[open_], other[open_])
    open_, alike = open_[alike > 0], alike[alike > 0]
    gain = alike * np.sqrt(worth[one[open_]] * worth[other[open_]])
    # Of equals the same goes first whatever the words are numbered by.
    names = words.hashes[one[open_]], words.hashes[other[open_]]
    best = np.lexsort((joined_hashes(np.minimum(*names), np.maximum(*names)), -gain))
    open_, gain = open_[best], gain[best]
    first = _first(place_one[open_]) & _first(place_other[open_])
    open_, gain = open_[first], gain[first]
    shared += np.bincount(pair[open_], gain, len(left))
    similar = np.bincount(pair[open_], minlength=len(left)) > 0
    used_one[place_one[open_]] = True
    used_other[place_other[open_]] = True
    return Shared(
        shared, _rest(words, left, worth, used_one), _rest(words, right, worth, used_other), similar
    )


def _first(places: Keys) -> npt.NDArray[np.bool_]:
    """Whether a place stands here for the first time."""
    found = np.zeros(len(places), bool)
    found[np.unique(places, return_index=True)[1]] = True
    return found


def _rest(words: Words, values: Keys, worth: Numbers, used: npt.NDArray[np.bool_]) -> Numbers:
    numbers, owner = words.of(values)
    return np.bincount(owner[~used], worth[numbers[~used]], len(values)).astype(float)


def _likeness(words: Words, one: Codes, other: Codes) -> Numbers:
    """How much of its information a word that differs still shares, 0 to 1: each pair once."""
    found = np.zeros(len(one))
    kinds = words.may_be_alike[one], words.may_be_alike[other]
    mixed = (kinds[0] != kinds[1]) & (words.sounds[one] == words.sounds[other])
    found[mixed] = _DISCOUNT * _SAME_SOUND
    han = (kinds[0] == 2) & (kinds[1] == 2)
    found[han] = _chinese(words, one[han], other[han])
    latin = np.flatnonzero((kinds[0] == 1) & (kinds[1] == 1))
    size = len(words.texts)
    low, high = np.minimum(one[latin], other[latin]), np.maximum(one[latin], other[latin])
    distinct, back = np.unique(low.astype(np.int64) * size + high, return_inverse=True)
    found[latin] = _latin(words, distinct // size, distinct % size)[back]
    return found


def _latin(words: Words, one: Keys, other: Keys) -> Numbers:
    """Latin words by their letters or as nicknames; one letter by what it is the beginning of."""
    alike = process.cpdist(
        words.spelt[one].tolist(),
        words.spelt[other].tolist(),
        scorer=JaroWinkler.normalized_similarity,
        score_cutoff=_ALIKE,
        workers=workers(len(one)),
        dtype=np.float32,
    )
    found = _DISCOUNT * alike.astype(np.float64)
    formal = words.formal[one][:, :, None] == words.formal[other][:, None, :]
    known = (words.formal[one] >= 0)[:, :, None]
    found[(formal & known).any((1, 2))] = _DISCOUNT * _SAME_SOUND
    short = (words.lengths[one] == 1) | (words.lengths[other] == 1)
    found[short] = np.where(
        words.letters[one[short], 0] == words.letters[other[short], 0], _SAME_INITIAL, 0.0
    )
    return found


def _chinese(words: Words, one: Codes, other: Codes) -> Numbers:
    """Chinese words by sound or look, else by the share of equal characters in their place."""
    length = np.maximum(np.maximum(words.lengths[one], words.lengths[other]), 1)
    mine, theirs = words.letters[one], words.letters[other]
    equal = ((mine == theirs) & (mine > 0)).sum(1)
    looks = shapes()[mine] == shapes()[theirs]
    same = words.sounds[one] == words.sounds[other]
    same |= (looks & (mine > 0)).sum(1) == length
    found: Numbers = np.where(equal / length >= 0.5, _ONE_CHARACTER, 0.0)
    found[same] = _DISCOUNT * _SAME_SOUND
    return found

"""The records that share something rare with one that is about to be entered, at once.

What blocking finds by sorting all records, this finds for a single one in lists that are made once,
and some more: it knows neither hubs nor the least rarity.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from graphcrm.duplicates.engine.blocks import GROWN
from graphcrm.duplicates.engine.fields import NO_ROWS, THREADS, Codes, Field, Keys, Kind
from graphcrm.duplicates.engine.hashes import Hashes, hashed
from graphcrm.duplicates.engine.keys import Key, keys_of, tell_more
from graphcrm.duplicates.engine.matching import Learned

MOST = 500
"""Records at most that one is compared with: those that share rare things in most ways."""


class _Lists(NamedTuple):
    """What has each code: that of code c is `members[starts[c]:starts[c + 1]]`."""

    members: Codes
    starts: Keys

    def of(self, code: int) -> Codes:
        return self.members[self.starts[code] : self.starts[code + 1]]


class _Texts(NamedTuple):
    """Where each text stands: hashes in ascending order, and the positions of their texts."""

    hashes: Hashes
    places: Keys

    def find(self, texts: pa.StringArray) -> list[int]:
        """The positions of these texts, of those that are there."""
        if not len(self.hashes):
            return []
        wanted = hashed(texts)
        at = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
        found: list[int] = self.places[at[self.hashes[at] == wanted]].tolist()
        return found


class _Found(NamedTuple):
    """A key with the lists of its parts."""

    key: Key
    rows: _Lists
    texts: _Texts


class _Held(NamedTuple):
    """A field with the lists of its values and words."""

    rows: _Lists
    texts: _Texts
    values_of_words: _Lists | None
    words: _Texts | None
    keys: list[_Found]


class _Part(NamedTuple):
    """What a record has of a key: its part, and its whole value where some record has it."""

    found: _Found
    code: int
    share: float
    whole: int | None
    whole_share: float
    wholes: _Lists


class Lookup:
    """All records, by what they are found by."""

    def __init__(self, fields: list[Field], learned: Learned, gone: Keys = NO_ROWS) -> None:
        """`fields` have the frequencies of the model that was `learned`; none `gone` is found."""
        self.fields = [_without(field, gone) for field in fields]
        self._bounds = learned.bounds
        with ThreadPoolExecutor(THREADS) as threads:
            self._held = list(threads.map(_held, self.fields))

    def near(self, record: list[Field]) -> Keys:
        """The rows that a record would be compared with; it has the same fields, of one row."""
        parts: list[_Part] = []
        found: list[Codes] = []
        for field, held, mine in zip(self.fields, self._held, record, strict=True):
            if field.kind is Kind.CATEGORY or not len(mine.values):
                continue
            value = next(iter(held.texts.find(mine.values)), None)
            found += self._by_one(field, held, mine, value)
            parts += _parts(field, held, mine, value)
        found += [
            rows
            for number, one in enumerate(parts)
            for other in parts[number + 1 :]
            if tell_more(one.found.key, other.found.key)
            for rows in self._by_two(one, other)
        ]
        if not found:
            return NO_ROWS
        rows, ways = np.unique(np.concatenate(found), return_counts=True)
        best = np.sort(np.argsort(-ways, kind="stable")[:MOST])
        return rows[best].astype(np.int64)

    def _by_one(self, field: Field, held: _Held, mine: Field, value: int | None) -> Iterator[Codes]:
        """Those that have the same rare value or word."""
        largest = self._bounds.largest
        if value is not None and field.held[value] <= largest:
            yield _few(held.rows.of(value))
        if held.words is not None and held.values_of_words is not None and mine.words is not None:
            for word in held.words.find(mine.words.texts):
                if field.holders[word] <= largest:
                    values = held.values_of_words.of(word)[:GROWN]
                    yield _few(np.concatenate([held.rows.of(v) for v in values.tolist()]))

    def _by_two(self, one: _Part, other: _Part) -> Iterator[Codes]:
        """Those that agree in two keys that few would agree in by accident."""
        bounds = self._bounds
        rare, common = sorted((one, other), key=lambda part: part.share)
        if rare.share * common.share * bounds.rows <= bounds.most:
            rows = rare.found.rows.of(rare.code)
            both = rows[common.found.key.part[rows] == common.code]
            if len(both) <= GROWN:
                yield both
                return
        rare, common = sorted((one, other), key=lambda part: part.whole_share)
        if rare.whole is None or common.whole is None:
            return
        if rare.whole_share * common.whole_share * bounds.rows <= bounds.most:
            rows = rare.wholes.of(rare.whole)
            yield _few(rows[common.found.key.whole[rows] == common.whole])


def _without(field: Field, gone: Keys) -> Field:
    """The same with nothing known of these rows."""
    if not len(gone):
        return field
    codes = field.codes.copy()
    codes[gone] = -1
    return replace(field, codes=codes)


def _few(rows: Codes) -> Codes:
    """Nobody, where they are too many."""
    return rows if len(rows) <= GROWN else rows[:0]


def _parts(field: Field, held: _Held, mine: Field, value: int | None) -> Iterator[_Part]:
    """What a record has of the keys of a field."""
    records = field.records
    share = 1.0 if value is None else float(field.held[value]) / records
    for number, found in enumerate(held.keys):
        for code in found.texts.find(mine.coarse[number].texts):
            counted = float(field.frequency.parts[number][code]) / records
            yield _Part(found, code, counted, value, share, held.rows)


def _held(field: Field) -> _Held:
    words = field.words
    keys = [] if field.kind is Kind.CATEGORY else keys_of([field])
    values_of_words = None
    if words is not None:
        owner = np.repeat(np.arange(len(field.values), dtype=np.int32), np.diff(words.offsets))
        values_of_words = _lists(words.numbers, len(words.texts), owner)
    return _Held(
        _lists(field.codes, len(field.values)),
        _texts(field.values),
        values_of_words,
        None if words is None else _texts(words.texts),
        [_Found(key, _lists(key.part, len(key.texts)), _texts(key.texts)) for key in keys],
    )


def _lists(codes: Codes, size: int, members: Codes | None = None) -> _Lists:
    """What has each code; by default the positions of the codes themselves."""
    order = np.argsort(codes, kind="stable").astype(np.int32)
    starts = np.searchsorted(codes[order], np.arange(size + 1))
    return _Lists(order if members is None else members[order], starts)


def _texts(texts: pa.StringArray) -> _Texts:
    hashes = hashed(texts)
    order = np.argsort(hashes)
    return _Texts(hashes[order], order)

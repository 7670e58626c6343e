"""Which records are compared at all: those that share something rare.

Without hand-written rules: every value and word is a key, and every two parts of values together
are one. What bounds the work is not a choice of keys but a budget of accidental pairs: how often
two records that have nothing to do with each other would meet.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from itertools import combinations, groupby

import numpy as np
import numpy.typing as npt

from graphcrm.duplicates.engine.fields import Codes, Field, Keys, Kind, Numbers

LARGEST = 50
"""Records in a block at most: what more of them share tells too little."""

ACCIDENTAL = (5.0, 40.0)
"""Least and most pairs per record that would agree in two keys by accident."""

PAIRS = 1_000_000
"""Accidental pairs in all, as far as these bounds per record allow; half as many may share one
value alone."""

MOST = 2_000_000
MOST_PER_RECORD = 3
"""Pairs that are compared at most: as many, or as many per record where that is more."""

_PIECE = 500_000
_SAMPLE = 20_000
_THREADS = 2


Rarity = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Key:
    """One way to group records, by a part of a field's values and by the whole of them.

    `share` and `whole_share` are each row's: the share of records that have the same part, and the
    same value (1 where unknown).
    """

    field: Field
    part: Codes
    whole: Codes
    share: Numbers
    whole_share: Numbers


def keys_of(fields: Iterable[Field]) -> list[Key]:
    """The keys of all fields but those of few values."""
    return [
        _key(field, coarse)
        for field in fields
        if field.kind is not Kind.CATEGORY
        for coarse in field.coarse
    ]


def candidate_pairs(fields: list[Field], keys: list[Key], effort: float = 1.0) -> tuple[Keys, Keys]:
    """The pairs of rows worth comparing, each once, left < right, in ascending order.

    A pair is a candidate where both rows share one value or word that few rows hold, or agree in
    two keys that few would agree in by accident. A block that is too large for that is split by
    the whole values. `effort` multiplies what the budgets allow.
    """
    rows = len(fields[0].codes)
    budget = effort * min(max(PAIRS / rows, ACCIDENTAL[0]), ACCIDENTAL[1])
    twos = [two for two in combinations(keys, 2) if _tell_more(*two)]
    most = _most_accidental(twos, rows, budget)
    with ThreadPoolExecutor(_THREADS) as threads:
        sizes = [size for found in threads.map(_sizes, fields) for size in found]
        largest = _largest(np.concatenate(sizes) if sizes else np.empty(0, np.int64), rows, budget)
        pairs = _distinct(
            [
                *threads.map(lambda field: _by_one(field, rows, largest), fields),
                *threads.map(lambda two: _by_two(two[0], two[1], rows, most), twos),
            ]
        )
        return _promising(pairs // rows, pairs % rows, keys, effort, threads)


def _promising(
    left: Keys, right: Keys, keys: list[Key], effort: float, threads: ThreadPoolExecutor
) -> tuple[Keys, Keys]:
    """Of too many pairs those that agree in what is rarest."""
    rows = len(keys[0].part) if keys else 0
    most = int(effort * max(MOST, MOST_PER_RECORD * rows))
    if len(left) <= most:
        return left, right
    pieces = [slice(start, start + _PIECE) for start in range(0, len(left), _PIECE)]
    rarity = np.concatenate(
        list(threads.map(lambda piece: _rarity(left[piece], right[piece], keys), pieces))
    )
    kept = np.flatnonzero(rarity >= np.partition(rarity, -most)[-most])
    return left[kept], right[kept]


def _rarity(left: Keys, right: Keys, keys: list[Key]) -> Rarity:
    """How much information pairs agree in (nats): of each field the rarest part or value."""
    found = np.zeros(len(left), np.float32)
    for _, of_field in groupby(keys, key=lambda key: id(key.field)):
        best = np.zeros(len(left), np.float32)
        for key in of_field:
            for codes, share in ((key.part, key.share), (key.whole, key.whole_share)):
                mine = codes[left]
                agree = np.flatnonzero((mine == codes[right]) & (mine >= 0))
                best[agree] = np.maximum(best[agree], -np.log(share[left[agree]]))
        found += best
    return found


def _key(field: Field, coarse: Codes) -> Key:
    known = field.codes >= 0
    part = np.where(known, coarse[field.codes], np.int32(-1))
    counts = np.bincount(part[known], minlength=1)
    share = np.where(known, counts[part] / len(part), 1.0)
    whole = np.where(known, field.held[field.codes] / len(part), 1.0)
    return Key(field, part, field.codes, share, whole)


def _tell_more(first: Key, second: Key) -> bool:
    """Whether two groupings say more together than one: two parts of a customer's name do."""
    name = first.field.kind is Kind.WORDS and first.field.identity
    return first.field is not second.field or name


def _most_accidental(twos: list[tuple[Key, Key]], rows: int, budget: float) -> float:
    """How many others a row may meet in a block by accident, so that the budget is kept."""
    chosen = np.linspace(0, rows - 1, min(rows, _SAMPLE)).astype(np.int64)
    met = [a.share[chosen] * b.share[chosen] * rows for a, b in twos]
    if not met:
        return 0.0
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


def _by_one(field: Field, rows: int, largest: int) -> Keys:
    """Pairs that share a rare value or word."""
    if field.kind is Kind.CATEGORY:
        return np.empty(0, np.int64)
    known = np.flatnonzero((field.codes >= 0) & (field.held[field.codes] <= largest))
    found = [_within(field.codes[known].astype(np.int64), known, rows, largest)[0]]
    if field.words is not None:
        known = np.flatnonzero(field.codes >= 0)
        numbers, owner = field.words.of(field.codes[known])
        rare = (field.holders[numbers] <= largest) & (field.holders[numbers] > 1)
        found.append(_within(numbers[rare].astype(np.int64), known[owner[rare]], rows, largest)[0])
    return _distinct(found)


def _by_two(first: Key, second: Key, rows: int, most: float) -> Keys:
    """Pairs that agree in two keys; what is too large is split by the whole values."""
    chance = first.share * second.share * rows
    known = (first.part >= 0) & (second.part >= 0)
    few = np.flatnonzero(known & (chance <= most))
    found, large = _within(_joined(first.part[few], second.part[few]), few, rows, LARGEST)
    rest = np.concatenate((np.flatnonzero(known & (chance > most)), large))
    rest = rest[first.whole_share[rest] * second.whole_share[rest] * rows <= most]
    more, _ = _within(_joined(first.whole[rest], second.whole[rest]), rest, rows, LARGEST)
    return _distinct([found, more])


def _joined(a: Codes, b: Codes) -> Keys:
    return a.astype(np.int64) * (int(b.max(initial=0)) + 1) + b


def _within(key: Keys, rows_of: Keys, rows: int, largest: int) -> tuple[Keys, Keys]:
    """The pairs of rows with one key, and the rows of keys that too many share."""
    if not len(key):
        return np.empty(0, np.int64), rows_of
    order = np.argsort(key, kind="stable")
    key, rows_of = key[order], rows_of[order]
    borders = np.flatnonzero(np.concatenate(([True], key[1:] != key[:-1], [True])))
    starts, sizes = borders[:-1], np.diff(borders)
    found = [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= largest)]):
        members = rows_of[starts[sizes == size][:, None] + np.arange(size)]
        left, right = _triangle(int(size))
        low = np.minimum(members[:, left], members[:, right])
        high = np.maximum(members[:, left], members[:, right])
        found.append((low * rows + high)[low != high].ravel())
    over = np.repeat(sizes > largest, sizes)
    return np.concatenate(found), rows_of[over]


@cache
def _triangle(size: int) -> tuple[Keys, Keys]:
    left, right = np.triu_indices(size, 1)
    return left, right


def _distinct(found: list[Keys]) -> Keys:
    pairs = np.concatenate(found) if found else np.empty(0, np.int64)
    pairs.sort()
    return pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs

"""The blocks of records that share a value or word, or agree in two keys, and the pairs in them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.fields import NO_ROWS, Codes, Field, Keys, Kind
from graphcrm.duplicates.engine.hashes import Hashes, hashed, joined_hashes
from graphcrm.duplicates.engine.keys import Key, Spread, spread

LARGEST = 50
"""Records in a block at most: what more of them share tells too little."""

GROWN = 4 * LARGEST
"""Records at most in a block that was no larger than LARGEST when the model was learned."""

_BITS = 20
_MANY, _FEW = np.uint8(1), np.uint8(2)

Rows = npt.NDArray[np.bool_]


class Hubs(NamedTuple):
    """The blocks of two keys that were too large, by their parts and by their whole values."""

    parts: Hashes
    wholes: Hashes


@dataclass(frozen=True)
class Bounds:
    """What the budgets allow.

    Of `rows` compared records `largest` may share one value; `most` others may agree with a record
    in two keys by accident; candidates agree in what is as rare as `rarity` (nats); `hubs` are the
    blocks of every two keys that are too large all the same.
    """

    rows: int
    largest: int
    most: float
    rarity: float
    hubs: list[Hubs]


@dataclass(frozen=True)
class Change:
    """What changed: which rows were there `before`, which are `after`, which to compare anew."""

    before: Rows
    after: Rows
    touched: Rows


class Blocked(NamedTuple):
    """Pairs (left * rows + right), and the rows of blocks that became too large, or are no more."""

    pairs: Keys
    crossing: Keys
    hubs: Hubs


def by_one(field: Field, largest: int, change: Change | None) -> Blocked:
    """Pairs that share a rare value or word."""
    rows = len(field.codes)
    found = [Blocked(NO_ROWS, NO_ROWS, _NO_HUBS)]
    if field.kind is not Kind.CATEGORY:
        known = np.flatnonzero(field.codes >= 0)
        rare = _few(field, field.held, largest)
        few = _near_values(field, known, rare, change)
        few = few[rare[field.codes[few]]]
        found.append(_within(field.codes[few], few, rows, GROWN, change)[0])
        if field.words is not None:
            rare = _few(field, field.holders, largest)
            near = _near_words(field, known, rare, change)
            numbers, owner = field.words.of(field.codes[near])
            held = rare[numbers]
            found.append(_within(numbers[held], near[owner[held]], rows, GROWN, change)[0])
    pairs, crossing = (np.concatenate([each[n] for each in found]) for n in (0, 1))
    return Blocked(distinct([pairs]), crossing, _NO_HUBS)


def by_two(
    two: tuple[Key, Key], bounds: Bounds, hubs: Hubs | None, change: Change | None
) -> Blocked:
    """Pairs that agree in two keys; what is too large is split by the whole values."""
    first, second = two
    rows, most = len(first.part), bounds.most
    limit = LARGEST if hubs is None else GROWN
    few, rest = _split(first, second, bounds, change)
    key = _joined(first.part[few], second.part[few])
    parts = first.texts, second.texts
    hub = _is_hub(first.part[few], second.part[few], parts, hubs and hubs.parts)
    found, large = _within(key[~hub], few[~hub], rows, limit, change)
    rest = np.concatenate((rest, few[hub], large))
    if change is not None:
        place = _place(spread(first.whole[rest])[0], spread(second.whole[rest])[1])
        near = np.zeros(1 << _BITS, bool)
        near[place[change.touched[rest]]] = True
        rest = rest[near[place]]
    rest = rest[first.whole_share(rest) * second.whole_share(rest) * bounds.rows <= most]
    wholes = first.field.values, second.field.values
    hub = _is_hub(first.whole[rest], second.whole[rest], wholes, hubs and hubs.wholes)
    key = _joined(first.whole[rest], second.whole[rest])
    more, over = _within(key[~hub], rest[~hub], rows, limit, change)
    return Blocked(
        distinct([found.pairs, more.pairs]),
        np.concatenate((found.crossing, more.crossing)),
        Hubs(
            _names(first.part[large], second.part[large], parts),
            _names(first.whole[over], second.whole[over], wholes),
        )
        if hubs is None
        else hubs,
    )


def _few(field: Field, counts: Keys, largest: int) -> Rows:
    """What so few records hold that they are compared; by its own counts one record meets none."""
    found: Rows = counts <= largest
    return found if field.frozen is not None else found & (counts > 1)


def _names(one: Codes, other: Codes, texts: tuple[pa.Array, pa.Array]) -> Hashes:
    """What the blocks of these two values are called, each once."""
    if not len(one):
        return np.empty(0, np.uint64)
    return np.unique(_joined_names(one, other, texts))


def _is_hub(
    one: Codes, other: Codes, texts: tuple[pa.Array, pa.Array], hubs: Hashes | None
) -> Rows:
    """Whether the blocks of these two values were too large."""
    if hubs is None or not len(hubs) or not len(one):
        return np.zeros(len(one), bool)
    return np.isin(_joined_names(one, other, texts), hubs)


def _joined_names(one: Codes, other: Codes, texts: tuple[pa.Array, pa.Array]) -> Hashes:
    found = []
    for codes, named in zip((one, other), texts, strict=True):
        used, back = np.unique(codes, return_inverse=True)
        found.append(hashed(named.take(pa.array(used)))[back])
    return joined_hashes(*found)


def _near_values(field: Field, known: Keys, rare: Rows, change: Change | None) -> Keys:
    """Of these rows those that have a rare value of a touched one."""
    if change is None:
        return known
    mine = np.zeros(len(field.values), bool)
    mine[field.codes[known[change.touched[known]]]] = True
    return known[(mine & rare)[field.codes[known]]]


def _near_words(field: Field, known: Keys, rare: Rows, change: Change | None) -> Keys:
    """Of these rows those that have a rare word of a touched one."""
    assert field.words is not None
    if change is None:
        return known
    mine = np.zeros(len(field.words.texts), bool)
    mine[field.words.of(field.codes[known[change.touched[known]]])[0]] = True
    found = np.flatnonzero((mine & rare)[field.words.numbers])
    holds = np.zeros(len(field.values), bool)
    holds[np.searchsorted(field.words.offsets, found, side="right") - 1] = True
    return known[holds[field.codes[known]]]


def _split(first: Key, second: Key, bounds: Bounds, change: Change | None) -> tuple[Keys, Keys]:
    """The rows that meet few others by accident in both parts, and the rest of those known.

    With a change only those that may agree with a touched row: all that do, and hardly others.
    """
    known = (first.part >= 0) & (second.part >= 0)

    def usual(rows: Keys) -> Rows:
        found: Rows = first.share(rows) * second.share(rows) * bounds.rows <= bounds.most
        return found

    if change is None:
        near = np.flatnonzero(known)
        few = usual(near)
        return near[few], near[~few]
    place = _place(first.spread[0], second.spread[1])
    touched = np.flatnonzero(change.touched & known)
    few = usual(touched)
    # Whether few or many others agree in both parts is the same for all that agree in them.
    kinds = np.zeros(1 << _BITS, np.uint8)
    kinds[place[touched[~few]]] = _MANY
    kinds[place[touched[few]]] |= _FEW
    kind = kinds[place]
    near = np.flatnonzero(kind > 0)
    near = near[known[near]]
    maybe = near[kind[near] >= _FEW]
    few = usual(maybe)
    return maybe[few], np.concatenate((near[kind[near] < _FEW], maybe[~few]))


def _place(one: Spread, other: Spread) -> Spread:
    """A number for each two, of so many bits that few of those that differ share one."""
    found: Spread = (one ^ other) >> np.uint32(32 - _BITS)
    return found


def _joined(a: Codes, b: Codes) -> Keys:
    return a.astype(np.int64) * (int(b.max(initial=0)) + 1) + b


def _within(
    key: Keys | Codes, rows_of: Keys, rows: int, limit: int, change: Change | None
) -> tuple[Blocked, Keys]:
    """The pairs of rows with one key, and the rows of keys that too many share.

    Rows that are gone by a change are of no pair, but among the latter.
    """
    if change is not None:
        there = change.before[rows_of] | change.after[rows_of]
        key, rows_of = key[there], rows_of[there]
    if not len(key):
        return Blocked(NO_ROWS, NO_ROWS, _NO_HUBS), rows_of
    order = np.argsort(key, kind="stable")
    key, rows_of = key[order], rows_of[order]
    crossing, gone = NO_ROWS, NO_ROWS
    if change is not None:
        starts = _starts(key)
        after = change.after[rows_of]
        counts = np.diff(np.append(starts, len(key)))
        was = np.add.reduceat(change.before[rows_of], starts, dtype=np.int64) > limit
        large = np.add.reduceat(after, starts, dtype=np.int64) > limit
        crossing = rows_of[np.repeat(was != large, counts) & after]
        gone = rows_of[np.repeat(large, counts) & ~after]
        key, rows_of = key[after], rows_of[after]
    starts = _starts(key)
    sizes = np.diff(np.append(starts, len(key)))
    found = [NO_ROWS]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= limit)]):
        members = rows_of[starts[sizes == size][:, None] + np.arange(size)]
        if change is not None:
            members = members[change.touched[members].any(1)]
        left, right = _triangle(int(size))
        low = np.minimum(members[:, left], members[:, right])
        high = np.maximum(members[:, left], members[:, right])
        found.append((low * rows + high)[low != high].ravel())
    over = rows_of[np.repeat(sizes > limit, sizes)]
    return Blocked(np.concatenate(found), crossing, _NO_HUBS), np.concatenate((over, gone))


def _starts(key: Keys | Codes) -> Keys:
    """Where in a sorted array a key stands for the first time."""
    return np.flatnonzero(np.concatenate(([len(key) > 0], key[1:] != key[:-1])))


@cache
def _triangle(size: int) -> tuple[Keys, Keys]:
    left, right = np.triu_indices(size, 1)
    return left, right


def distinct(found: list[Keys]) -> Keys:
    """All of several lists, each once, in ascending order."""
    pairs = np.concatenate(found) if found else np.empty(0, np.int64)
    pairs.sort()
    return pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs


_NO_HUBS = Hubs(np.empty(0, np.uint64), np.empty(0, np.uint64))

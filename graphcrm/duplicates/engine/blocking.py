"""Which records are compared at all: those that share something rare.

Without hand-written rules: every value and word is a key, and every two parts of values together
are one. What bounds the work is not a choice of keys but a budget of accidental pairs: how often
two records that have nothing to do with each other would meet. What the budget came to where a
model was learned is kept with it (`Bounds`), so that later it depends on two records alone whether
they are compared.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import combinations, groupby
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.fields import THREADS, Codes, Field, Keys, Kind, Numbers
from graphcrm.duplicates.engine.hashes import Hashes, hashed, joined_hashes

LARGEST = 50
"""Records in a block at most: what more of them share tells too little."""

GROWN = 4 * LARGEST
"""Records at most in a block that was no larger than LARGEST when the model was learned."""

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
_BITS = 22


Rarity = npt.NDArray[np.float32]
Rows = npt.NDArray[np.bool_]
Spread = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Key:
    """One way to group records: by a part of a field's values, and by the whole of them."""

    field: Field
    number: int

    @property
    def texts(self) -> pa.StringArray:
        """What the parts are called."""
        return self.field.coarse[self.number].texts

    @property
    def whole(self) -> Codes:
        """The value of each row, -1 where unknown."""
        return self.field.codes

    @cached_property
    def part(self) -> Codes:
        """The part of each row's value, -1 where unknown."""
        known = np.append(self.field.coarse[self.number].codes, np.int32(-1))
        found: Codes = known[self.field.codes]
        return found

    def share(self, rows: Keys) -> Numbers:
        """The share of records that have the same part as these rows (known ones)."""
        found: Numbers = self._shares[0][self.part[rows]]
        return found

    def whole_share(self, rows: Keys) -> Numbers:
        """The share of records that have the same value as these rows (known ones)."""
        found: Numbers = self._shares[1][self.whole[rows]]
        return found

    @cached_property
    def _shares(self) -> tuple[Numbers, Numbers]:
        parts, values = self.field.frequency.parts[self.number], self.field.held
        return parts / self.field.records, values / self.field.records

    @cached_property
    def spread(self) -> tuple[Spread, Spread]:
        """A number for each row's part, as the first and as the second of two keys."""
        return _spread(self.part)


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


class Candidates(NamedTuple):
    """The pairs to compare, each once, left < right, in ascending order, and what bounds them."""

    left: Keys
    right: Keys
    bounds: Bounds


class _Blocked(NamedTuple):
    """Pairs (left * rows + right), and the rows of blocks that became too large, or are no more."""

    pairs: Keys
    crossing: Keys
    hubs: Hubs


def keys_of(fields: Iterable[Field]) -> list[Key]:
    """The keys of all fields but those of few values."""
    return [
        Key(field, number)
        for field in fields
        if field.kind is not Kind.CATEGORY
        for number in range(len(field.coarse))
    ]


def candidate_pairs(fields: list[Field], effort: float = 1.0) -> Candidates:
    """The pairs of rows worth comparing, and what bounds them from now on.

    A pair is a candidate where both rows share one value or word that few rows hold, or agree in
    two keys that few would agree in by accident. A block that is too large for that is split by
    the whole values. `effort` multiplies what the budgets allow.
    """
    rows, keys = len(fields[0].codes), keys_of(fields)
    budget = effort * min(max(PAIRS / rows, ACCIDENTAL[0]), ACCIDENTAL[1])
    twos = _twos(keys)
    most = _most_accidental(twos, rows, budget)
    with ThreadPoolExecutor(THREADS) as threads:
        sizes = [size for found in threads.map(_sizes, fields) for size in found]
        largest = _largest(np.concatenate(sizes) if sizes else np.empty(0, np.int64), rows, budget)
        ones = threads.map(lambda field: _by_one(field, largest, None), fields)
        bounds = Bounds(rows, largest, most, 0.0, [])
        blocked = list(threads.map(lambda two: _by_two(two, bounds, None, None), twos))
        pairs = _distinct([*(found.pairs for found in (*ones, *blocked))])
        left, right = pairs // rows, pairs % rows
        bounds = replace(bounds, hubs=[found.hubs for found in blocked])
        allowed = int(effort * max(MOST, MOST_PER_RECORD * rows))
        if len(left) > allowed:
            rarity = _all_rarity(left, right, keys, threads)
            least = float(np.partition(rarity, -allowed)[-allowed])
            left, right = left[rarity >= least], right[rarity >= least]
            bounds = replace(bounds, rarity=least)
    return Candidates(left, right, bounds)


def candidates_within(
    fields: list[Field], bounds: Bounds, change: Change | None = None
) -> tuple[Candidates, Rows]:
    """The candidates by the bounds of a model, and which rows they are of.

    `fields` have the model's frequencies. With a `change`, these are the pairs of rows that are
    there after it of which one is touched, or in a block that the change made too large or no
    longer so.
    """
    rows, keys = len(fields[0].codes), keys_of(fields)
    twos = _twos(keys)
    with ThreadPoolExecutor(THREADS) as threads:
        while True:
            ones = threads.map(lambda field, c=change: _by_one(field, bounds.largest, c), fields)
            blocked = threads.map(
                lambda two, hubs, c=change: _by_two(two, bounds, hubs, c), twos, bounds.hubs
            )
            every = [*ones, *blocked]
            if change is None:
                touched = np.ones(rows, bool)
                break
            crossing = np.concatenate([found.crossing for found in every])
            touched = change.touched
            if touched[crossing].all():
                break
            touched = touched.copy()
            touched[crossing] = True
            change = Change(change.before, change.after, touched)
        pairs = _distinct([found.pairs for found in every])
        left, right = pairs // rows, pairs % rows
        if change is not None:
            near = touched[left] | touched[right]
            left, right = left[near], right[near]
        if bounds.rarity > 0:
            kept = _all_rarity(left, right, keys, threads) >= bounds.rarity
            left, right = left[kept], right[kept]
    return Candidates(left, right, bounds), touched


def _twos(keys: list[Key]) -> list[tuple[Key, Key]]:
    return [two for two in combinations(keys, 2) if tell_more(*two)]


def _all_rarity(left: Keys, right: Keys, keys: list[Key], threads: ThreadPoolExecutor) -> Rarity:
    pieces = [slice(start, start + _PIECE) for start in range(0, max(len(left), 1), _PIECE)]
    found = threads.map(lambda piece: _rarity(left[piece], right[piece], keys), pieces)
    return np.concatenate(list(found))


def _rarity(left: Keys, right: Keys, keys: list[Key]) -> Rarity:
    """How much information pairs agree in (nats): of each field the rarest part or value."""
    found = np.zeros(len(left), np.float32)
    for _, of_field in groupby(keys, key=lambda key: id(key.field)):
        best = np.zeros(len(left), np.float32)
        for key in of_field:
            for codes, share in ((key.part, key.share), (key.whole, key.whole_share)):
                mine = codes[left]
                agree = np.flatnonzero((mine == codes[right]) & (mine >= 0))
                best[agree] = np.maximum(best[agree], -np.log(share(left[agree])))
        found += best
    return found


def tell_more(first: Key, second: Key) -> bool:
    """Whether two groupings say more together than one: two parts of a customer's name do."""
    name = first.field.kind is Kind.WORDS and first.field.identity
    return first.field is not second.field or name


def _most_accidental(twos: list[tuple[Key, Key]], rows: int, budget: float) -> float:
    """How many others a row may meet in a block by accident, so that the budget is kept."""
    chosen = np.linspace(0, rows - 1, min(rows, _SAMPLE)).astype(np.int64)
    met = [np.empty(0)]
    for a, b in twos:
        known = chosen[(a.part[chosen] >= 0) & (b.part[chosen] >= 0)]
        met.append(a.share(known) * b.share(known) * rows)
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


def _by_one(field: Field, largest: int, change: Change | None) -> _Blocked:
    """Pairs that share a rare value or word."""
    rows = len(field.codes)
    found = [_Blocked(_NO_ROWS, _NO_ROWS, _NO_HUBS)]
    if field.kind is not Kind.CATEGORY:
        known = np.flatnonzero(field.codes >= 0)
        near = known if change is None else _near_values(field, known, change)
        few = near[_few(field, field.held, largest)[field.codes[near]]]
        found.append(_within(field.codes[few], few, rows, GROWN, change)[0])
        if field.words is not None:
            near = known if change is None else _near_words(field, known, change)
            numbers, owner = field.words.of(field.codes[near])
            rare = _few(field, field.holders, largest)[numbers]
            found.append(_within(numbers[rare], near[owner[rare]], rows, GROWN, change)[0])
    pairs, crossing = (np.concatenate([each[n] for each in found]) for n in (0, 1))
    return _Blocked(_distinct([pairs]), crossing, _NO_HUBS)


def _by_two(
    two: tuple[Key, Key], bounds: Bounds, hubs: Hubs | None, change: Change | None
) -> _Blocked:
    """Pairs that agree in two keys; what is too large is split by the whole values."""
    first, second = two
    rows, most = len(first.part), bounds.most
    limit = LARGEST if hubs is None else GROWN
    near = np.arange(rows) if change is None else _near_both(first, second, change)
    known = near[(first.part[near] >= 0) & (second.part[near] >= 0)]
    usual = first.share(known) * second.share(known) * bounds.rows <= most
    few = known[usual]
    key = _joined(first.part[few], second.part[few])
    parts = first.texts, second.texts
    hub = _is_hub(first.part[few], second.part[few], parts, hubs and hubs.parts)
    found, large = _within(key[~hub], few[~hub], rows, limit, change)
    rest = np.concatenate((known[~usual], few[hub], large))
    rest = rest[first.whole_share(rest) * second.whole_share(rest) * bounds.rows <= most]
    if change is not None:
        place = _spread(first.whole[rest])[0] ^ _spread(second.whole[rest])[1]
        rest = rest[_is_near(place, change.touched[rest])]
    wholes = first.field.values, second.field.values
    hub = _is_hub(first.whole[rest], second.whole[rest], wholes, hubs and hubs.wholes)
    key = _joined(first.whole[rest], second.whole[rest])
    more, over = _within(key[~hub], rest[~hub], rows, limit, change)
    return _Blocked(
        _distinct([found.pairs, more.pairs]),
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
    pairs = np.unique(np.stack((one, other)), axis=1)
    both = (hashed(text.take(pa.array(codes))) for text, codes in zip(texts, pairs, strict=True))
    return np.unique(joined_hashes(*both))


def _is_hub(
    one: Codes, other: Codes, texts: tuple[pa.Array, pa.Array], hubs: Hashes | None
) -> Rows:
    """Whether the blocks of these two values were too large."""
    if hubs is None or not len(hubs) or not len(one):
        return np.zeros(len(one), bool)
    both = (hashed(text)[codes] for text, codes in zip(texts, (one, other), strict=True))
    return np.isin(joined_hashes(*both), hubs)


def _near_values(field: Field, known: Keys, change: Change) -> Keys:
    """Of these rows those that have the value of a touched one."""
    mine = np.zeros(len(field.values), bool)
    mine[field.codes[known[change.touched[known]]]] = True
    return known[mine[field.codes[known]]]


def _near_words(field: Field, known: Keys, change: Change) -> Keys:
    """Of these rows those that have a word of a touched one."""
    assert field.words is not None
    mine = np.zeros(len(field.words.texts), bool)
    mine[field.words.of(field.codes[known[change.touched[known]]])[0]] = True
    owner = np.repeat(np.arange(len(field.values)), np.diff(field.words.offsets))
    holds = np.zeros(len(field.values), bool)
    holds[owner[mine[field.words.numbers]]] = True
    return known[holds[field.codes[known]]]


def _near_both(first: Key, second: Key, change: Change) -> Keys:
    """The rows that may agree with a touched one in both keys: all that do, and hardly others."""
    place = first.spread[0] ^ second.spread[1]
    return np.flatnonzero(_is_near(place, change.touched & (first.part >= 0) & (second.part >= 0)))


def _is_near(place: Spread, touched: Rows) -> Rows:
    """Which numbers may be those of touched rows."""
    place = place >> np.uint32(32 - _BITS)
    marked = np.zeros(1 << _BITS, bool)
    marked[place[touched]] = True
    found: Rows = marked[place]
    return found


def _spread(codes: Codes) -> tuple[Spread, Spread]:
    """A number for each code, as the first and as the second of two."""
    numbers = codes.astype(np.uint32)
    return numbers * np.uint32(0x9E3779B1), numbers * np.uint32(0x85EBCA77)


def _joined(a: Codes, b: Codes) -> Keys:
    return a.astype(np.int64) * (int(b.max(initial=0)) + 1) + b


def _within(
    key: Keys | Codes, rows_of: Keys, rows: int, limit: int, change: Change | None
) -> tuple[_Blocked, Keys]:
    """The pairs of rows with one key, and the rows of keys that too many share."""
    if change is not None:
        there = change.before[rows_of] | change.after[rows_of]
        key, rows_of = key[there], rows_of[there]
    if not len(key):
        return _Blocked(_NO_ROWS, _NO_ROWS, _NO_HUBS), rows_of
    order = np.argsort(key, kind="stable")
    key, rows_of = key[order], rows_of[order]
    crossing = _NO_ROWS
    if change is not None:
        starts = _starts(key)
        after = change.after[rows_of]
        crosses = (np.add.reduceat(change.before[rows_of], starts, dtype=np.int64) > limit) != (
            np.add.reduceat(after, starts, dtype=np.int64) > limit
        )
        crossing = rows_of[np.repeat(crosses, np.diff(np.append(starts, len(key)))) & after]
        key, rows_of = key[after], rows_of[after]
    starts = _starts(key)
    sizes = np.diff(np.append(starts, len(key)))
    found = [_NO_ROWS]
    for size in np.unique(sizes[(sizes > 1) & (sizes <= limit)]):
        members = rows_of[starts[sizes == size][:, None] + np.arange(size)]
        if change is not None:
            members = members[change.touched[members].any(1)]
        left, right = _triangle(int(size))
        low = np.minimum(members[:, left], members[:, right])
        high = np.maximum(members[:, left], members[:, right])
        found.append((low * rows + high)[low != high].ravel())
    over = np.repeat(sizes > limit, sizes)
    return _Blocked(np.concatenate(found), crossing, _NO_HUBS), rows_of[over]


def _starts(key: Keys | Codes) -> Keys:
    """Where in a sorted array a key stands for the first time."""
    return np.flatnonzero(np.concatenate(([len(key) > 0], key[1:] != key[:-1])))


@cache
def _triangle(size: int) -> tuple[Keys, Keys]:
    left, right = np.triu_indices(size, 1)
    return left, right


def _distinct(found: list[Keys]) -> Keys:
    pairs = np.concatenate(found) if found else np.empty(0, np.int64)
    pairs.sort()
    return pairs[np.concatenate(([True], pairs[1:] != pairs[:-1]))] if len(pairs) else pairs


_NO_ROWS = np.empty(0, np.int64)
_NO_HUBS = Hubs(np.empty(0, np.uint64), np.empty(0, np.uint64))

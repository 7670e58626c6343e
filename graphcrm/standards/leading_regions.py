"""Finding the regions that addresses and institutions' names begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.regions import MUNICIPALITIES, Level, Region, region_name, regions

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

NONE, AMBIGUOUS = -1, -2
"""Stand in `LeadingRegions.entry` for no region, and for a county's name that several have."""

# A region's short name is no region in 南京东路, 朝阳门, 中山公园.
_ROADS = "^[东西南北中前后新老大小上下内外一二三四五六七八九十0-9]{0,2}(?:路|街|大道|公路"
_PLACES = (
    "|道|巷|弄|胡同|桥|广场|花园|小区|新村|公园|大厦|公寓|酒店|宾馆|饭店|山庄|家园|苑|门|村|镇|乡"
)

_PLAIN_WORDS = Path(__file__).parent / "data" / "words_like_cities.txt"

_WIDTH = 1 << 20
_NOWHERE = -1


@dataclass(frozen=True)
class LeadingRegions:
    """What regions the texts begin with: per row the deepest one and how much of the text it took.

    `entry` is an index into `regions()`, or NONE, or AMBIGUOUS (the name of several counties);
    `length` counts characters, 0 where nothing was found; `short`: the deepest by its short name.
    """

    entry: Ints
    length: Ints
    short: Flags


@dataclass(frozen=True)
class _Names:
    by_length: dict[int, pa.Array]  # the names of that many characters, ...
    first_id: dict[int, int]  # ... numbered from here on
    keys: Ints  # parent * _WIDTH + number of the name, ascending
    entry: Ints  # what the key stands for
    short: Flags  # found by its short name only


def leading_regions(texts: pa.Array, *, institution: bool = False) -> LeadingRegions:
    """Return the regions that simplified texts without spaces begin with.

    Province, prefecture and county may each be missing or short (湖南长沙岳麓区, 岳麓区); the
    longest name that fits its parent counts, today's names before former ones. A short name is
    taken for a region where no road or building bears it (not 南京东路).

    With `institution`, cities of the third level may be short without their prefecture (浏阳花炮),
    unless the short name is a common word (东方), and only roads tell against.
    """
    texts = pc.fill_null(texts, "")
    guard = _ROADS + ("" if institution else _PLACES) + ")"
    rows = len(texts)
    none = np.zeros(rows, np.int64)
    provinces = _find(texts, none, none, _names("province", institution), guard)
    prefectures = _find(texts, none, none, _names("prefecture", institution), guard)
    counties = _find(texts, none, none, _names("county", institution), guard)
    entry, length, short = _longest(provinces, prefectures, counties)

    level = levels()[entry]
    length = _skip_repeated(texts, entry, length)
    in_province = np.where(level == 1, _parents()[entry], _NOWHERE)
    deeper = _longest(
        _find(texts, length, in_province, _names("prefecture", institution), guard),
        _find(texts, length, in_province, _names("county", institution), guard),
    )
    entry, length, short = _go_deeper((entry, length, short), deeper)

    level = levels()[entry]
    in_prefecture = np.where(level == 2, _parents()[entry], _NOWHERE)
    deeper = _find(texts, length, in_prefecture, _names("county", institution), guard)
    # 朝阳 alone is more often the district of Beijing than the prefecture.
    doubtful = short & _shared()[entry] & (deeper[0] == NONE) & ~np.bool_(institution)
    doubtful &= length == prefectures[1]
    doubtful &= length < pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    entry, length, short = _go_deeper((entry, length, short), deeper)
    return LeadingRegions(np.where(doubtful, NONE, entry), np.where(doubtful, 0, length), short)


def cut(texts: pa.Array, place: Ints) -> tuple[pa.Array, pa.Array]:
    """Return what stands before and after a place in each text, counted in characters."""
    before, after, order = [], [], []
    for at, rows in _groups(place):
        order.append(rows)
        held = texts.take(pa.array(rows))
        before.append(pc.utf8_slice_codeunits(held, 0, at))
        after.append(pc.utf8_slice_codeunits(held, at))
    if not order:
        return texts, texts
    back = pa.array(np.argsort(np.concatenate(order)))
    return pa.concat_arrays(before).take(back), pa.concat_arrays(after).take(back)


Found = tuple[Ints, Ints, Flags]


def _find(texts: pa.Array, start: Ints, parent: Ints, names: _Names, guard: str) -> Found:
    """Return entry, length and shortness of the longest name that stands at `start`.

    `parent` is the digits of the region that the name must lie in, 0 for the beginning of the text
    and _NOWHERE for rows not to be looked at.
    """
    entry = np.full(len(texts), NONE, np.int64)
    length = np.zeros(len(texts), np.int64)
    short = np.zeros(len(texts), np.bool_)
    for first, rows in _groups(np.where(parent == _NOWHERE, -1, start)):
        if first < 0:
            continue
        held = texts.take(pa.array(rows)) if len(rows) < len(texts) else texts
        longest = (pc.max(pc.utf8_length(held)).as_py() or 0) - first
        for size, candidates in names.by_length.items():
            if size > longest:
                continue
            piece = pc.utf8_slice_codeunits(held, first, first + size)
            number = pc.fill_null(pc.index_in(piece, value_set=candidates), -1).to_numpy()
            hit = np.flatnonzero((number >= 0) & (entry[rows] == NONE))
            key = parent[rows[hit]] * _WIDTH + number[hit] + names.first_id[size]
            place = np.minimum(np.searchsorted(names.keys, key), len(names.keys) - 1)
            fits = names.keys[place] == key
            hit, place = hit[fits], place[fits]
            if not len(hit):
                continue
            after = pc.utf8_slice_codeunits(held.take(pa.array(hit)), first + size)
            barred = pc.match_substring_regex(after, guard).to_numpy(zero_copy_only=False)
            market = pc.starts_with(after, "场").to_numpy(zero_copy_only=False)
            fits = ~np.where(names.short[place], barred, market)
            hit, place = rows[hit[fits]], place[fits]
            entry[hit], length[hit], short[hit] = names.entry[place], size, names.short[place]
    return entry, length, short


def _longest(*found: Found) -> Found:
    # Of two names that are equally long, what stands today: 石河子市 is a county now.
    scores = np.stack([one[1] * 2 + _standing()[one[0]] for one in found])
    best = scores.argmax(axis=0)[None]
    entry, length, short = (
        np.take_along_axis(np.stack([one[part] for one in found]), best, axis=0)[0]
        for part in range(3)
    )
    return entry, length, short


def _go_deeper(so_far: Found, deeper: Found) -> Found:
    found = deeper[0] >= 0
    entry, length, short = so_far
    return (
        np.where(found, deeper[0], entry),
        np.where(found, length + deeper[1], length),
        np.where(found, deeper[2], short),
    )


def _skip_repeated(texts: pa.Array, entry: Ints, length: Ints) -> Ints:
    """Return the lengths with 北京市北京市 as one region, as forms of two fields make it."""
    length = length.copy()
    for digits in MUNICIPALITIES:
        name = str(region_name(f"{digits}0000"))
        rows = np.flatnonzero((_parents()[entry] == int(digits)) & (levels()[entry] == 1))
        while len(rows):
            _, rest = cut(texts.take(pa.array(rows)), length[rows])
            rows = rows[pc.starts_with(rest, name).to_numpy(zero_copy_only=False)]
            length[rows] += len(name)
    return length


def _groups(start: Ints) -> Iterator[tuple[int, Ints]]:
    """Yield every start with its rows, ascending."""
    if not len(start):
        return
    order = np.argsort(start, kind="stable")
    values, firsts = np.unique(start[order], return_index=True)
    for value, rows in zip(values, np.split(order, firsts[1:]), strict=True):
        yield int(value), rows


@cache
def levels() -> Ints:
    """Return 1 province, 2 prefecture, 3 county per entry of `regions()`; 0 for both others."""
    number = {"province": 1, "prefecture": 2, "county": 3}
    return np.array([number[region.level] for region in regions()] + [0, 0], np.int64)


@cache
def _parents() -> Ints:
    """Return per entry the digits that are its own: 43 for 湖南省, 4301 for 长沙市."""
    return np.array([_own_digits(region) for region in regions()] + [0, 0], np.int64)


def _own_digits(region: Region) -> int:
    return int(region.code[: {"province": 2, "prefecture": 4, "county": 6}[region.level]])


@cache
def _standing() -> Flags:
    return np.array([region.stands for region in regions()] + [False, False])


@cache
def _shared() -> Flags:
    """Tell per entry whether a county elsewhere has the short name of this prefecture."""
    elsewhere: dict[str, set[str]] = {}
    for region in regions():
        if region.level == "county" and region.stands:
            elsewhere.setdefault(region.short_name, set()).add(region.code[:4])
    return np.array(
        [
            region.level == "prefecture"
            and bool(elsewhere.get(region.short_name, set()) - {region.code[:4]})
            for region in regions()
        ]
        + [False, False]
    )


@cache
def _names(level: Level, institution: bool) -> _Names:
    held: dict[tuple[int, str], list[tuple[bool, int]]] = {}
    for number, region in enumerate(regions()):
        if region.level != level:
            continue
        for name in {region.name, region.short_name}:
            short = name != region.name
            for parent in _possible_parents(region, name, short, institution):
                held.setdefault((parent, name), []).append((short, number))
    lengths = sorted({len(name) for _, name in held}, reverse=True)
    by_length = {size: sorted({name for _, name in held if len(name) == size}) for size in lengths}
    first_id, total = {}, 0
    for size in lengths:
        first_id[size] = total
        total += len(by_length[size])
    numbers = {
        name: first_id[size] + place
        for size in lengths
        for place, name in enumerate(by_length[size])
    }
    resolved = sorted(
        (parent * _WIDTH + numbers[name], _resolve(ones), all(short for short, _ in ones))
        for (parent, name), ones in held.items()
    )
    keys, entry, short_only = zip(*resolved, strict=True)
    return _Names(
        {size: pa.array(names, pa.string()) for size, names in by_length.items()},
        first_id,
        np.array(keys, np.int64),
        np.array(entry, np.int64),
        np.array(short_only, np.bool_),
    )


def _possible_parents(region: Region, name: str, short: bool, institution: bool) -> list[int]:
    """Return under which digits the name may stand; 0 is the beginning of the text."""
    if region.level == "province":
        return [0]
    province, prefecture = int(region.code[:2]), int(region.code[:4])
    if region.level == "prefecture":
        chance = institution and name in _plain_words()
        return [province] if short and (chance or not region.stands) else [0, province]
    parents = [province, prefecture]
    if not region.stands:
        return parents
    if short:
        town = region.name.endswith("市") and name not in _plain_words()
        return [0, *parents] if institution and town else parents
    # 城区, 郊区 say nothing by themselves.
    return [0, *parents] if len(name) > 2 else parents


@cache
def _plain_words() -> frozenset[str]:
    lines = _PLAIN_WORDS.read_text("utf-8").splitlines()
    return frozenset(line for line in lines if not line.startswith("#"))


def _resolve(ones: list[tuple[bool, int]]) -> int:
    """Return the entry that a name stands for: full before short, standing before former."""
    full = [number for short, number in ones if not short] or [number for _, number in ones]
    newest = max(regions()[number].last_year for number in full)
    best = [number for number in full if regions()[number].last_year == newest]
    codes = {regions()[number].code for number in best}
    return best[0] if len(codes) == 1 else AMBIGUOUS

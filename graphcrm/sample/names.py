"""Persons' names: surnames by weight, given names by sex and generation, and their slips."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import opencc
from pypinyin import Style, lazy_pinyin

from graphcrm.sample.columns import Bools, Column, Floats, Ints, Rng, chosen, joined, words
from graphcrm.sample.streams import pick
from graphcrm.sample.wording import rows, word_lists

PLAIN, HONORIFIC, SPACED, WIDE_SPACED, TRADITIONAL = range(5)
"""How a name is written: as it is, with 先生/女士, with a space, a full-width space, 繁體."""


@dataclass
class Names:
    """One name a row, as numbers into the word lists.

    `surname` and `given_1` point into the Western lists where `western`; `given_2` is -1 where
    the given name has one character, and 1 marks a slip in a Western name.
    """

    surname: Ints
    given_1: Ints
    given_2: Ints
    western: Bools


@dataclass(frozen=True)
class _Stock:
    surnames: list[str]
    surname_weight: Floats
    characters: list[str]
    given_weight: dict[tuple[bool, int], Floats]  # by (male, generation)
    alike: Ints  # flat groups of characters of one reading
    alike_from: Ints
    alike_count: Ints
    western_surnames: list[str]
    western_given: list[str]
    western_males: int


@cache
def _stock() -> _Stock:
    lists = word_lists()
    surnames = rows("surnames.csv")
    given = rows("given_name_characters.csv")
    generations = {}
    for male, key in ((True, "male"), (False, "female")):
        old, middle, common = (lists[f"given_{key}_{era}"] for era in ("1920", "1965", "common"))
        new = [r["character"] for r in given if r["sex"] == ("M" if male else "F")]
        generations[male] = [_ranked(old), _ranked(middle), _mixed(_ranked(new), _ranked(common))]
    characters = sorted({c for era in generations.values() for era_w in era for c in era_w})
    place = {c: i for i, c in enumerate(characters)}
    weights = {}
    for male, eras in generations.items():
        for era, ranked in enumerate(eras):
            weight = np.zeros(len(characters))
            for c, w in ranked.items():
                weight[place[c]] = w
            weights[male, era] = weight
    reading = [lazy_pinyin(c, style=Style.NORMAL)[0] for c in characters]
    group: dict[str, list[int]] = {}
    for i, sound in enumerate(reading):
        group.setdefault(sound, []).append(i)
    alike = [[other for other in group[reading[i]] if other != i] for i in range(len(characters))]
    count = np.array([len(a) for a in alike])
    return _Stock(
        surnames=[r["surname"] for r in surnames],
        surname_weight=np.array([float(r["weight"]) for r in surnames]),
        characters=characters,
        given_weight=weights,
        alike=np.array([other for a in alike for other in a]),
        alike_from=np.cumsum(count) - count,
        alike_count=count,
        western_surnames=lists["western_surname"],
        western_given=[*lists["western_male"], *lists["western_female"]],
        western_males=len(lists["western_male"]),
    )


def draw_surnames(rng: Rng, western: Bools) -> Ints:
    """Return a surname for each row, Chinese by weight, Western by rank."""
    stock = _stock()
    own = pick(rng, stock.surname_weight, len(western))
    rank = 1 / (np.arange(len(stock.western_surnames)) + 3)
    return np.where(western, pick(rng, rank, len(western)), own)


def draw_given(rng: Rng, western: Bools, male: Bools, year: Ints) -> tuple[Ints, Ints]:
    """Return (given_1, given_2) for each row, by sex and year of birth."""
    stock, n = _stock(), len(male)
    first, second = np.empty(n, np.int64), np.empty(n, np.int64)
    era = np.where(year < 1955, 0, np.where(year < 1986, 1, 2))
    single = rng.random(n) < np.array([0.12, 0.33, 0.15])[era]
    for (sex, generation), weight in stock.given_weight.items():
        mine = np.flatnonzero((male == sex) & (era == generation))
        first[mine] = pick(rng, weight, len(mine))
        second[mine] = pick(rng, weight, len(mine))
    second[single] = -1
    men = stock.western_males
    women = len(stock.western_given) - men
    anyone = rng.random(n)
    given = np.where(male, np.floor(anyone * men), men + np.floor(anyone * women))
    return np.where(western, given.astype(np.int64), first), np.where(western, -1, second)


def slip(rng: Rng, names: Names, at: Ints) -> None:
    """Put a typing slip into the names of rows `at`: another, a missing or swapped character."""
    stock = _stock()
    west = at[names.western[at]]
    names.given_2[west] = 1
    here = at[~names.western[at]]
    kind = rng.random(len(here))
    two = names.given_2[here] >= 0
    swap, drop = here[two & (kind < 0.25)], here[two & (kind >= 0.25) & (kind < 0.5)]
    first, second = names.given_1[swap], names.given_2[swap]
    same = first == second
    names.given_1[swap], names.given_2[swap] = second, np.where(same, -1, first)
    names.given_2[drop] = -1
    other = here[~two | (kind >= 0.5)]
    step = rng.integers(1, len(stock.characters), len(other))
    names.given_1[other] = (names.given_1[other] + step) % len(stock.characters)


def sound_alike(rng: Rng, names: Names, at: Ints) -> None:
    """Write a character of the given name with another of the same reading (伟, 炜).

    Names without such a character, and Western ones, get a typing slip instead.
    """
    stock = _stock()
    here = ~names.western[at]
    for part in (names.given_2, names.given_1):
        character = np.where(here, part[at], -1)
        can = (character >= 0) & (stock.alike_count[np.maximum(character, 0)] > 0)
        rows_, old = at[can], character[can]
        step = np.floor(rng.random(len(rows_)) * stock.alike_count[old]).astype(np.int64)
        part[rows_] = stock.alike[stock.alike_from[old] + step]
        at, here = at[~can], here[~can]
    slip(rng, names, at)


def traditional_differs(names: Names) -> Bools:
    """Return where writing the name in traditional characters changes it."""
    stock = _stock()
    surname, given = _changed(tuple(stock.surnames)), _changed(tuple(stock.characters))
    first = given[np.where(names.western, 0, names.given_1)]
    second = given[names.given_2] & (names.given_2 >= 0)
    changed = surname[np.where(names.western, 0, names.surname)] | first | second
    return changed & ~names.western


def column(names: Names, male: Bools, style: Ints) -> Column:
    """Return the names as text, written in the given styles."""
    stock = _stock()
    old = np.where((style == TRADITIONAL) & ~names.western, 1, 0)
    surnames = [*stock.surnames, *_traditional(tuple(stock.surnames))]
    characters = [*stock.characters, *_traditional(tuple(stock.characters)), ""]
    plain_surname = np.where(names.western, 0, names.surname) + old * len(stock.surnames)
    plain_first = np.where(names.western, 0, names.given_1) + old * len(stock.characters)
    second = np.where(names.given_2 >= 0, names.given_2, 0) + old * len(stock.characters)
    second = np.where((names.given_2 >= 0) & ~names.western, second, len(characters) - 1)
    gap = words(["", " ", "\u3000"], _code(style, {SPACED: 1, WIDE_SPACED: 2}))
    title = np.where(style == HONORIFIC, np.where(male, 1, 2), 0)
    chinese = joined(
        words(surnames, plain_surname),
        gap,
        words(characters, plain_first),
        words(characters, second),
        words(["", "先生", "女士"], title),
    )
    if not names.western.any():
        return chinese
    given = [*stock.western_given, *(g[:2] + g[3:] for g in stock.western_given)]
    slipped = np.where(names.given_2 == 1, len(stock.western_given), 0)
    western = joined(
        words(["", "Mr ", "Ms "], title),
        words(given, np.where(names.western, names.given_1 + slipped, 0)),
        words([" ", "  "], _code(style, {SPACED: 1, WIDE_SPACED: 1})),
        words(stock.western_surnames, np.where(names.western, names.surname, 0)),
    )
    return chosen(names.western, western, chinese)


def _code(style: Ints, codes: dict[int, int]) -> Ints:
    table = np.zeros(5, np.int64)
    for key, value in codes.items():
        table[key] = value
    return table[style]


def _ranked(characters: list[str]) -> dict[str, float]:
    weights = {c: 1 / (rank + 4) ** 0.9 for rank, c in enumerate(characters)}
    total = sum(weights.values())
    return {c: w / total for c, w in weights.items()}


def _mixed(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {c: 0.75 * one.get(c, 0) + 0.25 * other.get(c, 0) for c in {**one, **other}}


@cache
def _traditional(texts: tuple[str, ...]) -> list[str]:
    return str(opencc.OpenCC("s2t").convert("\n".join(texts))).split("\n")


@cache
def _changed(texts: tuple[str, ...]) -> Bools:
    pairs = zip(texts, _traditional(texts), strict=True)
    return np.array([plain != other for plain, other in pairs])

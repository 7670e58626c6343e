"""Persons' names: by weight, sex and generation, and how they are written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample import columns as col
from graphcrm.sample.columns import Bools, Column, Ints, Rng
from graphcrm.sample.name_stock import Stock, stock, traditional
from graphcrm.sample.streams import pick

(
    PLAIN, HONORIFIC, SPACED, WIDE_SPACED, TRADITIONAL,
    CAPITALS, PINYIN, PINYIN_LAST, ENGLISH,
) = range(9)  # fmt: skip
"""How a name is written: as it is, with 先生/女士, with a space, a full-width space, 繁體;
ZHANG WEI, Zhang Wei, Wei Zhang, David Zhang."""

_SINGLE = np.array([0.12, 0.276, 0.12])
"""Given names of one character, born before 1955, 1955 to 1985, later: names of two characters in
all were 27.6 % at their height and are 6.3 % now (Ministry of Public Security, Report on Names
2020)."""
_FAVOURITE = 0.15
"""Given names of two characters that are a favourite of the generation: our own choice."""


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


def draw_surnames(rng: Rng, western: Bools) -> Ints:
    """Return a surname for each row, Chinese by weight, Western by rank.

    The weights give the five most common 30.7 % of all (30.8 % by the Report on Names 2020).
    """
    words = stock()
    own = pick(rng, words.surname_weight, len(western))
    rank = 1 / (np.arange(len(words.western_surnames)) + 3)
    return np.where(western, pick(rng, rank, len(western)), own)


def draw_given(rng: Rng, western: Bools, male: Bools, year: Ints) -> tuple[Ints, Ints]:
    """Return (given_1, given_2) for each row, by sex and year of birth."""
    words, n = stock(), len(male)
    first, second = np.empty(n, np.int64), np.empty(n, np.int64)
    era = np.where(year < 1955, 0, np.where(year < 1986, 1, 2))
    single = rng.random(n) < _SINGLE[era]
    favourite = rng.random(n) < _FAVOURITE
    for (sex, generation), weight in words.given_weight.items():
        mine = np.flatnonzero((male == sex) & (era == generation))
        first[mine] = pick(rng, weight, len(mine))
        second[mine] = pick(rng, weight, len(mine))
        common = mine[favourite[mine]]
        those = words.favourites[sex, generation]
        drawn = those[pick(rng, 1 / (np.arange(len(those)) + 3.0), len(common))]
        first[common], second[common] = drawn[:, 0], drawn[:, 1]
    second[single] = -1
    given = _english(words, male, rng.integers(0, 2**31, n))
    return np.where(western, given, first), np.where(western, -1, second)


def column(names: Names, male: Bools, style: Ints, husband: Ints | None = None) -> Column:
    """Return the names as text, written in the given styles.

    `husband` is a surname to be written in front (陈方安生), -1 for none.
    """
    chinese = _chinese(names, male, style, husband)
    at = np.flatnonzero((style >= CAPITALS) & ~names.western)
    if len(at):
        chinese = col.replaced(chinese, at, _spelled(_rows(names, at), male[at], style[at]))
    at = np.flatnonzero(names.western)
    return col.replaced(chinese, at, _western(_rows(names, at), male[at], style[at]))


def _chinese(names: Names, male: Bools, style: Ints, husband: Ints | None) -> Column:
    words = stock()
    old = np.where(style == TRADITIONAL, 1, 0)
    surnames = [*words.surnames, *traditional(tuple(words.surnames)), ""]
    characters = [*words.characters, *traditional(tuple(words.characters)), ""]
    plain_surname = np.where(names.western, 0, names.surname) + old * len(words.surnames)
    plain_first = np.where(names.western, 0, names.given_1) + old * len(words.characters)
    second = np.maximum(names.given_2, 0) + old * len(words.characters)
    second = np.where((names.given_2 >= 0) & ~names.western, second, len(characters) - 1)
    gap = col.words(
        ["", " ", "\u3000"], np.where((style == SPACED) | (style == WIDE_SPACED), style - 1, 0)
    )
    title = np.where(style == HONORIFIC, np.where(male, 1, 2), 0)
    parts = [
        col.words(surnames, plain_surname),
        gap,
        col.words(characters, plain_first),
        col.words(characters, second),
        col.words(["", "先生", "女士"], title),
    ]
    if husband is not None and (husband >= 0).any():
        before = np.where(husband >= 0, husband + old * len(words.surnames), len(surnames) - 1)
        parts.insert(0, col.words(surnames, before))
    return col.joined(*parts)


def _spelled(names: Names, male: Bools, style: Ints) -> Column:
    """Return Chinese names in Latin letters."""
    words = stock()
    capitals = style == CAPITALS
    last = (style == PINYIN_LAST) | (style == ENGLISH)

    def cased(texts: list[str], index: Ints, first: bool) -> Column:
        written = [t.capitalize() if first else t for t in texts]
        both = [*written, *(t.upper() for t in texts)]
        return col.words(both, index + capitals * len(texts))

    surname = cased(words.surname_readings, names.surname, True)
    readings = [*words.readings, ""]
    two = np.where(names.given_2 >= 0, names.given_2, len(words.readings))
    given = col.joined(cased(readings, names.given_1, True), cased(readings, two, False))
    english = col.words(words.western_given, _english(words, male, names.given_1 * 31 + two))
    given = col.chosen(style == ENGLISH, english, given)
    return col.joined(col.chosen(last, given, surname), " ", col.chosen(last, surname, given))


def _western(names: Names, male: Bools, style: Ints) -> Column:
    words = stock()
    given = [*words.western_given, *(g[:2] + g[3:] for g in words.western_given)]
    slipped = np.where(names.given_2 == 1, len(words.western_given), 0)
    title = np.where(style == HONORIFIC, np.where(male, 1, 2), 0)
    wide = (style == SPACED) | (style == WIDE_SPACED)
    return col.joined(
        col.words(["", "Mr ", "Ms "], title),
        col.words(given, names.given_1 + slipped),
        col.words([" ", "  "], wide.astype(np.int64)),
        col.words(words.western_surnames, names.surname),
    )


def _english(words: Stock, male: Bools, number: Ints) -> Ints:
    """Return an English given name for each number, always the same for one number."""
    men = words.western_males
    women = len(words.western_given) - men
    return np.where(male, number % men, men + number % women)


def _rows(names: Names, at: Ints) -> Names:
    return Names(names.surname[at], names.given_1[at], names.given_2[at], names.western[at])

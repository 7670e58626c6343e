"""What names are made of: surnames, characters and whole given names with their weights."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import opencc
from pypinyin import Style, lazy_pinyin

from graphcrm.sample.columns import Bools, Floats, Ints
from graphcrm.sample.wording import rows, word_lists

_RARE = (0.02, 0.04, 0.1)
"""What share of the characters in given names is rare, by generation: younger names reach wider."""


@dataclass(frozen=True)
class Groups:
    """For each character the others of its group (of one reading, of one shape), laid flat."""

    others: Ints
    start: Ints
    count: Ints


@dataclass(frozen=True)
class Stock:
    """The word lists; names are numbers into them.

    `given_weight` holds by (male, generation) the weight of each character, `favourites` the whole
    given names of two characters that many have, most common first, shape (names, 2).
    """

    surnames: list[str]
    surname_weight: Floats
    surname_readings: list[str]
    characters: list[str]
    readings: list[str]
    given_weight: dict[tuple[bool, int], Floats]
    favourites: dict[tuple[bool, int], Ints]
    sound: Groups
    shape: Groups
    western_surnames: list[str]
    western_given: list[str]
    western_males: int


@cache
def stock() -> Stock:
    """Return the word lists of the package's data, put together once."""
    lists = word_lists()
    surnames = rows("surnames.csv")
    given = rows("given_name_characters.csv")
    generations = {}
    for male, key in ((True, "male"), (False, "female")):
        old, middle, common = (lists[f"given_{key}_{era}"] for era in ("1920", "1965", "common"))
        new = [r["character"] for r in given if r["sex"] == ("M" if male else "F")]
        generations[male] = [_ranked(old), _ranked(middle), _mixed(_ranked(new), _ranked(common))]
    favourites = {
        (male, era): lists[f"given_favourite_{key}_{name}"]
        for male, key in ((True, "male"), (False, "female"))
        for era, name in enumerate(("1920", "1965", "new"))
    }
    known = {c for eras in generations.values() for weights in eras for c in weights}
    known.update(*lists["given_rare"], *lists["shape_alike"])
    known.update(c for those in favourites.values() for name in those for c in name)
    characters = sorted(known)
    place = {c: i for i, c in enumerate(characters)}
    rare = _ranked(lists["given_rare"])
    weights = {}
    for male, eras in generations.items():
        for era, ranked in enumerate(eras):
            weight = np.zeros(len(characters))
            for part, share in ((ranked, 1 - _RARE[era]), (rare, _RARE[era])):
                for c, w in part.items():
                    weight[place[c]] += w * share
            weights[male, era] = weight
    readings = [lazy_pinyin(c, style=Style.NORMAL)[0] for c in characters]
    by_sound: dict[str, list[int]] = {}
    for i, sound in enumerate(readings):
        by_sound.setdefault(sound, []).append(i)
    shapes = [[place[c] for c in group] for group in lists["shape_alike"]]
    return Stock(
        surnames=[r["surname"] for r in surnames],
        surname_weight=np.array([float(r["weight"]) for r in surnames]),
        surname_readings=_surname_readings([r["surname"] for r in surnames]),
        characters=characters,
        readings=readings,
        given_weight=weights,
        favourites={
            key: np.array([[place[c] for c in name] for name in those])
            for key, those in favourites.items()
        },
        sound=_groups(list(by_sound.values()), len(characters)),
        shape=_groups(shapes, len(characters)),
        western_surnames=lists["western_surname"],
        western_given=[*lists["western_male"], *lists["western_female"]],
        western_males=len(lists["western_male"]),
    )


@cache
def traditional(texts: tuple[str, ...]) -> list[str]:
    """Return the texts in traditional characters."""
    return str(_converter().convert("\n".join(texts))).split("\n")


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("s2t")  # half a tenth of a second each


@cache
def changes_in_traditional(texts: tuple[str, ...]) -> Bools:
    """Return whether each text is written otherwise in traditional characters."""
    pairs = zip(texts, traditional(texts), strict=True)
    return np.array([plain != other for plain, other in pairs])


def _groups(groups: list[list[int]], characters: int) -> Groups:
    others: list[list[int]] = [[] for _ in range(characters)]
    for group in groups:
        for i in group:
            others[i] += [other for other in group if other != i and other not in others[i]]
    count = np.array([len(those) for those in others])
    flat = np.array([other for those in others for other in those])
    return Groups(flat, np.cumsum(count) - count, count)


def _surname_readings(surnames: list[str]) -> list[str]:
    """Return the surnames in pinyin; pypinyin knows most that are read in their own way."""
    own = {"单": "shan", "解": "xie", "曾": "zeng", "仇": "qiu", "区": "ou", "查": "zha",
           "盖": "ge", "翟": "zhai", "朴": "piao", "缪": "miao", "尉迟": "yuchi", "万俟": "moqi",
           "令狐": "linghu", "宿": "su", "乐": "yue", "纪": "ji", "华": "hua", "任": "ren",
           "洗": "xian", "员": "yun", "种": "chong", "秘": "bi", "折": "she"}  # fmt: skip
    return [own.get(s) or "".join(lazy_pinyin(s, style=Style.NORMAL)) for s in surnames]


def _ranked(characters: list[str] | str) -> dict[str, float]:
    weights = {c: 1 / (rank + 4) ** 0.9 for rank, c in enumerate(characters)}
    total = sum(weights.values())
    return {c: w / total for c, w in weights.items()}


def _mixed(one: dict[str, float], other: dict[str, float]) -> dict[str, float]:
    return {c: 0.75 * one.get(c, 0) + 0.25 * other.get(c, 0) for c in {**one, **other}}

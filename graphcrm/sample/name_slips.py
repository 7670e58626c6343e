"""How names go wrong: a slip of the hand, by sound, by shape."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.name_stock import Groups, changes_in_traditional, stock
from graphcrm.sample.names import Names


def slip(rng: Rng, names: Names, at: Ints) -> None:
    """Put a typing slip into the names of rows `at`: another, a missing or swapped character."""
    names.given_2[at[names.western[at]]] = 1
    here = at[~names.western[at]]
    kind = rng.random(len(here))
    two = names.given_2[here] >= 0
    swap, drop = here[two & (kind < 0.25)], here[two & (kind >= 0.25) & (kind < 0.5)]
    first, second = names.given_1[swap], names.given_2[swap]
    same = first == second
    names.given_1[swap], names.given_2[swap] = second, np.where(same, -1, first)
    names.given_2[drop] = -1
    other = here[~two | (kind >= 0.5)]
    characters = len(stock().characters)
    step = rng.integers(1, characters, len(other))
    names.given_1[other] = (names.given_1[other] + step) % characters


def sound_alike(rng: Rng, names: Names, at: Ints) -> None:
    """Write a character of the given name with another of the same reading (伟, 炜).

    Names without such a character, and Western ones, get a typing slip instead.
    """
    _another_of(rng, names, at, stock().sound)


def shape_alike(rng: Rng, names: Names, at: Ints) -> None:
    """Write a character of the given name with another that looks alike (婷, 停).

    Names without such a character, and Western ones, get a typing slip instead.
    """
    _another_of(rng, names, at, stock().shape)


def traditional_differs(names: Names) -> Bools:
    """Return where writing the name in traditional characters changes it."""
    words = stock()
    surname = changes_in_traditional(tuple(words.surnames))
    given = changes_in_traditional(tuple(words.characters))
    first = given[np.where(names.western, 0, names.given_1)]
    second = given[names.given_2] & (names.given_2 >= 0)
    changed = surname[np.where(names.western, 0, names.surname)] | first | second
    return changed & ~names.western


def _another_of(rng: Rng, names: Names, at: Ints, groups: Groups) -> None:
    here = ~names.western[at]
    for part in (names.given_2, names.given_1):
        character = np.where(here, part[at], -1)
        can = (character >= 0) & (groups.count[np.maximum(character, 0)] > 0)
        rows, old = at[can], character[can]
        step = np.floor(rng.random(len(rows)) * groups.count[old]).astype(np.int64)
        part[rows] = groups.others[groups.start[old] + step]
        at, here = at[~can], here[~can]
    slip(rng, names, at)

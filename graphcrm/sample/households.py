"""Families: who lives with whom, who is whose child, and the look-alikes that families bring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.shape import SampleShape

YEAR = 365.2425
"""Days in a year."""


_WITH_TWINS = 20
"""Families of two or more children of which one at least has twins."""


@dataclass
class Households:
    """One human being a row; relatives are row numbers, -1 for none.

    A household's rows stand together: the head, the spouse, the children.
    """

    household: Ints
    first_row: Ints  # of the household
    male: Bools
    born: Ints  # day number
    spouse: Ints
    father: Ints
    mother: Ints
    twin: Ints  # the sibling born on the same day, written before this one
    first_child: Ints
    children: Ints


def form(rng: Rng, rows: int, as_of: int, shape: SampleShape) -> Households:
    """Return `rows` human beings in households, as they stand on day `as_of`."""
    age = 21 + 66 * rng.beta(1.4, 2.5, rows)
    chance = shape.married * np.clip((age - 20) / 12, 0, 1) * np.where(age > 72, 0.7, 1.15)
    married = rng.random(rows) < chance
    fertile = np.clip((age - 23) / 12, 0, 1)
    mean = np.where(married, shape.children, 0.08 * shape.children) * fertile
    children = np.minimum(rng.poisson(mean), 3)
    size = 1 + married + children
    households = int(np.searchsorted(np.cumsum(size), rows)) + 1
    age, married = age[:households], married[:households]
    children, size = children[:households], size[:households]

    household = np.repeat(np.arange(households), size)[:rows]
    start = np.cumsum(size) - size
    first_row = start[household]
    place = np.arange(rows) - first_row
    is_head, is_spouse = place == 0, (place == 1) & married[household]
    is_child = ~is_head & ~is_spouse

    head_male = rng.random(households) < 0.54
    male = np.where(
        is_head, head_male[household],
        np.where(is_spouse, ~head_male[household], rng.random(rows) < 0.515),
    )  # fmt: skip
    spouse_age = np.maximum(age + rng.normal(0, 3.2, households), 20.5)
    mother_age = np.where(married & head_male, spouse_age, age)
    gap = np.clip(rng.normal(27, 4.2, rows), 18.5, 44)
    child_age = np.maximum(mother_age[household] - gap, rng.random(rows) * 3)
    years = np.where(is_head, age[household], np.where(is_spouse, spouse_age[household], child_age))
    born = as_of - np.floor(years * YEAR).astype(np.int64)

    twin = np.full(rows, -1)
    second = is_child & (np.arange(rows) - first_row == 2 + married[household].astype(np.int64))
    luck = np.where(second, rng.random(rows), 1.0)
    twins = np.flatnonzero(luck < shape.twins)
    if not len(twins) and shape.twins > 0 and second.sum() >= _WITH_TWINS:
        twins = np.array([luck.argmin()])
    twin[twins] = twins - 1
    born[twins] = born[twins - 1]

    spouse = np.full(rows, -1)
    at = np.flatnonzero(is_spouse)
    spouse[at], spouse[first_row[at]] = first_row[at], at
    one = first_row
    other = spouse[first_row]
    father = np.where(is_child, np.where(male[one], one, other), -1)
    mother = np.where(is_child, np.where(male[one], other, one), -1)
    count = np.bincount(household[is_child], minlength=households)[household]
    first_child = np.where(~is_child & (count > 0), first_row + 1 + married[household], -1)
    return Households(
        household, first_row, male, born, spouse, father, mother, twin,
        first_child, np.where(is_child, 0, count),
    )  # fmt: skip


def deaths(rng: Rng, born: Ints, as_of: int, shape: SampleShape) -> Ints:
    """Return the day of death of those who died in the last three years, `NO_DAY` for others."""
    age = (as_of - born) / YEAR
    chance = shape.deceased * np.clip((age - 18) / 30, 0, 1) ** 2
    died = rng.random(len(born)) < chance
    return np.where(died, as_of - rng.integers(1, 1095, len(born)), NO_DAY)

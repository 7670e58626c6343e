"""How the ID, the birth date and the sex on a record go wrong."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcrm.sample import identity
from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.people import People
from graphcrm.sample.streams import pick

_LAST_OLD_BIRTH = int(np.datetime64("2000-01-01").astype(np.int64))
_OTHER_TYPES = np.array(
    [identity.PASSPORT, identity.MILITARY, identity.OTHER, identity.HK_MACAU, identity.TAIWAN]
)
_FILLERS = np.frombuffer(
    b"111111111111111111000000000000000000123456789012345678999999999999999999", np.uint8
).reshape(-1, identity.ID_WIDTH)
_NO_BIRTHS = np.array(["1900-01-01", "1970-01-01", "1980-01-01", "1999-09-09"], "datetime64[D]")


def has_whole_id(people: People, at: Ints) -> Bools:
    """Return which of the records have a resident ID of 18 characters."""
    whole: Bools = (people.id_type[at] == identity.RESIDENT) & (people.id_code[at, 17] != 0)
    return whole


def has_old_form(people: People, at: Ints) -> Bools:
    """Return which of the records can have their resident ID in the old form of 15 digits."""
    born = people.born[at]
    return has_whole_id(people, at) & (born < _LAST_OLD_BIRTH) & (born > NO_DAY)


def _digit_wrong(rng: Rng, people: People, at: Ints) -> None:
    place = rng.integers(0, 17, len(at))
    digit = people.id_code[at, place].astype(np.int64) - 48
    people.id_code[at, place] = (digit + rng.integers(1, 10, len(at))) % 10 + 48


def _digits_swapped(rng: Rng, people: People, at: Ints) -> None:
    """Swap two neighbouring, unequal digits among the last eleven of the first seventeen."""
    codes = people.id_code[at]
    differ = codes[:, 6:16] != codes[:, 7:17]
    score = np.where(differ, rng.random(differ.shape), -1.0)
    place = 6 + score.argmax(axis=1)
    rows = np.flatnonzero(score.max(axis=1) >= 0)
    first, second = codes[rows, place[rows]], codes[rows, place[rows] + 1]
    codes[rows, place[rows]], codes[rows, place[rows] + 1] = second, first
    people.id_code[at] = codes


def _of_15_digits(rng: Rng, people: People, at: Ints) -> None:
    people.id_code[at] = identity.old_resident_ids(people.id_code[at])


def _missing(rng: Rng, people: People, at: Ints) -> None:
    people.id_code[at] = 0
    people.id_type[at] = np.where(rng.random(len(at)) < 0.7, -1, people.id_type[at])


def _of_other_type(rng: Rng, people: People, at: Ints) -> None:
    people.id_type[at] = _OTHER_TYPES[pick(rng, np.array([5.0, 2, 2, 1, 1]), len(at))]
    people.id_code[at] = identity.other_ids(rng, people.id_type[at])
    people.id_wide[at] = False  # some are not ASCII


def _placeholder(rng: Rng, people: People, at: Ints) -> None:
    people.id_code[at] = _FILLERS[pick(rng, np.array([5.0, 2, 2, 1]), len(at))]


def _full_width(rng: Rng, people: People, at: Ints) -> None:
    people.id_wide[at] = True


def _birth_wrong(rng: Rng, people: People, at: Ints) -> None:
    """Swap day and month where that gives a date, else be a day, a month or years off."""
    born = people.born[at]
    year, month, day = identity.birth_parts(born)
    swaps = (day <= 12) & (day != month) & (rng.random(len(at)) < 0.5)
    first = ((year - 1970) * 12).astype("datetime64[M]")
    swapped = (first + (day - 1)).astype("datetime64[D]").astype(np.int64) + month - 1
    off = np.array([1, -1, 10, -10, 30, 31, 365, -365])[rng.integers(0, 8, len(at))]
    people.born[at] = np.where(swaps, swapped, born + off)


def _birth_first_of_year(rng: Rng, people: People, at: Ints) -> None:
    year = people.born[at].astype("datetime64[D]").astype("datetime64[Y]")
    people.born[at] = year.astype("datetime64[D]").astype(np.int64)


def _birth_placeholder(rng: Rng, people: People, at: Ints) -> None:
    fillers = _NO_BIRTHS.astype(np.int64)
    people.born[at] = fillers[pick(rng, np.array([6.0, 2, 1, 1]), len(at))]


def _birth_missing(rng: Rng, people: People, at: Ints) -> None:
    people.born[at] = NO_DAY


def _sex_wrong(rng: Rng, people: People, at: Ints) -> None:
    people.male[at] = ~people.male[at]


def _sex_missing(rng: Rng, people: People, at: Ints) -> None:
    people.sex_known[at] = False


SLIPS: dict[str, Callable[[Rng, People, Ints], None]] = {
    "id_digit_wrong": _digit_wrong,
    "id_digits_swapped": _digits_swapped,
    "id_of_15_digits": _of_15_digits,
    "id_missing": _missing,
    "id_of_other_type": _of_other_type,
    "id_placeholder": _placeholder,
    "id_full_width": _full_width,
    "birth_wrong": _birth_wrong,
    "birth_first_of_year": _birth_first_of_year,
    "birth_placeholder": _birth_placeholder,
    "birth_missing": _birth_missing,
    "sex_wrong": _sex_wrong,
    "sex_missing": _sex_missing,
}
"""The errors by name; each changes the records `at` of `people`."""

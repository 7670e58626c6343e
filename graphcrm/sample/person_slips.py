"""The errors that a person's record may have, each under the name that `truth/errors` gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from graphcrm.sample import identity, identity_slips, name_slips, names
from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.error_log import ErrorLog
from graphcrm.sample.people import (
    NO_EMAIL,
    PHONE_PLACEHOLDER,
    UNDER_HUSBANDS,
    UNDER_OWN_NAME,
    WITH_HUSBANDS,
    People,
)
from graphcrm.sample.places import NO_PLACE, Addresses, Places
from graphcrm.sample.streams import pick

_LATIN = np.array([names.CAPITALS, names.PINYIN, names.PINYIN_LAST])
_DECORATED = np.array([names.HONORIFIC, names.SPACED, names.WIDE_SPACED])


@dataclass
class PersonSlips:
    """Makes errors in the records of `people`, and notes them in the log."""

    rng: Rng
    people: People
    places: Places
    log: ErrorLog

    def can(self, kind: str, at: Ints) -> Bools:
        """Return which of the records `at` can have this error."""
        people = self.people
        if kind == "id_of_15_digits":
            return identity_slips.has_old_form(people, at)
        if kind in ("id_digit_wrong", "id_digits_swapped", "id_full_width"):
            return identity_slips.has_whole_id(people, at)
        if kind in ("birth_wrong", "birth_first_of_year", "birth_placeholder"):
            return people.born[at] > NO_DAY
        if kind == "name_traditional":
            return name_slips.traditional_differs(people.names)[at] & self._plain(at)
        if kind == "name_after_marriage":
            return (people.spouse_surname[at] >= 0) & self._plain(at)
        if kind in ("name_in_pinyin", "name_in_english"):
            return ~people.names.western[at] & self._plain(at)
        if kind == "name_decorated":
            return self._plain(at)
        return np.ones(len(at), np.bool_)

    def make(self, kind: str, at: Ints) -> None:
        """Put the error into the records `at`, as far as they can have it."""
        at = at[self.can(kind, at)]
        rng, people = self.rng, self.people
        if kind in identity_slips.SLIPS:
            identity_slips.SLIPS[kind](rng, people, at)
        elif kind in _SLIPS:
            _SLIPS[kind](rng, people, at)
        elif kind == "other_address":
            self._move(at)
        if kind != "same":
            self.log.add(at, kind)

    def _plain(self, at: Ints) -> Bools:
        people = self.people
        plain: Bools = (people.name_form[at] == names.PLAIN) & (
            people.after_marriage[at] == UNDER_OWN_NAME
        )
        return plain

    def _move(self, at: Ints) -> None:
        """Give another address: four of five move within their city."""
        rng, people, places = self.rng, self.people, self.places
        old = people.address.district[at]
        near = rng.random(len(at)) < 0.8
        city = np.where(near, people.city[at], pick(rng, places.city_weight, len(at)))
        low = np.searchsorted(places.district_city, city)
        size = np.bincount(places.district_city)[city]
        new = low + np.floor(rng.random(len(at)) * size).astype(np.int64)
        moved = np.where(near & (rng.random(len(at)) < 0.4), old, new)
        people.address.put(at, Addresses.drawn(rng, places, moved))
        people.city[at] = places.district_city[moved]


def _other_phone(rng: Rng, people: People, at: Ints) -> None:
    people.phone[at] = identity.mobiles(rng, len(at))


def _name_slip(rng: Rng, people: People, at: Ints) -> None:
    name_slips.slip(rng, people.names, at)


def _name_sound_alike(rng: Rng, people: People, at: Ints) -> None:
    name_slips.sound_alike(rng, people.names, at)


def _name_shape_alike(rng: Rng, people: People, at: Ints) -> None:
    name_slips.shape_alike(rng, people.names, at)


def _name_traditional(rng: Rng, people: People, at: Ints) -> None:
    people.name_form[at] = names.TRADITIONAL


def _name_decorated(rng: Rng, people: People, at: Ints) -> None:
    people.name_form[at] = _DECORATED[pick(rng, np.array([5.0, 3, 2]), len(at))]


def _name_in_pinyin(rng: Rng, people: People, at: Ints) -> None:
    people.name_form[at] = _LATIN[pick(rng, np.array([5.0, 2, 3]), len(at))]


def _name_in_english(rng: Rng, people: People, at: Ints) -> None:
    people.name_form[at] = names.ENGLISH


def _name_after_marriage(rng: Rng, people: People, at: Ints) -> None:
    front = (rng.random(len(at)) < 0.5) & ~people.names.western[at]
    people.after_marriage[at] = np.where(front, WITH_HUSBANDS, UNDER_HUSBANDS)


def _phone_digit_wrong(rng: Rng, people: People, at: Ints) -> None:
    at = at[people.phone[at] >= 0]
    place = 10 ** rng.integers(0, 8, len(at))
    digit = people.phone[at] // place % 10
    people.phone[at] += ((digit + rng.integers(1, 10, len(at))) % 10 - digit) * place


def _phone_missing(rng: Rng, people: People, at: Ints) -> None:
    people.phone[at] = -1


def _phone_placeholder(rng: Rng, people: People, at: Ints) -> None:
    people.phone_form[at] = PHONE_PLACEHOLDER


def _address_missing(rng: Rng, people: People, at: Ints) -> None:
    people.address.district[at] = NO_PLACE


def _address_placeholder(rng: Rng, people: People, at: Ints) -> None:
    people.address.district[at] = NO_PLACE - 1


def _email_placeholder(rng: Rng, people: People, at: Ints) -> None:
    people.email[at] = NO_EMAIL - 1 - rng.integers(0, 100, len(at))


_SLIPS: dict[str, Callable[[Rng, People, Ints], None]] = {
    "other_phone": _other_phone,
    "name_slip": _name_slip,
    "name_sound_alike": _name_sound_alike,
    "name_shape_alike": _name_shape_alike,
    "name_traditional": _name_traditional,
    "name_decorated": _name_decorated,
    "name_in_pinyin": _name_in_pinyin,
    "name_in_english": _name_in_english,
    "name_after_marriage": _name_after_marriage,
    "phone_digit_wrong": _phone_digit_wrong,
    "phone_missing": _phone_missing,
    "phone_placeholder": _phone_placeholder,
    "address_missing": _address_missing,
    "address_placeholder": _address_placeholder,
    "email_placeholder": _email_placeholder,
}

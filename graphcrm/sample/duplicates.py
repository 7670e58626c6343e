"""Second and third entries of one person, and the slips that any record may have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample import identity, names
from graphcrm.sample.columns import NO_DAY, Ints, Rng
from graphcrm.sample.people import People
from graphcrm.sample.places import VILLAGE, Addresses, Places
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick

KINDS = {
    "other_phone": 0.32,
    "other_address": 0.17,
    "name_slip": 0.09,
    "name_sound_alike": 0.09,
    "id_digits_swapped": 0.08,
    "id_of_15_digits": 0.06,
    "id_missing": 0.08,
    "id_of_other_type": 0.05,
    "birth_placeholder": 0.04,
    "name_traditional": 0.03,
    "name_decorated": 0.03,
    "id_full_width": 0.02,
}
"""How a further entry differs, and in what share; the first two keep all five fields."""

_LAST_OLD_BIRTH = int(np.datetime64("2000-01-01").astype(np.int64))


@dataclass
class Records:
    """The person records: `entity` is the human being, `plant` the kind of entry, -1 = first."""

    people: People
    entity: Ints
    plant: Ints
    of_entity: Ints  # records in order of their entities
    first: Ints  # where an entity's records begin in `of_entity`
    count: Ints

    def any_of(self, rng: Rng, entity: Ints) -> Ints:
        """Return one of the records of each entity, at random; -1 for a negative entity."""
        known = np.maximum(entity, 0)
        step = np.floor(rng.random(len(entity)) * self.count[known]).astype(np.int64)
        return np.where(entity >= 0, self.of_entity[self.first[known] + step], -1)


def further_entries(customers: int, shape: SampleShape) -> int:
    """Return how many of the records are second or third entries."""
    return round(customers * shape.duplicates)


def enter(
    streams: Streams, humans: People, further: int, places: Places, as_of: int, shape: SampleShape
) -> Records:
    """Return a record for every human being and `further` second or third entries.

    Children are entered again a fifth as often as adults. Each further entry differs by one of
    `KINDS`, in exact shares; half of them also by a phone, a third by an address.
    """
    rng = streams.of("duplicates")
    n = len(humans.born)
    adult = (as_of - humans.born) >= 18 * 366
    key = rng.random(n) * np.where(adult, 1.0, 5.0)
    thirds = round(further * shape.third_entries) if further > 1 else 0
    chosen = np.argsort(key)[: further - thirds]
    third = chosen[rng.permutation(len(chosen))[:thirds]]
    source = np.concatenate([chosen, third])
    entity = np.concatenate([np.arange(n), source])
    people = humans.take(entity)
    at = np.arange(n, n + len(source))

    quota = np.floor(np.cumsum([0, *KINDS.values()]) / sum(KINDS.values()) * len(at) + 0.5)
    kind = rng.permutation(np.repeat(np.arange(len(KINDS)), np.diff(quota).astype(np.int64)))
    kind = _possible(kind, people, at)
    for number, name in enumerate(KINDS):
        _apply(rng, people, at[kind == number], name, places)
    broken = kind >= 2
    _apply(rng, people, at[broken & (rng.random(len(at)) < 0.4)], "other_phone", places)
    _apply(rng, people, at[(kind != 1) & (rng.random(len(at)) < 0.3)], "other_address", places)
    _apply(rng, people, at[broken & (rng.random(len(at)) < 0.08)], "name_slip", places)
    restyled = at[rng.random(len(at)) < 0.5]
    people.address.style[restyled] = _restyled(rng, people.address.style[restyled])
    _keyed_by_another(rng, people, at)

    plant = np.concatenate([np.full(n, -1), kind])
    _usual_slips(streams.of("slips"), people, shape.noise)
    count = np.bincount(entity, minlength=n)
    order = np.argsort(entity, kind="stable")
    return Records(people, entity, plant, order, np.cumsum(count) - count, count)


def _possible(kind: Ints, people: People, at: Ints) -> Ints:
    """Return the kinds, with those that a record cannot have replaced by one that it can."""
    code = {name: number for number, name in enumerate(KINDS)}
    resident = people.id_type[at] == identity.RESIDENT
    kind = np.where(
        (kind == code["id_of_15_digits"]) & (people.born[at] >= _LAST_OLD_BIRTH),
        code["id_digits_swapped"],
        kind,
    )
    plain = names.traditional_differs(people.names)[at]
    kind = np.where((kind == code["name_traditional"]) & ~plain, code["name_decorated"], kind)
    numbered = [code["id_of_15_digits"], code["id_digits_swapped"], code["id_full_width"]]
    return np.where(np.isin(kind, numbered) & ~resident, code["name_slip"], kind)


def _apply(rng: Rng, people: People, at: Ints, kind: str, places: Places) -> None:
    if kind == "other_phone":
        gone = rng.random(len(at)) < 0.2
        people.phone[at] = np.where(gone, -1, identity.mobiles(rng, len(at)))
    elif kind == "other_address":
        # Four of five move within their city.
        old = people.address.district[at]
        near = rng.random(len(at)) < 0.8
        city = np.where(near, people.city[at], pick(rng, places.city_weight, len(at)))
        low = np.searchsorted(places.district_city, city)
        size = np.bincount(places.district_city)[city]
        new = low + np.floor(rng.random(len(at)) * size).astype(np.int64)
        moved = np.where(near & (rng.random(len(at)) < 0.4), old, new)
        people.address.put(at, Addresses.drawn(rng, places, moved))
        people.city[at] = places.district_city[moved]
    elif kind == "name_slip":
        names.slip(rng, people.names, at)
    elif kind == "name_sound_alike":
        names.sound_alike(rng, people.names, at)
    elif kind == "id_digits_swapped":
        _swap_digits(rng, people, at)
    elif kind == "id_of_15_digits":
        people.id_code[at] = identity.old_resident_ids(people.id_code[at])
    elif kind == "id_missing":
        people.id_code[at] = 0
        people.id_type[at] = np.where(rng.random(len(at)) < 0.7, -1, people.id_type[at])
    elif kind == "id_of_other_type":
        types = np.array([identity.PASSPORT, identity.MILITARY, identity.OTHER, identity.HK_MACAU])
        people.id_type[at] = types[pick(rng, np.array([5.0, 2, 2, 1]), len(at))]
        people.id_code[at] = identity.other_ids(rng, people.id_type[at])
    elif kind == "birth_placeholder":
        year = people.born[at].astype("datetime64[D]").astype("datetime64[Y]")
        first = year.astype("datetime64[D]").astype(np.int64)
        people.born[at] = np.where(first == people.born[at], NO_DAY, first)
    elif kind == "name_traditional":
        people.name_form[at] = names.TRADITIONAL
    elif kind == "name_decorated":
        forms = np.array([names.HONORIFIC, names.SPACED, names.WIDE_SPACED])
        people.name_form[at] = forms[pick(rng, np.array([5.0, 3, 2]), len(at))]
    else:
        people.id_wide[at] = True


def _keyed_by_another(rng: Rng, people: People, at: Ints) -> None:
    """Let the details that nobody checks differ: what another clerk asked for, or left out."""
    for optional, share in ((people.employer, 0.2), (people.account, 0.08), (people.email, 0.05)):
        optional[at[rng.random(len(at)) < share]] = -1
    another = at[(people.account[at] >= 0) & (rng.random(len(at)) < 0.35)]
    people.account[another] = identity.accounts(rng, len(another))
    another = at[(people.email[at] >= 0) & (rng.random(len(at)) < 0.35)]
    people.email[another] = rng.integers(0, 10**9, len(another))
    people.died[at[rng.random(len(at)) < 0.5]] = NO_DAY
    for told in (people.occupation, people.income, people.preference, people.consent):
        again = at[rng.random(len(at)) < 0.4]
        told[again] = told[rng.integers(0, len(told), len(again))]


def _swap_digits(rng: Rng, people: People, at: Ints) -> None:
    """Swap two neighbouring, unequal digits among the last eleven of the first seventeen."""
    codes = people.id_code[at]
    differ = codes[:, 6:16] != codes[:, 7:17]
    score = np.where(differ, rng.random(differ.shape), -1.0)
    place = 6 + score.argmax(axis=1)
    rows = np.flatnonzero(score.max(axis=1) >= 0)
    first, second = codes[rows, place[rows]], codes[rows, place[rows] + 1]
    codes[rows, place[rows]], codes[rows, place[rows] + 1] = second, first
    people.id_code[at] = codes


def _restyled(rng: Rng, style: Ints) -> Ints:
    return np.where(style == VILLAGE, style, rng.integers(0, VILLAGE, len(style)))


def _usual_slips(rng: Rng, people: People, noise: float) -> None:
    """Put into any record, first or further, the slips that a real book has everywhere."""
    n = len(people.born)

    def some(share: float) -> Ints:
        return np.flatnonzero(rng.random(n) < share * noise)

    intact = (people.id_type == identity.RESIDENT) & (people.id_code[:, 17] != 0)
    for at in (some(0.003),):
        _swap_digits(rng, people, at[intact[at]])
    at = some(0.008)
    old = at[intact[at] & (people.born[at] < _LAST_OLD_BIRTH) & (people.born[at] > NO_DAY)]
    people.id_code[old] = identity.old_resident_ids(people.id_code[old])
    at = some(0.035)
    people.id_code[at] = 0
    people.id_type[at] = np.where(rng.random(len(at)) < 0.7, -1, people.id_type[at])
    at = some(0.002)
    people.id_wide[at[people.id_type[at] == identity.RESIDENT]] = True
    at = some(0.004)
    known = at[people.born[at] > NO_DAY]
    year = people.born[known].astype("datetime64[D]").astype("datetime64[Y]")
    people.born[known] = year.astype("datetime64[D]").astype(np.int64)
    people.born[some(0.008)] = NO_DAY
    people.sex_known[some(0.008)] = False
    names.slip(rng, people.names, some(0.002))
    names.sound_alike(rng, people.names, some(0.002))
    differs = names.traditional_differs(people.names)
    at = some(0.003)
    people.name_form[at[differs[at]]] = names.TRADITIONAL
    for form, share in (
        (names.HONORIFIC, 0.004),
        (names.SPACED, 0.004),
        (names.WIDE_SPACED, 0.002),
    ):
        people.name_form[some(share)] = form
    people.phone[some(0.04)] = -1
    for form, share in ((1, 0.03), (2, 0.02), (3, 0.02), (4, 0.003)):
        people.phone_form[some(share)] = form
    people.address.district[some(0.06)] = -1

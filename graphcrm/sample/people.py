"""The customers as human beings, and as the records that the insurer keeps of them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from graphcrm.sample import columns as col
from graphcrm.sample import households, identity, names, person_numbers
from graphcrm.sample.columns import Bools, Bytes, Ints, Rng
from graphcrm.sample.households import YEAR, Households
from graphcrm.sample.places import Addresses, Local, Places
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import word_lists

UNDER_OWN_NAME, WITH_HUSBANDS, UNDER_HUSBANDS = range(3)
"""Surnames of married women: 方安生, 陈方安生, 陈安生."""
PHONE_PLACEHOLDER = 5
"""In `People.phone_form`: a filler stands in the phone's place (1 to 4 are ways to write it)."""
NO_EMAIL = -1
"""In `People.email`: none; below it a filler."""


@dataclass
class People:
    """One person a row, as numbers; -1 (`NO_DAY` for days, 0 bytes for codes) is unknown."""

    names: names.Names
    name_form: Ints
    spouse_surname: Ints  # of women, the husband's
    after_marriage: Ints  # how it shows in the name: `UNDER_OWN_NAME` and the next two
    male: Bools
    sex_known: Bools
    born: Ints
    died: Ints
    id_type: Ints
    id_code: Bytes
    id_wide: Bools
    phone: Ints
    phone_form: Ints
    phone_2: Ints
    email: Ints
    address: Addresses
    city: Ints
    employer: Ints
    occupation: Ints
    income: Ints
    account: Ints
    language: Ints
    preference: Ints
    consent: Ints
    vulnerability: Ints

    def take(self, index: Ints) -> People:
        """Return copies of these rows."""
        taken: dict[str, Any] = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, names.Names):
                parts = (getattr(value, f.name)[index] for f in fields(value))
                taken[field.name] = names.Names(*parts)
            elif isinstance(value, Addresses):
                taken[field.name] = value.take(index)
            else:
                taken[field.name] = value[index]
        return People(**taken)


def populate(
    streams: Streams, families: Households, places: Places, as_of: int, shape: SampleShape
) -> People:
    """Return the human beings of `families`, each as a faultless record without employer."""
    n = len(families.born)
    rng = streams.of("people")
    born, male = families.born.copy(), families.male.copy()
    head = families.first_row
    western = (rng.random(n) < shape.western)[head]
    is_child = (families.father >= 0) | (families.mother >= 0)

    naming = streams.of("names")
    year = identity.birth_parts(born)[0]
    surname = names.draw_surnames(naming, western)
    given_1, given_2 = names.draw_given(naming, western, male, year)
    parent = np.where(families.father >= 0, families.father, families.mother)
    surname[is_child] = surname[parent[is_child]]
    sons = naming.permutation(np.flatnonzero((families.father >= 0) & male))
    sons = sons[: round(len(sons) * shape.father_son_name)]
    given_1[sons], given_2[sons] = given_1[families.father[sons]], given_2[families.father[sons]]
    _same_name_strangers(
        naming, shape, families, [surname, given_1, given_2, born, male], western | is_child
    )

    living = streams.of("places")
    district = pick(living, places.district_weight, n)
    own_home = (
        is_child & ((as_of - born) / YEAR > 25) & (living.random(n) < shape.details.child_moved_out)
    )
    shared = np.where(own_home, np.arange(n), head)
    address = Addresses.drawn(living, places, district).take(shared)
    city = places.district_city[address.district]

    id_type, id_code = person_numbers.identified(
        streams.of("identity"),
        families,
        born,
        male,
        western,
        places.city_code[city],
        shape.details,
    )
    age = (as_of - born) / YEAR
    phone, phone_2, email, account = person_numbers.reached(
        streams.of("phones"), families, age, shape
    )

    living_as = streams.of("occupations")
    lists, details = word_lists(), shape.details
    adult = age >= 18
    working = adult & (age < 62)
    occupations = 1 / (np.arange(len(lists["occupations"])) + 6)
    known = living_as.random((4, n))
    return People(
        names=names.Names(surname, given_1, given_2, western),
        name_form=np.zeros(n, np.int64),
        spouse_surname=_husbands(naming, families, surname, western, male, as_of - born),
        after_marriage=np.full(n, UNDER_OWN_NAME),
        male=male,
        sex_known=np.ones(n, np.bool_),
        born=born,
        died=households.deaths(streams.of("deaths"), born, as_of, shape),
        id_type=id_type,
        id_code=id_code,
        id_wide=np.zeros(n, np.bool_),
        phone=phone,
        phone_form=np.zeros(n, np.int64),
        phone_2=phone_2,
        email=email,
        address=address,
        city=city,
        employer=np.full(n, -1),
        occupation=np.where(
            working & (known[0] < details.occupation), pick(living_as, occupations, n), -1
        ),
        income=np.where(
            adult & (known[1] < details.income),
            pick(living_as, np.array([18.0, 30, 30, 16, 4, 2]), n),
            -1,
        ),
        account=account,
        language=np.where(
            western,
            2,
            np.where(
                known[2] < details.language, pick(living_as, np.array([88.0, 6, 0, 3, 1, 1]), n), -1
            ),
        ),
        preference=pick(living_as, np.array([70.0, 12, 12, 6]), n),
        consent=np.where(
            adult,
            (known[3] < details.consent_given).astype(np.int64)
            - (known[3] > 1 - details.consent_refused),
            -1,
        ),
        vulnerability=np.where(
            living_as.random(n) < np.where(age > 70, 0.06, 0.004),
            living_as.integers(0, len(lists["vulnerabilities"]), n),
            -1,
        ),
    )


def _husbands(
    rng: Rng, families: Households, surname: Ints, western: Bools, male: Bools, days: Ints
) -> Ints:
    """Return the husband's surname of each grown woman, -1 for those who never married.

    Of those without a husband among the customers a third have one elsewhere, or had one.
    """
    woman = ~male & (days > 20 * 366)
    elsewhere = names.draw_surnames(rng, western)
    other = np.where(rng.random(len(male)) < 1 / 3, elsewhere, -1)
    here = families.spouse >= 0
    return np.where(woman, np.where(here, surname[families.spouse], other), -1)


def employ(
    rng: Rng, people: People, workplace_city: Ints, weight: col.Floats, as_of: int,
    shape: SampleShape, cities: int,
) -> None:  # fmt: skip
    """Give adults of working age an employer of their city, by the weight of its size."""
    age = (as_of - people.born) / YEAR
    working = (age >= 20) & (age < 62) & (rng.random(len(age)) < shape.employed)
    everywhere = Local(np.arange(len(workplace_city)), workplace_city, weight, cities)
    people.employer[working] = everywhere.draw(rng, people.city[working])


def _same_name_strangers(
    rng: Rng, shape: SampleShape, families: Households, own: list[Any], barred: Bools
) -> None:
    lonely = (families.spouse < 0) & (families.children == 0) & ~barred
    count = round(shape.same_name_strangers * len(lonely))
    those = rng.permutation(np.flatnonzero(lonely))[:count]
    models = np.flatnonzero(~barred & ~lonely)
    if len(models):
        model = models[rng.integers(0, len(models), len(those))]
        for column in own:
            column[those] = column[model]

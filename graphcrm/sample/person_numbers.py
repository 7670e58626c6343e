"""The numbers by which persons are known and reached: documents, phones, accounts, e-mail."""

from __future__ import annotations

import numpy as np

from graphcrm.sample import identity
from graphcrm.sample.columns import Bools, Bytes, Floats, Ints, Rng
from graphcrm.sample.detail_shape import Details
from graphcrm.sample.households import Households
from graphcrm.sample.places import birth_regions
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import pick

_OTHER_DOCUMENTS = np.array([0.32, 0.2, 0.2, 0.16, 0.04, 0.08])
"""Of Chinese without a resident ID: shares of `identity.ID_TYPES` after the first."""


def identified(
    rng: Rng, families: Households, born: Ints, male: Bools, western: Bools, home: Ints,
    details: Details,
) -> tuple[Ints, Bytes]:  # fmt: skip
    """Return (type, number) of the identity documents; twins have neighbouring serial numbers."""
    n = len(born)
    region = birth_regions(rng, identity.birth_parts(born)[0], home, details)
    twins = np.flatnonzero(families.twin >= 0)
    region[twins] = region[families.twin[twins]]
    serial = identity.unlike_serials(rng, region, born, male.astype(np.int64))
    _neighbouring_serials(serial, families.twin, male)
    code = identity.resident_ids(region, born, serial)
    other = details.other_document
    kind = pick(rng, np.array([1 - other, *(other * _OTHER_DOCUMENTS)]), n)
    foreign = np.where(
        rng.random(n) < details.foreign_resident, identity.FOREIGN, identity.PASSPORT
    )
    kind = np.where(western, foreign, kind)
    others = np.flatnonzero(kind != identity.RESIDENT)
    code[others] = identity.other_ids(rng, kind[others])
    return kind, code


def reached(
    rng: Rng, families: Households, age: Floats, shape: SampleShape
) -> tuple[Ints, Ints, Ints, Ints]:
    """Return (phone, second phone, e-mail, account); children under 16 have a parent's phone."""
    n, known = len(age), shape.details
    adult = age >= 18
    phone = identity.mobiles(rng, n)
    phone_2 = np.where(rng.random(n) < known.second_phone, identity.mobiles(rng, n), -1)
    account = np.where(adult & (rng.random(n) < known.account), identity.accounts(rng, n), -1)
    email = np.where(adult & (rng.random(n) < known.email), rng.integers(0, 10**9, n), -1)
    couples = np.flatnonzero(families.spouse > np.arange(n))
    drawn = rng.random(len(couples))
    everything = couples[drawn < shape.shared_everything]
    one_phone = couples[drawn < shape.shared_everything + shape.shared_phone]
    for column, those in (
        (phone, one_phone), (phone_2, everything), (email, everything), (account, everything),
    ):  # fmt: skip
        column[families.spouse[those]] = column[those]
    by_mother = (families.mother >= 0) & (
        (families.father < 0) | (rng.random(n) < known.child_phone)
    )
    parent = np.where(by_mother, families.mother, families.father)
    young = np.flatnonzero((parent >= 0) & (age < 16))
    phone[young] = phone[parent[young]]
    return phone, phone_2, email, account


def _neighbouring_serials(serial: Ints, twin: Ints, male: Bools) -> None:
    later = np.flatnonzero(twin >= 0)
    first = serial[twin[later]]
    step = np.where(male[later] == male[twin[later]], 2, 1)
    serial[later] = np.where(first + step > 999, first - step, first + step)

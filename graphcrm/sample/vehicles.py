"""The vehicles of motor policies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import Bools, Bytes, IdSpace, Ints, Rng, digits
from graphcrm.sample.places import Places
from graphcrm.sample.policies import Policies
from graphcrm.sample.products import MOTOR
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import word_lists

_VIN_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789", np.uint8)
_PLATE_LETTERS = np.frombuffer(b"ABCDEFGHJKLMNPQRSTUVWXYZ", np.uint8)
_VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ0123456789",
        [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10), *range(10)], strict=True)
)  # fmt: skip
_VIN_WEIGHTS = np.array([8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2])


@dataclass
class Vehicles:
    """One vehicle a row; `of_policy` is -1 for other policies.

    The owner is a person record, or an institution record where `owned_by_firm`.
    """

    owner: Ints
    owned_by_firm: Bools
    city: Ints
    of_policy: Ints


def register(streams: Streams, book: Policies) -> Vehicles:
    """Return a vehicle for each person with motor policies, a second one for some of them.

    An institution has one for each policy; a renewal is for the vehicle of the policy before it.
    """
    rng = streams.of("vehicles")
    motor = np.flatnonzero(book.line == MOTOR)
    person = book.human[motor] >= 0
    former = book.renews[motor]
    fleet = -2 - np.where(former >= 0, former, motor)
    key = np.where(person, book.human[motor] * 2 + (rng.random(len(motor)) < 0.12), fleet)
    _, first, vehicle = np.unique(key, return_index=True, return_inverse=True)
    of_policy = np.full(book.rows, -1)
    of_policy[motor] = vehicle
    mine = motor[first]
    firm = book.human[mine] < 0
    owner = np.where(firm, book.firm[mine], book.holder[mine])
    return Vehicles(owner, firm, book.city[mine], of_policy)


def table(
    rng: Rng, book: Vehicles, ids: IdSpace, persons: IdSpace, institutions: IdSpace, places: Places
) -> pa.Table:
    """Return the `vehicles` table in row order."""
    n = len(book.owner)
    firm = book.owned_by_firm
    models = word_lists()["makes"]
    electric = rng.random(n) < 0.2
    serial = digits(rng.integers(0, 10**6, n), 6)
    letter = rng.random(n) < 0.5
    serial[letter, 1] = rng.choice(_PLATE_LETTERS, int(letter.sum()))
    serial[electric, 0] = rng.choice(np.frombuffer(b"DF", np.uint8), int(electric.sum()))
    serial[~electric, 5] = 0
    plate = col.joined(col.words(places.plate, book.city), col.text(serial))
    model = pick(rng, 1 / (np.arange(len(models)) + 5.0), n)
    return pa.table(
        {
            "id": ids.column(),
            "plate": col.nulled(plate, rng.random(n) < 0.02),
            "vin": col.nulled(col.text(_vins(rng, n)), rng.random(n) < 0.03),
            "make": col.words([m[0] for m in models], model),
            "model": col.words([m[1] for m in models], model),
            "owner_id": col.chosen(
                firm,
                institutions.of(np.where(firm, book.owner, -1)),
                persons.of(np.where(firm, -1, book.owner)),
            ),
            "owner_kind": col.words(["person", "institution"], firm.astype(np.int64)),
        }
    )


def _vins(rng: Rng, rows: int) -> Bytes:
    """Return vehicle identification numbers (GB 16735) with their check character."""
    out = rng.choice(_VIN_LETTERS, (rows, 17))
    out[:, 0] = ord("L")
    out[:, 11:] = digits(rng.integers(0, 10**6, rows), 6)
    values = np.zeros(128, np.int64)
    for letter, value in _VIN_VALUES.items():
        values[ord(letter)] = value
    check = (values[out] @ _VIN_WEIGHTS) % 11
    out[:, 8] = np.frombuffer(b"0123456789X", np.uint8)[check]
    return out

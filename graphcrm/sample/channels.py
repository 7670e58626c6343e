"""The channels through which records come in: what they keep, and how they err.

No column names the channel; each has its own ways, the same for every record of it. The shares
and factors are GraphCRM's own choice.
"""

from __future__ import annotations

import numpy as np

from graphcrm.sample.columns import Floats, Ints, Rng
from graphcrm.sample.error_shape import Channels
from graphcrm.sample.people import People
from graphcrm.sample.streams import pick

CORE, COUNTER, CLAIMS, APP, OLD = range(5)
MIGRATED = int(np.datetime64("2015-07-01").astype(np.int64))
"""The day on which the old system's records were taken over; nobody born later is in it."""

_KEEPS = {
    "phone_2": (1.0, 0.6, 0.3, 1.0, 0.0),
    "email": (1.0, 0.1, 0.4, 1.0, 0.0),
    "employer": (1.0, 0.4, 0.6, 0.9, 0.6),
    "occupation": (1.0, 0.2, 0.3, 0.9, 0.7),
    "income": (1.0, 0.5, 0.1, 0.9, 0.0),
    "account": (0.9, 1.0, 1.0, 0.8, 0.6),
    "language": (1.0, 0.3, 0.3, 1.0, 0.0),
    "preference": (1.0, 0.5, 0.3, 1.0, 0.0),
    "consent": (1.0, 1.0, 0.3, 1.0, 0.0),
    "vulnerability": (1.0, 0.3, 1.0, 0.6, 0.0),
}
"""By field: the share of the known values that each channel writes down."""

_ERRS = {
    "name_slip": (1.0, 0.5, 1.5, 1.0, 1.5),
    "name_sound_alike": (0.8, 0.3, 1.5, 2.5, 0.3),
    "name_shape_alike": (0.6, 0.6, 1.0, 2.5, 1.0),
    "name_traditional": (1.0, 1.0, 0.5, 1.0, 1.5),
    "name_decorated": (0.5, 0.3, 2.0, 2.0, 1.0),
    "name_in_pinyin": (1.0, 2.0, 0.7, 0.7, 0.7),
    "name_in_english": (1.0, 0.5, 0.7, 2.0, 0.3),
    "id_digit_wrong": (1.0, 0.2, 1.5, 1.0, 1.5),
    "id_digits_swapped": (1.0, 0.2, 1.5, 1.2, 1.2),
    "id_of_15_digits": (0.3, 0.1, 0.3, 0.1, 6.5),
    "id_missing": (0.8, 0.2, 2.0, 1.2, 1.6),
    "id_placeholder": (0.5, 0.2, 1.5, 1.0, 3.0),
    "id_full_width": (0.5, 0.2, 0.5, 0.5, 5.0),
    "birth_first_of_year": (0.7, 0.2, 1.0, 0.5, 4.0),
    "birth_placeholder": (0.4, 0.2, 1.0, 0.5, 5.0),
    "birth_missing": (0.8, 0.2, 2.5, 1.0, 1.5),
    "sex_missing": (0.8, 0.3, 2.0, 1.0, 1.5),
    "phone_missing": (0.8, 0.5, 0.3, 0.2, 4.0),
    "phone_placeholder": (1.2, 1.5, 0.5, 0.3, 1.2),
    "address_missing": (0.8, 1.5, 2.0, 0.6, 0.8),
    "address_placeholder": (1.0, 1.5, 1.5, 0.5, 0.8),
    "email_placeholder": (1.5, 0.5, 0.5, 1.2, 0.0),
}
"""By error: how often each channel makes it, against the others; all alike where none is named."""


def shares(shape: Channels) -> Floats:
    """Return the share of the records that each channel has."""
    weights = np.array(list(shape.model_dump().values()))
    return weights / max(float(weights.sum()), 1e-9)


def drawn(rng: Rng, rows: int, shape: Channels) -> Ints:
    """Return a channel for each record."""
    return pick(rng, shares(shape), rows)


def of_kinds(rng: Rng, kind: Ints, kinds: list[str], weights: Floats, shape: Channels) -> Ints:
    """Return a channel for each further entry, such that errors come from channels that make them.

    The channels of all entries together are in the same shares as those of any records, so that
    no channel's ways betray a further entry: shares are fitted to both margins (Deming and
    Stephan, 1940).
    """
    target, rows = shares(shape), weights / max(float(weights.sum()), 1e-9)
    table = np.array([_ERRS.get(name, (1.0,) * len(target)) for name in kinds]) * target
    table = np.maximum(table, 1e-6)
    for _ in range(50):
        table *= (rows / np.maximum(table.sum(axis=1), 1e-12))[:, None]
        table *= target / np.maximum(table.sum(axis=0), 1e-12)
    total = np.cumsum(table, axis=1)
    luck = rng.random(len(kind)) * total[kind, -1]
    channel: Ints = (luck[:, None] >= total[kind]).sum(axis=1).clip(0, len(target) - 1)
    return channel


def rates(error: str, share: float, channel: Ints, shape: Channels) -> Floats:
    """Return for each record how likely it suffers the error; `share` on average."""
    factor = np.array(_ERRS.get(error, (1.0,) * 5))
    usual = max(float((factor * shares(shape)).sum()), 1e-9)
    found: Floats = (factor * share / usual)[channel]
    return found


def leave_out(rng: Rng, people: People, channel: Ints) -> None:
    """Drop from every record what its channel doesn't ask for."""
    for field, kept in _KEEPS.items():
        values = getattr(people, field)
        values[rng.random(len(channel)) >= np.array(kept)[channel]] = -1

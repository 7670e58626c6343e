"""Second and third entries of one person, and the slips that any record may have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample import channels, identity, quotas
from graphcrm.sample.columns import NO_DAY, Ints, Rng
from graphcrm.sample.error_log import ErrorLog
from graphcrm.sample.error_shape import EntryKinds
from graphcrm.sample.people import People
from graphcrm.sample.person_slips import PersonSlips
from graphcrm.sample.places import VILLAGE, Places
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

KINDS = list(EntryKinds.model_fields)
"""How a further entry differs; the first three keep all five fields."""

_ON_ANY = [
    KINDS.index(kind) for kind in ("other_phone", "other_address", "name_slip", "id_missing")
]
"""Kinds that any record can have."""
_ALSO_NEW_PHONE, _ALSO_MOVED, _ALSO_MISSPELT = 0.4, 0.3, 0.08
_WITHOUT_DEATH = 0.25
"""Records of persons who have died that don't know it."""
_PHONE_FORMS = {1: 0.03, 2: 0.02, 3: 0.02, 4: 0.003}


@dataclass
class Records:
    """The person records: `entity` is the human being, `plant` the kind of entry, -1 = first."""

    people: People
    entity: Ints
    plant: Ints
    channel: Ints
    errors: ErrorLog
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
    streams: Streams, humans: People, further: int, movers: int, places: Places, shape: SampleShape
) -> Records:
    """Return a record for every human being and `further` second or third entries.

    The last `movers` of the human beings have a record with another company of ours already, so
    that theirs is a further entry too. Anybody may be entered again. Each further entry differs by
    one kind of `shape.kinds`, in exact shares; most of those that differ in an identifying field
    also by a phone or an address.
    """
    rng = streams.of("duplicates")
    n = len(humans.born)
    thirds = round(further * shape.third_entries) if further > 1 else 0
    chosen = rng.permutation(n)[: further - thirds]
    third = chosen[rng.permutation(len(chosen))[:thirds]]
    entity = np.concatenate([np.arange(n), chosen, third])
    people = humans.take(entity)
    at = np.arange(n - movers, len(entity))

    weights = np.array(list(shape.kinds.model_dump().values()))
    kind = quotas.exact(rng, weights, len(at), each_from=2 * len(KINDS))
    slips = PersonSlips(rng, people, places, ErrorLog())
    quotas.fit(rng, kind, lambda number, rows: slips.can(KINDS[number], at[rows]), _ON_ANY)
    channel = channels.drawn(rng, len(entity), shape.channels)
    channel[at] = channels.of_kinds(rng, kind, KINDS, weights, shape.channels)
    channel[(channel == channels.OLD) & (people.born >= channels.MIGRATED)] = channels.CORE

    misspelt = KINDS.index("name_slip")
    for number, name in enumerate(KINDS):
        kind[(kind == number) & ~slips.can(name, at)] = misspelt
    for number, name in enumerate(KINDS):
        slips.make(name, at[kind == number])
    broken = kind >= misspelt
    slips.make("other_phone", at[broken & (rng.random(len(at)) < _ALSO_NEW_PHONE)])
    moves = (kind != KINDS.index("other_address")) & (rng.random(len(at)) < _ALSO_MOVED)
    slips.make("other_address", at[moves & (kind != KINDS.index("same"))])
    slips.make("name_slip", at[broken & (rng.random(len(at)) < _ALSO_MISSPELT)])
    _keyed_by_another(rng, people, at)

    plant = np.concatenate([np.full(n - movers, -1), kind])
    channels.leave_out(streams.of("channels"), people, channel)
    _usual_slips(streams.of("slips"), slips, channel, shape)
    count = np.bincount(entity, minlength=n)
    order = np.argsort(entity, kind="stable")
    return Records(
        people, entity, plant, channel, slips.log, order, np.cumsum(count) - count, count
    )


def _keyed_by_another(rng: Rng, people: People, at: Ints) -> None:
    """Let the details that nobody checks differ: what another clerk heard or wrote otherwise."""
    another = at[(people.account[at] >= 0) & (rng.random(len(at)) < 0.35)]
    people.account[another] = identity.accounts(rng, len(another))
    another = at[(people.email[at] >= 0) & (rng.random(len(at)) < 0.35)]
    people.email[another] = rng.integers(0, 10**9, len(another))
    for told in (people.occupation, people.income, people.preference, people.consent):
        again = at[(told[at] >= 0) & (rng.random(len(at)) < 0.4)]
        known = told[told >= 0]
        told[again] = known[rng.integers(0, max(len(known), 1), len(again))]
    restyled = at[rng.random(len(at)) < 0.5]
    style = people.address.style[restyled]
    other = rng.integers(0, VILLAGE, len(style))
    people.address.style[restyled] = np.where(style == VILLAGE, style, other)


def _usual_slips(rng: Rng, slips: PersonSlips, channel: Ints, shape: SampleShape) -> None:
    """Put into any record, first or further, the slips that a real book has everywhere."""
    people, n = slips.people, len(channel)
    slips.rng = rng
    for error, share in shape.slips.model_dump().items():
        chance = channels.rates(error, share * shape.noise, channel, shape.channels)
        luck = rng.random(n)
        at = np.flatnonzero(luck < chance)
        if n >= shape.small.errors_from and not slips.can(error, at).any():
            possible = np.flatnonzero(chance > 0)
            possible = possible[slips.can(error, possible)]
            at = possible[np.argsort((luck / np.maximum(chance, 1e-9))[possible])[:1]]
        slips.make(error, at)
    people.died[rng.random(n) < _WITHOUT_DEATH] = NO_DAY
    for form, share in _PHONE_FORMS.items():
        at = np.flatnonzero((rng.random(n) < share * shape.noise) & (people.phone_form == 0))
        people.phone_form[at] = form

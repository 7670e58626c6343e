"""Who was there: the people and the other vehicle of every claim."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.claims import Claims
from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import LAW_FIRM, Institutions
from graphcrm.sample.parties import Parties
from graphcrm.sample.places import Local
from graphcrm.sample.policies import Policies
from graphcrm.sample.products import MOTOR
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams
from graphcrm.sample.vehicles import Vehicles
from graphcrm.sample.wording import word_lists

_DOCTOR = "医生"
_DOCTORS_OF_A_HOSPITAL = 5


@dataclass
class Scene:
    """One claim a row: a person record for each role, an institution as lawyer; -1 = nobody."""

    claimant: Ints
    driver: Ints
    passenger: Ints
    witness: Ints
    third_party: Ints
    doctor: Ints
    lawyer: Ints
    other_vehicle: Ints

    def tidy(self) -> None:
        """Let nobody be in two places of one vehicle, or on both sides, or his own doctor."""
        for who in (self.third_party, self.doctor):
            who[who == self.claimant] = -1
        self.third_party[self.third_party == self.driver] = -1
        apart = [self.driver, self.third_party]
        for who in (self.passenger, self.witness):
            for other in apart:
                who[who == other] = -1
            apart.append(who)


def look(
    streams: Streams, book: Claims, policies: Policies, parties: Parties, families: Households,
    records: Records, firms: Institutions, cars: Vehicles, cities: int, shape: SampleShape,
) -> Scene:  # fmt: skip
    """Return the scene of every claim: the insured, relatives, and people of the same city."""
    rng = streams.of("claim parties")
    n = book.rows
    line = policies.line[book.policy]
    human, holder = parties.insured_human[book.policy], policies.holder[book.policy]
    motor = line == MOTOR
    private = human >= 0
    near = Local(
        np.arange(len(records.entity)), records.people.city, np.ones(len(records.entity)), cities
    )
    own = np.where(human == policies.human[book.policy], holder, records.any_of(rng, human))
    own = np.where(private, own, -1)
    spouse = np.where(private, families.spouse[np.maximum(human, 0)], -1)
    driver = np.where(rng.random(n) < 0.8, own, records.any_of(rng, spouse))
    driver = np.where(driver < 0, own, driver)
    staff = _staff(rng, policies.firm[book.policy], records.people.employer)
    driver = np.where(private, driver, np.where(staff >= 0, staff, near.draw(rng, book.city)))
    rides = motor & (rng.random(n) < shape.passengers)
    passenger = np.where(
        rng.random(n) < 0.5, records.any_of(rng, spouse), near.draw(rng, book.city)
    )
    hit = book.collisions(line) & (rng.random(n) < shape.third_parties)
    others = Local(np.arange(len(cars.owner)), cars.city, np.ones(len(cars.owner)), cities)
    vehicle = others.draw(rng, book.city)
    vehicle[(vehicle == cars.of_policy[book.policy]) | (rng.random(n) < 0.15)] = -1
    known = np.maximum(vehicle, 0)
    stranger = near.draw(rng, book.city)
    if len(cars.owner):
        mine = (vehicle >= 0) & ~cars.owned_by_firm[known] & (cars.owner[known] != own)
        stranger = np.where(mine, cars.owner[known], stranger)
    sees = rng.random(n) < np.where(motor, shape.witnesses, shape.witnesses / 4)
    firm = np.flatnonzero(firms.kind == LAW_FIRM)
    lawyers = Local(firm, firms.city[firm], np.ones(len(firm)), cities).draw(rng, book.city)
    sues = book.injured & (rng.random(n) < shape.lawyers)
    doctor = doctors(rng, book.hospital, book.city, records, cities)
    return Scene(
        claimant=own,
        driver=np.where(motor, driver, -1),
        passenger=np.where(rides, passenger, -1),
        witness=np.where(sees, near.draw(rng, book.city), -1),
        third_party=np.where(hit, stranger, -1),
        doctor=np.where(rng.random(n) < shape.doctors_named, doctor, -1),
        lawyer=np.where(sues, lawyers, -1),
        other_vehicle=np.where(hit, vehicle, -1),
    )


def doctors(rng: Rng, hospital: Ints, city: Ints, records: Records, cities: int) -> Ints:
    """Return one of the few doctors of each hospital, of its city; -1 where there is none."""
    doctor = word_lists()["occupations"].index(_DOCTOR)
    those = np.flatnonzero(records.people.occupation == doctor)
    those = those[np.argsort(records.people.city[those], kind="stable")]
    edges = np.searchsorted(records.people.city[those], np.arange(cities + 1))
    count = edges[city + 1] - edges[city]
    turn = rng.integers(0, _DOCTORS_OF_A_HOSPITAL, len(hospital))
    at = edges[city] + (hospital * _DOCTORS_OF_A_HOSPITAL + turn) % np.maximum(count, 1)
    some: Bools = (hospital >= 0) & (count > 0)
    return np.where(some, those[np.minimum(at, len(those) - 1)] if len(those) else -1, -1)


def _staff(rng: Rng, firm: Ints, employer: Ints) -> Ints:
    """Return one of at most three drivers of each institution, -1 where nobody works there."""
    order = np.argsort(employer, kind="stable")
    low = np.searchsorted(employer[order], firm)
    count = np.minimum(np.searchsorted(employer[order], firm, side="right") - low, 3)
    at = low + np.floor(rng.random(len(firm)) * count).astype(np.int64)
    return np.where((firm >= 0) & (count > 0), order[np.minimum(at, len(order) - 1)], -1)

"""Fraud rings: groups that claim together. They take over claims that there are anyway.

Each ring changes who had to do with a claim, never what was claimed, when, or how much, so that it
shows in the links alone; a share of its links stays what chance made of it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcrm.sample.claim_scene import doctors
from graphcrm.sample.claims import PAID, accounts_of
from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.plants import AGENT, INSTITUTION, PERSON, VEHICLE, Groups, World
from graphcrm.sample.products import ACCIDENT, HEALTH
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

KINDS = [
    "staged_accidents", "garage_and_assessor", "medical_mill", "ghost_customers", "shared_payee",
]  # fmt: skip


def how_many(customers: int, claims: int, shape: SampleShape) -> int:
    """Return the number of rings in a book, one of each kind at least if there are the claims."""
    if shape.customers_per_ring == 0:
        return 0
    least = min(len(KINDS), claims // shape.small.claims_per_ring)
    return max(round(customers / shape.customers_per_ring), least)


def plant(streams: Streams, world: World, number: int, shape: SampleShape) -> Groups:
    """Let `number` rings take over claims, in equal shares of each kind, each in one place.

    They take a quarter of the claims at most, if that is enough for the smallest rings.
    """
    rng = streams.of("rings")
    found = Groups(KINDS)
    makers: list[Callable[[Rng, World, Ints, Groups, SampleShape], None]] = [
        _ghosts, _mills, _staged, _garages, _payees,
    ]  # fmt: skip
    room = world.losses.rows // (4 * max(number, 1))
    most = int(np.clip(room, shape.ring_least, max(shape.ring_least, shape.ring_most)))
    for turn, make in enumerate(makers):
        rings = len(range(turn, number, len(makers)))
        sizes = rng.integers(shape.ring_least, most + 1, rings)
        make(rng, world, sizes, found, shape)
    return found


def held(rng: Rng, claims: Ints, tie: float) -> Bools:
    """Return a share of the claims; the others stay as chance made them."""
    keeps: Bools = rng.random(len(claims)) < tie
    return keeps


def _planned(rng: Rng, claims: Ints, shape: SampleShape) -> Bools:
    """Return which of the claims follow the ring's plan."""
    return held(rng, claims, 1 - shape.ring_random_links)


def _staged(rng: Rng, world: World, sizes: Ints, found: Groups, shape: SampleShape) -> None:
    """People who collide with one another, each in another role every time."""
    losses, scene = world.losses, world.scene
    at = np.flatnonzero(losses.collisions(world.line) & (world.holder >= 0))
    at = at[scene.claimant[at] >= 0]
    for claims in world.together(
        rng, at, sizes, spread=4, unlike=world.holder, least=shape.ring_least
    ):
        people = scene.claimant[claims].copy()
        cars = world.cars.of_policy[losses.policy[claims]]
        places = np.arange(len(claims))
        # A third of them are in every accident of somebody else, the others now and then.
        core = np.maximum(len(claims) // 3, 2)
        for role, added, apart in (
            (scene.third_party, 0.5, 1), (scene.passenger, 0.25, 2), (scene.witness, 0.15, 3),
        ):  # fmt: skip
            there = (role[claims] >= 0) | (rng.random(len(claims)) < added)
            step = apart + np.where(rng.random(len(claims)) < 0.5, rng.integers(0, core), 0)
            other = (places + step) % len(claims)
            does = there & _planned(rng, claims, shape) & (other != places)
            role[claims[does]] = people[other[does]]
            if role is scene.third_party:
                scene.other_vehicle[claims[does]] = cars[other[does]]
        lent = held(rng, claims, 0.3)
        scene.driver[claims[lent]] = np.roll(people, 1)[lent]
        found.add("staged_accidents", claims, {PERSON: people, VEHICLE: cars})


def _garages(rng: Rng, world: World, sizes: Ints, found: Groups, shape: SampleShape) -> None:
    """A garage whose bills one assessor passes, and the owners who bring their cars there."""
    losses, scene = world.losses, world.scene
    at = np.flatnonzero((losses.repairer >= 0) & (losses.assessor >= 0) & (world.holder >= 0))
    for claims in world.together(
        rng, at, sizes, spread=5, unlike=world.holder, least=shape.ring_least
    ):
        garage = one_of(rng, world, losses.repairer[claims])
        assessor = losses.assessor[claims[0]]
        works = world.agents.works_on(np.full(len(claims), assessor), losses.reported[claims])
        there = _planned(rng, claims, shape)
        to_garage = there & losses.to_firm[claims]
        losses.repairer[claims[there]] = garage
        losses.payee[claims[to_garage]] = garage
        losses.assessor[claims[_planned(rng, claims, shape) & works]] = assessor
        repaid(world, claims)
        members = {
            INSTITUTION: np.array([garage]), AGENT: np.array([assessor]),
            PERSON: scene.claimant[claims],
        }  # fmt: skip
        found.add("garage_and_assessor", claims, members)


def _mills(rng: Rng, world: World, sizes: Ints, found: Groups, shape: SampleShape) -> None:
    """A doctor of a hospital who certifies what never was, and the patients."""
    losses, scene = world.losses, world.scene
    ill = np.isin(world.line, [HEALTH, ACCIDENT]) & (losses.hospital >= 0)
    at = np.flatnonzero(ill & (world.holder >= 0))
    for claims in world.together(
        rng, at, sizes, spread=5, unlike=world.holder, least=shape.ring_least
    ):
        hospital = one_of(rng, world, losses.hospital[claims])
        city = losses.city[claims[:1]]
        doctor = doctors(rng, np.array([hospital]), city, world.records, world.cities)
        losses.hospital[claims[_planned(rng, claims, shape)]] = hospital
        named = (scene.doctor[claims] >= 0) | (rng.random(len(claims)) < 0.4)
        scene.doctor[claims[named & _planned(rng, claims, shape)]] = doctor
        members = {
            INSTITUTION: np.array([hospital]),
            PERSON: np.concatenate([doctor, scene.claimant[claims]]),
        }
        found.add("medical_mill", claims, members)


def _ghosts(rng: Rng, world: World, sizes: Ints, found: Groups, shape: SampleShape) -> None:
    """Customers of one agent who exist on paper, paid through a few accounts."""
    losses, people = world.losses, world.records.people
    seller = world.sold_by[losses.policy]
    at = np.flatnonzero((seller >= 0) & (world.holder >= 0))
    for claims in world.together(
        rng, at, key=seller, sizes=sizes, spread=4, unlike=world.holder, least=shape.ring_least
    ):
        ghosts = world.holder[claims]
        known = people.account[ghosts[people.account[ghosts] >= 0]]
        if not len(known):
            world.claims.free[claims] = True
            continue
        on = _planned(rng, claims, shape)
        people.account[ghosts[on]] = rng.choice(known[:2], int(on.sum()))
        repaid(world, claims)
        found.add("ghost_customers", claims, {AGENT: seller[claims[:1]], PERSON: ghosts})


def _payees(rng: Rng, world: World, sizes: Ints, found: Groups, shape: SampleShape) -> None:
    """Claimants who have nothing to do with one another, save the account that is paid."""
    losses, people = world.losses, world.records.people
    at = np.flatnonzero((losses.status == PAID) & ~losses.to_firm & (losses.account >= 0))
    for claims in world.together(
        rng, at, sizes, spread=4, unlike=world.holder, least=shape.ring_least
    ):
        collector = world.holder[claims[0]]
        on = claims[_planned(rng, claims, shape)]
        losses.account[on] = people.account[collector]
        takes = on[rng.random(len(on)) < 0.4]
        losses.payee[takes] = collector
        found.add("shared_payee", claims, {PERSON: np.append(world.holder[claims], collector)})


def one_of(rng: Rng, world: World, firms: Ints) -> int:
    """Return one of the institutions, one that no other planted group has where there is one."""
    free = [firm for firm in np.unique(firms).tolist() if firm not in world.firms_taken]
    firm = int(rng.choice(free if free else firms))
    world.firms_taken.add(firm)
    return firm


def repaid(world: World, claims: Ints) -> None:
    """Pay the claims to the accounts that their payees have now."""
    losses = world.losses
    losses.account[claims] = accounts_of(
        losses.payee[claims], losses.to_firm[claims], world.records.people, world.firms
    )

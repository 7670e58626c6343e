"""Honest groups that look like rings at first sight: ten of them to every ring of a large book.

A big garage, a busy hospital, a fleet with one payer, a family with many claims in changing roles,
a storm, a law firm that collects for its clients, and staff paid through their employer's account.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from graphcrm.sample import identity
from graphcrm.sample.claim_scene import doctors
from graphcrm.sample.claims import OPEN, PAID, causes
from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.institutions import LAW_FIRM
from graphcrm.sample.places import Local
from graphcrm.sample.plants import INSTITUTION, PERSON, VEHICLE, Groups, World
from graphcrm.sample.products import MOTOR, PROPERTY
from graphcrm.sample.rings import held, one_of, repaid
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams

KINDS = [
    "family", "big_garage", "busy_hospital", "storm", "fleet", "law_firm", "employer_account",
]  # fmt: skip
_TIE = 0.7
_LEAST = 3
_STORM_TRIES, _STRUCK = 40, 5
_STORM_CAUSES = {MOTOR: ["涉水"], PROPERTY: ["暴雨", "台风", "水管爆裂"]}


def first(streams: Streams, world: World, rings: int, shape: SampleShape) -> Groups:
    """Plant one look-alike of each kind, as far as so many `rings` have them; call it first.

    A small book has few claims that lend themselves to some kinds: they must not be taken already.
    """
    rng = streams.of("first look-alikes")
    found = Groups(KINDS)
    for make in _makers()[: _wanted(world, rings, shape)]:
        make(rng, world, 1, found, shape)
    return found


def further(streams: Streams, world: World, found: Groups, rings: int, shape: SampleShape) -> None:
    """Plant more of them, at a multiple of the `rings`; kinds that run out others make up."""
    rng = streams.of("look-alikes")
    wanted, makers = _wanted(world, rings, shape), _makers()
    for turn, make in enumerate(makers):
        share = (wanted - len(found.kind)) / (len(makers) - turn)
        make(rng, world, max(int(np.ceil(share)), 0), found, shape)


def _makers() -> list[Callable[[Rng, World, int, Groups, SampleShape], None]]:
    return [_fleets, _storms, _employers, _families, _law_firms, _hospitals, _garages]


def _wanted(world: World, rings: int, shape: SampleShape) -> int:
    """Return how many look-alikes go with the rings, no more than the claims allow."""
    most = world.losses.rows // shape.small.claims_per_look_alike
    return min(round(rings * shape.look_alikes_per_ring), most)


def _sizes(rng: Rng, world: World, number: int, shape: SampleShape) -> Ints:
    """Return sizes like those of rings, none above a twentieth of all claims."""
    least = max(shape.ring_least - 2, 3)
    most = int(np.clip(world.losses.rows // 20, least, max(shape.ring_most, least)))
    return rng.integers(least, most + 1, number)


def _families(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """Relatives who drive one another's cars and sit in them."""
    losses, scene = world.losses, world.scene
    holder = world.holder
    at = np.flatnonzero((holder >= 0) & (scene.claimant >= 0))
    human = world.records.entity[holder[at]]
    home = world.families.household[human]
    for claims in world.claims.groups(
        rng, at, home, losses.loss[at], np.full(number, 12), spread=12, least=3
    ):
        people = scene.claimant[claims].copy()
        motor = world.line[claims] == MOTOR
        for role, share in ((scene.driver, 0.6), (scene.passenger, 0.6)):
            on = motor & held(rng, claims, share)
            role[claims[on]] = rng.permutation(people)[on]
        found.add("family", claims, {PERSON: people})


def _garages(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """A garage to which many go, whoever the assessor is."""
    losses = world.losses
    at = np.flatnonzero((losses.repairer >= 0) & (world.holder >= 0))
    for claims in world.together(
        rng, at, _sizes(rng, world, number, shape), spread=10, least=_LEAST
    ):
        garage = one_of(rng, world, losses.repairer[claims])
        there = held(rng, claims, _TIE)
        losses.repairer[claims[there]] = garage
        losses.payee[claims[there & losses.to_firm[claims]]] = garage
        repaid(world, claims)
        members = {INSTITUTION: np.array([garage]), PERSON: world.scene.claimant[claims]}
        found.add("big_garage", claims, members)


def _hospitals(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """A hospital with several doctors, to which a quarter of its city goes."""
    losses, scene = world.losses, world.scene
    at = np.flatnonzero(losses.hospital >= 0)
    for claims in world.together(
        rng, at, _sizes(rng, world, number, shape), spread=10, least=_LEAST
    ):
        hospital = one_of(rng, world, losses.hospital[claims])
        there = claims[held(rng, claims, _TIE)]
        losses.hospital[there] = hospital
        named = there[scene.doctor[there] >= 0]
        scene.doctor[named] = doctors(
            rng, losses.hospital[named], losses.city[named], world.records, world.cities
        )
        members = {INSTITUTION: np.array([hospital]), PERSON: scene.claimant[claims]}
        found.add("busy_hospital", claims, members)


def _storms(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """Many claims of one place and day, reported within days."""
    losses, book = world.losses, world.book
    at = np.flatnonzero(np.isin(world.line, [MOTOR, PROPERTY]) & (losses.status != OPEN))
    # Not all policies near in time were in force on one day: more are tried than are wanted.
    sizes = np.concatenate(
        [
            _sizes(rng, world, number, shape) * 2,
            np.full(_STORM_TRIES * number, shape.ring_least * 2),
        ]
    )
    names, planted = causes(), 0
    for near in world.together(rng, at, sizes, spread=2, least=_STRUCK):
        if planted == number:
            world.claims.free[near] = True
            break
        day = int(np.median(losses.loss[near]))
        policy, moved = losses.policy[near], day - losses.loss[near]
        over = np.where(book.last_day[policy] > NO_DAY, book.last_day[policy], world.as_of)
        covered: Bools = (book.starts[policy] <= day) & (day <= over)
        covered &= losses.settled[near] + moved <= world.as_of
        world.claims.free[near[~covered]] = True
        claims, moved = near[covered], moved[covered]
        if len(claims) < _STRUCK:
            world.claims.free[claims] = True
            continue
        for days in (losses.loss, losses.reported, losses.settled):
            days[claims] += moved
        for line, words in _STORM_CAUSES.items():
            mine = claims[world.line[claims] == line]
            losses.cause[mine] = [
                names.index(words[n]) for n in rng.integers(0, len(words), len(mine))
            ]
        struck = claims[world.line[claims] == MOTOR]
        for role in (world.scene.third_party, world.scene.other_vehicle):
            role[struck] = -1
        planted += 1
        found.add("storm", claims, {PERSON: world.scene.claimant[claims]})


def _fleets(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """A firm whose drivers have accidents; all is paid to the firm's one account."""
    losses, scene = world.losses, world.scene
    firm = world.book.firm[losses.policy]
    at = np.flatnonzero((world.line == MOTOR) & (firm >= 0))
    for claims in world.together(rng, at, key=firm, sizes=np.full(number, 30), spread=60, least=4):
        losses.payee[claims], losses.to_firm[claims] = firm[claims[0]], True
        repaid(world, claims)
        members = {
            INSTITUTION: firm[claims[:1]], PERSON: scene.driver[claims],
            VEHICLE: world.cars.of_policy[losses.policy[claims]],
        }  # fmt: skip
        found.add("fleet", claims, members)


def _law_firms(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """A law firm that collects for the injured whom it stands for."""
    losses, scene = world.losses, world.scene
    lawyers = np.flatnonzero(world.firms.kind == LAW_FIRM)
    near = Local(lawyers, world.firms.city[lawyers], np.ones(len(lawyers)), world.cities)
    at = np.flatnonzero((losses.status == PAID) & (scene.claimant >= 0) & ~losses.to_firm)
    at = at[losses.injured[at]] if len(lawyers) else at[:0]
    for claims in world.together(
        rng, at, _sizes(rng, world, number, shape), spread=8, least=_LEAST
    ):
        firm = int(near.draw(rng, losses.city[claims[:1]])[0])
        on = claims[held(rng, claims, _TIE)]
        scene.lawyer[on] = firm
        losses.payee[on], losses.to_firm[on] = firm, True
        repaid(world, on)
        found.add(
            "law_firm", claims, {INSTITUTION: np.array([firm]), PERSON: scene.claimant[claims]}
        )


def _employers(rng: Rng, world: World, number: int, found: Groups, shape: SampleShape) -> None:
    """Colleagues whose premiums and claims go through the account of the firm they work for."""
    people = world.records.people
    holder = world.holder
    employer = np.where(holder >= 0, people.employer[np.maximum(holder, 0)], -1)
    at = np.flatnonzero(employer >= 0)
    for claims in world.together(
        rng, at, key=employer, sizes=_sizes(rng, world, number, shape), spread=10, unlike=holder,
        least=_LEAST,
    ):  # fmt: skip
        firm = employer[claims[0]]
        if world.firms.account[firm] < 0:
            world.firms.account[firm] = identity.accounts(rng, 1)[0]
        on = held(rng, claims, _TIE)
        people.account[holder[claims[on]]] = world.firms.account[firm]
        repaid(world, claims)
        found.add(
            "employer_account", claims, {INSTITUTION: employer[claims[:1]], PERSON: holder[claims]}
        )

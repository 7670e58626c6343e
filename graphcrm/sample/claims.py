"""Claims: what happened, who was there, who repaired and who was paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.agents import ASSESSOR, Agents
from graphcrm.sample.columns import NO_DAY, Bools, Floats, Ints
from graphcrm.sample.institutions import GARAGE, HOSPITAL, Institutions
from graphcrm.sample.people import People
from graphcrm.sample.places import Local
from graphcrm.sample.policies import PENDING, Policies
from graphcrm.sample.products import ACCIDENT, HEALTH, LIFE, LINES, MOTOR
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import word_lists

STATUSES = ["open", "paid", "rejected", "withdrawn"]
OPEN, PAID, REJECTED, WITHDRAWN = range(4)
_LIKELIHOOD = np.array([0.15, 1.6, 0.7, 2.2, 0.4, 0.8, 0.5])
_MEDIAN = np.array([60_000.0, 6_000, 3_500, 4_500, 5_000, 20_000, 900])
_COLLISIONS = 5
"""The first causes of motor claims in `data/words.json` are collisions with somebody."""
_COLLIDES = 0.7
_FLEET_CLAIMS = 4
"""Claims of the busiest fleet at least, in a small book too."""


@dataclass
class Claims:
    """One claim a row, as numbers; -1, `NO_DAY` and NaN are unknown or none."""

    policy: Ints
    city: Ints
    loss: Ints
    hour: Ints
    reported: Ints
    settled: Ints
    status: Ints
    claimed: Floats
    paid: Floats
    cause: Ints  # in `causes()`
    injured: Bools
    repairer: Ints
    hospital: Ints
    assessor: Ints
    payee: Ints  # a person record, or an institution record where `to_firm`
    to_firm: Bools
    account: Ints  # that it was paid to
    finding: Ints
    finding_on: Ints

    @property
    def rows(self) -> int:
        """The number of claims."""
        return len(self.policy)

    def collisions(self, line: Ints) -> Bools:
        """Return whether each claim, of these lines, came of a collision with somebody."""
        first = _first_causes()[MOTOR]
        hit: Bools = (line == MOTOR) & (self.cause >= first) & (self.cause < first + _COLLISIONS)
        return hit


def causes() -> list[str]:
    """Return the causes of claims, those of each line together, in the order of the lines."""
    return [cause for line in LINES for cause in word_lists()[f"cause_{line}"]]


def _first_causes() -> Ints:
    sizes = [len(word_lists()[f"cause_{line}"]) for line in LINES]
    return np.cumsum([0, *sizes])


def happen(
    streams: Streams, book: Policies, agents: Agents, people: People, institutions: Institutions,
    cities: int, as_of: int, shape: SampleShape,
) -> Claims:  # fmt: skip
    """Return the claims on the policies; assessors, garages and hospitals are of the same city."""
    rng = streams.of("claims")
    over = np.where(book.last_day > NO_DAY, np.minimum(book.last_day, as_of), as_of)
    exposed = (book.status != PENDING) & (over - book.starts > 20)
    chance = np.where(exposed, _LIKELIHOOD[book.line], 0)
    # A lorry or a taxi is on the road all day.
    chance = np.where((book.line == MOTOR) & (book.human < 0), 2 * chance, chance)
    chance = chance * shape.claims * book.rows / max(float(chance.sum()), 1e-9)
    number = rng.poisson(chance)
    _one_fleet(book, chance, number)
    policy = np.repeat(np.arange(book.rows), number)
    n = len(policy)
    line, city = book.line[policy], book.city[policy]
    recent = np.floor(rng.random(n) ** 1.1 * (over - book.starts)[policy]).astype(np.int64)
    loss = over[policy] - recent
    reported = np.minimum(loss + np.minimum(rng.geometric(0.25, n) - 1, 60), as_of)
    settled = reported + 2 + np.floor(rng.gamma(1.4, 22, n)).astype(np.int64)
    status = pick(rng, np.array([0.0, 0.9, 0.06, 0.04]), n)
    status[settled > as_of] = OPEN
    settled[status == OPEN] = NO_DAY
    claimed = _MEDIAN[line] * np.exp(1.0 * rng.normal(size=n))
    claimed = np.where(line == LIFE, np.maximum(claimed, 10_000), claimed).round(2)
    paid = np.where(status == PAID, claimed * rng.beta(8, 1.5, n), np.nan).round(2)
    injured = (line == ACCIDENT) | ((line == MOTOR) & (rng.random(n) < 0.15))
    ill = injured | (line == HEALTH)
    firms = {kind: np.flatnonzero(institutions.kind == kind) for kind in (GARAGE, HOSPITAL)}
    near = {
        kind: Local(
            those, institutions.city[those], institutions.weight[those].clip(1, 60) ** 0.5, cities
        ).draw(rng, city)
        for kind, those in firms.items()
    }
    staff = np.flatnonzero(agents.kind == ASSESSOR)
    staff = staff if len(staff) else np.arange(len(agents.kind))
    nearby = Local(staff, agents.city[staff], np.ones(len(staff)), cities)
    assessor = nearby.draw(rng, city)
    for _ in range(4):
        wrong = np.flatnonzero(~agents.works_on(assessor, reported))
        assessor[wrong] = nearby.draw(rng, city[wrong])
    assessor[~agents.works_on(assessor, reported) | (rng.random(n) < 0.05)] = -1
    private = book.human[policy] >= 0
    holder = np.where(private, book.holder[policy], book.firm[policy])
    repairer = np.where((line == MOTOR) & (rng.random(n) < 0.93), near[GARAGE], -1)
    to_garage = (repairer >= 0) & (rng.random(n) < shape.paid_to_garage)
    to_garage &= institutions.account[np.maximum(repairer, 0)] >= 0
    edges = _first_causes()
    cause = edges[line] + np.floor(rng.random(n) * np.diff(edges)[line]).astype(np.int64)
    hit = (line == MOTOR) & (rng.random(n) < _COLLIDES)
    cause = np.where(hit, edges[MOTOR] + rng.integers(0, _COLLISIONS, n), cause)
    payee, to_firm = np.where(to_garage, repairer, holder), to_garage | ~private
    return Claims(
        policy=policy,
        city=city,
        loss=loss,
        hour=np.where(rng.random(n) < 0.7, rng.integers(0, 24 * 3600, n), -1),
        reported=reported,
        settled=settled,
        status=status,
        claimed=claimed,
        paid=paid,
        cause=cause,
        injured=injured,
        repairer=repairer,
        hospital=np.where(ill & (rng.random(n) < 0.95), near[HOSPITAL], -1),
        assessor=assessor,
        payee=payee,
        to_firm=to_firm,
        account=accounts_of(payee, to_firm, people, institutions),
        finding=np.full(n, -1),
        finding_on=np.full(n, NO_DAY),
    )


def _one_fleet(book: Policies, chance: Floats, number: Ints) -> None:
    """Let the largest fleet have `_FLEET_CLAIMS` claims if no fleet has, in place in `number`."""
    able = np.flatnonzero((book.line == MOTOR) & (book.firm >= 0) & (chance > 0))
    if not len(able):
        return
    largest = int(np.bincount(book.firm[able]).argmax())
    had = np.bincount(book.firm[able], number[able])
    without = able[(book.firm[able] == largest) & (number[able] == 0)]
    if had.max() < _FLEET_CLAIMS:
        number[without[: _FLEET_CLAIMS - int(had[largest])]] = 1


def accounts_of(payee: Ints, firm: Bools, people: People, institutions: Institutions) -> Ints:
    """Return the account of each payee, a person or an institution where `firm`; -1 for none."""
    known = np.maximum(payee, 0)
    private = people.account[np.where(firm, 0, known)]
    account = np.where(firm, institutions.account[np.where(firm, known, 0)], private)
    return np.where(payee >= 0, account, -1)


def events(line: Ints, city: Ints, loss: Ints) -> Ints:
    """Return one event for motor claims of one city and day, four at most to an event."""
    motor = np.flatnonzero(line == MOTOR)
    order = motor[np.lexsort((loss[motor], city[motor]))]
    event = np.full(len(line), -1)
    if len(order):
        key = city[order] * 10**6 + loss[order]
        new = np.concatenate([[True], key[1:] != key[:-1]])
        place = np.arange(len(order)) - np.maximum.accumulate(
            np.where(new, np.arange(len(order)), 0)
        )
        event[order] = np.cumsum(new | (place % 3 != 1)) - 1
    return event

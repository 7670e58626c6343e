"""Claims: what happened, who was there, who repaired and who was paid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.agents import ASSESSOR, Agents
from graphcrm.sample.columns import NO_DAY, Bools, Floats, IdSpace, Ints, Rng
from graphcrm.sample.institutions import GARAGE, HOSPITAL, Institutions
from graphcrm.sample.people import People
from graphcrm.sample.places import Local, Places
from graphcrm.sample.policies import PENDING, Policies
from graphcrm.sample.products import ACCIDENT, HEALTH, LIFE, MOTOR
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, pick
from graphcrm.sample.wording import word_lists

STATUSES = ["open", "paid", "rejected", "withdrawn"]
OPEN, PAID, REJECTED, WITHDRAWN = range(4)
_LIKELIHOOD = np.array([0.15, 1.6, 0.7, 2.2, 0.4, 0.8, 0.5])
_MEDIAN = np.array([60_000.0, 6_000, 3_500, 4_500, 5_000, 20_000, 900])
_CAUSES = ["life", "health", "accident", "motor", "property", "liability", "other"]


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
    event: Ints
    injured: Bools
    repairer: Ints
    hospital: Ints
    assessor: Ints
    finding: Ints
    finding_on: Ints


def happen(
    streams: Streams, book: Policies, agents: Agents, institutions: Institutions, cities: int,
    as_of: int, shape: SampleShape,
) -> Claims:  # fmt: skip
    """Return the claims on the policies; assessors, garages and hospitals are of the same city."""
    rng = streams.of("claims")
    over = np.where(book.last_day > NO_DAY, np.minimum(book.last_day, as_of), as_of)
    exposed = (book.status != PENDING) & (over - book.starts > 20)
    chance = np.where(exposed, _LIKELIHOOD[book.line], 0)
    chance = chance * shape.claims * book.rows / max(float(chance.sum()), 1e-9)
    policy = np.repeat(np.arange(book.rows), rng.poisson(chance))
    n = len(policy)
    line, city = book.line[policy], book.city[policy]
    recent = np.floor(rng.random(n) ** 1.7 * (over - book.starts)[policy]).astype(np.int64)
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
    checked = (rng.random(n) < 0.01) & (status != OPEN)
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
        event=_events(line, city, loss),
        injured=injured,
        repairer=np.where((line == MOTOR) & (rng.random(n) < 0.93), near[GARAGE], -1),
        hospital=np.where(ill & (rng.random(n) < 0.95), near[HOSPITAL], -1),
        assessor=assessor,
        finding=np.where(checked, (rng.random(n) < 0.8).astype(np.int64), -1),
        finding_on=np.where(checked, np.minimum(settled + rng.integers(5, 90, n), as_of), NO_DAY),
    )


def table(
    rng: Rng, book: Claims, ids: IdSpace, events: IdSpace, policies: Policies, policy_ids: IdSpace,
    agents: IdSpace, institutions: IdSpace, firms: Institutions, people: People, places: Places,
) -> pa.Table:  # fmt: skip
    """Return the `claims` table in row order."""
    lists = word_lists()
    n = len(book.policy)
    line = policies.line[book.policy]
    causes = [cause for key in _CAUSES for cause in lists[f"cause_{key}"]]
    sizes = np.array([len(lists[f"cause_{key}"]) for key in _CAUSES])
    cause = (np.cumsum(sizes) - sizes)[line] + np.floor(rng.random(n) * sizes[line]).astype(int)
    edge = np.searchsorted(places.district_city, book.city)
    size = np.bincount(places.district_city)[book.city]
    district = edge + np.floor(rng.random(n) * size).astype(np.int64)
    road = rng.integers(0, len(lists["roads"]), n)
    place = col.joined(
        col.words(places.city_name, book.city),
        col.words(places.district_name, district),
        col.words(lists["roads"], np.where(rng.random(n) < 0.9, road, -1)),
    )
    moment = np.where(book.hour >= 0, book.loss * 86_400 + book.hour, NO_DAY)
    reserve = np.where(book.status == OPEN, np.round(book.claimed * 0.8, -2), np.nan)
    return pa.table(
        {
            "id": ids.column(),
            "policy_id": policy_ids.of(book.policy),
            "event_id": events.of(book.event),
            "loss_on": col.days(book.loss),
            "loss_at": col.moments(moment),
            "reported_on": col.days(book.reported),
            "settled_on": col.days(book.settled),
            "status": col.words(STATUSES, book.status),
            "amount_claimed": col.amounts(book.claimed),
            "reserve": col.amounts(reserve),
            "amount_paid": col.amounts(book.paid),
            "cause": col.words(causes, cause),
            "injury": col.words(
                lists["injuries"],
                np.where(book.injured, rng.integers(0, len(lists["injuries"]) - 1, n), -1),
            ),
            "place": place,
            "region_code": col.words([str(c) for c in places.district_code], district),
            "assessor_id": agents.of(book.assessor),
            "repairer_id": institutions.of(book.repairer),
            "hospital_id": institutions.of(book.hospital),
            "payee_account": col.whole(payee_accounts(book, policies, people, firms)),
            "finding": col.words(["confirmed_fraud", "cleared"], book.finding),
            "finding_on": col.days(book.finding_on),
        }
    )


def pays_garage(book: Claims, firms: Institutions) -> Bools:
    """Return whether the claim is paid to the garage: two of three that went to one."""
    garage = np.maximum(book.repairer, 0)
    return (book.repairer >= 0) & (firms.account[garage] >= 0) & (book.policy % 3 > 0)


def payee_accounts(book: Claims, policies: Policies, people: People, firms: Institutions) -> Ints:
    """Return the account that each paid claim went to, -1 for none."""
    holder = policies.holder[book.policy]
    private = policies.human[book.policy] >= 0
    account = np.where(
        private,
        people.account[np.where(private, holder, 0)],
        firms.account[policies.firm[book.policy]],
    )
    account = np.where(
        pays_garage(book, firms), firms.account[np.maximum(book.repairer, 0)], account
    )
    return np.where(book.status == PAID, account, -1)


def _events(line: Ints, city: Ints, loss: Ints) -> Ints:
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

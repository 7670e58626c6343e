"""What hangs on claims: parties, vehicles, payments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.claims import PAID, Claims, payee_accounts, pays_garage
from graphcrm.sample.columns import IdSpace
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.institutions import Institutions
from graphcrm.sample.parties import Parties
from graphcrm.sample.people import People
from graphcrm.sample.places import Local
from graphcrm.sample.policies import Policies
from graphcrm.sample.products import MOTOR
from graphcrm.sample.streams import Streams, between
from graphcrm.sample.vehicles import Vehicles


def parties_table(
    streams: Streams, book: Claims, ids: IdSpace, policies: Policies, parties: Parties,
    families: Households, records: Records, persons: IdSpace, institutions: IdSpace, cities: int,
) -> pa.Table:  # fmt: skip
    """Return the `claim_parties` table: claimants, drivers, passengers, witnesses, third parties.

    Where an institution holds the policy, it is the claimant.
    """
    rng = streams.of("claim parties")
    n = len(book.policy)
    motor = policies.line[book.policy] == MOTOR
    human = parties.insured_human[book.policy]
    holder = policies.holder[book.policy]
    private = human >= 0
    near = Local(
        np.arange(len(records.entity)), records.people.city, np.ones(len(records.entity)), cities
    )
    own_record = np.where(human == policies.human[book.policy], holder, records.any_of(rng, human))
    spouse = np.where(private, families.spouse[np.maximum(human, 0)], -1)
    drives = motor & private
    driver = np.where(rng.random(n) < 0.8, own_record, records.any_of(rng, spouse))
    driver = np.where(driver < 0, own_record, driver)
    rides = drives & (rng.random(n) < 0.2)
    passenger = np.where(
        rng.random(n) < 0.5, records.any_of(rng, spouse), near.draw(rng, book.city)
    )
    hits = motor & (rng.random(n) < 0.35)
    sees = rng.random(n) < 0.04
    claim, party, role, is_firm = [], [], [], []
    for number, (who, where, firm) in enumerate(
        [
            (own_record, private, False), (driver, drives, False), (passenger, rides, False),
            (near.draw(rng, book.city), sees, False), (near.draw(rng, book.city), hits, False),
            (policies.firm[book.policy], ~private, True),
        ]
    ):  # fmt: skip
        at = np.flatnonzero(where & (who >= 0))
        claim.append(at)
        party.append(who[at])
        role.append(np.full(len(at), 0 if firm else number))
        is_firm.append(np.full(len(at), firm))
    claims, people = np.concatenate(claim), np.concatenate(party)
    roles, firms = np.concatenate(role), np.concatenate(is_firm)
    order = np.lexsort((rng.random(len(claims)), ids.numbers[claims]))
    claims, people, roles, firms = claims[order], people[order], roles[order], firms[order]
    return pa.table(
        {
            "claim_id": ids.of(claims),
            "party_id": col.chosen(
                firms,
                institutions.of(np.where(firms, people, -1)),
                persons.of(np.where(firms, -1, people)),
            ),
            "party_kind": col.words(["person", "institution"], firms.astype(np.int64)),
            "role": col.words(["claimant", "driver", "passenger", "witness", "third_party"], roles),
        }
    )


def vehicles_table(
    streams: Streams, book: Claims, ids: IdSpace, cars: Vehicles, vehicles: IdSpace, cities: int
) -> pa.Table:
    """Return the `claim_vehicles` table: the insured vehicle, and another one for a third."""
    rng = streams.of("claim vehicles")
    insured = cars.of_policy[book.policy]
    own = np.flatnonzero(insured >= 0)
    near = Local(np.arange(len(cars.owner)), cars.city, np.ones(len(cars.owner)), cities)
    struck = own[rng.random(len(own)) < 0.35]
    other = near.draw(rng, book.city[struck])
    real = (other >= 0) & (other != insured[struck])
    claim = np.concatenate([own, struck[real]])
    vehicle = np.concatenate([insured[own], other[real]])
    role = np.repeat([0, 1], [len(own), int(real.sum())])
    order = np.lexsort((rng.random(len(claim)), ids.numbers[claim]))
    return pa.table(
        {
            "claim_id": ids.of(claim[order]),
            "vehicle_id": vehicles.of(vehicle[order]),
            "role": col.words(["insured", "third_party"], role[order]),
        }
    )


def payments_table(
    streams: Streams, book: Claims, ids: IdSpace, policies: Policies, people: People,
    firms: Institutions, persons: IdSpace, institutions: IdSpace, as_of: int,
) -> pa.Table:  # fmt: skip
    """Return the `claim_payments` table: the amount paid, a few in two parts."""
    rng = streams.of("claim payments")
    paid = np.flatnonzero(book.status == PAID)
    parts = 1 + (rng.random(len(paid)) < 0.08).astype(np.int64)
    row = np.repeat(np.arange(len(paid)), parts)
    claim = paid[row]
    later = np.concatenate([[False], row[1:] == row[:-1]]) if len(row) else np.zeros(0, np.bool_)
    two = parts[row] == 2
    whole = book.paid[claim]
    first = np.round(whole * 0.6, 2)
    amount = np.where(two, np.where(later, np.round(whole - first, 2), first), whole)
    on = between(rng, book.settled[claim], book.settled[claim] + 6)
    on = np.minimum(np.where(later, on + 15, on), as_of)
    order = np.lexsort((on, ids.numbers[claim]))
    claim, amount, on = claim[order], amount[order], on[order]
    garage = pays_garage(book, firms)[claim]
    firm = garage | (policies.human[book.policy[claim]] < 0)
    policy = book.policy[claim]
    holder = np.where(firm, policies.firm[policy], policies.holder[policy])
    payee = np.where(garage, book.repairer[claim], holder)
    account = payee_accounts(book, policies, people, firms)[claim]
    return pa.table(
        {
            "claim_id": ids.of(claim),
            "payee_id": col.chosen(
                firm,
                institutions.of(np.where(firm, payee, -1)),
                persons.of(np.where(firm, -1, payee)),
            ),
            "payee_kind": col.words(["person", "institution"], firm.astype(np.int64)),
            "account": col.whole(account),
            "amount": col.amounts(amount),
            "paid_on": col.days(on),
        }
    )

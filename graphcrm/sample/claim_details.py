"""What hangs on claims: parties, vehicles, payments."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.claim_scene import Scene
from graphcrm.sample.claims import PAID, Claims
from graphcrm.sample.columns import IdSpace
from graphcrm.sample.policies import Policies
from graphcrm.sample.streams import Streams, between
from graphcrm.sample.vehicles import Vehicles

ROLES = ["claimant", "driver", "passenger", "witness", "third_party", "doctor", "lawyer"]


def parties_table(
    streams: Streams, book: Claims, scene: Scene, ids: IdSpace, policies: Policies,
    persons: IdSpace, institutions: IdSpace,
) -> pa.Table:  # fmt: skip
    """Return the `claim_parties` table in order of the claim's id.

    Where an institution holds the policy, it is the claimant; lawyers are law firms.
    """
    rng = streams.of("claim parties table")
    firm = np.where(scene.claimant < 0, policies.firm[book.policy], -1)
    rows = [
        (0, scene.claimant, False), (0, firm, True), (1, scene.driver, False),
        (2, scene.passenger, False), (3, scene.witness, False), (4, scene.third_party, False),
        (5, scene.doctor, False), (6, scene.lawyer, True),
    ]  # fmt: skip
    found = [np.flatnonzero(who >= 0) for _, who, _ in rows]
    claims = np.concatenate(found)
    people = np.concatenate([who[at] for (_, who, _), at in zip(rows, found, strict=True)])
    sizes = [len(at) for at in found]
    roles = np.repeat([role for role, _, _ in rows], sizes)
    firms = np.repeat([is_firm for _, _, is_firm in rows], sizes)
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
            "role": col.words(ROLES, roles),
        }
    )


def vehicles_table(
    streams: Streams, book: Claims, scene: Scene, ids: IdSpace, cars: Vehicles, vehicles: IdSpace
) -> pa.Table:
    """Return the `claim_vehicles` table: the insured vehicle, and the other one of a collision."""
    rng = streams.of("claim vehicles table")
    insured = cars.of_policy[book.policy]
    own = np.flatnonzero(insured >= 0)
    struck = np.flatnonzero((scene.other_vehicle >= 0) & (scene.other_vehicle != insured))
    claim = np.concatenate([own, struck])
    vehicle = np.concatenate([insured[own], scene.other_vehicle[struck]])
    role = np.repeat([0, 1], [len(own), len(struck)])
    order = np.lexsort((rng.random(len(claim)), ids.numbers[claim]))
    return pa.table(
        {
            "claim_id": ids.of(claim[order]),
            "vehicle_id": vehicles.of(vehicle[order]),
            "role": col.words(["insured", "third_party"], role[order]),
        }
    )


def payments_table(
    streams: Streams, book: Claims, ids: IdSpace, persons: IdSpace, institutions: IdSpace,
    as_of: int,
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
    firm, payee = book.to_firm[claim], book.payee[claim]
    return pa.table(
        {
            "claim_id": ids.of(claim),
            "payee_id": col.chosen(
                firm,
                institutions.of(np.where(firm, payee, -1)),
                persons.of(np.where(firm, -1, payee)),
            ),
            "payee_kind": col.words(["person", "institution"], firm.astype(np.int64)),
            "account": col.whole(book.account[claim]),
            "amount": col.amounts(amount),
            "paid_on": col.days(on),
        }
    )

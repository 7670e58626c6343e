"""The `claims` table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.claims import OPEN, PAID, STATUSES, Claims, causes
from graphcrm.sample.columns import NO_DAY, IdSpace, Ints, Rng
from graphcrm.sample.places import Places
from graphcrm.sample.wording import word_lists


def table(
    rng: Rng, book: Claims, ids: IdSpace, event: Ints, events: IdSpace, policies: IdSpace,
    agents: IdSpace, institutions: IdSpace, places: Places,
) -> pa.Table:  # fmt: skip
    """Return the `claims` table in row order."""
    lists = word_lists()
    n = len(book.policy)
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
            "policy_id": policies.of(book.policy),
            "event_id": events.of(event),
            "loss_on": col.days(book.loss),
            "loss_at": col.moments(moment),
            "reported_on": col.days(book.reported),
            "settled_on": col.days(book.settled),
            "status": col.words(STATUSES, book.status),
            "amount_claimed": col.amounts(book.claimed),
            "reserve": col.amounts(reserve),
            "amount_paid": col.amounts(book.paid),
            "cause": col.words(causes(), book.cause),
            "injury": col.words(
                lists["injuries"],
                np.where(book.injured, rng.integers(0, len(lists["injuries"]) - 1, n), -1),
            ),
            "place": place,
            "region_code": col.words([str(c) for c in places.district_code], district),
            "assessor_id": agents.of(book.assessor),
            "repairer_id": institutions.of(book.repairer),
            "hospital_id": institutions.of(book.hospital),
            "payee_account": col.whole(np.where(book.status == PAID, book.account, -1)),
            "finding": col.words(["confirmed_fraud", "cleared"], book.finding),
            "finding_on": col.days(book.finding_on),
        }
    )

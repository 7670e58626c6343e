"""What investigators have found so far: a little, inside rings and out of them."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.claims import OPEN, Claims
from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.plants import Groups
from graphcrm.sample.shape import SampleShape

CONFIRMED, CLEARED = 0, 1


def investigate(
    rng: Rng, losses: Claims, rings: Groups, look_alikes: Groups, as_of: int, shape: SampleShape
) -> None:
    """Write findings on claims: by chance, on a part of some rings, and on some look-alikes."""
    n = losses.rows
    looked: Bools = rng.random(n) < shape.investigated
    verdict = np.where(rng.random(n) < shape.fraud_of_one, CONFIRMED, CLEARED)
    for groups, share, code in (
        (rings, shape.rings_found, CONFIRMED), (look_alikes, shape.look_alikes_cleared, CLEARED),
    ):  # fmt: skip
        for claims in groups.claims:
            seen = rng.random() < share
            part = claims[rng.random(len(claims)) < 0.5]
            if seen:
                looked[part], verdict[part] = True, code
    looked &= losses.status != OPEN
    losses.finding[looked] = verdict[looked]
    day: Ints = np.minimum(losses.settled + rng.integers(5, 120, n), as_of)
    losses.finding_on[looked] = day[looked]

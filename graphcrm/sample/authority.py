"""What an agent may sell and serve: lines of business, licences, and how they changed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import NO_DAY, Bools, IdSpace, Ints, Rng
from graphcrm.sample.products import LINES
from graphcrm.sample.shape import SampleShape

LINE_SETS = [
    "life;health;accident", "life;health;accident;other", "motor;property;liability;accident",
    "life;health;accident;motor;property;liability;other", "motor;accident;other",
    "health;accident;property;other",
]  # fmt: skip
ALL_LINES = 3
"""In `LINE_SETS`: the set with every line."""

# How often an agent of each kind has each set: the tied agents of the life company mostly sell
# life, brokers and account managers everything; clerks sell nothing.
_WEIGHTS = {
    "seller": [30.0, 20, 22, 20, 5, 3], "service": [12.0, 12, 12, 60, 2, 2],
    "account_manager": [3.0, 5, 15, 75, 1, 1], "assessor": [20.0, 10, 40, 25, 5, 0],
    "broker": [5.0, 10, 10, 75, 0, 0], "bank": [40.0, 40, 0, 15, 0, 5],
}  # fmt: skip
_OF_SET = np.array([[line in text.split(";") for line in LINES] for text in LINE_SETS])


def line_sets(rng: Rng, kinds: Sequence[str]) -> Ints:
    """Return for each agent the number of its set of lines; -1 for clerks."""
    nothing = [1.0, 0, 0, 0, 0, 0]
    steps = np.cumsum([_WEIGHTS.get(kind, nothing) for kind in kinds], axis=1)
    drawn = rng.random(len(kinds)) * steps[:, -1]
    chosen = (drawn[:, None] >= steps).sum(axis=1)
    return np.where([kind in _WEIGHTS for kind in kinds], chosen, -1)


def lines_of(line_set: Ints) -> Bools:
    """Return whether each set (row) has each of `products.LINES` (column)."""
    allowed: Bools = _OF_SET[np.maximum(line_set, 0)] & (line_set >= 0)[:, None]
    return allowed


def licences(rng: Rng, licensed: Bools, gone: Ints, as_of: int, shape: SampleShape) -> Ints:
    """Return the last day of each licence: in the future save for those who let it run out.

    `gone` is the day on which the agent departed; `NO_DAY` is written for who has no licence.
    """
    n = len(gone)
    until = as_of + rng.integers(5, 1100, n)
    until = np.where(rng.random(n) < shape.licence_run_out, as_of - rng.integers(1, 200, n), until)
    until = np.where(gone > NO_DAY, np.minimum(until, gone + 400), until)
    return np.where(licensed, until, NO_DAY)


def table(
    rng: Rng, line_set: Ints, hired: Ints, ids: IdSpace, as_of: int, shape: SampleShape
) -> pa.Table:
    """Return the `authorities` table, in order of the agent's id, for a share of the agents.

    Each has a row for every line of its own, since it was hired or a while after; a few also had
    one that has been withdrawn.
    """
    has = lines_of(line_set)
    licensed = line_set >= 0
    stated = licensed & (rng.random(len(line_set)) < shape.stated_authorities)
    if shape.stated_authorities > 0:
        stated[rng.permutation(np.flatnonzero(licensed))[:1]] = True
    now = has & stated[:, None]
    once = ~has & stated[:, None] & (rng.random(has.shape) < 0.08)
    agent, line = np.nonzero(now | once)
    tenure = np.maximum(as_of - hired[agent], 1)
    later = rng.random(len(agent)) < 0.25
    start = hired[agent] + np.where(later, np.floor(rng.random(len(agent)) * 0.6 * tenure), 0)
    start = start.astype(np.int64)
    held = np.floor((as_of - start) * (0.2 + 0.7 * rng.random(len(agent)))).astype(np.int64)
    withdrawn = once[agent, line]
    order = np.lexsort((line, ids.numbers[agent]))
    return pa.table(
        {
            "agent_id": ids.of(agent),
            "line": col.words(LINES, line),
            "valid_from": col.days(start),
            "valid_to": col.days(np.where(withdrawn, start + held, NO_DAY)),
        }
    ).take(pa.array(order))

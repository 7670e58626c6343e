"""Days on which one agent has spoken to very many: an honest campaign, or sham contacts."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.agents import Agents
from graphcrm.sample.columns import NO_DAY, Bools, Ints, Rng
from graphcrm.sample.misconduct import number_of_each
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.takeover import Conduct, sellers_at_work

_LEAST, _AT_ONCE = 8, 24


def crowd(
    rng: Rng, agent: Ints, outgoing: Bools, day: Ints, second: Ints, staff: Agents,
    conduct: Conduct, shape: SampleShape,
) -> None:  # fmt: skip
    """Move contacts of some agents together, in place in `day` and `second` (of the day).

    Honest campaigns have one day with a score of customers, over the working hours. Who writes down
    contacts that never were does so minutes apart, on several evenings; they are added to
    `conduct`.
    """
    tied = sellers_at_work(staff)
    tied = rng.permutation(tied)
    mine = np.flatnonzero((agent >= 0) & outgoing)
    mine = mine[np.lexsort((day[mine], agent[mine]))]
    low = np.searchsorted(agent[mine], tied)
    high = np.searchsorted(agent[mine], tied, side="right")
    shams, done = number_of_each(staff, shape), 0
    for number, (start, stop) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
        if stop - start < _LEAST:
            continue
        those = mine[start:stop]
        if done < shams:
            kept = those[rng.random(len(those)) < 0.8]
            for part in np.array_split(kept, max(len(kept) // 12, 1)):
                _together(part, day, part[-1:] if len(part) else part)
                first = int(rng.integers(17 * 3600, 18 * 3600))
                second[part] = first + np.arange(len(part)) * int(rng.integers(60, 150))
            conduct.add(int(tied[number]), "sham_contacts")
            done += 1
        elif rng.random() < shape.campaign_days:
            part = those[-_AT_ONCE:]
            _together(part, day, part[-1:])


def _together(part: Ints, day: Ints, last: Ints) -> None:
    """Move contacts to the day of the last of them: every customer was one by then."""
    if len(last):
        day[part] = np.where(day[part] > NO_DAY, day[last[0]], NO_DAY)

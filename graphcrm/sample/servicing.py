"""Who sold a policy and who serves it; how policies change hands; which are left to nobody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.agents import (
    ACCOUNT_MANAGER,
    ACTIVE,
    DEPARTED,
    ON_LEAVE,
    SELLER,
    SERVICE,
    SUSPENDED,
    Agents,
)
from graphcrm.sample.columns import Column, IdSpace, Ints
from graphcrm.sample.places import Local
from graphcrm.sample.policies import IN_FORCE, Policies
from graphcrm.sample.sellers import Authorised
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams, between, pick

NOBODY, UNKNOWN = -1, -2
"""In `Servicing.served_by`: an empty cell, and an agent who is in no file."""


@dataclass
class Servicing:
    """Who sold and serves each policy, and the hand-overs.

    `sold_by` and `served_by` have a row for each policy: an agent, `NOBODY` or `UNKNOWN`;
    `ghost` numbers the agent in no file. The hand-over arrays have a row for each hand-over.
    """

    sold_by: Ints
    served_by: Ints
    ghost: Ints
    policy: Ints
    old: Ints
    new: Ints
    on: Ints
    reason: Ints

    def served_by_column(self, agents: IdSpace) -> Column:
        """Return the served_by ids: real ones, none, and numbers that no agent has."""
        real = np.where(self.served_by >= 0, agents.numbers[np.maximum(self.served_by, 0)], -1)
        spare = agents.spare[self.ghost % len(agents.spare)]
        return agents.of_numbers(np.where(self.served_by == UNKNOWN, spare, real))


def serve(
    streams: Streams, book: Policies, agents: Agents, sold_by: Ints, cities: int, as_of: int,
    shape: SampleShape,
) -> Servicing:  # fmt: skip
    """Return who serves every policy of the book on day `as_of`; `sold_by` is from `sellers`.

    Policies in force of agents who have gone were handed over, save the share that the shape says
    was left behind; a few in force are served by an agent in no file, or by nobody.
    """
    rng = streams.of("servicing")
    n = book.rows
    servants = np.flatnonzero(
        (agents.status == ACTIVE) & np.isin(agents.kind, [SELLER, SERVICE, ACCOUNT_MANAGER])
    )
    weight = 1 + agents.tier[servants].astype(np.float64)
    present = Authorised(servants, agents, weight, cities)
    careless = Local(servants, agents.city[servants], weight, cities).draw(rng, book.city)
    other = np.where(
        rng.random(n) < shape.unauthorised, careless, present.draw(rng, book.city, book.line)
    )
    state = np.where(sold_by >= 0, agents.status[sold_by], -1)
    in_force = book.status == IN_FORCE
    left = np.zeros(4)
    left[[ON_LEAVE, SUSPENDED, DEPARTED]] = (
        shape.left_by_on_leave, shape.left_by_suspended, shape.left_by_departed,
    )  # fmt: skip
    luck = rng.random(n)
    must = in_force & (state > ACTIVE) & (luck >= left[np.maximum(state, 0)])
    may = in_force & (state == ACTIVE) & (luck < shape.changed_hands)
    since = np.where(state > ACTIVE, agents.status_since[sold_by], book.starts + 30)
    earliest = np.maximum(np.maximum(since, book.starts + 1), agents.hired[other])
    handed = (must | may) & (earliest <= as_of) & (other != sold_by) & (other >= 0)

    served_by = np.where(sold_by < 0, other, sold_by)
    policy = np.flatnonzero(handed)
    served_by[policy] = other[policy]
    first = earliest[policy]
    on = between(rng, first, np.where(state[policy] > ACTIVE, np.minimum(first + 90, as_of), as_of))
    gone = state[policy] == DEPARTED
    reason = np.where(gone, 0, 1 + pick(rng, np.array([1.0, 1, 2]), len(policy)))

    lost = rng.random(n)
    served_by[in_force & (lost < shape.unknown_agent)] = UNKNOWN
    nobody = in_force & (lost >= shape.unknown_agent)
    served_by[nobody & (lost < shape.unknown_agent + shape.no_agent)] = NOBODY
    # A hand-over to an agent whom the book has lost since is no longer in the history.
    still = served_by[policy] == other[policy]
    policy, on, reason = policy[still], on[still], reason[still]
    ghosts = max(1, len(agents.kind) // 40)
    ghost = (book.city * 7 + rng.integers(0, ghosts, n)) % ghosts
    return Servicing(sold_by, served_by, ghost, policy, sold_by[policy], other[policy], on, reason)

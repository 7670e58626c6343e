"""Policies of which two tables, or two rows, say different agents serve them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample.columns import Ints, Rng
from graphcrm.sample.policies import IN_FORCE, Policies
from graphcrm.sample.servicing import Servicing
from graphcrm.sample.shape import SampleShape

KINDS = ["two_servings_open", "served_by_differs"]
TWO_OPEN, DIFFERS = range(2)


@dataclass
class Conflicts:
    """One policy a row, and how its service is in conflict; `handover` is its row there."""

    policy: Ints
    kind: Ints
    handover: Ints

    @property
    def left_open(self) -> Ints:
        """The hand-overs after which nobody closed the former agent's serving."""
        those: Ints = self.handover[self.kind == TWO_OPEN]
        return those


def plant(rng: Rng, work: Servicing, book: Policies, shape: SampleShape) -> Conflicts:
    """Choose hand-overs that were written down badly: a share of those of policies in force.

    Either the former agent's serving was never closed, or `served_by` was: it names the former
    agent still, and is set back here.
    """
    open_to = np.flatnonzero((book.status == IN_FORCE)[work.policy] & (work.old >= 0))
    luck = rng.random(len(open_to))
    chosen = open_to[luck < shape.service_conflicts]
    if not len(chosen) and len(open_to) > 1 and shape.service_conflicts > 0:
        chosen = open_to[:2]
    kind = np.where(rng.random(len(chosen)) < 0.5, TWO_OPEN, DIFFERS)
    kind[:2] = [TWO_OPEN, DIFFERS][: len(kind)]
    policy = work.policy[chosen]
    stale = kind == DIFFERS
    work.served_by[policy[stale]] = work.old[chosen[stale]]
    return Conflicts(policy, kind, chosen)

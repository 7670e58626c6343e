"""What speaks for and against two records being one customer, step by step."""

from __future__ import annotations

import numpy as np
from pydantic import BaseModel

from graphcrm.duplicates.engine.evidence import evidence
from graphcrm.duplicates.engine.fields import Keys
from graphcrm.duplicates.engine.matching import Matched


class Step(BaseModel):
    """What a field says: `weight` is log2 of how much likelier it is for one customer."""

    column: str | None
    level: str
    left: str | None
    right: str | None
    weight: float


def steps_of(matched: Matched, chosen: Keys) -> list[list[Step]]:
    """The steps of these candidates, each from what a pair begins with."""
    found: list[list[Step]] = [[] for _ in range(len(chosen))]
    for row in evidence(matched, chosen, np.arange(len(chosen))).to_pylist():
        found[row["pair"]].append(
            Step(
                column=row["column"],
                level=row["level"],
                left=row["left_value"],
                right=row["right_value"],
                weight=row["weight"],
            )
        )
    return found

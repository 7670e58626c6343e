"""A match weight as a waterfall: where it starts, what each field adds, where it ends."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Agreement:
    """How two records agree in one field; `weight` in bits."""

    column: str
    level: str
    left: str
    right: str
    weight: float


@dataclass(frozen=True)
class Step:
    """From where to where a step goes, in bits; without an agreement it is the start or the sum."""

    agreement: Agreement | None
    before: float
    after: float
    total: bool = False


class Waterfall:
    """The steps to a weight: the start, the fields, those that weigh most first, and the sum."""

    def __init__(self, weight: float, agreements: Sequence[Agreement]) -> None:
        """`weight` in bits; what the agreements don't add up to is the start."""
        ordered = sorted(agreements, key=lambda a: -abs(a.weight))
        at = weight - sum(agreement.weight for agreement in ordered)
        self.steps = [Step(None, 0.0, at)]
        for agreement in ordered:
            self.steps.append(Step(agreement, at, at + agreement.weight))
            at += agreement.weight
        self.steps.append(Step(None, 0.0, weight, total=True))
        ends = [0.0, *(step.after for step in self.steps)]
        self._low, self._span = min(ends), (max(ends) - min(ends)) or 1.0

    def place(self, bits: float, room: float) -> float:
        """Where a number of bits lies in so much room, from 0 to `room`."""
        return (bits - self._low) / self._span * room

    def extent(self, step: Step, room: float, least: float) -> tuple[float, float]:
        """Where a step begins and how wide it is; at least `least`, or it could not be seen."""
        begin = self.place(min(step.before, step.after), room)
        wide = max(abs(step.after - step.before) / self._span * room, least)
        return min(begin, room - wide), wide

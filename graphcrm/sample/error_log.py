"""Which records err, and how: what `truth/errors` tells."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from graphcrm.sample.columns import Ints
from graphcrm.sample.error_shape import ERRORS


@dataclass
class ErrorLog:
    """Which record has which kind of error, as the truth tells it."""

    record: list[Ints] = field(default_factory=list)
    kind: list[Ints] = field(default_factory=list)

    def add(self, record: Ints, kind: str) -> None:
        """Note an error of this kind in each of the records."""
        self.record.append(record)
        self.kind.append(np.full(len(record), ERRORS.index(kind)))

    def rows(self) -> tuple[Ints, Ints]:
        """Return (record, kind) of all errors, each pair once, in order."""
        nothing = np.empty(0, np.int64)
        record = np.concatenate([nothing, *self.record])
        pairs = np.unique(record * len(ERRORS) + np.concatenate([nothing, *self.kind]))
        return pairs // len(ERRORS), pairs % len(ERRORS)

"""By what a finding is named: of equal records by one model it has the same name."""

from __future__ import annotations

from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine.fields import Keys
from graphcrm.duplicates.engine.hashes import hashed, joined_total
from graphcrm.duplicates.engine.renewal import Compared, Marks

_WHOLE = 2**64


class Totals(NamedTuple):
    """Sums of numbers for records and for the pairs known to be two, so that a change adds up."""

    records: int
    apart: int

    def finding(self, version: str) -> str:
        """The name of the finding of these records by a model."""
        return f"{version}-{self.records:016x}-{self.apart:016x}"

    @classmethod
    def read(cls, finding: str) -> Self:
        """The totals in such a name."""
        _, records, apart = finding.split("-")
        return cls(int(records, 16), int(apart, 16))

    def changed(
        self,
        earlier: Compared,
        ids: pa.Array,
        marks: Marks,
        gone: Keys,
        apart: tuple[Keys, Keys],
    ) -> Totals:
        """The totals without the earlier rows `gone` and with further records.

        `apart` numbers the earlier rows and, after them, those of `ids`.
        """
        whole = pa.chunked_array([earlier.ids, ids])
        rows = len(whole)
        before, after = (side[0] * rows + side[1] for side in (earlier.apart, apart))
        lost, new = (
            _pairs(*(whole.take(pa.array(side)).combine_chunks() for side in (one, other)))
            for one, other in (
                (pairs // rows, pairs % rows)
                for pairs in (
                    np.setdiff1d(before, after, assume_unique=True),
                    np.setdiff1d(after, before, assume_unique=True),
                )
            )
        )
        less = joined_total(earlier.ids.take(pa.array(gone)), earlier.marks[gone])
        records = self.records - less + joined_total(ids, marks)
        return Totals(records % _WHOLE, (self.apart - lost + new) % _WHOLE)


def totals_of(ids: pa.Array, marks: Marks, apart: tuple[Keys, Keys]) -> Totals:
    """The totals of records with their marks; pairs of those apart are rows."""
    one, other = (ids.take(pa.array(side)) for side in apart)
    return Totals(joined_total(ids, marks), _pairs(one, other))


def _pairs(one: pa.Array, other: pa.Array) -> int:
    turned = pc.greater(one, other)
    low, high = pc.if_else(turned, other, one), pc.if_else(turned, one, other)
    return joined_total(low, hashed(high))

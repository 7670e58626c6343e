"""What differs between the persons of a graph and those that were compared last."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.customers.persons import (
    Marked,
    Persons,
    marks_in,
    opened,
    persons_in,
)
from graphcrm.duplicates.engine.fields import Keys, as_numpy
from graphcrm.duplicates.engine.renewal import Compared, Marks


class Changes(NamedTuple):
    """The persons who are new or changed, and the rows of those who are gone or changed.

    `apart` are the pairs known to be two, as rows of the earlier records and, after them, of the
    new ones.
    """

    fresh: Persons
    gone: Keys
    apart: tuple[Keys, Keys]


def changes_since(snapshot: Path, earlier: Compared) -> Changes:
    """Compare the persons of a snapshot with earlier ones."""
    with opened(snapshot) as work:
        now = marks_in(work)
        there, at = _same(earlier, now)
        changed = np.ones(len(now.keys), bool)
        changed[at] = False
        fresh = persons_in(work, pa.table({"key": now.keys[changed]}))
    gone = np.setdiff1d(np.arange(len(earlier.ids)), there, assume_unique=True)
    # Where each person is: among the earlier records, or after them.
    row = np.empty(len(now.keys), np.int64)
    row[at] = there
    row[changed] = len(earlier.ids) + _places(now.marks[changed], fresh.marks).to_numpy()
    one, other = (row[rows] for rows in now.apart)
    apart = np.minimum(one, other), np.maximum(one, other)
    return Changes(fresh, gone, apart)


def _same(earlier: Compared, now: Marked) -> tuple[Keys, Keys]:
    """Where those who are the same stood earlier, and stand now."""
    place = _places(earlier.marks, now.marks)
    return np.flatnonzero(as_numpy(pc.is_valid(place))), as_numpy(place.drop_null())


def _places(marks: Marks, others: Marks) -> pa.Array:
    """Where each mark is among others, null where it isn't."""
    return pc.index_in(pa.array(marks), value_set=pa.array(others))

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
from graphcrm.duplicates.engine.blocks import Rows
from graphcrm.duplicates.engine.fields import Keys, as_numpy
from graphcrm.duplicates.engine.renewal import Compared


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
        changed, there, at = _differing(earlier, now)
        ids = now.ids.filter(pa.array(changed))
        fresh = persons_in(work, ids)
    gone = np.setdiff1d(np.arange(len(earlier.ids)), there, assume_unique=True)
    # Where each person is: among the earlier records, or after them.
    row = np.empty(len(now.ids), np.int64)
    row[at] = there
    row[changed] = len(earlier.ids) + pc.index_in(ids, value_set=fresh.ids).to_numpy()
    one, other = (row[rows] for rows in now.apart)
    apart = np.minimum(one, other), np.maximum(one, other)
    return Changes(fresh, gone, apart)


def _differing(earlier: Compared, now: Marked) -> tuple[Rows, Keys, Keys]:
    """Who is new or changed now; where those who are the same stood earlier, and stand now."""
    place = pc.index_in(earlier.ids, value_set=now.ids)
    there = np.flatnonzero(as_numpy(pc.is_valid(place)))
    at = as_numpy(place.drop_null())
    same = earlier.marks[there] == now.marks[at]
    changed = np.ones(len(now.ids), bool)
    changed[at[same]] = False
    return changed, there[same], at[same]

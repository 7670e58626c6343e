"""What differs between the persons of a graph and those that were compared last."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.customers.persons import Persons, read_marks, read_persons
from graphcrm.duplicates.engine.fields import Keys
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
    now = read_marks(snapshot)
    place = pc.index_in(earlier.ids, value_set=now.ids)
    there = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    at = place.drop_null().to_numpy(zero_copy_only=False)
    same = earlier.marks[there] == now.marks[at]
    changed = np.ones(len(now.ids), bool)
    changed[at[same]] = False
    ids = now.ids.filter(pa.array(changed))
    fresh = read_persons(snapshot, ids)
    gone = np.setdiff1d(np.arange(len(earlier.ids)), there[same], assume_unique=True)
    # Where each person is: among the earlier records, or after them.
    row = np.empty(len(now.ids), np.int64)
    row[at[same]] = there[same]
    row[changed] = len(earlier.ids) + pc.index_in(ids, value_set=fresh.ids).to_numpy()
    one, other = (row[rows] for rows in now.apart)
    apart = np.minimum(one, other), np.maximum(one, other)
    return Changes(fresh, gone, apart)

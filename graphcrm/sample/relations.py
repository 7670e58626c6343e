"""Family relations as the insurer knows them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample.columns import IdSpace
from graphcrm.sample.duplicates import Records
from graphcrm.sample.households import Households
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.streams import Streams


def table(
    streams: Streams, families: Households, records: Records, persons: IdSpace, shape: SampleShape
) -> pa.Table:
    """Return the `relations` table: `from_id` is the spouse, parent or sibling of `to_id`.

    A couple and a pair of twins have one row, in either direction; each parent has a row.
    """
    rng = streams.of("relations")
    n = len(families.household)
    known = (rng.random(n) < shape.relations_known)[families.first_row]
    rows = np.arange(n)
    couples = np.flatnonzero((families.spouse > rows) & known)
    fathers = np.flatnonzero((families.father >= 0) & known)
    mothers = np.flatnonzero((families.mother >= 0) & known)
    twins = np.flatnonzero((families.twin >= 0) & known)
    one = np.concatenate([couples, families.father[fathers], families.mother[mothers], twins])
    other = np.concatenate([families.spouse[couples], fathers, mothers, families.twin[twins]])
    kind = np.repeat([0, 1, 1, 2], [len(couples), len(fathers), len(mothers), len(twins)])
    turned = (kind != 1) & (rng.random(len(one)) < 0.5)
    one, other = np.where(turned, other, one), np.where(turned, one, other)
    order = rng.permutation(len(one))
    return pa.table(
        {
            "from_id": persons.of(records.any_of(rng, one[order])),
            "to_id": persons.of(records.any_of(rng, other[order])),
            "kind": col.words(["spouse", "parent", "sibling"], kind[order]),
        }
    )

"""Finding the records of one customer in any list, no graph needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.evidence import EVIDENCE, evidence
from graphcrm.duplicates.engine.fields import NO_ROWS, Keys
from graphcrm.duplicates.engine.matching import Listen, Matched, match
from graphcrm.duplicates.roles import Role

PAIRS = pa.schema(
    [
        ("left", pa.int64()),
        ("right", pa.int64()),
        ("probability", pa.float64()),
        ("weight", pa.float64()),
        ("same", pa.bool_()),
    ]
)
"""What `Deduped.pairs` holds."""

DOUBTFUL = 0.05
"""The least probability of a pair that is reported."""

FEW_RECORDS = 1_000
"""Of fewer records little is learned of what an agreement is worth: to be said to who reads it."""


@dataclass(frozen=True)
class Deduped:
    """The customers of a list.

    `cluster_ids` has a number for each row, from 1, in the order of their first rows. `pairs` has
    what was found likely, the surest first: left and right (row positions, left < right),
    probability (0 to 1), weight (log2 of the odds), same (whether one cluster holds both).
    """

    cluster_ids: npt.NDArray[np.int64]
    pairs: pa.Table
    _matched: Matched | None
    _chosen: Keys

    def evidence(self, positions: npt.NDArray[np.int64]) -> pa.Table:
        """Why: the rows of `evidence` for these positions in `pairs`."""
        if self._matched is None:
            return EVIDENCE.empty_table()
        return evidence(self._matched, self._chosen[positions], positions)


def dedupe(
    table: pa.Table,
    roles: Mapping[str, Role],
    *,
    thorough: bool = False,
    listen: Listen = lambda phase, share: None,
) -> Deduped:
    """Find which rows of a table of text are one customer; null is unknown.

    `roles` says what each column tells (a column without one is ignored); `thorough` compares twice
    as many pairs and learns longer, for two to three times the time. Deterministic, whatever
    the order of the rows. Raises ValueError for a column that the table doesn't have.
    """
    unknown = set(roles) - set(table.column_names)
    if unknown:
        raise ValueError(f"the table has no column {sorted(unknown)[0]!r}")
    listen("read", None)
    fields = fields_of(table, roles)
    rows = table.num_rows
    if not fields or rows < 2:
        return Deduped(np.arange(1, rows + 1), PAIRS.empty_table(), None, NO_ROWS)
    matched = match(fields, thorough=thorough, listen=listen)
    chosen, pairs = _likely(matched)
    return Deduped(matched.clusters + 1, pairs, matched, chosen)


def _likely(matched: Matched) -> tuple[Keys, pa.Table]:
    """The candidates to report, and the table of them, the surest first."""
    odds, left, right = matched.odds.match, matched.left, matched.right
    probability = 1 / (1 + np.exp(-odds))
    same = matched.clusters[left] == matched.clusters[right]
    found = np.flatnonzero(same | (probability >= DOUBTFUL))
    chosen = found[np.lexsort((right[found], left[found], -odds[found]))]
    columns = {
        "left": left[chosen],
        "right": right[chosen],
        "probability": probability[chosen],
        "weight": odds[chosen] / math.log(2),
        "same": same[chosen],
    }
    return chosen, pa.table(columns, schema=PAIRS)

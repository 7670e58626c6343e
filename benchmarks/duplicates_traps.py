"""Honest look-alikes of the sample insurer: pairs of records that must not become one customer."""

from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from duplicates_answer import Keys, numbered
from duplicates_scores import pairs_of
from duplicates_sets import Listed

_FEW = 20
"""A phone or address that more records share tells nothing of a family."""

_SHARED = """
WITH shared AS (
    SELECT phone AS value, file_row_number AS n FROM known WHERE phone IS NOT NULL
    UNION SELECT phone_2, file_row_number FROM known WHERE phone_2 IS NOT NULL
    UNION SELECT address, file_row_number FROM known WHERE address IS NOT NULL
),
few AS (SELECT * FROM shared QUALIFY count(*) OVER (PARTITION BY value) <= {few})
SELECT a.n AS l, b.n AS r FROM few a JOIN few b ON a.value = b.value AND a.n < b.n
UNION
SELECT least(a.n, b.n), greatest(a.n, b.n)
FROM relations JOIN numbered a ON a.id = from_id JOIN numbered b ON b.id = to_id
"""
_TWINS = """
SELECT a.file_row_number AS l, b.file_row_number AS r FROM known a JOIN known b
ON a.birth_date = b.birth_date AND a.surname = b.surname AND a.address = b.address
AND a.file_row_number < b.file_row_number
"""


@dataclass(frozen=True)
class Joined:
    """Pairs of a trap, and how many of them have become one customer."""

    trap: str
    pairs: int
    joined: int


class Traps:
    """The look-alikes of a set: rows of different entities that have much in common.

    `family`: one phone or address (standardised, held by at most 20 records), or a relation.
    `twins`: one birth date, surname and address. `same name`: one standardised name.
    """

    def __init__(self, listed: Listed) -> None:
        assert listed.book is not None
        self._truth = listed.truth
        self._names = numbered(pq.read_table(listed.prepared).column("name").combine_chunks())
        ids = pq.read_table(listed.records, columns=["id"])
        with duckdb.connect() as work:
            work.register("numbered", ids.append_column("n", pa.array(np.arange(len(ids)))))
            prepared, relations = listed.prepared, listed.book / "relations.parquet"
            work.execute(
                f"CREATE VIEW known AS FROM read_parquet('{prepared}', file_row_number = true)"
            )
            work.execute(f"CREATE VIEW relations AS FROM read_parquet('{relations}')")
            queries = {"family": _SHARED.format(few=_FEW), "twins": _TWINS}
            self._listed = {name: self._strangers(work, sql) for name, sql in queries.items()}

    def _strangers(self, work: duckdb.DuckDBPyConnection, sql: str) -> tuple[Keys, Keys]:
        found = work.sql(sql).to_arrow_table()
        left, right = (found.column(side).to_numpy().astype(np.int64) for side in "lr")
        apart = self._truth[left] != self._truth[right]
        return left[apart], right[apart]

    def joined(self, clusters: Keys) -> list[Joined]:
        """How many pairs of each trap are in one cluster."""
        found = [
            Joined(name, len(left), int((clusters[left] == clusters[right]).sum()))
            for name, (left, right) in self._listed.items()
        ]
        within = _pairs_in(self._names, clusters) - _pairs_in(self._names, clusters, self._truth)
        among = _pairs_in(self._names) - _pairs_in(self._names, self._truth)
        return [*found, Joined("same name", among, within)]


def _pairs_in(*columns: Keys) -> int:
    """The pairs of rows that are equal in all these columns."""
    codes = columns[0]
    for column in columns[1:]:
        codes = np.unique(codes * (int(column.max()) + 1) + column, return_inverse=True)[1]
    return pairs_of(np.unique(codes, return_counts=True)[1])

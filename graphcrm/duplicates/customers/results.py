"""What a finding comes to, as the tables that are written into the graph."""

from __future__ import annotations

import json
import math
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duck import engine
from graphcrm.duplicates.customers.answers import earlier_customers, those_taken
from graphcrm.duplicates.engine.evidence import MISSING, evidence
from graphcrm.duplicates.engine.fields import Keys, Numbers
from graphcrm.duplicates.engine.matching import Matched
from graphcrm.duplicates.identity import STABLE, stable_ids

_PIECE = 50_000
_SAME = pa.schema(
    [
        ("start_label", pa.string()),
        ("start", pa.string()),
        ("end_label", pa.string()),
        ("end", pa.string()),
        ("probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("evidence", pa.string()),
        ("model_version", pa.string()),
    ]
)


# A customer is changed where it holds another set of records than before.
_CHANGES = """
WITH record AS (
    SELECT coalesce(n."end", e.customer_id) AS customer_id, n."start" IS NOT NULL AS is_now,
           e.id IS NOT NULL AS was
    FROM now n FULL JOIN earlier e ON e.id = n."start" AND e.customer_id = n."end"
),
customer AS (
    SELECT bool_or(is_now) AS is_now, bool_or(was) AS was, bool_and(is_now AND was) AS same
    FROM record GROUP BY customer_id
)
SELECT count(*) FILTER (NOT was), count(*) FILTER (is_now AND was AND NOT same),
       count(*) FILTER (NOT is_now)
FROM customer
"""


class Changes(NamedTuple):
    """How many customers are new, hold other records than before, and are no more."""

    new: int
    changed: int
    removed: int


class Results(NamedTuple):
    """The rows of derived types, and which customers the records and those gone had before."""

    customers: pa.Table
    samenesses: pa.Table
    belongings: pa.Table
    before: pa.Table

    @property
    def derived(self) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
        """The nodes and the edges, by their types."""
        edges = {"SAME_AS": self.samenesses, "IS_CUSTOMER": self.belongings}
        return {"Customer": self.customers}, edges

    def changes(self) -> Changes:
        """What became of the customers of these records, and of those that are gone."""
        with engine() as work:
            work.register("now", self.belongings)
            work.register("earlier", self.before)
            ((new, changed, removed),) = work.execute(_CHANGES).fetchall()
        return Changes(new, changed, removed)

    def only(self, gone: pa.Array) -> pa.Table:
        """The nodes that these rows and records that are gone are all about: label, id."""
        people = pc.unique(pa.concat_arrays([_whole(self.belongings["start"]), gone]))
        were = _whole(self.before["customer_id"])
        ids = pc.unique(pa.concat_arrays([_whole(self.customers["id"]), were]))
        labels = [pa.repeat("Person", len(people)), pa.repeat("Customer", len(ids))]
        return pa.table({"label": pa.concat_arrays(labels), "id": pa.concat_arrays([people, ids])})


def results_of(
    ids: pa.Array, gone: pa.Array | None, matched: Matched, snapshot: Path, version: str
) -> Results:
    """The rows for the records of a finding, given the customers in a snapshot.

    They are all, or with those that are `gone` all whom a change may concern.
    """
    some = None if gone is None else pc.unique(pa.concat_arrays([ids, gone]))
    before = earlier_customers(snapshot, some)
    taken = None if some is None else partial(those_taken, snapshot)
    order = pc.sort_indices(ids)
    label = pa.repeat("Person", len(ids))
    clusters = pa.table({"label": label, "id": ids, "cluster": matched.clusters})
    probability = pa.array(_belonging(matched, len(ids))).take(order)
    records = stable_ids(clusters, before, taken).append_column("probability", probability)
    return Results(
        _customers(records, version),
        _samenesses(ids, matched, version),
        _belongings(records),
        before,
    )


def no_results() -> Results:
    """The rows where there is nobody."""
    records = STABLE.empty_table().append_column("probability", pa.array([], pa.float64()))
    before = STABLE.empty_table()
    return Results(_customers(records, ""), _SAME.empty_table(), _belongings(records), before)


def _belonging(matched: Matched, rows: int) -> Numbers:
    """The probability of each record's likeliest pair in its cluster; 1 for a record alone."""
    same = matched.clusters[matched.left] == matched.clusters[matched.right]
    probability = 1 / (1 + np.exp(-matched.odds.match[same]))
    best = np.zeros(rows)
    np.maximum.at(best, matched.left[same], probability)
    np.maximum.at(best, matched.right[same], probability)
    alone = np.bincount(matched.clusters)[matched.clusters] == 1
    best[alone] = 1.0
    return best


def _customers(records: pa.Table, version: str) -> pa.Table:
    counted = records.group_by("customer_id").aggregate([("id", "count")])
    count = len(counted)
    return pa.table(
        {
            "id": counted["customer_id"],
            "records": counted["id_count"],
            "member_label": pa.repeat("Person", count),
            "model_version": pa.repeat(version, count),
        }
    )


def _belongings(records: pa.Table) -> pa.Table:
    return pa.table(
        {
            "start_label": records["label"],
            "start": records["id"],
            "end_label": pa.repeat("Customer", len(records)),
            "end": records["customer_id"],
            "probability": records["probability"],
        }
    )


def _samenesses(ids: pa.Array, matched: Matched, version: str) -> pa.Table:
    """The pairs inside of clusters, with their evidence."""
    same = np.flatnonzero(matched.clusters[matched.left] == matched.clusters[matched.right])
    parts = [
        _samenesses_of(ids, matched, same[start : start + _PIECE], version)
        for start in range(0, len(same), _PIECE)
    ]
    return pa.concat_tables(parts) if parts else _SAME.empty_table()


def _samenesses_of(ids: pa.Array, matched: Matched, chosen: Keys, version: str) -> pa.Table:
    odds = matched.odds.match[chosen]
    label = pa.repeat("Person", len(chosen))
    left, right = (ids.take(pa.array(rows[chosen])) for rows in (matched.left, matched.right))
    turned = pc.greater(left, right)
    columns = {
        "start_label": label,
        "start": pc.if_else(turned, right, left),
        "end_label": label,
        "end": pc.if_else(turned, left, right),
        "probability": 1 / (1 + np.exp(-odds)),
        "match_weight": odds / math.log(2),
        "evidence": evidence_texts(matched, chosen),
        "model_version": pa.repeat(version, len(chosen)),
    }
    return pa.table(columns, schema=_SAME)


def evidence_texts(matched: Matched, chosen: Keys) -> pa.Array:
    """The evidence of candidates as JSON: {column, level, weight} of each field that is known."""
    told = evidence(matched, chosen, np.arange(len(chosen)))
    told = told.filter(pc.not_equal(told["level"], MISSING)).combine_chunks()
    items = pc.binary_join_element_wise(
        '{"column": ', _json(told["column"]), ', "level": ', _json(told["level"]), ', "weight": ',
        pc.cast(pc.round(told["weight"], 2), pa.string()), "}", "",
    )  # fmt: skip
    ends = np.searchsorted(told["pair"].to_numpy(), np.arange(len(chosen) + 1))
    lists = pa.ListArray.from_arrays(pa.array(ends, pa.int32()), _whole(items))
    return pc.binary_join_element_wise("[", pc.binary_join(lists, ", "), "]", "")


def _json(texts: pa.ChunkedArray) -> pa.Array:
    """Texts, of which few differ, as JSON."""
    encoded = _whole(texts).dictionary_encode(null_encoding="encode")
    said = [json.dumps(text, ensure_ascii=False) for text in encoded.dictionary.to_pylist()]
    return pa.array(said, pa.string()).take(encoded.indices)


def _whole(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts

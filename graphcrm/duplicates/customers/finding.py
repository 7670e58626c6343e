"""Finding the customers of a graph, and writing them into it."""

import json
import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from graphcrm.duplicates.customers.answers import earlier_customers
from graphcrm.duplicates.customers.persons import Persons, read_persons
from graphcrm.duplicates.engine.evidence import MISSING, evidence
from graphcrm.duplicates.engine.fields import Keys, Numbers
from graphcrm.duplicates.engine.frozen import model_text, version_of
from graphcrm.duplicates.engine.matching import Listen, Matched, match
from graphcrm.duplicates.identity import stable_ids
from graphcrm.errors import UsageError
from graphcrm.store import Say, Store

MODEL = "duplicates.model"
"""The name under which the graph keeps the model."""

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


class Finding(BaseModel):
    """What a finding came to: `several` customers have more than one record.

    `new`, `changed` and `removed` are customers, against the finding before.
    """

    records: int
    customers: int
    several: int
    largest: int
    pairs_compared: int
    model_version: str
    new: int
    changed: int
    removed: int


def find_customers(
    store: Store,
    listen: Listen = lambda phase, share: None,
    say: Say = lambda text: None,
) -> Finding:
    """Find out which persons' records are one customer, and write it into the graph.

    Makes a Customer for each, an IS_CUSTOMER edge from each record, and a SAME_AS edge with
    probability and evidence between records of one customer that were compared. Customers that
    stay what they were keep their ids. Raises UsageError for a graph without persons, StoreError
    where it can't be written.
    """
    snapshot = store.snapshot(say)
    listen("read", None)
    persons = read_persons(snapshot)
    if not len(persons.ids):
        raise UsageError("there are no persons in the graph")
    matched = match(persons.fields, persons.apart, listen=listen)
    listen("write", None)
    text = model_text(matched.model, matched.fields)
    version = version_of(text)
    records = _records(persons, matched, earlier_customers(snapshot))
    customers = _customers(records, version)
    report = store.derive(
        {"Customer": customers},
        {"SAME_AS": _samenesses(persons, matched, version), "IS_CUSTOMER": _belongings(records)},
        {MODEL: text},
        say=say,
    )
    changes = next(t for t in report.types if t.name == "Customer")
    sizes = customers["records"].to_numpy()
    return Finding(
        records=len(persons.ids),
        customers=len(sizes),
        several=int((sizes > 1).sum()),
        largest=int(sizes.max()),
        pairs_compared=len(matched.left),
        model_version=version,
        new=changes.new,
        changed=changes.changed,
        removed=changes.removed,
    )


def _records(persons: Persons, matched: Matched, before: pa.Table) -> pa.Table:
    """Each record with its customer, and how probable it is that it belongs there."""
    clusters = pa.table(
        {
            "label": pa.array(["Person"] * len(persons.ids)),
            "id": persons.ids,
            "cluster": matched.clusters,
        }
    )
    # Both are in the order of the ids.
    return stable_ids(clusters, before).append_column(
        "probability", pa.array(_belonging(matched, len(persons.ids)))
    )


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
            "member_label": pa.array(["Person"] * count),
            "model_version": pa.array([version] * count),
        }
    )


def _belongings(records: pa.Table) -> pa.Table:
    count = len(records)
    return pa.table(
        {
            "start_label": records["label"],
            "start": records["id"],
            "end_label": pa.array(["Customer"] * count),
            "end": records["customer_id"],
            "probability": records["probability"],
        }
    )


def _samenesses(persons: Persons, matched: Matched, version: str) -> pa.Table:
    """The pairs inside of clusters, with their evidence."""
    same = np.flatnonzero(matched.clusters[matched.left] == matched.clusters[matched.right])
    parts = [
        _samenesses_of(persons, matched, same[start : start + _PIECE], version)
        for start in range(0, len(same), _PIECE)
    ]
    return pa.concat_tables(parts) if parts else _SAME.empty_table()


def _samenesses_of(persons: Persons, matched: Matched, chosen: Keys, version: str) -> pa.Table:
    odds = matched.odds.match[chosen]
    label = pa.array(["Person"] * len(chosen))
    columns = {
        "start_label": label,
        "start": persons.ids.take(pa.array(matched.left[chosen])),
        "end_label": label,
        "end": persons.ids.take(pa.array(matched.right[chosen])),
        "probability": 1 / (1 + np.exp(-odds)),
        "match_weight": odds / math.log(2),
        "evidence": evidence_texts(matched, chosen),
        "model_version": pa.array([version] * len(chosen)),
    }
    return pa.table(columns, schema=_SAME)


def evidence_texts(matched: Matched, chosen: Keys) -> pa.Array:
    """The evidence of candidates as JSON: {column, level, weight} of each field that is known."""
    told = evidence(matched, chosen, np.arange(len(chosen)))
    told = told.filter(pc.not_equal(told["level"], MISSING))
    texts: list[list[str]] = [[] for _ in range(len(chosen))]
    for pair, column, level, weight in zip(
        *(told[name].to_pylist() for name in ("pair", "column", "level", "weight")), strict=True
    ):
        item = {"column": column, "level": level, "weight": round(weight, 2)}
        texts[pair].append(json.dumps(item, ensure_ascii=False))
    return pa.array([f"[{', '.join(items)}]" for items in texts], pa.string())

"""Finding the customers of a graph, and writing them into it."""

from __future__ import annotations

import hashlib
import json
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from graphcrm.duplicates.customers.persons import Persons, read_persons
from graphcrm.duplicates.customers.results import results_of
from graphcrm.duplicates.engine.fields import Keys
from graphcrm.duplicates.engine.frozen import Frozen, frozen_of, frozen_text
from graphcrm.duplicates.engine.keeping import read_compared, write_compared
from graphcrm.duplicates.engine.matching import Listen, Matched, match
from graphcrm.duplicates.engine.renewal import Compared, alone, compared_of, renewed
from graphcrm.errors import UsageError
from graphcrm.store import Say, Store

MODEL = "duplicates.model"
"""The name under which the graph keeps the model."""

FINDING = "duplicates.finding"
"""The name under which it keeps which finding its customers are of, and up to which load."""


class Finding(BaseModel):
    """What a finding came to: `several` customers have more than one record.

    `compared` records were compared with all others: all, or those that changed. `learned_from` is
    of how many records the model was learned, `replaced` the version that it takes the place of.
    `new`, `changed` and `removed` are customers, against the finding before.
    """

    records: int
    compared: int
    customers: int
    several: int
    largest: int
    pairs_compared: int
    model_version: str
    learned_from: int
    replaced: str | None
    new: int
    changed: int
    removed: int


class _Found(NamedTuple):
    """A finding before it is written: which rows it is about, None for all of them."""

    compared: Compared
    matched: Matched
    within: Keys | None
    gone: pa.Array
    changed: int
    pairs: int


def find_customers(
    store: Store,
    *,
    retrain: bool = False,
    since: int | None = None,
    listen: Listen = lambda phase, share: None,
    say: Say = lambda text: None,
) -> Finding:
    """Find out which persons' records are one customer, and write it into the graph.

    Makes a Customer for each, an IS_CUSTOMER edge from each record, and a SAME_AS edge with
    probability and evidence between records of one customer that were compared. Customers that
    stay what they were keep their ids. The model of the first finding is used again, until asked to
    `retrain` it. `since` a load (0: the last finding) only what changed is compared, with the same
    outcome as if all were; where the file that this needs is not on this machine, all is. Raises
    UsageError for a graph without persons, a load that there is not, and for `since` where nothing
    was found yet; StoreError where it can't be written.
    """
    last = max((entry["load"] for entry in store.loads()), default=0)
    if since is not None and not 0 <= since <= last:
        raise UsageError(f"there is no load {since}; the last one is {last}")
    snapshot = store.snapshot(say)
    listen("read", None)
    persons = read_persons(snapshot)
    if not len(persons.ids):
        raise UsageError("there are no persons in the graph")
    text = store.kept(MODEL)
    frozen = None if text is None else _model(text)
    if since is not None and frozen is None:
        raise UsageError("customers have not been found by this release; run without --since")
    before = frozen
    file = snapshot.with_suffix(".compared")
    earlier = None
    if since is not None:
        earlier = read_compared(file, _mark(store.kept(FINDING)))
    if retrain or frozen is None:
        found = _anew(persons, None, listen)
        text = frozen_text(found.matched.learned, found.matched.fields)
        frozen = frozen_of(text)
    elif earlier is None:
        found = _anew(persons, frozen, listen)
    else:
        found = _since(persons, frozen, earlier, listen)
    listen("write", None)
    results = results_of(found.compared, found.matched, found.within, snapshot, frozen.version)
    mark = _mark_of(found.compared, frozen.version)
    kept = {MODEL: text, FINDING: json.dumps({"mark": mark, "load": last})}
    report = store.derive(
        {"Customer": results.customers},
        {"SAME_AS": results.samenesses, "IS_CUSTOMER": results.belongings},
        kept,
        only=None if found.within is None else results.only(found.gone),
        say=say,
    )
    write_compared(found.compared, file, mark)
    changes = next(t for t in report.types if t.name == "Customer")
    sizes = np.bincount(found.compared.clusters)
    return Finding(
        records=len(persons.ids),
        compared=found.changed,
        customers=len(sizes),
        several=int((sizes > 1).sum()),
        largest=int(sizes.max()),
        pairs_compared=found.pairs,
        model_version=frozen.version,
        learned_from=frozen.records,
        replaced=before.version if before and before.version != frozen.version else None,
        new=changes.new,
        changed=changes.changed,
        removed=changes.removed,
    )


def _model(text: str) -> Frozen | None:
    """The model that the graph keeps; None for one of another release."""
    try:
        return frozen_of(text)
    except ValueError:
        return None


def _anew(persons: Persons, frozen: Frozen | None, listen: Listen) -> _Found:
    """All records, by a model or by one that is learned of them."""
    fields = persons.fields(frozen)
    learned = None if frozen is None else frozen.learned
    matched = match(fields, persons.apart, listen=listen, learned=learned)
    compared = compared_of(matched, persons.ids, persons.marks, persons.apart)
    count, pairs = len(persons.ids), len(matched.left)
    return _Found(compared, matched, None, pa.array([], pa.string()), count, pairs)


def _since(persons: Persons, frozen: Frozen, earlier: Compared, listen: Listen) -> _Found:
    """What differs from the records that were compared earlier."""
    place = pc.index_in(earlier.ids, value_set=persons.ids)
    there = np.flatnonzero(place.is_valid().to_numpy(zero_copy_only=False))
    now = place.drop_null().to_numpy(zero_copy_only=False)
    same = earlier.marks[there] == persons.marks[now]
    # Where each person is: among the earlier records, or after them.
    row = np.full(len(persons.ids), -1, np.int64)
    row[now[same]] = there[same]
    fresh = np.flatnonzero(row < 0)
    row[fresh] = len(earlier.ids) + np.arange(len(fresh))
    gone = np.setdiff1d(np.arange(len(earlier.ids)), there[same], assume_unique=True)
    listen("compare", None)
    ids, marks = persons.ids.take(pa.array(fresh)), persons.marks[fresh]
    more = alone(ids, marks, persons.fields(frozen, fresh))
    one, other = (row[rows] for rows in persons.apart)
    apart = np.minimum(one, other), np.maximum(one, other)
    found = renewed(earlier, more, gone, apart, frozen.learned)
    gone_ids = earlier.ids.take(pa.array(gone))
    return _Found(found.compared, found.matched, found.within, gone_ids, len(fresh), found.pairs)


def _mark(finding: str | None) -> str:
    return "" if finding is None else str(json.loads(finding)["mark"])


def _mark_of(compared: Compared, version: str) -> str:
    """A name for a finding: of equal records by one model it is the same."""
    order = pc.sort_indices(compared.ids).to_numpy()
    digest = hashlib.sha256(version.encode())
    digest.update(compared.marks[order].tobytes())
    digest.update("\n".join(compared.ids.take(pa.array(order)).to_pylist()).encode())
    return digest.hexdigest()[:16]

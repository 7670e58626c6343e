"""Finding the customers of a graph, and writing them into it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from graphcrm.duplicates.customers.changes import changes_since
from graphcrm.duplicates.customers.kept import FINDING, MODEL, finding_text, mark_of
from graphcrm.duplicates.customers.persons import Persons, read_persons
from graphcrm.duplicates.customers.results import results_of
from graphcrm.duplicates.engine.frozen import Frozen, frozen_of, frozen_text
from graphcrm.duplicates.engine.hashes import joined_total
from graphcrm.duplicates.engine.keeping import read_compared, write_compared
from graphcrm.duplicates.engine.matching import Listen, Matched, match
from graphcrm.duplicates.engine.renewal import Compared, alone, compared_of, renewed
from graphcrm.errors import UsageError
from graphcrm.store import Say, Store


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
    """A finding before it is written.

    `ids` are of the records in `matched`: all, or those whom a change may concern, besides those
    that are `gone` (None: all are found anew). `changed` records were compared, in `pairs`.
    """

    compared: Compared
    ids: pa.Array
    matched: Matched
    gone: pa.Array | None
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
    text = store.kept(MODEL)
    before = None if text is None else _model(text)
    if since is not None and before is None:
        raise UsageError("customers have not been found by this release; run without --since")
    file = snapshot.with_suffix(".compared")
    earlier = None if since is None else read_compared(file, mark_of(store))
    if before is not None and earlier is not None:
        frozen, found = before, _since(snapshot, before, earlier)
    else:
        known = None if retrain else before
        found = _anew(read_persons(snapshot), known, listen)
        if known is None or text is None:
            text = frozen_text(found.matched.learned, found.matched.fields)
        frozen = known or frozen_of(text)
    listen("write", None)
    results = results_of(found.ids, found.matched, snapshot, frozen.version)
    mark = _mark(found.compared, frozen.version)
    with ThreadPoolExecutor(1) as beside:
        writing = beside.submit(write_compared, found.compared, file, mark)
        report = store.derive(
            {"Customer": results.customers},
            {"SAME_AS": results.samenesses, "IS_CUSTOMER": results.belongings},
            {MODEL: text, FINDING: finding_text(mark, last)},
            only=None if found.gone is None else results.only(found.gone),
            say=say,
        )
        writing.result()
    changes = next(t for t in report.types if t.name == "Customer")
    sizes = np.bincount(found.compared.clusters)
    return Finding(
        records=len(found.compared.ids),
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
    if not len(persons.ids):
        raise UsageError("there are no persons in the graph")
    fields = persons.fields(frozen)
    learned = None if frozen is None else frozen.learned
    matched = match(fields, persons.apart, listen=listen, learned=learned)
    compared = compared_of(matched, persons.ids, persons.marks, persons.apart)
    return _Found(compared, persons.ids, matched, None, len(persons.ids), len(matched.left))


def _since(snapshot: Path, frozen: Frozen, earlier: Compared) -> _Found:
    """What differs from the records that were compared earlier."""
    fresh, gone, apart = changes_since(snapshot, earlier)
    more = alone(fresh.ids, fresh.marks, fresh.fields(frozen))
    found = renewed(earlier, more, gone, apart, frozen.learned)
    ids = found.compared.ids.take(pa.array(found.within))
    gone_ids = earlier.ids.take(pa.array(gone))
    return _Found(found.compared, ids, found.matched, gone_ids, len(fresh.ids), found.pairs)


def _mark(compared: Compared, version: str) -> str:
    """A name for a finding: of equal records by one model it is the same."""
    return f"{version}-{joined_total(compared.ids, compared.marks):016x}"

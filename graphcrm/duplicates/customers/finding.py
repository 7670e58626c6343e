"""Finding the customers of a graph, and writing them into it."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from pydantic import BaseModel

from graphcrm.duplicates.customers.changes import changes_since
from graphcrm.duplicates.customers.kept import FINDING, MODEL, compared_file, not_found
from graphcrm.duplicates.customers.persons import is_anybody, read_persons
from graphcrm.duplicates.customers.results import no_results, results_of
from graphcrm.duplicates.customers.totals import Totals, totals_of
from graphcrm.duplicates.engine.frozen import Frozen, frozen_of, frozen_text, version_of
from graphcrm.duplicates.engine.keeping import read_compared, writing_compared
from graphcrm.duplicates.engine.matching import Listen, Matched, match
from graphcrm.duplicates.engine.renewal import Compared, alone, compared_of, renewed
from graphcrm.errors import StoreError, UsageError
from graphcrm.store import Say, Store


class Finding(BaseModel):
    """What a finding came to: `several` customers have more than one record.

    `compared` records were compared with all others: the `whole` of them, or those that changed.
    `learned_from` is of how many records the model was learned, `unknown` are columns that it knows
    nothing of, `replaced` is the version that it takes the place of.
    `new`, `changed` (with other records) and `removed` are customers, against the finding before.
    """

    records: int
    compared: int
    whole: bool
    customers: int
    several: int
    largest: int
    pairs_compared: int
    model_version: str
    learned_from: int
    unknown: list[str]
    replaced: str | None
    new: int
    changed: int
    removed: int


class _Found(NamedTuple):
    """A finding before it is written.

    `ids` are of the records in `matched`: all, or those whom a change may concern, besides those
    that are `gone` (None: all are found anew). `changed` records were compared, in `pairs`, by a
    model that was `learned_from` so many and knows nothing of the columns `unknown`. `totals` are
    of all records.
    """

    compared: Compared
    totals: Totals
    ids: pa.Array
    matched: Matched
    gone: pa.Array | None
    changed: int
    pairs: int
    learned_from: int
    unknown: list[str]


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
    UsageError for a graph that never had persons, a load that there is not, both `retrain` and
    `since`, and for `since` where nothing was found yet; StoreError where it can't be written, or
    somebody else's finding was written meanwhile.
    """
    _require_load(store, since)
    if retrain and since is not None:
        raise UsageError("a new model is learned of all records, not since a load")
    text, finding = store.kept(MODEL), store.kept(FINDING)
    before = None if text is None else _model(text)
    if since is not None and text is None:
        raise not_found()
    if since is not None and before is None:
        raise UsageError("customers have not been found by this release; run without --since")
    # Read before the snapshot: the file of a finding that came in between is not taken for this.
    snapshot = store.snapshot(say)
    listen("read", None)
    if not is_anybody(snapshot):
        return _nobody(store, finding, say)
    file = compared_file(snapshot)
    earlier = None if since is None else read_compared(file, finding)
    if before is not None and earlier is not None:
        version = before.version
        found = _since(snapshot, before, earlier, Totals.read(finding or ""), listen)
    else:
        known = None if retrain else before
        found = _anew(snapshot, known, listen)
        if known is None or text is None:
            text = frozen_text(found.matched.learned, found.matched.fields)
        version = version_of(text)
    listen("write", None)
    results = results_of(found.ids, found.gone, found.matched, snapshot, version)
    if found.gone is not None and store.kept(FINDING) != finding:
        raise StoreError("another finding was written meanwhile; run it again")
    mark = found.totals.finding(version)
    with writing_compared(found.compared, file, mark, say):
        store.derive(
            *results.derived,
            {MODEL: text, FINDING: mark},
            only=None if found.gone is None else results.only(found.gone),
            say=say,
        )
    changes = results.changes()
    sizes = np.bincount(found.compared.clusters)
    return Finding(
        records=len(found.compared.ids),
        compared=found.changed,
        whole=found.gone is None,
        customers=len(sizes),
        several=int((sizes > 1).sum()),
        largest=int(sizes.max()),
        pairs_compared=found.pairs,
        model_version=version,
        learned_from=found.learned_from,
        unknown=found.unknown,
        replaced=before.version if before and before.version != version else None,
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


def _require_load(store: Store, since: int | None) -> None:
    if since is not None:
        if type(since) is not int:
            raise UsageError(f"{since!r} is not the number of a load")
        last = max((entry["load"] for entry in store.loads()), default=0)
        if not 0 <= since <= last:
            raise UsageError(f"there is no load {since}; the last one is {last}")


def _anew(snapshot: Path, frozen: Frozen | None, listen: Listen) -> _Found:
    """All records, by a model or by one that is learned of them."""
    persons = read_persons(snapshot)
    fields = persons.fields(frozen)
    if not fields:
        raise UsageError("nothing is known of any person by which they could be compared")
    learned = None if frozen is None else frozen.learned
    matched = match(fields, persons.apart, listen=listen, learned=learned)
    compared = compared_of(matched, persons.ids, persons.marks, persons.apart)
    unknown = [] if frozen is None else persons.unknown_to(frozen)
    return _Found(
        compared,
        totals_of(compared.ids, compared.marks, compared.apart),
        persons.ids,
        matched,
        None,
        len(persons.ids),
        len(matched.left),
        fields[0].records,
        unknown,
    )


def _since(
    snapshot: Path, frozen: Frozen, earlier: Compared, totals: Totals, listen: Listen
) -> _Found:
    """What differs from the records that were compared earlier."""
    fresh, gone, apart = changes_since(snapshot, earlier)
    listen("compare", None)
    more = alone(fresh.ids, fresh.marks, fresh.fields(frozen))
    found = renewed(earlier, more, gone, apart, frozen.learned)
    ids = found.compared.ids.take(pa.array(found.within))
    ids_gone = earlier.ids.take(pa.array(gone))
    return _Found(
        found.compared,
        totals.changed(earlier, fresh.ids, fresh.marks, gone, apart),
        ids,
        found.matched,
        ids_gone,
        len(fresh.ids),
        found.pairs,
        frozen.records,
        fresh.unknown_to(frozen),
    )


def _nobody(store: Store, finding: str | None, say: Say) -> Finding:
    """What is left where all persons are gone: no customers."""
    if finding is None:
        raise UsageError("there are no persons in the graph")
    report = store.derive(*no_results().derived, {MODEL: None, FINDING: None}, say=say)
    removed = next(t.removed for t in report.types if t.name == "Customer")
    return Finding(
        records=0,
        compared=0,
        whole=True,
        customers=0,
        several=0,
        largest=0,
        pairs_compared=0,
        model_version="",
        learned_from=0,
        unknown=[],
        replaced=None,
        new=0,
        changed=0,
        removed=removed,
    )

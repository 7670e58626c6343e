"""Search before create: which records may be of the customer that is about to be entered."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from graphcrm.duplicates.customers.answers import earlier_customers
from graphcrm.duplicates.customers.changes import changes_since
from graphcrm.duplicates.customers.kept import FINDING, compared_file, model_of
from graphcrm.duplicates.customers.persons import (
    PROPERTIES,
    ROLES,
    opened,
    own_phone,
    read_persons,
    sellers_in,
)
from graphcrm.duplicates.customers.steps import Step, steps_of
from graphcrm.duplicates.engine.agreement import compare
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.extending import confined, extended
from graphcrm.duplicates.engine.fields import Field, Keys
from graphcrm.duplicates.engine.keeping import read_compared
from graphcrm.duplicates.engine.lookup import Lookup
from graphcrm.duplicates.engine.matching import Matched
from graphcrm.duplicates.engine.model import odds
from graphcrm.errors import UsageError
from graphcrm.store import Say, Store

LEAST = 0.05
"""The least probability of a candidate that is told."""


class Candidate(BaseModel):
    """A record that may be of the same customer as one that is about to be entered.

    `customer_id` is None for a record that came after the last finding. The weights of the steps
    add up to the log2-odds against the stronger alternative, which `weight` (against all
    alternatives) comes close to; `left` is what the record holds, `right` what was asked for.
    """

    id: str
    customer_id: str | None
    probability: float
    weight: float
    steps: list[Step]


class Search:
    """All persons of a graph as they were when this was made, by all that they are found by."""

    def __init__(self, store: Store, say: Say = lambda text: None) -> None:
        """Read and order them: seconds for a million.

        Raises UsageError where customers weren't found yet, or by an earlier release.
        """
        self._frozen = model_of(store)
        finding = store.kept(FINDING)
        snapshot = store.snapshot(say)
        with opened(snapshot) as work:
            self._sellers = sellers_in(work)
        self._ids, fields, gone = self._persons(snapshot, finding)
        self._lookup = Lookup(fields, self._frozen.learned, gone)
        known = earlier_customers(snapshot)
        place = pc.index_in(self._ids, value_set=known["id"])
        self._customers = known["customer_id"].take(place).combine_chunks()

    def _persons(self, snapshot: Path, finding: str | None) -> tuple[pa.Array, list[Field], Keys]:
        """Ids and fields, as the last finding left them or made anew, and rows that are gone."""
        earlier = read_compared(compared_file(snapshot), finding)
        if earlier is None:
            persons = read_persons(snapshot)
            return persons.ids, persons.fields(self._frozen), np.empty(0, np.int64)
        fresh, gone, _ = changes_since(snapshot, earlier)
        if not len(fresh.ids):
            return earlier.ids, earlier.fields, gone
        more = fresh.fields(self._frozen)
        fields = [extended(a, b) for a, b in zip(earlier.fields, more, strict=True)]
        return pa.concat_arrays([earlier.ids, fresh.ids]), fields, gone

    def candidates(self, record: Mapping[str, Any], limit: int = 10) -> list[Candidate]:
        """The records that may be of the same customer, the likeliest first.

        `record` has properties of a person as the vocabulary names them (`PROPERTIES`); None and
        blanks are unknown. Raises UsageError for another property, and where nothing is known.
        """
        asked = self._asked(record)
        rows = self._lookup.near(asked)
        if not len(rows):
            return []
        fields = [
            extended(confined(field, rows), mine)
            for field, mine in zip(self._lookup.fields, asked, strict=True)
        ]
        left, right = np.arange(len(rows)), np.full(len(rows), len(rows))
        levels = compare(fields, left, right)
        model, bounds = self._frozen.learned
        found = odds(model, levels, fields, left)
        nothing = np.empty(0, np.int64)
        matched = Matched(fields, left, right, levels, model, bounds, found, nothing)
        best = np.argsort(-found.match, kind="stable")[:limit]
        best = best[found.match[best] >= math.log(LEAST / (1 - LEAST))]
        return [
            Candidate(
                id=self._ids[int(rows[at])].as_py(),
                customer_id=self._customers[int(rows[at])].as_py(),
                probability=1 / (1 + math.exp(-float(found.match[at]))),
                weight=float(found.match[at]) / math.log(2),
                steps=steps,
            )
            for at, steps in zip(best.tolist(), steps_of(matched, best), strict=True)
        ]

    def _asked(self, record: Mapping[str, Any]) -> list[Field]:
        """The fields of one record."""
        other = sorted(set(record) - set(PROPERTIES))
        if other:
            raise UsageError(
                f"{other[0]!r} is not a property that persons are compared by; those are: "
                f"{', '.join(PROPERTIES)}"
            )
        texts = {name: _text(record.get(name)) for name in ROLES}
        for name in ("phone", "phone_2"):
            texts[name] = own_phone(texts[name], self._sellers)
        if not any(texts.values()):
            raise UsageError("nothing is known of the record to search for")
        table = pa.table({name: pa.array([text], pa.string()) for name, text in texts.items()})
        return self._frozen.applied(fields_of(table, ROLES, self._frozen.kinds), 1)


def _text(value: Any) -> str | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    return None if value is None else str(value).strip() or None

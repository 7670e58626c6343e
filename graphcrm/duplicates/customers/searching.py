"""Search before create: which records may be of the customer that is about to be entered."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from graphcrm.duplicates.customers.answers import earlier_customers
from graphcrm.duplicates.customers.asked import asked_texts, require_date
from graphcrm.duplicates.customers.changes import changes_since
from graphcrm.duplicates.customers.explaining import Explained, explained
from graphcrm.duplicates.customers.kept import FINDING, compared_file, model_of
from graphcrm.duplicates.customers.persons import (
    ROLES,
    opened,
    own_phone,
    read_persons,
    sellers_in,
)
from graphcrm.duplicates.customers.steps import Step, steps_of
from graphcrm.duplicates.engine.columns import fields_of
from graphcrm.duplicates.engine.extending import confined, extended
from graphcrm.duplicates.engine.fields import NO_ROWS, Field, Keys, Numbers, as_numpy
from graphcrm.duplicates.engine.keeping import read_compared
from graphcrm.duplicates.engine.lookup import Lookup
from graphcrm.duplicates.engine.matching import score
from graphcrm.errors import UnknownNodeError, UsageError
from graphcrm.store import Say, Store

LEAST = 0.05
"""The least probability of a candidate that is told."""


class Candidate(BaseModel):
    """A record that may be of the same customer as one that is about to be entered.

    `customer_id` is None for a record that came after the last finding. `weight` is log2 of the
    odds of this record alone, as `explain` would tell them; the weights of the steps add up to
    about as much. `probability` reckons with the others: whoever is about to be entered can be only
    one of the customers, so that ten of one name, of whom no more is known, get a tenth each. In a
    step `left` is what the record holds, `right` what was asked for.
    """

    id: str
    customer_id: str | None
    probability: float
    weight: float
    steps: list[Step]


class Search:
    """All persons of a graph as they were when this was made, by all that they are found by.

    Several threads may use one at a time.
    """

    def __init__(self, store: Store, say: Say = lambda text: None) -> None:
        """Read and order them: seconds for a million.

        Raises UsageError where customers weren't found yet, or by an earlier release.
        """
        self._frozen = model_of(store)
        finding = store.kept(FINDING)
        snapshot = store.snapshot(say)
        with opened(snapshot) as work:
            self._sellers = sellers_in(work)
        self._ids, fields, gone, apart = self._persons(snapshot, finding)
        self._lookup = Lookup(fields, self._frozen.learned, gone)
        self._gone = gone
        self._apart = np.sort(np.minimum(*apart) * len(self._ids) + np.maximum(*apart))
        known = earlier_customers(snapshot)
        place = pc.index_in(self._ids, value_set=known["id"])
        self._customers = known["customer_id"].take(place).combine_chunks()

    def _persons(
        self, snapshot: Path, finding: str | None
    ) -> tuple[pa.Array, list[Field], Keys, tuple[Keys, Keys]]:
        """Ids and fields, as the last finding left them or made anew; rows that are gone; pairs
        known to be two."""
        earlier = read_compared(compared_file(snapshot), finding)
        if earlier is None:
            persons = read_persons(snapshot)
            return persons.ids, persons.fields(self._frozen), NO_ROWS, persons.apart
        fresh, gone, apart = changes_since(snapshot, earlier)
        if not len(fresh.ids):
            return earlier.ids, earlier.fields, gone, apart
        more = fresh.fields(self._frozen)
        fields = [extended(a, b) for a, b in zip(earlier.fields, more, strict=True)]
        return pa.concat_arrays([earlier.ids, fresh.ids]), fields, gone, apart

    def candidates(self, record: Mapping[str, Any], limit: int | None = 10) -> list[Candidate]:
        """The records that may be of the same customer, the likeliest first; None: all.

        `record` has properties of a person as the vocabulary names them (`PROPERTIES`); None and
        blanks are unknown. Raises UsageError for another property, a value that can't be such a
        thing, and where nothing is known.
        """
        if limit is not None and (type(limit) is not int or limit < 1):
            raise UsageError(f"the limit is {limit}; it must be at least 1")
        asked = self._asked(record)
        rows = self._lookup.near(asked)
        if not len(rows):
            return []
        fields = [
            extended(confined(field, rows), mine)
            for field, mine in zip(self._lookup.fields, asked, strict=True)
        ]
        left, right = np.arange(len(rows)), np.full(len(rows), len(rows))
        matched = score(fields, left, right, self._frozen.learned)
        match = matched.odds.match
        customers = [id.as_py() for id in self._customers.take(pa.array(rows))]
        probability = among_others(match, customers)
        best = np.argsort(-match, kind="stable")
        best = best[probability[best] >= LEAST][:limit]
        return [
            Candidate(
                id=self._ids[int(rows[at])].as_py(),
                customer_id=customers[at],
                probability=float(probability[at]),
                weight=float(match[at]) / math.log(2),
                steps=steps,
            )
            for at, steps in zip(best.tolist(), steps_of(matched, best), strict=True)
        ]

    def explain(self, one: str, other: str) -> Explained:
        """Why two persons are one customer, or are not: as `graphcrm.duplicates.explain`, at once.

        Raises UnknownNodeError for an id, also for that of a person who came later; UsageError for
        a person compared with themselves.
        """
        if one == other:
            raise UsageError(f"{one!r} can't be compared with itself")
        left, right = sorted(
            (self._row(one), self._row(other)), key=lambda row: self._ids[row].as_py()
        )
        fields = [confined(field, np.array([left, right])) for field in self._lookup.fields]
        matched = score(fields, np.array([0]), np.array([1]), self._frozen.learned)
        customers = [self._customers[row].as_py() for row in (left, right)]
        return explained(
            matched,
            (self._ids[left].as_py(), self._ids[right].as_py()),
            same=customers[0] is not None and customers[0] == customers[1],
            apart=self._are_apart(left, right),
            version=self._frozen.version,
        )

    def _are_apart(self, one: int, other: int) -> bool:
        pair = min(one, other) * len(self._ids) + max(one, other)
        place = np.searchsorted(self._apart, pair)
        return bool(place < len(self._apart) and self._apart[place] == pair)

    def _row(self, id: str) -> int:
        rows = np.flatnonzero(as_numpy(pc.equal(self._ids, id)))
        rows = rows[~np.isin(rows, self._gone)]
        if not len(rows):
            raise UnknownNodeError(f"there is no Person with the id {id!r}")
        return int(rows[0])

    def _asked(self, record: Mapping[str, Any]) -> list[Field]:
        """The fields of one record."""
        texts = asked_texts(record)
        for name in ("phone", "phone_2"):
            texts[name] = own_phone(texts[name], self._sellers)
        table = pa.table({name: pa.array([text], pa.string()) for name, text in texts.items()})
        fields = fields_of(table, ROLES, self._frozen.kinds)
        require_date(texts["birth_date"], fields)
        return self._frozen.applied(fields, 1)


def among_others(match: Numbers, customers: list[str | None]) -> Numbers:
    """How probable each record is, given that at most one customer is meant.

    `match` are the log-odds (nats) of each record alone, `customers` whose records they are, None
    for a record of its own. Records of one customer don't speak against each other.
    """
    names = [row if customer is None else customer for row, customer in enumerate(customers)]
    place = {name: number for number, name in enumerate(dict.fromkeys(names))}
    whose = np.array([place[name] for name in names])
    best = np.full(len(place), -np.inf)
    np.maximum.at(best, whose, match)
    others = np.tile(best, (len(best), 1))
    np.fill_diagonal(others, 0.0)  # that it is nobody who is there
    found: Numbers = 1 / (1 + np.exp(np.logaddexp.reduce(others, axis=1)[whose] - match))
    return found

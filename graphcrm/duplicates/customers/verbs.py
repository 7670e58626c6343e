"""What a graph offers of its hidden duplicates: `graph.duplicates`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from graphcrm.duplicates.customers.answers import customers_of, samenesses
from graphcrm.duplicates.customers.explaining import Explained, explain
from graphcrm.duplicates.customers.finding import Finding, find_customers
from graphcrm.duplicates.customers.searching import Candidate, Search
from graphcrm.duplicates.engine.matching import Listen
from graphcrm.store import Say, Store


class Duplicates:
    """Which records of a graph are one customer: find, explain, and search before create."""

    def __init__(self, store: Store) -> None:
        """Of the graph in a store."""
        self._store = store
        self._search: Search | None = None

    def find(
        self,
        *,
        retrain: bool = False,
        since: int | None = None,
        listen: Listen = lambda phase, share: None,
        say: Say = lambda text: None,
    ) -> Finding:
        """Find the customers and write them into the graph (see `find_customers`)."""
        try:
            return find_customers(self._store, retrain=retrain, since=since, listen=listen, say=say)
        finally:
            self.refresh()

    def customers(self, say: Say = lambda text: None) -> pa.Table:
        """The records of customers with several of them (see `customers_of`)."""
        return customers_of(self._store, say)

    def samenesses(self, say: Say = lambda text: None) -> pa.Table:
        """The pairs of records that are one customer, the surest first (see `samenesses`)."""
        return samenesses(self._store, say)

    def explain(self, one: str, other: str, say: Say = lambda text: None) -> Explained:
        """Why two persons are one customer, or are not (see `explain`)."""
        return explain(self._store, one, other, say)

    def search(
        self, record: Mapping[str, Any], limit: int | None = 10, say: Say = lambda text: None
    ) -> list[Candidate]:
        """The records that may be of the same customer as one about to be entered.

        See `Search.candidates`. The first search reads all persons, which takes seconds; the next
        ones take milliseconds and see the graph as it was then, until `refresh`.
        """
        self._search = self._search or Search(self._store, say)
        return self._search.candidates(record, limit)

    def refresh(self) -> None:
        """Let the next search read the graph anew."""
        self._search = None

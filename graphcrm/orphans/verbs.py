"""What a graph offers of its orphaned customers: `graph.orphans`."""

import datetime as dt

import pyarrow as pa

from graphcrm.orphans.customers import by_customer
from graphcrm.orphans.finding import OrphanSummary, find_orphans, summary
from graphcrm.store import Store


class Orphans:
    """The policies of a graph that nobody serves, and whom that concerns.

    All take what `find_orphans` takes, and raise what it raises.
    """

    def __init__(self, store: Store) -> None:
        """Of the graph in a store."""
        self._store = store

    def find(
        self,
        as_of: dt.date | None = None,
        leave_days: int = 0,
        unauthorised: bool = False,
        agent: str | None = None,
    ) -> pa.Table:
        """The orphan policies, a row for each (see `find_orphans`)."""
        return find_orphans(self._store, as_of, leave_days, unauthorised, agent)

    def customers(
        self,
        as_of: dt.date | None = None,
        leave_days: int = 0,
        unauthorised: bool = False,
        agent: str | None = None,
    ) -> pa.Table:
        """Their holders, a row for each, the most urgent first (see `by_customer`)."""
        return by_customer(self.find(as_of, leave_days, unauthorised, agent))

    def summary(
        self,
        as_of: dt.date | None = None,
        leave_days: int = 0,
        unauthorised: bool = False,
        agent: str | None = None,
    ) -> OrphanSummary:
        """How many there are, of how many customers, and why (see `summary`)."""
        return summary(self.find(as_of, leave_days, unauthorised, agent))

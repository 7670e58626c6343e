"""What a graph offers of its referrals: `graph.referrals`."""

from collections.abc import Callable

import pyarrow as pa

from graphcrm.referrals.chains import chains
from graphcrm.referrals.loops import loops
from graphcrm.referrals.tree import tree
from graphcrm.store import Store
from graphcrm.store.paging import Node

Locate = Callable[[str, str | None], Node]


class Referrals:
    """Who brought whom in a graph: chains, loops, and one customer's tree."""

    def __init__(self, store: Store, locate: Locate) -> None:
        """Of the graph in a store; `locate` says which node an id means (see `Graph.locate`)."""
        self._store, self._locate = store, locate

    def chains(self) -> pa.Table:
        """Every chain of referrals: a row for each root, the largest first (see `chains`)."""
        return chains(self._store)

    def loops(self) -> pa.Table:
        """Groups of customers each of whom was brought by every other (see `loops`)."""
        return loops(self._store)

    def tree(self, id: str, label: str | None = None) -> pa.Table:
        """Whom a customer brought, and these in turn (see `tree`). Raises UnknownNodeError."""
        return tree(self._store, *self._locate(id, label))

"""Queries of a load or a snapshot: each in a transaction of its own, or all in one.

A list goes to the server inside a map: a list of its own would have the query planned anew for each
order of magnitude.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import neo4j

from graphcrm.store.neo4j.connection import OutOfMemoryError, Server, server_errors

PAGE = 10_000
_SMALLEST = 100

Row = Sequence[Any]


class Channel:
    """Reads pages and writes batches."""

    def __init__(self, server: Server) -> None:
        """Begin with a transaction for each query."""
        self.server = server
        self._transaction: neo4j.Transaction | None = None
        self._batch = PAGE

    @contextmanager
    def rehearsing(self) -> Iterator[None]:
        """Run everything in one transaction that is rolled back."""
        with (
            server_errors(self.server.address),
            self.server.session(write=True) as session,
            session.begin_transaction(timeout=0) as transaction,
        ):
            self._transaction = transaction
            try:
                yield
            finally:
                self._transaction = None
                if not transaction.closed():
                    transaction.rollback()

    def read(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        """The rows of a query."""
        if self._transaction is None:
            return self.server.read(cypher, **parameters)
        return self._within(cypher, parameters)

    def write(self, cypher: str, /, **parameters: Any) -> list[list[Any]]:
        """Run a query that may be repeated."""
        if self._transaction is None:
            return self.server.write(cypher, **parameters)
        return self._within(cypher, parameters)

    def _within(self, cypher: str, parameters: dict[str, Any]) -> list[list[Any]]:
        assert self._transaction is not None
        with server_errors(self.server.address):
            return self._transaction.run(cypher, parameters).values()

    def write_rows(self, cypher: str, rows: Sequence[Row], **parameters: Any) -> None:
        """Run a query that unwinds `$batch.rows`, in smaller parts where the server lacks memory.

        Raises StoreError where it lacks it for the smallest part, too.
        """
        start = 0
        while start < len(rows):
            part = rows[start : start + self._batch]
            try:
                self.write(cypher, batch={"rows": part}, **parameters)
            except OutOfMemoryError:
                if self._transaction is not None or len(part) <= _SMALLEST:
                    raise
                self._batch = max(_SMALLEST, len(part) // 2)
            else:
                start += len(part)

    def pages(
        self,
        match: str,
        returned: str,
        by: str = "id",
        first: Any = "",
        size: int = PAGE,
        **parameters: Any,
    ) -> Iterator[list[Row]]:
        """Lists that a query returns for the nodes `n` that `match` finds, some nodes at a time.

        `returned` is Cypher from `n` on to a column `row`. The nodes come in the order of the
        property `by`, after `first`, by the index on it.
        """
        last = first
        cypher = (
            f"{match} AND n.{by} > $last WITH n ORDER BY n.{by} LIMIT $size "
            f"WITH collect(n) AS page, max(n.{by}) AS last "
            f"CALL (page) {{ UNWIND page AS n {returned} RETURN collect(row) AS rows }} "
            "RETURN last, rows"
        )
        while last is not None:
            ((last, rows),) = self.read(cypher, last=last, size=size, **parameters)
            if rows:
                yield rows

    def of(
        self, ids: Sequence[str], match: str, returned: str, size: int = PAGE, **parameters: Any
    ) -> Iterator[list[Row]]:
        """The same for the nodes of some ids."""
        cypher = (
            f"UNWIND $batch.ids AS id {match} AND n.id = id {returned} RETURN collect(row) AS rows"
        )
        for start in range(0, len(ids), size):
            part = ids[start : start + size]
            ((rows,),) = self.read(cypher, batch={"ids": part}, **parameters)
            if rows:
                yield rows

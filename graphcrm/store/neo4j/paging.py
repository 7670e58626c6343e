"""Pages and scans of the nodes of a label on a server."""

import operator
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from itertools import islice
from typing import Any

from graphcrm.errors import StoreError
from graphcrm.model import Kind
from graphcrm.store.neo4j.ahead import Batches, ahead
from graphcrm.store.neo4j.connection import ReadOnlyError, Server, server_errors
from graphcrm.store.neo4j.lock import writing
from graphcrm.store.neo4j.visibility import visible_nodes
from graphcrm.store.paging import Bound, Order, arrow_batch, arrow_schema, first_visible

_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "in": "IN",
             "prefix": "STARTS WITH"}  # fmt: skip


_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "lt": operator.lt, "le": operator.le, "gt": operator.gt, "ge": operator.ge,
}  # fmt: skip

_ODD = re.compile("[\ue000-\U0010ffff]")
"""Characters of which a server says wrongly which comes first, where one is a parameter's: it goes
by halves of UTF-16 there, but by code points where it puts nodes in order."""

_PATIENCE = 10.0
_PAUSE = 0.2


class _Selection:
    """The open nodes of a label that fit, in their order.

    What a server can't compare well it is asked for in a wider form; `fits` is then to be asked of
    each row, and `exact` is False.
    """

    def __init__(
        self, label: str, columns: Mapping[str, Kind], where: Sequence[Bound], order: Order
    ) -> None:
        self._values: dict[str, Any] = {}
        self._checks: list[Callable[[dict[str, Any]], bool]] = []
        self.exact = True
        self.parameters: dict[str, Any] = {"v": self._values}
        told = ["n.id > ''", "n.deleted_on IS NULL"]  # so that the index gives the order
        told += [*map(self._condition, where), *self._behind(order)]
        down = " DESC" if order.descending else ""
        by = f"n.id{down}"
        if order.sort != "id":
            by = f"n.{order.sort} IS NULL, n.{order.sort}{down}, {by}"
        self._names = dict.fromkeys(("id", order.sort, *(w.name for w in where), *columns))
        shown = ", ".join(f"n.{name}" for name in self._names)
        self.cypher = f"MATCH (n:{label}) WHERE {' AND '.join(told)} RETURN {shown} ORDER BY {by}"

    def fitting(self, rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
        """The rows that fit, by the names of their columns."""
        for row in rows:
            named = dict(zip(self._names, row, strict=True))
            if self.exact or all(check(named) for check in self._checks):
                yield named

    def _set(self, value: Any) -> str:
        name = f"v{len(self._values)}"
        self._values[name] = value
        return f"$v.{name}"

    def _compared(self, name: str, op: str, value: Any) -> str:
        """Cypher for a comparison, or for what begins like the value where it has an odd part."""
        odd = _ODD.search(value) if isinstance(value, str) and op in _COMPARISONS else None
        if odd is None:
            return f"n.{name} {_COMPARED[op]} {self._set(value)}"
        self.exact = False
        begin = self._set(value[: odd.start()])
        return f"(n.{name} {_COMPARED[op][0]} {begin} OR n.{name} STARTS WITH {begin})"

    def _condition(self, asked: Bound) -> str:
        if asked.op == "null":
            return f"n.{asked.name} IS {'' if asked.value else 'NOT '}NULL"
        compare = _COMPARISONS.get(asked.op)
        if compare is not None:
            self._checks.append(lambda row: compare(row[asked.name], asked.value))
        return self._compared(asked.name, asked.op, asked.value)

    def _behind(self, order: Order) -> Iterator[str]:
        if order.after is None:
            return
        value, id_ = order.after
        further = "lt" if order.descending else "gt"
        if order.sort == "id" or value is None:
            if order.sort != "id":
                yield f"n.{order.sort} IS NULL"
            yield self._condition(Bound("id", further, id_))
            return
        sort, compare = order.sort, _COMPARISONS[further]

        def is_behind(row: dict[str, Any]) -> bool:
            if row[sort] is None or row[sort] == value:
                return row[sort] is None or bool(compare(row["id"], id_))
            return bool(compare(row[sort], value))

        self._checks.append(is_behind)
        beyond, later = self._compared(sort, further, value), self._compared("id", further, id_)
        yield f"({beyond} OR (n.{sort} = {self._set(value)} AND {later}) OR n.{sort} IS NULL)"


def find_page(
    server: Server,
    label: str,
    columns: Mapping[str, Kind],
    where: Sequence[Bound],
    order: Order,
    limit: int,
    branches: Sequence[str] | None,
) -> list[dict[str, Any]]:
    """The first open and visible nodes of a label that fit (see `Store.page`)."""
    selection = _Selection(label, columns, where, order)
    if branches is None and selection.exact:
        found = server.read(f"{selection.cypher} LIMIT $limit", limit=limit, **selection.parameters)
        rows = list(selection.fitting(found))
    else:
        with server_errors(server.address), server.session() as session:
            result = session.run(selection.cypher, selection.parameters)
            candidates = selection.fitting(record.values() for record in result)
            keep = partial(_visible, server, label, branches)
            rows, _ = first_visible(candidates, keep, limit, 1 << 62)
    return [{"label": label, **{name: row[name] for name in columns}} for row in rows]


def _visible(
    server: Server, label: str, branches: Sequence[str] | None, rows: Sequence[dict[str, Any]]
) -> Sequence[dict[str, Any]]:
    if branches is None:
        return rows
    seen = visible_nodes(server, [(label, row["id"]) for row in rows], branches)
    return [row for row in rows if (label, row["id"]) in seen]


def scan_nodes(
    server: Server,
    label: str,
    columns: Mapping[str, Kind],
    where: Sequence[Bound],
    branches: Sequence[str] | None,
    batch_rows: int,
    patience: float = _PATIENCE,
) -> Batches:
    """All open and visible nodes of a label that fit (see `Store.scan`).

    Loads wait while they are read, and not until they are taken. Raises StoreError where somebody
    writes for longer than `patience` seconds.
    """
    return ahead(_read(server, label, columns, where, branches, batch_rows, patience))


def _read(
    server: Server,
    label: str,
    columns: Mapping[str, Kind],
    where: Sequence[Bound],
    branches: Sequence[str] | None,
    batch_rows: int,
    patience: float,
) -> Batches:
    schema = arrow_schema(columns)
    selection = _Selection(label, columns, where, Order("id", False, None))
    none = True
    with _unwritten(server, patience), server_errors(server.address), server.session() as session:
        result = session.run(selection.cypher, selection.parameters)
        rows = selection.fitting(record.values() for record in result)
        while part := list(islice(rows, batch_rows)):
            seen = _visible(server, label, branches, part)
            if seen:
                none = False
                yield arrow_batch([[row[name] for name in columns] for row in seen], schema)
    if none:
        yield arrow_batch([], schema)


class _BusyError(StoreError):
    """Somebody writes to the graph at the moment."""


@contextmanager
def _unwritten(server: Server, patience: float) -> Iterator[None]:
    """Keep writers out; StoreError where one is at work for longer than so many seconds."""

    def busy(_: str) -> None:
        raise _BusyError(f"{server.address.url}: is being written by another process; try again")

    until = time.monotonic() + patience
    with ExitStack() as held:
        while True:
            try:
                with suppress(ReadOnlyError):  # where one may only read, nobody writes
                    held.enter_context(writing(server, "an export", busy))
                break
            except _BusyError:
                if time.monotonic() >= until:
                    raise
                time.sleep(_PAUSE)
        yield

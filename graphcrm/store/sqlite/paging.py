"""Pages and scans of the nodes of a label in a graph file."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa

from graphcrm.errors import StoreError
from graphcrm.model import VOCABULARY, Kind
from graphcrm.model.visibility import EVERYBODY
from graphcrm.store.forms import quoted
from graphcrm.store.paging import Bound, Order, arrow_batch, arrow_schema, first_visible
from graphcrm.store.sqlite.connection import open_graph
from graphcrm.store.sqlite.reach import reached
from graphcrm.store.sqlite.visibility import Sight

_DEARER = 8
"""A look at whether a node is visible takes about so many times what it takes to reach one, and of
those that are reached, several lead to the same node."""

_QUARTER = 4
"""To put a label in an order without an index takes as long as reaching so much of it."""

_FIRST = 2_000
"""So many nodes of such an order are looked for before all are put in order."""

_PATIENT = 4
"""So many times more nodes are looked at than reaching those of the branches may take edges."""

_HELD = 100_000
"""So many edges next to the branches may lead to keys that a scan holds in memory."""

_CACHE_KIB = 16_384

_COMPARED = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}


class _Selection:
    """The open nodes of a label that fit, in their order, as SQL and its parameters."""

    def __init__(self, label: str, where: Sequence[Bound], order: Order) -> None:
        self.label = label
        self.table = quoted(VOCABULARY.nodes[label].table)
        self.values: dict[str, Any] = {}
        told = ["n.deleted_on IS NULL", *map(self._condition, where), *self._behind(order)]
        self.where = " AND ".join(told)
        down = " DESC" if order.descending else ""
        self.order, self.by_id = f"n.id{down}", order.sort == "id"
        if not self.by_id:
            sort = f"n.{quoted(order.sort)}"
            self.order = f"{sort} IS NULL, {sort}{down}, {self.order}"

    def _set(self, value: Any) -> str:
        name = f"v{len(self.values)}"
        self.values[name] = json.dumps(value) if isinstance(value, list) else value
        return f":{name}"

    def _condition(self, asked: Bound) -> str:
        column = f"n.{quoted(asked.name)}"
        if asked.op == "null":
            return f"{column} IS {'' if asked.value else 'NOT '}NULL"
        value = self._set(asked.value)
        if asked.op == "in":
            return f"{column} IN (SELECT value FROM json_each({value}))"
        if asked.op == "prefix":
            return f"{column} >= {value} AND substr({column}, 1, length({value})) = {value}"
        return f"{column} {_COMPARED[asked.op]} {value}"

    def _behind(self, order: Order) -> Iterator[str]:
        if order.after is None:
            return
        value, id_ = order.after
        further = "<" if order.descending else ">"
        later = f"n.id {further} {self._set(id_)}"
        sort = f"n.{quoted(order.sort)}"
        if order.sort == "id":
            yield later
        elif value is None:
            yield f"{sort} IS NULL AND {later}"
        else:
            bound = self._set(value)
            yield f"({sort} {further} {bound} OR ({sort} = {bound} AND {later}) OR {sort} IS NULL)"

    def rows(
        self, connection: sqlite3.Connection, columns: str, keys: Sequence[int] | None = None,
        limit: int = -1,
    ) -> sqlite3.Cursor:  # fmt: skip
        """Columns of the nodes, or of those of them that have one of the keys."""
        source, values = f"{self.table} n", self.values | {"limit": limit}
        if keys is not None:
            source = f"json_each(:keys) k CROSS JOIN {source} ON n.key = k.value"
            values["keys"] = json.dumps(keys)
        return connection.execute(
            f"SELECT {columns} FROM {source} WHERE {self.where} ORDER BY {self.order} LIMIT :limit",
            values,
        )


def find_page(
    connection: sqlite3.Connection,
    label: str,
    columns: Mapping[str, Kind],
    where: Sequence[Bound],
    order: Order,
    limit: int,
    branches: Sequence[str] | None,
) -> list[dict[str, Any]]:
    """The first open and visible nodes of a label that fit (see `Store.page`).

    Where branches see little it is all looked up and put in order; where they see much, the nodes
    are looked at in order until enough of them are visible.
    """
    selection = _Selection(label, where, order)
    keys = None
    if branches is not None and label not in EVERYBODY:
        keys = _visible(connection, selection, limit, Sight(connection, branches))
    rows = selection.rows(connection, _listed(columns), keys, limit)
    return [{"label": label, **dict(zip(columns, row, strict=True))} for row in rows]


def _visible(
    connection: sqlite3.Connection, selection: _Selection, limit: int, sight: Sight
) -> list[int]:
    """Keys among which the page's nodes are."""
    count = _count(connection, selection.label)
    most = math.isqrt(_DEARER * limit * count) + limit
    if not selection.by_id:
        most = max(most, count // _QUARTER)
    keys = reached(sight, selection.label, most)
    if keys is None:
        candidates = _candidates(connection, selection)
        found, enough = first_visible(candidates, partial(_seen, sight), limit, _PATIENT * most)
        keys = set(found) if enough else reached(sight, selection.label, 1 << 62)
    assert keys is not None
    return list(keys)


def _candidates(connection: sqlite3.Connection, selection: _Selection) -> Iterator[int]:
    """Keys of the nodes in their order."""
    at_first = 0
    if not selection.by_id:
        first = selection.rows(connection, "n.key", limit=_FIRST).fetchall()
        yield from (key for (key,) in first)
        at_first = len(first)
        if at_first < _FIRST:
            return
    yield from (key for (key,) in islice(selection.rows(connection, "n.key"), at_first, None))


def _seen(sight: Sight, keys: Sequence[int]) -> list[int]:
    visible = sight.keys(keys)
    return [key for key in keys if key in visible]


def _count(connection: sqlite3.Connection, label: str) -> int:
    row = connection.execute(
        "SELECT n FROM tally WHERE kind = 'node' AND name = ?", (label,)
    ).fetchone()
    return int(row[0]) if row else 0


def scan_nodes(
    path: Path,
    label: str,
    columns: Mapping[str, Kind],
    where: Sequence[Bound],
    branches: Sequence[str] | None,
    batch_rows: int,
) -> Iterator[pa.RecordBatch]:
    """All open and visible nodes of a label that fit, by a connection of their own."""
    schema = arrow_schema(columns)
    none = True
    try:
        with closing(open_graph(path)) as connection:
            connection.execute("PRAGMA mmap_size = 0")  # else the whole file is counted as memory
            connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            connection.execute("BEGIN")  # everything below is as of one moment
            selection = _Selection(label, where, Order("id", False, None))
            for rows in _parts(connection, selection, _listed(columns), branches, batch_rows):
                none = False
                yield arrow_batch(rows, schema)
    except sqlite3.Error as error:
        raise StoreError(f"{path}: can't be read ({error})") from error
    if none:
        yield arrow_batch([], schema)


def _parts(
    connection: sqlite3.Connection,
    selection: _Selection,
    columns: str,
    branches: Sequence[str] | None,
    size: int,
) -> Iterator[list[tuple[Any, ...]]]:
    if branches is None or selection.label in EVERYBODY:
        cursor = selection.rows(connection, columns)
        while rows := cursor.fetchmany(size):
            yield rows
        return
    sight = Sight(connection, branches)
    reach = reached(sight, selection.label, _HELD)
    held = None if reach is None else [*reach]
    candidates = selection.rows(connection, "n.key", held)
    while part := [key for (key,) in candidates.fetchmany(size)]:
        keys = part if held is not None else _seen(sight, part)
        if keys:
            yield selection.rows(connection, columns, keys).fetchall()


def _listed(columns: Mapping[str, Kind]) -> str:
    return ", ".join(f"n.{quoted(name)}" for name in columns)

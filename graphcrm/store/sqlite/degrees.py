"""How many neighbours a node of a graph file has of each kind."""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm.model.visibility import EVERYBODY
from graphcrm.store.degrees import Counted, far_labels, told
from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.neighbourhood import NodeReader
from graphcrm.store.sqlite.visibility import Sight, of_label, seen
from graphcrm.store.surroundings import Way, require_there, ways

_EVERY = ways(())


def count_neighbours(
    connection: sqlite3.Connection, label: str, id: str, branches: Sequence[str] | None
) -> list[dict[str, Any]]:
    """The open neighbours of each kind, as `Store.degrees` tells them."""
    reader = NodeReader(connection, branches)
    require_there(reader, [(label, id)])
    sight = None if branches is None else Sight(connection, branches)
    return told(_counted(connection, reader.key((label, id)), label, sight))


def _counted(
    connection: sqlite3.Connection, key: int, label: str, sight: Sight | None
) -> Iterator[Counted]:
    for way in _EVERY.of(label):
        edge, outward = way
        for far in far_labels(way):
            if sight is None or far in EVERYBODY:
                sql, values = _statement(way, far, False), {"key": key}
            else:
                sql, values = _statement(way, far, True), sight.parameters | {"key": key}
            every, visible = connection.execute(sql, values).fetchone()
            if every:
                yield edge.name, outward, far, visible, visible < every


@cache
def _statement(way: Way, label: str, limited: bool) -> str:
    edge, outward = way
    near, far = ("src", "dst") if outward else ("dst", "src")
    shown = f"total({seen(label, f'e.{far}')})" if limited else "count(*)"
    node = VOCABULARY.nodes[label]
    return (
        f"SELECT count(*), CAST({shown} AS INTEGER) FROM {quoted(edge.table)} e "
        f"CROSS JOIN {quoted(node.table)} n ON n.key = e.{far} AND n.deleted_on IS NULL "
        f"WHERE e.{near} = :key AND e.closed IS NULL AND {of_label(label, f'e.{far}')}"
    )

"""What of a question's answer lies in the branches of who asks.

The columns say what their values are (see `graphcrm.store.questions.Column`). A row is told where
its first node lies in the branches; of another node outside it says nothing, not even how many
there are: what is left of rows that differ in that alone is told once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from graphcrm.store import Question
from graphcrm.store.paging import Node

Visible = Callable[[Iterable[Node]], set[Node]]

_LABEL_IN_COLUMN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Limited:
    """Rows that lie in the branches, and whether there are some, or parts of some, that don't."""

    table: pa.Table
    outside: bool

    @property
    def nbytes(self) -> int:
        """The size of the rows in memory."""
        return int(self.table.nbytes)


def within(question: Question, table: pa.Table, visible: Visible) -> Limited:
    """The rows that lie in some branches, without what others of theirs are."""
    rows: list[dict[str, Any]] = table.to_pylist()
    named = {c.name: c.of for c in question.columns if c.of}
    ids = [name for name, of in named.items() if of.endswith(".id")]
    at = {name: [_node(named[name], name, row) for row in rows] for name in ids}
    seen = visible(node for nodes in at.values() for node in nodes if node)
    if question.way is not None:
        seen &= _on_the_way(at[ids[0]], at[question.way], seen)
    nobodys = _nobodys(named)
    kept: list[dict[str, Any]] = []
    cut: set[tuple[Any, ...]] = set()
    outside = False
    for place, row in enumerate(rows):
        if ids and at[ids[0]][place] not in seen:
            outside = True
            continue
        told = row | dict.fromkeys(nobodys)
        for name in ids[1:]:
            node = at[name][place]
            if node is not None and node not in seen:
                told |= dict.fromkeys(_about(name, named, row))
                outside = True
        if told != row:
            left = tuple(told.values())
            if left in cut:
                continue
            cut.add(left)
        kept.append(told)
    return Limited(pa.Table.from_pylist(kept, schema=table.schema), outside)


def _on_the_way(to: list[Node | None], come: list[Node | None], seen: set[Node]) -> set[Node]:
    """The nodes that a way leads to which keeps within what is seen, and where ways begin.

    Rows are in the order of the steps: each row's node is reached from one of an earlier row.
    """
    reached = {node for node in come if node} - {node for node in to if node}
    for node, before in zip(to, come, strict=True):
        if node in seen and before in reached:
            reached.add(node)
    return reached


def _nobodys(named: Mapping[str, str]) -> list[str]:
    """Columns that count what lies in any branch, or tell of a node that the row doesn't name."""
    owners = {of.partition(".")[0] for of in named.values() if of.endswith(".id")}
    return [
        name
        for name, of in named.items()
        if of == "company" or ("." in of and of.partition(".")[0] not in owners)
    ]


def _about(name: str, named: Mapping[str, str], row: Mapping[str, Any]) -> list[str]:
    """The columns that tell of the node in a column: of `agent_id` also `agent_name`, …"""
    stem = name.removesuffix("id")
    owner = named[name].partition(".")[0]
    label = _LABEL_IN_COLUMN.fullmatch(owner)
    return [
        column
        for column in row
        if (stem and column.startswith(stem))
        or named.get(column, "").startswith(f"{owner}.")
        or (label is not None and column == label.group(1))
    ]


def _node(of: str, name: str, row: Mapping[str, Any]) -> Node | None:
    """The node that a row names in a column."""
    id_ = row[name]
    label = label_of(of, row)
    return (label, str(id_)) if id_ is not None and label is not None else None


def label_of(of: str, row: Mapping[str, Any]) -> str | None:
    """The label of the nodes of which a column tells, in a row."""
    named = of.partition(".")[0]
    column = _LABEL_IN_COLUMN.fullmatch(named)
    return row[column.group(1)] if column else named

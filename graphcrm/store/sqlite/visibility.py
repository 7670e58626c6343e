"""Which nodes some branches may see, asked of a graph file.

A rule (see `graphcrm.model.visibility`) becomes nested EXISTS, which end at the first path that
leads to a branch. What paths end in, and the agents of the branches, are looked up once and handed
over as lists of keys; `+` keeps SQLite from trying every one of these keys instead of an edge.
"""

import datetime as dt
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, cached_property
from typing import Any

from graphcrm.errors import UnknownNodeError
from graphcrm.model import LABEL_BITS, VOCABULARY
from graphcrm.model.visibility import BRANCH, EVERYBODY, OWN, PATHS, Rule, Step, rule
from graphcrm.store.forms import quoted
from graphcrm.store.paging import Node

_BELOW = (
    f"WITH RECURSIVE below(key) AS (SELECT key FROM {BRANCH.lower()} "
    "WHERE id IN (SELECT value FROM json_each(?)) UNION "
    f"SELECT n.key FROM below b CROSS JOIN part_of e ON e.dst = b.key AND e.closed IS NULL "
    f"CROSS JOIN {BRANCH.lower()} n ON n.key = e.src AND n.deleted_on IS NULL) "
    f"SELECT n.id FROM below b CROSS JOIN {BRANCH.lower()} n ON n.key = b.key"
)
_BRANCHES = (
    f"SELECT key FROM {BRANCH.lower()} "
    "WHERE id IN (SELECT value FROM json_each(?)) AND deleted_on IS NULL"
)
_OWN = f"SELECT key FROM {OWN[0].lower()} WHERE {OWN[1]} = '{OWN[2]}' AND deleted_on IS NULL"
_AGENTS = (
    "SELECT DISTINCT a.key FROM json_each(?) b CROSS JOIN belongs_to e ON e.dst = b.value "
    "AND e.closed IS NULL CROSS JOIN agent a ON a.key = e.src AND a.deleted_on IS NULL"
)
LABEL_MASK = (1 << LABEL_BITS) - 1

ENDS = {BRANCH: "branches", OWN[0]: "own", "Agent": "agents"}
"""Labels of which it is known beforehand which keys a path may end in, and their parameter."""


def branches_below(connection: sqlite3.Connection, ids: Sequence[str]) -> set[str]:
    """Those branches and the open departments below them; UnknownNodeError."""
    found = {id_ for (id_,) in connection.execute(_BELOW, (json.dumps(list(ids)),))}
    for id_ in ids:
        if id_ not in found:
            raise UnknownNodeError(f"there is no {BRANCH} with the id {id_!r}")
    return found


class Sight:
    """What some branches see, as the graph is at that moment."""

    def __init__(self, connection: sqlite3.Connection, branches: Sequence[str]) -> None:
        """Look up what the paths may end in."""
        self._db = connection
        ids = json.dumps(list(branches))
        self.branches = [key for (key,) in connection.execute(_BRANCHES, (ids,))]

    @cached_property
    def parameters(self) -> dict[str, Any]:
        """The values of the parameters that `seen` and `Reach` speak of."""
        branches = json.dumps(self.branches)
        agents = [key for (key,) in self._db.execute(_AGENTS, (branches,))]
        own = [key for (key,) in self._db.execute(_OWN)]
        return {
            "branches": branches,
            "agents": json.dumps(agents),
            "own": json.dumps(own),
            "today": dt.date.today().isoformat(),
        }

    def rows(self, sql: str, **values: Any) -> Iterator[Any]:
        """The rows of a query that may speak of these parameters."""
        return self._db.execute(sql, self.parameters | values)

    def open(self, label: str, keys: Iterable[int]) -> set[int]:
        """Those of some nodes of a label that are not closed."""
        return open_keys(self._db, label, keys)

    def keys(self, keys: Iterable[int]) -> set[int]:
        """Which of some nodes are visible."""
        by_label: dict[str, list[int]] = {}
        for key in keys:
            by_label.setdefault(VOCABULARY.label_of(key), []).append(key)
        found: set[int] = set()
        for label, some in by_label.items():
            if label in EVERYBODY:
                found.update(some)
                continue
            found.update(key for (key,) in self.rows(_of_keys(label), keys=json.dumps(some)))
        return found

    def nodes(self, nodes: Iterable[Node]) -> set[Node]:
        """Which of some nodes are visible."""
        by_label: dict[str, list[str]] = {}
        for label, id_ in nodes:
            by_label.setdefault(label, []).append(id_)
        found: set[Node] = set()
        for label, some in by_label.items():
            if label in EVERYBODY:
                found.update((label, id_) for id_ in some)
                continue
            rows = self.rows(_of_ids(label), ids=json.dumps(some))
            found.update((label, id_) for (id_,) in rows)
        return found


def open_keys(connection: sqlite3.Connection, label: str, keys: Iterable[int]) -> set[int]:
    """Those of some nodes of a label that are not closed."""
    rows = connection.execute(
        f"SELECT n.key FROM json_each(?) k CROSS JOIN {quoted(VOCABULARY.nodes[label].table)} n "
        "ON n.key = k.value WHERE n.deleted_on IS NULL",
        (json.dumps([*keys]),),
    )
    return {key for (key,) in rows}


@cache
def _of_keys(label: str) -> str:
    return f"SELECT k.value FROM json_each(:keys) k WHERE {seen(label, 'k.value')}"


@cache
def _of_ids(label: str) -> str:
    return (
        f"SELECT n.id FROM json_each(:ids) k CROSS JOIN {quoted(VOCABULARY.nodes[label].table)} n "
        f"ON n.id = k.value WHERE {seen(label, 'n.key')}"
    )


def seen(label: str, key: str) -> str:
    """SQL for whether the node of a label that has the key (an expression) is visible."""
    return _seen(rule(PATHS.get(label, ())), label, key, 1)


def _seen(of: Rule, label: str, key: str, depth: int) -> str:
    found = [_among(label, key)] if of.end else []
    found += [_leads(step, behind, key, depth) for step, behind in of.ways]
    return f"({' OR '.join(found)})" if found else "false"


def _among(label: str, key: str) -> str:
    """SQL for whether a path may end in a node of a label; of others than `ENDS`, in any."""
    return f"+{key} IN (SELECT value FROM json_each(:{ENDS[label]}))" if label in ENDS else "true"


def _leads(step: Step, behind: Rule, key: str, depth: int) -> str:
    edge, node = f"e{depth}", f"n{depth}"
    near, far = ends(step)
    body = (
        f"SELECT 1 FROM {quoted(step.type.table)} {edge} WHERE {edge}.{near} = {key} "
        f"AND {holds(step, edge)}"
    )
    if len(step.type.end if step.outward else step.type.start) > 1:
        body += f" AND {of_label(step.label, f'{edge}.{far}')}"
    if step.unless:
        body += f" AND {free(step, key, depth + 1)}"
    if is_end(step.label, behind):
        return f"EXISTS ({body} AND {_among(step.label, f'{edge}.{far}')})"
    within = _seen(behind, step.label, f"{edge}.{far}", depth + 1)
    there = (
        f"SELECT 1 FROM {quoted(VOCABULARY.nodes[step.label].table)} {node} "
        f"WHERE {node}.key = {edge}.{far} AND {node}.deleted_on IS NULL"
    )
    return f"EXISTS ({body} AND {within} AND EXISTS ({there}))"  # the rarer one first


def is_end(label: str, behind: Rule) -> bool:
    """Whether it is known beforehand which nodes of the label lead on to a branch."""
    if label == "Agent":
        return behind == rule(PATHS["Agent"])
    return label in ENDS and behind.end and not behind.ways


def free(step: Step, key: str, depth: int = 1) -> str:
    """SQL for whether nothing keeps a step from counting, for the node that has the key."""
    return f"NOT {_seen(rule(step.unless), '', key, depth)}"


def of_label(label: str, key: str) -> str:
    """SQL for whether a key is that of a node of the label."""
    return f"{key} & {LABEL_MASK} = {VOCABULARY.nodes[label].number}"


def ends(step: Step) -> tuple[str, str]:
    """The columns of the end one comes from, and of the other."""
    return ("src", "dst") if step.outward else ("dst", "src")


def holds(step: Step, edge: str) -> str:
    """SQL for whether the edge of a step is open, and its time is not over where that counts."""
    told = f"{edge}.closed IS NULL"
    if step.current:
        told += f" AND ({edge}.valid_to IS NULL OR {edge}.valid_to >= :today)"
    return told

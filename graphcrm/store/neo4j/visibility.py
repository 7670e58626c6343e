"""Which nodes some branches may see, asked of a server.

A rule (see `graphcrm.model.visibility`) becomes nested EXISTS, which end at the first path that
leads to a branch. The server takes seconds to plan one of very many paths: of labels with such
rules it is asked who has their nodes, and then who of these is visible.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache

from graphcrm.errors import UnknownNodeError
from graphcrm.model.visibility import BRANCH, EVERYBODY, OWN, PATHS, Rule, Step, rule
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.paging import Node

_BELOW = (
    f"UNWIND $batch.ids AS id MATCH (b:{BRANCH} {{id: id}}) "
    "CALL (b) { RETURN b AS n UNION "
    f"MATCH (b)(()<-[r:PART_OF WHERE r.closed IS NULL]-(m:{BRANCH} WHERE m.deleted_on IS NULL))+"
    "(n) RETURN n } RETURN DISTINCT n.id"
)


_MANY_PATHS = 30


def branches_below(server: Server, ids: Sequence[str]) -> set[str]:
    """Those branches and the open departments below them; UnknownNodeError."""
    found = {id_ for (id_,) in server.read(_BELOW, batch={"ids": list(ids)})}
    for id_ in ids:
        if id_ not in found:
            raise UnknownNodeError(f"there is no {BRANCH} with the id {id_!r}")
    return found


def visible_nodes(server: Server, nodes: Iterable[Node], branches: Sequence[str]) -> set[Node]:
    """Which of some nodes are visible."""
    by_label: dict[str, list[str]] = {}
    for label, id_ in nodes:
        by_label.setdefault(label, []).append(id_)
    found: set[Node] = set()
    behind: dict[Node, list[Node]] = {}
    for label, ids in by_label.items():
        if label in EVERYBODY:
            found.update((label, id_) for id_ in ids)
        elif len(PATHS[label]) <= _MANY_PATHS:
            sight = {"branches": list(branches), "today": dt.date.today().isoformat()}
            rows = server.read(_of_ids(label), batch={"ids": ids}, sight=sight)
            found.update((label, id_) for (id_,) in rows)
        else:
            for id_, other, other_id in server.read(_behind(label), batch={"ids": ids}):
                behind.setdefault((other, other_id), []).append((label, id_))
    if behind:
        for node in visible_nodes(server, behind, branches):
            found.update(behind[node])
    return found


@cache
def _of_ids(label: str) -> str:
    seen = _seen(rule(PATHS[label]), label, "n", 1)
    return f"UNWIND $batch.ids AS id MATCH (n:{label} {{id: id}}) WHERE {seen} RETURN n.id"


@cache
def _behind(label: str) -> str:
    """Cypher for the open nodes next to some, which they are visible through."""
    types = "|".join(dict.fromkeys(step.edge for step, _ in rule(PATHS[label]).ways))
    return (
        f"UNWIND $batch.ids AS id MATCH (n:{label} {{id: id}})<-[r:{types}]-(m) "
        "WHERE r.closed IS NULL AND m.deleted_on IS NULL "
        "RETURN DISTINCT n.id, head(labels(m)), m.id"
    )


def _seen(of: Rule, label: str, node: str, depth: int) -> str:
    found = [_ends(label, node)] if of.end else []
    ways: dict[tuple[Step, Rule], list[str]] = {}
    for step, behind in of.ways:  # types that lead to the same are asked about together
        alike = replace(step, edge="")
        ways.setdefault((alike, behind), []).append(step.edge)
    for (step, behind), types in ways.items():
        found.append(_leads(step, types, behind, node, depth))
    return f"({' OR '.join(found)})" if found else "false"


def _ends(label: str, node: str) -> str:
    if label == BRANCH:
        return f"{node}.id IN $sight.branches AND {node}.deleted_on IS NULL"
    if label == OWN[0]:
        return f"{node}.{OWN[1]} = '{OWN[2]}' AND {node}.deleted_on IS NULL"
    return f"{node}.deleted_on IS NULL"


def _leads(step: Step, types: list[str], behind: Rule, node: str, depth: int) -> str:
    edge, far = f"r{depth}", f"n{depth}"
    back, forth = ("", ">") if step.outward else ("<", "")
    pattern = f"({node}){back}-[{edge}:{'|'.join(types)}]-{forth}({far}:{step.label})"
    told = [f"{edge}.closed IS NULL", f"{far}.deleted_on IS NULL"]
    if step.current:
        told.append(f"({edge}.valid_to IS NULL OR {edge}.valid_to >= $sight.today)")
    told.append(_seen(behind, step.label, far, depth + 1))
    if step.unless:
        told.append(f"NOT {_seen(rule(step.unless), '', node, depth + 1)}")
    return f"EXISTS {{ MATCH {pattern} WHERE {' AND '.join(told)} }}"

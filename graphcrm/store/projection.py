"""What a decision shows in a graph: the form in which it says so, and the rules for every store.

Effects are JSON: `nodes` (label, id, values), `edges` (type, start, end, values), `closes` (nodes
by label and id, edges by type, start and end). Ends are [label, id], values as stores keep them.
A node says all that it carries: saying it once more with other values replaces it, and what it was
goes to its history. An edge has the origin of the column that would make it in a file; where
several could, the effect names one as `origin` (`table.column`).

Facts stay as they are: a decision makes, changes and closes only what decisions made. This has the
source `DECIDED`, ids that begin with it, no file, and edges whose `d` is `APART`, so that no load
takes it for its own. Closing an edge that no decision made, or that is closed, changes nothing.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Protocol

from graphcrm.errors import StoreError, UsageError
from graphcrm.model import VOCABULARY, NodeType, Property, Table
from graphcrm.store.forms import DECIDED
from graphcrm.store.search import SEARCHED
from graphcrm.store.staging import ID_SEPARATOR

APART = f"@{DECIDED}"
"""What tells an edge of a decision from one that a source states."""

NO_FILE = 0
"""No file brought what was decided."""

PATIENCE = 10.0
"""Seconds for which showing a decision waits for another writer."""

Node = tuple[str, str]

_TYPES: dict[str, tuple[type, ...]] = {"TEXT": (str,), "INTEGER": (int,), "REAL": (int, float)}


class Shown(Protocol):
    """A decision as far as a graph shows it; `seq` numbers them without a gap from 1."""

    @property
    def seq(self) -> int:
        """Its number."""

    @property
    def id(self) -> str:
        """Its id."""

    @property
    def at(self) -> datetime:
        """When it was made, with an offset from UTC."""

    @property
    def effects(self) -> Mapping[str, Any]:
        """What the graph shows of it."""


@dataclass(frozen=True)
class NodeEffect:
    """A node that a decision makes or changes, with all that it carries."""

    label: str
    id: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class EdgeEffect:
    """An edge that a decision makes, changes or closes; `origin` is a column, `table.column`."""

    type: str
    start: Node
    end: Node
    origin: str
    values: Mapping[str, Any]

    @property
    def identity(self) -> tuple[str, Node, Node, str]:
        """What tells it from others."""
        return self.type, self.start, self.end, self.origin


@dataclass(frozen=True)
class Effects:
    """What a decision shows."""

    nodes: Sequence[NodeEffect]
    edges: Sequence[EdgeEffect]
    closed_nodes: Sequence[Node]
    closed_edges: Sequence[EdgeEffect]


def node_id(decision: str) -> str:
    """The id of the node that the decision of an id makes."""
    return f"{DECIDED}{ID_SEPARATOR}{decision}"


def read_effects(effects: Mapping[str, Any]) -> Effects:
    """Check what a decision says it shows. Raises UsageError for what a graph can't show."""
    try:
        unknown = set(effects) - {"nodes", "edges", "closes"}
        if unknown:
            raise UsageError(f"a decision can't show {sorted(unknown)[0]!r}")
        closes = list(effects.get("closes", ()))
        return Effects(
            nodes=[_node(said) for said in effects.get("nodes", ())],
            edges=[_edge(said) for said in effects.get("edges", ())],
            closed_nodes=[_own(said) for said in closes if "type" not in said],
            closed_edges=[_edge(said) for said in closes if "type" in said],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"the effects of a decision lack something ({error!r})") from error


def effects_of(table: Table, id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The effects of a decision that makes a node of the id, as a file's row of a table would.

    `values` are those of the row, by column, typed. References are the ids that nodes have in the
    graph. Use it for tables whose columns name nodes, not identifiers such as phones.
    """
    assert table.node is not None
    label = table.node.label
    kept = {p.name: as_kept(values.get(p.name)) for p in VOCABULARY.nodes[label].properties}
    made: dict[str, Any] = {
        "nodes": [{"label": label, "id": id, "values": _present(kept)}],
        "edges": [],
    }
    for column, far in references(table, values):
        link = column.link
        assert link is not None
        assert isinstance(link.edge, str)
        ends = [list(far), [label, id]] if link.inward else [[label, id], list(far)]
        carried = {t: as_kept(values.get(c)) for t, c in (link.properties or {}).items()}
        made["edges"].append(
            {
                "type": link.edge,
                "start": ends[0],
                "end": ends[1],
                "origin": f"{table.name}.{column.name}",
                "values": _present(carried),
            }
        )
    return made


def references(table: Table, values: Mapping[str, Any]) -> list[tuple[Property, Node]]:
    """The columns of a row that name nodes, with the nodes that they name."""
    found: list[tuple[Property, Node]] = []
    for column in table.links:
        link, named = column.link, values.get(column.name)
        assert link is not None
        if named is not None:
            kind = values.get(link.kind_field) if link.kind_field else None
            label = next((to for to in link.to if to.lower() == kind), link.to[0])
            found.append((column, (label, str(named))))
    return found


def as_kept(value: Any) -> Any:
    """A typed value in the form in which stores keep it: days and times are ISO text."""
    if isinstance(value, datetime):
        return value.replace(microsecond=0, tzinfo=None).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def unshown(decisions: Iterable[Shown], last: int) -> list[Shown]:
    """Those that come after the one that was shown last, in their order.

    Raises UsageError where one between them lacks, which would never be shown.
    """
    new = sorted((d for d in decisions if d.seq > last), key=lambda d: d.seq)
    for place, decision in enumerate(new, last + 1):
        if decision.seq != place:
            raise UsageError(f"decision {decision.seq} can't be shown before decision {place}")
    return new


def require_whole(title: str, copy_of: str | None) -> None:
    """Raise StoreError for a graph of which a part is copied: it would not become the same."""
    if copy_of is not None:
        raise StoreError(
            f"{title}: holds only a part of a copy of {copy_of}; complete it first, with "
            "`graphcrm copy`"
        )


def not_there(title: str, seq: int, node: Node) -> StoreError:
    """The error for a decision about a node that the graph lacks."""
    label, id_ = node
    return StoreError(
        f"{title}: decision {seq} names the {label} {id_!r}, which is not in the graph; load what "
        "lacks, then `graphcrm ledger replay`"
    )


def not_decided(title: str, seq: int, called: str) -> StoreError:
    """The error for a decision that would change what no decision made."""
    return StoreError(f"{title}: decision {seq} would change {called}, which no decision made")


def earlier(node: NodeType, row: Mapping[str, Any], line: int | None, at: datetime) -> str:
    """What a node was, as its history keeps it; `at` is when the decision changed it."""
    names = [*(p.name for p in node.properties), "deleted_on", "extra"]
    previous = {name: row.get(name) for name in names}
    previous |= {"file": NO_FILE, "line": line, "at": moment(at)}
    return json.dumps(previous, ensure_ascii=False, separators=(",", ":"))


def moment(at: datetime) -> str:
    """A moment as the record of loads has it."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def past(rows: Iterable[Sequence[Any]]) -> list[dict[str, Any]]:
    """A node's history of rows (what replaced it, when, previous values).

    A decision is noted as its number with a minus in the place of a load's number; when it was made
    is then among the values.
    """
    return [
        {"replaced_by_load": by, "at": at, **json.loads(previous)}
        if by > 0
        else {"replaced_by_load": None, "replaced_by_decision": -by, **json.loads(previous)}
        for by, at, previous in rows
    ]


def _present(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _node(said: Mapping[str, Any]) -> NodeEffect:
    label, id_ = _own(said)
    return NodeEffect(label, id_, _values(label, VOCABULARY.nodes[label].properties, said))


def _own(said: Mapping[str, Any]) -> Node:
    """The node that a decision makes or closes."""
    label, id_ = said["label"], said["id"]
    node = VOCABULARY.nodes.get(label)
    if node is None or not node.recorded or label in SEARCHED:
        raise UsageError(f"a decision can't make a {label}")
    if not id_.startswith(node_id("")):
        raise UsageError(f"the id {id_!r} is none that a decision gives")
    return label, id_


def _edge(said: Mapping[str, Any]) -> EdgeEffect:
    name, (a, start), (b, end) = said["type"], said["start"], said["end"]
    edge = VOCABULARY.edges.get(name)
    if edge is None or edge.derived or a not in edge.start or b not in edge.end:
        raise UsageError(f"a decision can't make an edge {name} from a {a} to a {b}")
    possible = _origins(name, a, b)
    origin = said.get("origin", possible[0] if len(possible) == 1 else None)
    if origin not in possible:
        raise UsageError(f"an edge {name} from a {a} to a {b} is made by {', '.join(possible)}")
    return EdgeEffect(name, (a, start), (b, end), origin, _values(name, edge.properties, said))


def _values(
    name: str, properties: Sequence[Property], said: Mapping[str, Any]
) -> Mapping[str, Any]:
    values: dict[str, Any] = dict(said.get("values", {}))
    kinds = {p.name: p.kind for p in properties}
    for column, value in values.items():
        if column not in kinds:
            raise UsageError(f"{name}: has no property {column!r}")
        if value is not None and not isinstance(value, _TYPES[kinds[column].sqlite]):
            raise UsageError(f"{name}: {value!r} can't be kept as {kinds[column].name}")
    return values


@cache
def _origins(name: str, start: str, end: str) -> tuple[str, ...]:
    """The columns that make edges of a type between two labels."""
    found = []
    for table in VOCABULARY.tables.values():
        anchors: tuple[str, ...] = (table.node.label,) if table.node else ()
        if table.edge:
            anchor = table.column(table.edge.anchor).link
            assert anchor is not None
            anchors = anchor.to
        for column in table.links:
            link = column.link
            assert link is not None
            near, far = (end, start) if link.inward else (start, end)
            if name in link.edges and near in anchors and far in link.to:
                found.append(f"{table.name}.{column.name}")
    return tuple(found)

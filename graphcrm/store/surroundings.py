"""The surroundings of nodes, breadth first, within a limit: the same search for every store."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from graphcrm.errors import UnknownNodeError, UsageError
from graphcrm.model import VOCABULARY, EdgeType
from graphcrm.store.paging import Node

if TYPE_CHECKING:
    import networkx as nx

HUBS = frozenset({"Line", "Product", "Department", "Institution", "Agent", "Customer"})
"""Labels whose nodes may have very many neighbours: they are expanded last, and only by those
types of which they have no more than `HUB_DEGREE` edges, unless the search starts from them."""

HUB_DEGREE = 25

OUTSIDE = "Outside"
"""The label of what stands for neighbours that may not be seen."""

_MANY_EDGES = 4
"""A label's nodes may have so many times the limit's edges, before some are left out."""

_ORDER = {name: n for n, name in enumerate(VOCABULARY.edges)}

Way = tuple[EdgeType, bool]
"""An edge type, and whether it is gone from its start to its end."""


HubWay = tuple[Node, str, bool]
"""A node, an edge type, and whether the edges start at the node."""


class Found(NamedTuple):
    """An edge that a step came upon, from the node it was near to; `element` tells it apart."""

    near: Node
    element: Any
    type: str
    outward: bool
    far: Node
    is_open: bool
    properties: dict[str, Any]


class Edges(NamedTuple):
    """The edges of nodes of a label in one way; hubs that have too many; whether that is all."""

    found: list[Found]
    crowded: set[HubWay]
    complete: bool


Confined = Callable[[], Collection[Node] | None]
"""To which far ends a step is confined from now on; None: it is not."""


class Reader(Protocol):
    """What a search asks of a store."""

    def describe(self, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
        """The nodes that are there, with `label`, `id` and their properties."""

    def visible(self, nodes: Iterable[Node]) -> set[Node]:
        """Those of some nodes that may be seen."""

    def edges(
        self,
        nodes: Sequence[Node],
        ways: "Ways",
        of_hub: int,
        crowded: bool,
        most: int,
        confined: Confined = lambda: None,
    ) -> Iterator[Edges]:
        """The open edges of some nodes, in the order of `in_order`, label by label, way by way.

        More than `of_hub` of one way are too many for a hub: of these there are some more than
        `of_hub` with `crowded`, else none. Of a label, or of one way, there are at most `most`.
        """

    def uncrowded(self, of: Iterable[HubWay]) -> set[HubWay]:
        """Those of which the node has no more than `HUB_DEGREE` open edges."""


class Ways(NamedTuple):
    """Over which edge types a search may go, and to which labels."""

    leave_out: frozenset[str]
    types: frozenset[str] | None

    def of(self, label: str) -> tuple[Way, ...]:
        """The ways by which a node of a label may be left."""
        return _ways(self, label)


def ways(leave_out: Iterable[str], types: Iterable[str] | None = None) -> Ways:
    """The ways without some labels and edge types, of the given types only; UsageError."""
    only = None if types is None else frozenset(types)
    for name in sorted(only or ()):
        if name not in VOCABULARY.edges:
            known = ", ".join(VOCABULARY.edges)
            raise UsageError(f"there is no edge type {name!r}; there are: {known}")
    return Ways(frozenset(leave_out), only)


@cache
def _ways(of: Ways, label: str) -> tuple[Way, ...]:
    found: list[Way] = []
    for edge in VOCABULARY.edges.values():
        if edge.name in of.leave_out or (of.types is not None and edge.name not in of.types):
            continue
        if label in edge.start and set(edge.end) - of.leave_out:
            found.append((edge, True))
        if label in edge.end and set(edge.start) - of.leave_out:
            found.append((edge, False))
    return tuple(found)


def require_there(reader: Reader, nodes: Iterable[Node]) -> dict[Node, dict[str, Any]]:
    """The nodes, described; UnknownNodeError for one that isn't there, or may not be seen."""
    described = reader.describe(nodes)
    seen = reader.visible(described)
    for label, id_ in nodes:
        if (label, id_) not in seen:
            raise UnknownNodeError(f"there is no {label} with the id {id_!r}")
    return described


def search_surroundings(
    reader: Reader, nodes: Sequence[Node], hops: int, limit: int, ways: Ways
) -> "nx.MultiDiGraph[Any]":
    """The open nodes at most `hops` edges away, and the edges on the way to them.

    As `Store.neighbourhood` describes it. The start is shown, and gone out from, though it be
    closed. Raises UnknownNodeError for an unknown start.
    """
    search = _Search(reader, limit, ways, require_there(reader, nodes))
    for hop in range(1, hops + 1):
        search.expand(hop)
    return search.graph()


class _Search:
    """One breadth-first search."""

    def __init__(
        self, reader: Reader, limit: int, ways: Ways, start: dict[Node, dict[str, Any]]
    ) -> None:
        self._reader, self._limit, self._ways = reader, limit, ways
        self._described = start
        self._hop = dict.fromkeys(start, 0)
        self._frontier = list(start)
        self._edges: dict[Any, tuple[Node, Node, str, dict[str, Any]]] = {}
        self._complete = True
        self._closed_hubs: set[Node] = set()

    def expand(self, hop: int) -> None:
        """Add the neighbours of the frontier; hubs are looked at last."""
        first, frontier = hop == 1, self._frontier
        of_hub = self._limit if first else HUB_DEGREE
        many = _MANY_EDGES * (self._limit + 1)
        self._frontier = []
        hidden: list[Found] = []
        for step in self._reader.edges(frontier, self._ways, of_hub, first, many, self._known):
            self._complete &= step.complete and not (first and step.crowded)
            if not first:
                self._closed_hubs |= {near for near, _, _ in step.crowded}
            near = [
                edge
                for edge in step.found
                if edge.far[0] not in self._ways.leave_out
                and (edge.is_open or edge.far in self._hop)  # of closed ones only the start
            ]
            new = {edge.far for edge in near} - self._hop.keys()
            seen = self._reader.visible(new) if new else new
            for edge in near:
                if edge.far in self._hop or edge.far in seen:
                    self._add(edge, edge.far, hop)
                else:
                    hidden.append(edge)
        self._hide(hidden, frontier, hop)

    def _known(self) -> Collection[Node] | None:
        """What is found already, where it is known that there is more than may be found."""
        full = len(self._hop) >= self._limit and not self._complete
        return self._hop.keys() if full else None

    def _add(self, edge: Found, far: Node, hop: int) -> None:
        if far not in self._hop:
            if len(self._hop) >= self._limit:
                self._complete = False
                return
            self._hop[far] = hop
            if far[0] != OUTSIDE:
                self._frontier.append(far)
        start, end = (edge.near, far) if edge.outward else (far, edge.near)
        self._edges[edge.element] = (start, end, edge.type, edge.properties)

    def _hide(self, edges: list[Found], frontier: list[Node], hop: int) -> None:
        """Let one node stand for all that a node has by a type and that may not be seen."""
        place = {node: n for n, node in enumerate(frontier)}
        hidden: dict[tuple[Node, str], Found] = {}
        for edge in sorted(edges, key=lambda e: (place[e.near], _ORDER[e.type], not e.outward)):
            hidden.setdefault((edge.near, edge.type), edge)
        count = sum(label == OUTSIDE for label, _ in self._hop)
        for number, edge in enumerate(hidden.values(), count + 1):
            name = (OUTSIDE, str(number))
            bare = edge._replace(element=(edge.near, edge.type), properties={})
            self._add(bare, name, hop)

    def graph(self) -> "nx.MultiDiGraph[Any]":
        """What was found, as a graph."""
        import networkx as nx  # most questions need none of it

        found: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        found.graph["complete"] = self._complete
        found.graph["hubs"] = len(self._closed_hubs)
        lacking = [n for n in self._hop if n not in self._described and n[0] != OUTSIDE]
        described = self._described | self._reader.describe(lacking)
        for node, hop in self._hop.items():
            found.add_node(node, hop=hop, **described.get(node, {"label": OUTSIDE}))
        for start, end, type_, properties in self._edges.values():
            found.add_edge(start, end, type=type_, **properties)
        return found


def in_order(edge: Found) -> tuple[Any, ...]:
    """Hubs last; then by label, type, direction and the other end."""
    label = edge.near[0]
    return label in HUBS, label, _ORDER[edge.type], not edge.outward, edge.far, edge.element

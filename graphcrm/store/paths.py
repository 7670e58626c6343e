"""The shortest ways between two nodes: a breadth-first search from both ends, for every store."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any

from graphcrm.store.paging import Node
from graphcrm.store.surroundings import (
    HUB_DEGREE,
    HUBS,
    Found,
    HubWay,
    Reader,
    Ways,
    require_there,
)

if TYPE_CHECKING:
    import networkx as nx

MEANT_NOTHING = ("Line", "Product", "WRITTEN_AT", "ENTERED_AT", "ENTERED_BY", "HANDLED_IN")
"""What joins nearly everybody with everybody, so that a way through it tells nothing."""


def search_paths(
    reader: Reader, start: Node, end: Node, ways: Ways, hops: int, limit: int, most: int
) -> "nx.MultiDiGraph[Any]":
    """The shortest ways between two nodes, as `Store.paths` describes them.

    At first no way leads through the many edges of a hub; half of `most` is for this. Then all may.
    """
    described = require_there(reader, dict.fromkeys((start, end)))
    search = _Search(reader, start, end, ways, crowded=False)
    search.run(hops, most // 2)
    complete, looked = search.complete, search.looked
    if not search.met:
        search = _Search(reader, start, end, ways, crowded=True)
        search.run(hops, most - looked)
        complete = complete and search.complete
    found = list(islice(search.ways(), limit + 1))
    import networkx as nx  # most questions need none of it

    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    graph.graph["complete"] = complete and len(found) <= limit
    graph.graph["paths"] = found[:limit]
    nodes = dict.fromkeys(node for way in found[:limit] for node in way)
    described |= reader.describe(node for node in nodes if node not in described)
    for node in nodes:
        graph.add_node(node, **described[node])
    for pair in dict.fromkeys(pair for way in found[:limit] for pair in pairwise(way)):
        for edge in search.between(*pair):
            ends = (edge.near, edge.far) if edge.outward else (edge.far, edge.near)
            graph.add_edge(*ends, type=edge.type, **edge.properties)
    return graph


class _Side:
    """What is reached from one end: the nodes, and the edges over which they are reached first.

    `rim` are the nodes furthest away, from which the search goes on; `away` is how many edges each
    node is from the end.
    """

    def __init__(self, end: Node) -> None:
        self.reached: dict[Node, dict[Node, list[Found]]] = {end: {}}
        self.rim: list[Node] = [end]
        self.away = {end: 0}
        self.depth = 0

    def grow(self, edges: Iterable[Found]) -> None:
        """Go one edge further."""
        self.depth += 1
        rim: dict[Node, dict[Node, list[Found]]] = {}
        for edge in edges:
            if edge.far not in self.reached:
                rim.setdefault(edge.far, {}).setdefault(edge.near, []).append(edge)
        self.reached |= rim
        self.away |= dict.fromkeys(rim, self.depth)
        self.rim = list(rim)


class _Search:
    """One search from both ends: where they meet, every shortest way has a node that both met."""

    def __init__(
        self, reader: Reader, start: Node, end: Node, ways: Ways, *, crowded: bool
    ) -> None:
        self._reader, self._over, self._crowded = reader, ways, crowded
        self._ends = (start, end)
        self._sides = _Side(start), _Side(end)
        self._passable: dict[HubWay, bool] = {}
        self.met: list[Node] = [start] if start == end else []
        self.complete = True
        self.looked = 0

    def run(self, hops: int, most: int) -> None:
        """Search for ways of so many edges, looking at about `most` neighbours."""
        one, other = self._sides
        while not self.met and one.depth + other.depth < hops and one.rim and other.rim:
            if self.looked >= most:
                self.complete = False
                return
            side, far = (one, other) if len(one.rim) <= len(other.rim) else (other, one)
            side.grow(self._around(side.rim, most - self.looked))
            met = [node for node in side.rim if node in far.reached]
            # An edge may be passable from one of its ends only, so that some were met sooner.
            least = min((far.away[node] for node in met), default=0)
            self.met = [node for node in met if far.away[node] == least]

    def _around(self, nodes: Sequence[Node], most: int) -> list[Found]:
        """The edges from some nodes to such as a way may lead through."""
        found: list[Found] = []
        ends = [node for node in nodes if node in self._ends or self._crowded]
        rest = [node for node in nodes if node not in self._ends and not self._crowded]
        for some, of_hub in ((ends, most), (rest, HUB_DEGREE)):
            if some:
                whole = of_hub == most
                for step in self._reader.edges(some, self._over, of_hub, whole, most):
                    self.complete &= step.complete and not (whole and step.crowded)
                    found += step.found
                    if len(found) > most:
                        self.complete = False
                        break
        self.looked += len(found)
        found = [e for e in found if e.is_open or e.far in self._ends]
        found = [e for e in found if e.far[0] not in self._over.leave_out or e.far in self._ends]
        if not self._crowded:
            found = self._without_crowds(found)
        seen = self._reader.visible({edge.far for edge in found})
        return [edge for edge in found if edge.far in seen]

    def _without_crowds(self, edges: list[Found]) -> list[Found]:
        """Those edges that are not one of too many of the hub to which they lead."""

        def back(edge: Found) -> HubWay | None:
            hub = edge.far[0] in HUBS and edge.far not in self._ends
            return (edge.far, edge.type, not edge.outward) if hub else None

        asked = {way for edge in edges if (way := back(edge)) and way not in self._passable}
        few = self._reader.uncrowded(asked) if asked else set()
        self._passable |= {way: way in few for way in asked}
        return [edge for edge in edges if (way := back(edge)) is None or self._passable[way]]

    def ways(self) -> Iterator[list[Node]]:
        """The shortest ways, in the order of their nodes' labels and ids."""
        after: dict[Node, set[Node]] = {}
        for side, forward in zip(self._sides, (True, False), strict=True):
            level = set(self.met)
            while level:
                nearer: set[Node] = set()
                for node in level:
                    for near in side.reached[node]:
                        one, next_ = (near, node) if forward else (node, near)
                        after.setdefault(one, set()).add(next_)
                        nearer.add(near)
                level = nearer
        return self._from([self._ends[0]], after) if self.met else iter(())

    def _from(self, way: list[Node], after: dict[Node, set[Node]]) -> Iterator[list[Node]]:
        if way[-1] == self._ends[1]:
            yield way
            return
        for node in sorted(after[way[-1]]):
            yield from self._from([*way, node], after)

    def between(self, one: Node, other: Node) -> list[Found]:
        """The edges over which a way leads from one node to the next."""
        start, end = self._sides
        return start.reached.get(other, {}).get(one, []) or end.reached[one][other]

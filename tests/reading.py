"""What reads that are limited to branches must answer, held against NetworkX."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import networkx as nx
import pytest

from graphcrm import UnknownNodeError
from graphcrm.model import VOCABULARY
from graphcrm.store import Store
from graphcrm.store.paths import MEANT_NOTHING
from tests.branches import Sight, every_node
from tests.parity.insurer import Insurer, Node


class Reading:
    """A store, the insurer it holds, and branches whose reads are to be tried."""

    def __init__(
        self, store: Store, insurer: Insurer, values: dict[str, str], branches: list[str] | None
    ) -> None:
        self.store, self.insurer, self.branches = store, insurer, branches
        self.name = {node: (node[0], values.get(node[1], node[1])) for node in self._ids(values)}
        self.id = {name: node for node, name in self.name.items()}
        sight = Sight(insurer, branches)
        self.seen = {node for node in every_node(insurer) if sight.sees(node)}
        self.open: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
        self.open.add_nodes_from(node for node in every_node(insurer) if insurer.holds(node))
        for start, end, data in insurer.graph.edges(data=True):
            if data["closed"] is None and start in self.open and end in self.open:
                self.open.add_edge(start, end, type=data["type"])

    def _ids(self, values: dict[str, str]) -> list[Node]:
        back = {value: id_ for id_, value in values.items()}
        return [(label, back.get(id_, id_)) for label, id_ in every_node(self.insurer)]

    def try_all(self, chance: random.Random, starts: int = 8) -> None:
        """Try every read, those around a node from some `starts`."""
        self.try_visible()
        self.try_pages()
        there = sorted(self.open)
        for start in chance.sample(there, starts):
            self.try_node(start, chance.randrange(1, 4))
            self.try_paths(start, chance.choice(there))

    def try_visible(self) -> None:
        """Visible is what the rules say, and nothing else."""
        found = self.store.visible(list(self.name), self.branches)
        assert {self.name[node] for node in found} == self.seen

    def try_pages(self) -> None:
        """Pages and scans bring the open nodes that are visible, each once, in order."""
        for label in VOCABULARY.nodes:
            expected = sorted(
                self.id[n][1] for n in self.seen if n[0] == label and self.insurer.holds(n)
            )
            paged: list[str] = []
            while True:
                after = (None, paged[-1]) if paged else None
                rows = self.store.page(label, after=after, limit=3, branches=self.branches)
                paged += [row["id"] for row in rows]
                if len(rows) < 3:
                    break
            assert paged == expected, label
            batches = self.store.scan(label, branches=self.branches, batch_rows=2)
            scanned = [id_ for batch in batches for id_ in batch["id"].to_pylist()]
            assert scanned == expected, label

    def try_node(self, start: Node, hops: int) -> None:
        """A neighbourhood and the degrees name nothing that is outside."""
        if start not in self.seen:
            for ask in (
                lambda: self.store.neighbourhood([self.id[start]], 1, 9, branches=self.branches),
                lambda: self.store.degrees(*self.id[start], branches=self.branches),
            ):
                with pytest.raises(UnknownNodeError):
                    ask()
            return
        found = self.store.neighbourhood([self.id[start]], hops, 1_000, branches=self.branches)
        assert found.graph["complete"]
        near, hidden, edges = self._surroundings(start, hops)
        shown = {n: data for n, data in found.nodes(data=True) if n[0] != "Outside"}
        assert {self.name[n]: data["hop"] for n, data in shown.items()} == near
        stubs = [n for n in found if n[0] == "Outside"]
        assert stubs == [("Outside", str(n + 1)) for n in range(len(hidden))]
        assert all(found.nodes[n].keys() == {"label", "hop"} for n in stubs)
        told = Counter[Any]()
        for a, b, data in found.edges(data=True):
            ends = {a, b} & set(stubs)
            if not ends:
                told[self.name[a], self.name[b], data["type"]] += 1
                continue
            (stub,), (other,) = ends, {a, b} - ends
            assert data.keys() == {"type"}
            assert (self.name[other], data["type"], found.nodes[stub]["hop"]) in hidden
        assert told == edges
        self._try_degrees(start)

    def _surroundings(self, start: Node, hops: int) -> tuple[dict[Node, int], set[Any], Any]:
        near, hidden, edges = {start: 0}, set(), {}
        frontier = [start]
        for hop in range(1, hops + 1):
            reached = []
            for node in frontier:
                for a, b, key, data in self._at(node):
                    far = b if a == node else a
                    if far[0] == "Premium":
                        continue
                    if far not in self.seen:
                        hidden.add((node, data["type"], hop))
                        continue
                    edges[a, b, key] = (a, b, data["type"])
                    if far not in near:
                        near[far] = hop
                        reached.append(far)
            frontier = reached
        return near, hidden, Counter(edges.values())

    def _at(self, node: Node) -> list[Any]:
        out = self.open.out_edges(node, keys=True, data=True)
        return [*out, *self.open.in_edges(node, keys=True, data=True)]

    def _try_degrees(self, node: Node) -> None:
        seen, outside = Counter[Any](), set()
        for outward, edges in ((True, self.open.out_edges), (False, self.open.in_edges)):
            for a, b, data in edges(node, data=True):
                far = b if outward else a
                seen[data["type"], outward, far[0]] += far in self.seen
                if far not in self.seen:
                    outside.add((data["type"], outward, far[0]))
        told = self.store.degrees(*self.id[node], branches=self.branches)
        assert [tuple(entry) for entry in told] == [
            ("edge", "outward", "label", "count", "outside")
        ] * len(told)
        ways = {(e["edge"], e["outward"], e["label"]): (e["count"], e["outside"]) for e in told}
        assert ways == {way: (seen[way], way in outside) for way in seen}

    def try_paths(self, start: Node, end: Node, hops: int = 6) -> None:
        """Ways are the shortest of NetworkX, in order, over what is visible."""
        if not {start, end} <= self.seen:
            with pytest.raises(UnknownNodeError):
                self.store.paths(self.id[start], self.id[end], branches=self.branches)
            return
        simple: nx.Graph[Any] = nx.Graph()
        simple.add_nodes_from([start, end])
        for a, b, data in self.open.edges(data=True):
            ends_meant = all(n[0] not in MEANT_NOTHING or n in (start, end) for n in (a, b))
            if {a, b} <= self.seen and data["type"] not in MEANT_NOTHING and ends_meant:
                simple.add_edge(a, b)
        expected: list[list[Node]] = []
        if nx.has_path(simple, start, end):
            expected = [w for w in nx.all_shortest_paths(simple, start, end) if len(w) <= hops + 1]
        asked: dict[str, Any] = {"hops": hops, "branches": self.branches}
        found = self.store.paths(self.id[start], self.id[end], limit=1_000, **asked)
        ways = found.graph["paths"]
        assert sorted([self.name[n] for n in way] for way in ways) == sorted(expected)
        assert ways == sorted(ways)
        assert found.graph["complete"]
        assert set(found) == {n for way in ways for n in way}
        few = self.store.paths(self.id[start], self.id[end], limit=1, **asked)
        assert few.graph["paths"] == ways[:1]
        assert few.graph["complete"] == (len(ways) < 2)

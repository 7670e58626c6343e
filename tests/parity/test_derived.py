"""Results of analyses, written into both stores: the same reports, the same contents."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import graphcrm
from graphcrm.store.copying import copy_graph
from graphcrm.store.deriving.request import Derivation
from tests.deriving import Derive, customers, deriving_apart, edges, only
from tests.parity.contents import sqlite_contents
from tests.parity.stores import Neo4jServer, Pair

Tables = Mapping[str, pa.Table]

PERSONS = (
    "id,name,deleted_on\n" + "".join(f"P{n},王{n},\n" for n in range(1, 7)) + "P7,李,2024-01-01"
)


@dataclass
class Both:
    """A graph in both stores, into which results are written alike."""

    pair: Pair
    apart: Derive

    @property
    def stores(self) -> list[graphcrm.Graph]:
        return list(self.pair.stores.values())

    def derive(
        self, nodes: Tables, found: Tables, *more: Any, **options: Any
    ) -> dict[str, tuple[int, int, int, int]]:
        """Derive into both, which must agree; type → new, changed, removed, same."""
        reports = [self.apart(g.url, nodes, found, *more, **options) for g in self.stores]
        self.pair.require_same()
        here, there = (report.model_dump(exclude={"seconds"}) for report in reports)
        assert there == here
        return {t.name: (t.new, t.changed, t.removed, t.same) for t in reports[0].types}

    def refused(self, *arguments: Any, **options: Any) -> str:
        """The sentence with which both refuse; neither may have changed."""
        before = self.pair.contents()
        told = []
        for graph in self.stores:
            with pytest.raises(graphcrm.UsageError) as caught:
                self.apart(graph.url, *arguments, **options)
            told.append(str(caught.value))
        assert self.pair.contents() == before
        assert told[1] == told[0]
        return told[0]


@pytest.fixture(scope="module")
def apart(lts: Neo4jServer) -> Iterator[Derive]:
    with deriving_apart() as derive:
        yield derive


@pytest.fixture
def both(pair: Pair, apart: Derive) -> Both:
    pair.load(persons=PERSONS)
    return Both(pair, apart)


NODES = {"Customer": customers(("C1", 2), ("C2", 1))}
EDGES = {
    "SAME_AS": edges("Person", ("P1", "P2", 0.93)),
    "IS_CUSTOMER": edges("Customer", ("P1", "C1", 0.93), ("P2", "C1", 0.9), ("P3", "C2", 1.0)),
}


def test_what_differs_is_written_and_nothing_else(both: Both) -> None:
    assert both.derive(NODES, EDGES, {"model": '{"m": 1}', "note": "x"}) == {
        "Customer": (2, 0, 0, 0), "SAME_AS": (1, 0, 0, 0), "IS_CUSTOMER": (3, 0, 0, 0),
    }  # fmt: skip
    for graph in both.stores:
        status = graph.status()
        assert status.nodes == {"Person": 6, "Customer": 2}
        assert status.edges == {"SAME_AS": 1, "IS_CUSTOMER": 3}
        assert graph.store.kept("model") == '{"m": 1}'
        assert graph.store.kept("other") is None
        assert not graph.store.unfinished()
        before = graph.snapshot().stat()
        again = graph.store.derive(NODES, EDGES, {"note": "x"})
        assert (again.changed, again.kept) == (False, [])
        assert graph.status().change == status.change
        after = graph.snapshot().stat()
        assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    moved = {
        "SAME_AS": edges("Person", ("P1", "P2", 0.94), ("P2", "P3", 0.5)),
        "IS_CUSTOMER": edges("Customer", ("P1", "C1", 0.93), ("P2", "C3", 0.9), ("P3", "C3", 1.0)),
    }
    now = {"Customer": customers(("C1", 1), ("C3", 2))}
    assert both.derive(now, moved, {"note": None}) == {
        "Customer": (1, 1, 1, 0), "SAME_AS": (1, 1, 0, 0), "IS_CUSTOMER": (2, 0, 2, 1),
    }  # fmt: skip
    both.pair.require_same_snapshots()
    assert all(graph.store.kept("note") is None for graph in both.stores)


def test_a_node_that_goes_takes_its_edges_with_it(both: Both) -> None:
    both.derive(NODES, EDGES)
    told = both.derive({"Customer": customers(("C2", 1))}, {})
    assert told == {"Customer": (0, 0, 1, 1)}
    assert {g.status().edges["IS_CUSTOMER"] for g in both.stores} == {1}
    both.derive(
        {"Customer": customers()}, {name: table.slice(0, 0) for name, table in EDGES.items()}
    )
    assert all(graph.status().nodes == {"Person": 6} for graph in both.stores)
    assert all(graph.status().edges == {} for graph in both.stores)


def test_a_small_change_leaves_the_rest_alone(both: Both) -> None:
    both.derive(NODES, EDGES)
    told = both.derive(
        {"Customer": customers(("C1", 3))},
        {
            "SAME_AS": edges("Person", ("P2", "P4", 0.8)),
            "IS_CUSTOMER": edges(
                "Customer", ("P1", "C1", 0.93), ("P2", "C1", 0.9), ("P4", "C1", 1)
            ),
        },
        only=only(Customer="C1 C9", Person="P2 P4"),
    )
    assert told == {
        "Customer": (0, 1, 0, 0), "SAME_AS": (1, 0, 1, 0), "IS_CUSTOMER": (1, 0, 0, 2),
    }  # fmt: skip
    assert all(g.status().nodes["Customer"] == 2 for g in both.stores)
    assert both.derive({}, {}, {"note": "é"}, only=only()) == {}


def test_an_edge_needs_its_ends(both: Both) -> None:
    both.derive(NODES, EDGES)
    none: Tables = {}
    for arguments, sentence in (
        ((none, {"SAME_AS": edges("Person", ("P1", "P9", 1))}), "'P1 → P9' needs a Person 'P9'"),
        ((none, {"IS_CUSTOMER": edges("Customer", ("P1", "C9", 1))}), "needs a Customer 'C9'"),
        (({"Customer": customers(("C2", 1))}, EDGES), "needs a Customer 'C1'"),
    ):
        assert sentence in both.refused(*arguments)
    assert "'C2' lies beyond" in both.refused(NODES, none, only=only(Customer="C1"))


def test_loads_leave_it_alone_and_closed_records_hide_it(both: Both) -> None:
    both.derive(NODES, EDGES)
    both.pair.load({"complete": True, "as_of": "2026-03-01"}, persons="id,name\nP1,王一\nP3,王3")
    for graph in both.stores:
        assert graph.status().nodes == {"Person": 2, "Customer": 2}
        assert graph.status().edges == {"IS_CUSTOMER": 2}  # the others hang on what is closed
    closed = {"SAME_AS": edges("Person", ("P1", "P2", 0.5))}
    assert both.derive({}, closed) == {"SAME_AS": (0, 1, 0, 0)}  # a closed record is there


def test_it_is_shown_around_a_record_and_found_by_its_id_only(both: Both) -> None:
    many = [f"P{n}" for n in range(1, 7)]
    both.derive(
        {"Customer": customers(("C1", 6))},
        {"IS_CUSTOMER": edges("Customer", *((id_, "C1", 1.0) for id_ in many))},
    )
    for graph in both.stores:
        near = graph.neighbourhood(("Person", "P1"), hops=2)
        assert {id_ for _, id_ in near} == {"C1", *many}
        assert near.nodes["Customer", "C1"]["records"] == 6
        assert {hit["id"] for hit in graph.search("王")} == set(many)
        assert [hit["label"] for hit in graph.search("C1")] == ["Customer"]
        assert graph.store.history("Customer", "C1") == []
        for asked in (("Person", "P3"), ("Customer", "C1")):
            records = graph.customer(asked[1], asked[0]).records
            assert [(r["id"], r["customer_id"], r["probability"]) for r in records] == [
                (id_, "C1", 1.0) for id_ in many
            ]
        assert [r["id"] for r in graph.customer("P7").records] == ["P7"]
        assert graph.customer("P7").records[0]["customer_id"] is None
        node = graph.store.node("Customer", "C1")
        assert node is not None
        assert node["member_label"] == "Person"


def test_copies_carry_it_both_ways(both: Both, tmp_path: Path) -> None:
    both.derive(NODES, EDGES, {"model": "x" * 100_000, "zh": "模型"})
    before = both.pair.contents()["SQLite"]
    both.pair.server.empty(str(both.pair.path))
    report = copy_graph(str(both.pair.path), both.pair.server.url)
    whole = {part.name: part.count for part in report.parts}
    assert (whole["Customer"], whole["IS_CUSTOMER"], whole["kept"]) == (2, 3, 2)
    both.pair.require_same()
    copy_graph(both.pair.server.url, str(tmp_path / "back.graph"))
    assert sqlite_contents(tmp_path / "back.graph") == before
    assert both.derive(NODES, EDGES)["IS_CUSTOMER"] == (0, 0, 0, 3)


def test_a_derivation_that_was_broken_off_is_told_and_completed(both: Both) -> None:
    both.derive(NODES, EDGES)
    more = {"Customer": customers(("C1", 2), ("C2", 1), ("C3", 1))}
    found = {"IS_CUSTOMER": edges("Customer", ("P1", "C1", 0.93), ("P4", "C3", 1.0))}
    everything = both.pair.contents()["Neo4j"]
    with both.pair.server.driver.session() as session:  # as if it ended in the middle
        session.run(
            "MATCH (g:_Graph) SET g.writing = true, g.deriving = ['Customer ', 'IS_CUSTOMER ']"
        ).consume()
        session.run("MATCH (n:Customer {id: 'C2'}) SET n.records = 7").consume()
        session.run("CREATE (n:Customer {id: 'C3', records: 1, _file: 0})").consume()
        session.run("MATCH (:Person {id: 'P2'})-[r:IS_CUSTOMER]->() DELETE r").consume()
    store, url = both.pair.neo4j.store, both.pair.server.url
    assert store.unfinished().derived == ["Customer", "IS_CUSTOMER"]
    both.apart(url, {}, {"SAME_AS": EDGES["SAME_AS"]})
    assert store.unfinished().derived == ["Customer", "IS_CUSTOMER"]
    both.apart(url, {}, {"IS_CUSTOMER": EDGES["IS_CUSTOMER"].slice(0, 1)}, only=only(Person="P1"))
    assert store.unfinished().derived == ["Customer", "IS_CUSTOMER"]
    with pytest.raises(graphcrm.StoreError, match="half-written analysis"):
        copy_graph(both.pair.server.url, str(both.pair.folder / "copy.graph"))
    both.apart(url, more, found)
    assert not store.unfinished()
    both.apart(url, NODES, EDGES)
    assert both.pair.contents()["Neo4j"] == everything


def test_one_that_is_killed_is_known_to_be_half_written(both: Both, tmp_path: Path) -> None:
    many, graph = 30_000, both.pair.neo4j
    made = "UNWIND range(1, $many) AS n CREATE (:Person {id: 'N' + n, name: 'x', _file: 1})"
    with both.pair.server.driver.session() as session:
        session.run(made, many=many).consume()
    nodes = {"Customer": customers(*((f"C{n}", 1) for n in range(1, many + 1)))}
    members = ((f"N{n}", f"C{n}", 1.0) for n in range(1, many + 1))
    found = {"IS_CUSTOMER": edges("Customer", *members)}
    Derivation(nodes, found, {"model": "x"}).write(tmp_path)
    worker = [sys.executable, "-m", "graphcrm.store.deriving.worker", graph.url, str(tmp_path)]
    with subprocess.Popen(worker, stdout=subprocess.DEVNULL) as process:
        until = time.monotonic() + 120
        while not graph.status().nodes.get("Customer") and time.monotonic() < until:
            time.sleep(0.05)
        process.kill()
    assert graph.store.unfinished().derived == ["Customer", "IS_CUSTOMER"]
    assert graph.store.kept("model") is None
    half = graph.snapshot().stat().st_mtime_ns
    report = both.apart(graph.url, nodes, found, {"model": "x"})
    assert report.kept == ["model"]
    assert not graph.store.unfinished()
    assert graph.status().nodes["Customer"] == many
    assert graph.status().edges == {"IS_CUSTOMER": many}
    assert graph.snapshot().stat().st_mtime_ns > half


_cluster = st.lists(st.integers(0, 3), min_size=6, max_size=6)


@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(_cluster, min_size=2, max_size=3))
def test_any_sequence_ends_as_its_last(both: Both, sequence: list[list[int]]) -> None:
    for assigned in sequence:
        sizes = {f"C{c}": assigned.count(c) for c in set(assigned)}
        members = [(f"P{n}", f"C{c}", 1 / (1 + c)) for n, c in enumerate(assigned, 1)]
        both.derive(
            {"Customer": customers(*sizes.items())},
            {"IS_CUSTOMER": edges("Customer", *members)},
        )
        for graph in both.stores:
            assert graph.status().nodes["Customer"] == len(sizes)
            assert graph.status().edges == {"IS_CUSTOMER": 6}

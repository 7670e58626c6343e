"""Chains, loops and trees of referrals, against NetworkX on random graphs and a known truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, cast

import duckdb
import networkx as nx
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import graphcrm
from graphcrm.errors import UnknownNodeError
from graphcrm.referrals import chains, loops, tree
from graphcrm.referrals.chains import reach
from graphcrm.referrals.network import read_network
from graphcrm.store import Store, question

GraphOf = Callable[..., graphcrm.Graph]
DAY = dt.date(2026, 6, 30)
Pairs = list[tuple[int, int]]
Money = dict[int, list[tuple[str, int, float]]]


class Answers:
    """A store that knows the answers to the two questions about referrals."""

    def __init__(self, pairs: Pairs, money: Money) -> None:
        referrals = question("referrals").schema
        rows = [
            ("Person", f"P{a}", f"N{a}", "Person", f"P{b}", f"N{b}", None, None) for a, b in pairs
        ]
        self.answers = {"referrals": pa.Table.from_pylist(
            [dict(zip(referrals.names, row, strict=True)) for row in rows], referrals)}  # fmt: skip
        brought = {b for _, b in pairs}
        premiums = question("referral_premiums").schema
        held = [("Person", f"P{n}", *m) for n, all_ in money.items() if n in brought for m in all_]
        self.answers["referral_premiums"] = pa.Table.from_pylist(
            [dict(zip(premiums.names, row, strict=True)) for row in held], premiums)  # fmt: skip

    def query(self, name: str) -> pa.Table:
        """The answer."""
        return self.answers[name]


def answers(pairs: Pairs, money: Money | None = None) -> Store:
    """The answers as a store."""
    return cast(Store, Answers(pairs, money or {}))


def graph_from(pairs: Pairs) -> nx.DiGraph[int]:
    """The same as a NetworkX graph."""
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from(pairs)
    return graph


nodes = st.integers(0, 14)
random_pairs = st.lists(st.tuples(nodes, nodes), max_size=40)
random_money = st.dictionaries(
    nodes,
    st.lists(
        st.tuples(st.sampled_from(["CNY", "HKD", "USD"]), st.integers(1, 3), st.just(10.0)),
        max_size=3,
        unique_by=lambda row: row[0],
    ),
)


@settings(max_examples=150, deadline=None)
@given(random_pairs, random_money)
def test_chains_are_what_networkx_finds(pairs: Pairs, money: Money) -> None:
    graph = graph_from(pairs)
    graph.remove_edges_from([(n, n) for n in graph.nodes])
    expected = {}
    for root in graph.nodes:
        if graph.in_degree(root) == 0 and graph.out_degree(root) > 0:
            level = nx.single_source_shortest_path_length(graph, root)
            held: dict[str, tuple[int, float]] = {}
            for node in level:
                for currency, count, amount in money.get(node, []) if node != root else []:
                    before = held.get(currency, (0, 0.0))
                    held[currency] = (before[0] + count, before[1] + amount)
            best = min(held, key=lambda c: (-held[c][0], -held[c][1], c), default=None)
            expected[f"P{root}"] = (
                max(level.values()), len(level), held[best][1] if best else 0.0, best,
                len(held) > 1,
            )  # fmt: skip
    rows = chains(answers(pairs, money)).to_pylist()
    keys = ("depth", "size", "premium", "currency", "other_currencies")
    assert {row["root_id"]: tuple(row[key] for key in keys) for row in rows} == expected
    assert [row["size"] for row in rows] == sorted((row["size"] for row in rows), reverse=True)


@settings(max_examples=150, deadline=None)
@given(random_pairs)
def test_loops_are_what_networkx_finds(pairs: Pairs) -> None:
    graph = graph_from(pairs)
    expected = {
        frozenset(f"P{n}" for n in members)
        for members in nx.strongly_connected_components(graph)
        if len(members) > 1 or any(graph.has_edge(n, n) for n in members)
    }
    found: dict[int, list[tuple[int, str]]] = {}
    for row in loops(answers(pairs)).to_pylist():
        found.setdefault(row["loop"], []).append((row["order"], row["id"]))
    assert {frozenset(id for _, id in members) for members in found.values()} == expected
    assert list(found) == list(range(1, len(expected) + 1))
    for members in found.values():
        assert [order for order, _ in members] == list(range(1, len(members) + 1))


@settings(max_examples=150, deadline=None)
@given(random_pairs.filter(len), st.data())
def test_a_tree_has_every_referral_once(pairs: Pairs, data: st.DataObject) -> None:
    start = data.draw(st.sampled_from(sorted({n for pair in pairs for n in pair})))
    graph = graph_from(pairs)
    level = nx.single_source_shortest_path_length(graph, start)
    rows = tree(answers(pairs), "Person", f"P{start}").to_pylist()
    assert rows[0]["level"] == 0
    edges = sorted((row["referrer_id"], row["id"]) for row in rows[1:])
    assert edges == sorted((f"P{a}", f"P{b}") for a, b in graph.edges(level))
    parent: dict[str, str] = {}
    for row in rows[1:]:
        assert row["level"] == level[int(row["referrer_id"][1:])] + 1
        above, way = row["referrer_id"], {row["referrer_id"]}
        while above in parent:
            above = parent[above]
            way.add(above)
        looped, known = row["id"] in way, row["id"] in parent or row["id"] == f"P{start}"
        assert row["cut"] == ("loop" if looped else "again" if known else None)
        if row["cut"] is None:
            parent[row["id"]] = row["referrer_id"]


@given(random_pairs, st.integers(1, 6))
@settings(max_examples=50, deadline=None)
def test_pieces_change_nothing(pairs: Pairs, at_once: int) -> None:
    network = read_network(answers(pairs))
    roots = (network.backward.degree == 0).nonzero()[0]

    def reached(most: int) -> set[tuple[int, int, int]]:
        return {
            (int(piece[o]), int(n), int(d))
            for piece, owner, node, level in reach(network, roots, most)
            for o, n, d in zip(owner, node, level, strict=True)
        }

    assert reached(at_once) == reached(10**6)


def test_a_long_chain_and_a_loop_behind_it() -> None:
    length = 12_000
    pairs = [(n, n + 1) for n in range(length)] + [(length, length - 1)]
    (row,) = chains(answers(pairs)).to_pylist()
    assert (row["depth"], row["size"]) == (length, length + 1)
    assert {row["id"] for row in loops(answers(pairs)).to_pylist()} == {
        f"P{length}",
        f"P{length - 1}",
    }


def test_a_real_graph(graph_of: GraphOf) -> None:
    graph = graph_of(
        {
            "persons": "id,name\nA,王芳\nB,李强\nC,赵六\nD,钱七\nE,孙八",
            "institutions": "id,name,deleted_on\nA,大海贸易,\nGONE,小河贸易,2020-01-01",
            "products": "code,name,line\nL,长寿,life",
            "policies": """id,product_code,holder_id,premium,currency,issued_on,status
                1,L,B,100,CNY,2020-02-02,in_force
                2,L,B,900,USD,2020-02-02,in_force
                3,L,C,50,,2020-02-02,in_force
                4,L,C,70,CNY,2020-02-02,lapsed
                5,L,A,1000,CNY,2020-02-02,in_force""",
            "referrals": """referrer_id,referrer_kind,referred_id,referred_kind,referred_on,\
policy_id
                A,,B,,2021-02-01,1
                A,,B,,2020-02-01,2
                B,person,C,person,2021-03-01,
                C,,C,,,
                A,institution,C,,2022-01-01,3
                D,,E,,,
                E,,D,,,
                GONE,institution,D,,2020-01-01,
                A,,UNKNOWN,,2020-01-01,""",
        },
        as_of=DAY,
    )
    person, institution = chains(graph.store).to_pylist()
    assert person == {
        "root_label": "Person", "root_id": "A", "root_name": "王芳", "depth": 2, "size": 3,
        "premium": 150.0, "currency": "CNY", "other_currencies": True,
    }  # fmt: skip
    assert (institution["root_label"], institution["root_name"]) == ("Institution", "大海贸易")
    assert (institution["size"], institution["premium"]) == (2, 50.0)
    found = [(r["loop"], r["order"], r["id"], r["name"]) for r in loops(graph.store).to_pylist()]
    assert found == [(1, 1, "D", "钱七"), (1, 2, "E", "孙八"), (2, 1, "C", "赵六")]
    rows = tree(graph.store, "Person", "A").to_pylist()
    keys = ("level", "referrer_id", "id", "referred_on", "premium", "currency", "cut")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        (0, None, "A", None, None, None, None),
        (1, "A", "B", "2020-02-01", 900.0, "USD", None),
        (2, "B", "C", "2021-03-01", 50.0, "CNY", None),
        (3, "C", "C", None, 50.0, "CNY", "loop"),
    ]


def test_customers_without_referrals(graph_of: GraphOf) -> None:
    graph = graph_of({"persons": "id,name\nA,王芳"})
    assert chains(graph.store).num_rows == loops(graph.store).num_rows == 0
    (row,) = tree(graph.store, "Person", "A").to_pylist()
    assert (row["level"], row["id"], row["name"], row["cut"]) == (0, "A", "王芳", None)
    for label, id in (("Person", "B"), ("Planet", "A")):
        with pytest.raises(UnknownNodeError, match=id):
            tree(graph.store, label, id)


def test_the_sample_against_its_truth(sample_graph: Any) -> None:
    query = f"SELECT root_id, depth, size FROM '{sample_graph.truth}/chains.csv'"
    expected = set(duckdb.execute(query).fetchall())
    table = chains(sample_graph.graph.store)
    rows = {(r["root_id"], r["depth"], r["size"]) for r in table.to_pylist()}
    assert rows == expected
    assert table.num_rows == len(expected) > 0
    assert loops(sample_graph.graph.store).num_rows > 0

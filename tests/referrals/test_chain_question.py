"""The question `referral_chain`, against NetworkX on random networks and in its corner cases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from itertools import pairwise

import networkx as nx
import pytest

import graphcrm

GraphOf = Callable[..., graphcrm.Graph]
Referral = tuple[str, str, str]


def tables(referrals: Iterable[Referral], **more: str) -> dict[str, str]:
    """The persons of some referrals (from, to, day) and the referrals."""
    rows = list(referrals)
    persons = sorted({end for a, b, _ in rows for end in (a, b)})
    return {
        "persons": "id,name\n" + "\n".join(f"{p},N{p}" for p in persons),
        "referrals": "referrer_id,referred_id,referred_on\n"
        + "\n".join(",".join(row) for row in rows),
    } | more


def chain(graph: graphcrm.Graph, id: str) -> list[tuple[int, str, str, str | None]]:
    """Steps, who was brought, by whom and when."""
    rows = graph.query("referral_chain", id=id).to_pylist()
    assert {(r["label"], r["referrer_label"]) for r in rows} <= {("Person", "Person")}
    assert all((r["name"], r["referrer_name"]) == (f"N{r['id']}", f"N{r['referrer_id']}")
               for r in rows)  # fmt: skip
    return [(r["steps"], r["id"], r["referrer_id"], r["referred_on"]) for r in rows]


@pytest.mark.parametrize("seed", range(4))
def test_it_is_what_networkx_finds(graph_of: GraphOf, seed: int) -> None:
    draw = random.Random(seed)
    people = [f"P{n:02}" for n in range(30)]
    pairs = sorted({(draw.choice(people), draw.choice(people)) for _ in range(20 + 20 * seed)})
    graph = graph_of(tables((a, b, f"2024-01-{draw.randint(1, 28):02}") for a, b in pairs))
    network: nx.DiGraph[str] = nx.DiGraph(pairs)
    for root in network:
        steps = nx.single_source_shortest_path_length(network, root)
        expected = [
            (
                steps[node],
                node,
                min(b for b in network.predecessors(node) if steps.get(b) == steps[node] - 1),
            )
            for node in steps
            if node != root
        ]
        assert [row[:3] for row in chain(graph, root)] == sorted(expected)


def test_loops_two_parents_and_oneself(graph_of: GraphOf) -> None:
    graph = graph_of(
        tables(
            [("A", "C", "2024-03-01"), ("A", "B", "2024-03-02"), ("A", "A", "2024-01-01"),
             ("B", "D", "2024-04-02"), ("C", "D", "2024-04-01"), ("D", "D", "2024-01-01"),
             ("D", "A", "2024-05-01"), ("E", "D", "2023-01-01"), ("D", "F", "")],
        )
    )  # fmt: skip
    assert chain(graph, "A") == [
        (1, "B", "A", "2024-03-02"),
        (1, "C", "A", "2024-03-01"),
        (2, "D", "B", "2024-04-02"),
        (3, "F", "D", None),
    ]
    assert [row[:3] for row in chain(graph, "D")] == [
        (1, "A", "D"), (1, "F", "D"), (2, "B", "A"), (2, "C", "A"),
    ]  # fmt: skip
    assert chain(graph, "F") == []
    assert chain(graph, "NOBODY") == []
    assert graph.query("referral_chain", id="A", label="Institution").num_rows == 0


def test_what_is_closed_or_deleted_leads_nowhere(graph_of: GraphOf) -> None:
    edges = [("A", "B", ""), ("B", "C", ""), ("A", "D", ""), ("D", "E", "")]
    graph = graph_of(tables(edges))
    persons = "id,name,deleted_on\nB,NB,2024-01-01"
    graph_of({"persons": persons}, into=graph)
    assert [row[:3] for row in chain(graph, "A")] == [(1, "D", "A"), (2, "E", "D")]
    assert chain(graph, "B") == []
    graph_of({"referrals": tables(edges[:3])["referrals"]}, into=graph, full=True)
    assert [row[:3] for row in chain(graph, "A")] == [(1, "D", "A")]


def test_many_ways_and_long_ones_end(graph_of: GraphOf) -> None:
    dense = {(f"D{n % 150:03}", f"D{(n * 7 + n // 150) % 150:03}", "") for n in range(10_000)}
    long = {(a, b, "") for a, b in pairwise([f"L{n:04}" for n in range(1_300)])}
    graph = graph_of(tables(sorted(dense | long | {("L1299", "L0000", ""), ("L0000", "D000", "")})))
    assert len(dense) > 9_000
    rows = chain(graph, "L0000")
    assert max(rows)[:2] == (1299, "L1299")
    assert len(rows) == 1299 + 150
    assert {row[0] for row in rows if row[1].startswith("D")} <= {1, 2, 3, 4}

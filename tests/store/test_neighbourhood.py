"""Neighbourhoods, held against NetworkX on random graphs, and their limits."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

import graphcrm
from graphcrm.store.surroundings import HUB_DEGREE

POLICY = "id,product_code,holder_id,premium,issued_on,status,served_by"


def _random_book(seed: int) -> tuple[dict[str, list[str]], nx.MultiDiGraph[Any]]:
    """Tables and the graph they make."""
    chance = random.Random(seed)
    made: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    persons = [f"P{n}" for n in range(chance.randrange(6, 15))]
    agents = [f"A{n}" for n in range(4)]
    tables = {
        "persons": ["id,name,phone", *(f"{p},名{p},{_phone(chance)}" for p in persons)],
        "agents": ["id,name,branch_id,status", *(f"{a},名{a},D0,active" for a in agents)],
        "policies": [POLICY], "relations": ["from_id,to_id,kind"],
        "referrals": ["referrer_id,referred_id"],
    }  # fmt: skip
    for node in (*persons, *agents):
        made.add_node(("Person" if node in persons else "Agent", node))
    for row in tables["persons"][1:]:
        id_, _, phone = row.split(",")
        if phone:
            made.add_edge(("Person", id_), ("Phone", "+86" + phone), type="HAS_PHONE")
    for n in range(chance.randrange(3, 12)):
        holder, agent = chance.choice(persons), chance.choice([*agents, ""])
        tables["policies"].append(f"Q{n},L1,{holder},1,2020-01-01,in_force,{agent}")
        made.add_edge(("Person", holder), ("Policy", f"Q{n}"), type="HOLDS")
        if agent:
            made.add_edge(("Agent", agent), ("Policy", f"Q{n}"), type="SERVES")
    for table, type_ in (("relations", "RELATED_TO"), ("referrals", "REFERRED")):
        for pair in {tuple(chance.sample(persons, 2)) for _ in range(chance.randrange(1, 8))}:
            tables[table].append(",".join(pair) + (",spouse" if table == "relations" else ""))
            made.add_edge(("Person", pair[0]), ("Person", pair[1]), type=type_)
    return tables, made


def _phone(chance: random.Random) -> str:
    return chance.choice(["", "", "13800138000", "13900139000", "13700137000"])


def _expected(
    made: nx.MultiDiGraph[Any], start: Any, hops: int
) -> tuple[dict[Any, int], list[Any]]:
    reached = nx.single_source_shortest_path_length(made.to_undirected(), start, cutoff=hops)
    held: Any = made.edges(data="type")
    edges = [
        (a, b, type_)
        for a, b, type_ in held
        if a in reached and b in reached and min(reached[a], reached[b]) < hops
    ]
    return dict(reached), sorted(edges)


@pytest.mark.parametrize("seed", range(8))
def test_neighbourhoods_are_those_of_networkx(book: Any, seed: int) -> None:
    tables, made = _random_book(seed)
    book.load(**{name: "\n".join(rows) for name, rows in tables.items() if len(rows) > 1})
    values = dict(book.rows("SELECT id, value FROM phone"))
    with book.open() as graph:
        for start in sorted(made.nodes):
            if start[0] == "Phone":
                continue
            for hops in (0, 1, 2, 3):
                found = graph.neighbourhood([start], hops=hops)

                def named(node: tuple[str, str]) -> tuple[str, str]:
                    return node[0], values.get(node[1], node[1])

                hop = {named(node): n for node, n in found.nodes(data="hop")}
                edges = sorted((named(a), named(b), t) for a, b, t in found.edges(data="type"))
                assert (hop, edges) == _expected(made, start, hops)
                assert found.graph["complete"] is True


@pytest.fixture
def star(book: Any) -> Any:
    """An agent with many policies, of which each has a holder."""
    many = HUB_DEGREE + 15
    policies = [f"Q{n},L1,P{n},1,2020-01-01,in_force,A1" for n in range(many)]
    book.load(
        agents="id,name,branch_id,status\nA1,张三,D1,active",
        persons="\n".join(["id,name", *(f"P{n},名{n}" for n in range(many))]),
        policies="\n".join([POLICY, *policies]),
    )
    return book


def test_a_hub_is_only_opened_from_itself(star: Any) -> None:
    with star.open() as graph:
        from_hub = graph.neighbourhood("A1", hops=2)
        assert from_hub.number_of_nodes() == 1 + 2 * (HUB_DEGREE + 15)
        assert (from_hub.graph["complete"], from_hub.graph["hubs"]) == (True, 0)
        around = graph.neighbourhood("P3", hops=4)
        assert set(around.nodes) == {("Person", "P3"), ("Policy", "Q3"), ("Agent", "A1")}
        assert around.graph["hubs"] == 1


def test_a_limit_takes_the_nearest_and_says_so(star: Any) -> None:
    with star.open() as graph:
        found = graph.neighbourhood("A1", hops=2, limit=20)
        assert found.number_of_nodes() == 20
        assert found.graph["complete"] is False
        assert max(hop for _, hop in found.nodes(data="hop")) == 1
        whole = graph.neighbourhood("P3", hops=2, limit=3)
        assert (whole.number_of_nodes(), whole.graph["complete"]) == (3, True)


def test_closed_nodes_and_edges_are_no_neighbours(book: Any) -> None:
    tables = {
        "persons": "id,name,deleted_on\nP1,王丽,\nP2,李明,\nP3,赵强,",
        "relations": "from_id,to_id,kind\nP1,P2,spouse\nP2,P3,child",
    }
    book.load(**tables)
    with book.open() as graph:
        assert set(graph.neighbourhood("P1").nodes) == {("Person", p) for p in ("P1", "P2", "P3")}
    book.load(persons="id,name,deleted_on\nP2,李明,2024-01-01")
    with book.open() as graph:
        assert set(graph.neighbourhood("P1").nodes) == {("Person", "P1")}
        assert graph.neighbourhood("P1").number_of_edges() == 0


def test_an_unknown_start(book: Any, tmp_path: Path) -> None:
    with book.open() as graph:
        with pytest.raises(graphcrm.UnknownNodeError, match="'P9'"):
            graph.neighbourhood("P9")
        with pytest.raises(graphcrm.UnknownNodeError, match="no Person with the id 'P9'"):
            graph.neighbourhood([("Person", "P9")])

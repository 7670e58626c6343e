"""Questions that begin with one node: they stay fast where the whole network is dense or large."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from graphcrm.store import question
from tests.parity.conftest import PairOf
from tests.parity.stores import Neo4jServer

SCANS = ("CartesianProduct", "AllNodesScan", "AllRelationshipsScan")


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("orphan_policies", {"agent_id": "A"}, "NodeUniqueIndexSeek"),
        ("orphan_policies", {}, "NodeIndexSeek"),
        ("referral_chain", {"id": "P"}, "VarLengthExpand(Pruning,BFS,All)"),
    ],
)
def test_the_plan_begins_with_an_index(
    server: Neo4jServer, pair_on: PairOf, name: str, given: dict[str, Any], wanted: str
) -> None:
    pair_on(server)
    asked = question(name, "cypher")
    for language in server.languages:
        text = f"CYPHER {language} EXPLAIN {asked.text}"
        with server.driver.session() as session:
            plan = session.run(text, asked.bind(given)).consume().plan
        assert plan is not None
        operators = set(_operators(plan))
        assert wanted in operators
        assert not operators.intersection(SCANS)


def test_many_ways_and_long_ones_end(server: Neo4jServer, pair_on: PairOf) -> None:
    dense = {(f"D{n % 150:03}", f"D{(n * 7 + n // 150) % 150:03}") for n in range(10_000)}
    long = set(pairwise([f"L{n:04}" for n in range(1_300)]))
    edges = sorted(dense | long | {("L1299", "L0000"), ("L0000", "D000")})
    pair = pair_on(server)
    pair.load(
        persons="id,name\n" + "\n".join(sorted({f"{end},N" for edge in edges for end in edge})),
        referrals="referrer_id,referred_id\n" + "\n".join(f"{a},{b}" for a, b in edges),
    )
    for root in ("L0000", "D000"):
        answers = [graph.query("referral_chain", id=root) for graph in pair.stores.values()]
        assert answers[0].equals(answers[1])
        assert answers[0].num_rows == (1299 + 150 if root == "L0000" else 149)

"""Every named question on the sample insurer, in both stores, against plain Python.

A new question joins by existing: it needs its twin in `cypher/`, and its oracle in `answers.py`.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from graphcrm.store import questions
from tests.parity.answers import EMPTY_ANSWERS
from tests.parity.asking import require_same_answers
from tests.parity.history import DAYS, SEED, STRANGER
from tests.parity.insurer import Insurer, Node
from tests.parity.stores import Pair
from tests.parity.surroundings import described, found_in, require_same_found, surroundings


def _customers(insurer: Insurer, count: int) -> list[Node]:
    """Some customers of each kind: those with the most ties, closed ones, and some others."""
    chosen: list[Node] = [("Person", "nobody"), ("Vehicle", "VEH0000001"), ("Person", "P9000001")]
    for label in ("Person", "Institution", "Department"):
        nodes = [(label, id_) for id_, _ in insurer.nodes(label)]
        ties = Counter({node: insurer.graph.degree(node) for node in nodes})
        brought = Counter({node: len(list(insurer.out(node, "REFERRED"))) for node in nodes})
        closed = [node for node in nodes if not insurer.holds(node)]
        chosen += [node for node, count_ in brought.most_common(2) if count_]
        chosen += [node for node, _ in ties.most_common(count // 4)]
        chosen += closed[: count // 4]
        chosen += random.Random(SEED).sample(nodes, min(len(nodes), count // 4))
    return chosen


@pytest.mark.parametrize("name", sorted({*questions(), *questions("cypher")}))
def test_the_stores_and_the_oracle_answer_alike(
    name: str, sample_pair: Pair, insurer: Insurer
) -> None:
    gone = next(id_ for id_, a in insurer.nodes("Agent") if a["status"] == "departed")
    customers = _customers(insurer, 24)
    rows = require_same_answers(name, sample_pair, insurer, DAYS, customers, (gone, STRANGER))
    assert rows or name in EMPTY_ANSWERS, "nothing was compared"


@pytest.mark.parametrize("hops", [1, 2, 3])
def test_surroundings_are_alike(hops: int, sample_pair: Pair, insurer: Insurer) -> None:
    values = {store: sample_pair.values(store) for store in sample_pair.stores}
    starts = [node for node in _customers(insurer, 8) if node in insurer.graph]
    agent = next(("Agent", id_) for id_, a in insurer.nodes("Agent") if a["deleted_on"])
    policy = next(w.anchor for w in insurer.waiting if w.anchor[0] == "Policy")
    for nodes in [*([start] for start in starts[:: hops + 1]), [agent], [policy, starts[0], agent]]:
        for leave_out in (("Premium",), ("Policy", "Phone")):
            expected = surroundings(insurer, nodes, hops, leave_out)
            told = {}
            for store, graph in sample_pair.stores.items():
                found = graph.store.neighbourhood(nodes, hops, 20_000, leave_out)
                which = f"{store} {nodes} {hops} {leave_out}"
                assert found.graph["complete"], which
                require_same_found(found_in(found, values[store]), expected, which)
                told[store] = described(found, values[store]), found.graph["hubs"]
            assert told["Neo4j"] == told["SQLite"]


def test_surroundings_keep_to_their_limit(sample_pair: Pair, insurer: Insurer) -> None:
    values = {store: sample_pair.values(store) for store in sample_pair.stores}
    start = _customers(insurer, 12)[3]
    every, edges = surroundings(insurer, [start], 3, ())
    assert len(every) > 60
    for limit in (1, 2, 17, 60):
        for store, graph in sample_pair.stores.items():
            found = graph.store.neighbourhood([start], 3, limit, ())
            hop, seen = found_in(found, values[store])
            assert not found.graph["complete"]
            assert len(hop) == limit, store
            assert hop.items() <= every.items(), store
            assert seen <= edges, store


@pytest.mark.parametrize("server", ["newest"], indirect=True)
def test_what_is_asked_of_the_whole_is_alike(sample_pair: Pair, insurer: Insurer) -> None:
    here, there = sample_pair.stores.values()
    assert there.quarantine().to_pylist() == here.quarantine().to_pylist()
    counted = {"nodes", "edges", "refused", "pending"}
    assert there.status().model_dump(include=counted) == here.status().model_dump(include=counted)
    labels = {label for label, _ in insurer.graph}
    assert there.status().nodes == {
        label: count
        for label in labels
        if (count := sum(values["deleted_on"] is None for _, values in insurer.nodes(label)))
    }
    sample_pair.require_same_snapshots()
    for text in ("王", "wang", "zhangwei", "P0000002", "1380", "广州", "AG0000001", "粤B", "新人"):
        assert there.search(text) == here.search(text), text

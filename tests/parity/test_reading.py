"""Reads that are limited to branches: both stores answer alike, and as the rules say."""

from __future__ import annotations

import random
import secrets
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from graphcrm.model import VOCABULARY
from graphcrm.store import Store
from graphcrm.store.paging import Condition
from tests.branches import random_tables
from tests.loading import Load
from tests.parity.history import SEED
from tests.parity.insurer import Insurer
from tests.parity.stores import Neo4jServer, Pair
from tests.reading import Reading

PLAN: dict[str, Any] = {"as_of": "2026-03-01", "confirmed": True}


def _with_one_key(pair: Pair) -> None:
    """Let both graphs make the same ids of the same numbers, so that their order is the same."""
    key = secrets.token_hex(32)
    with closing(sqlite3.connect(pair.path)) as db, db:
        db.execute("UPDATE meta SET value = ? WHERE name = 'identity_key'", (key,))
    with pair.server.driver.session() as session:
        session.run("MATCH (g:_Graph) SET g.identity_key = $key", key=key).consume()


def _told(graph: Any) -> tuple[Any, ...]:
    """All of a graph that a store found; the order of nodes counts, that of edges doesn't."""
    edges = sorted(repr((a, b, sorted(data.items()))) for a, b, data in graph.edges(data=True))
    return list(graph.nodes(data=True)), edges, graph.graph


def _same(pair: Pair, ask: Any) -> Any:
    here, there = (ask(graph.store) for graph in pair.stores.values())
    assert there == here
    return here


def test_both_stores_read_alike(lts: Neo4jServer, load_into_both: Load, tmp_path: Path) -> None:
    print(f"seed {SEED}")
    pair = Pair(tmp_path, lts, load_into_both)
    try:
        _with_one_key(pair)
        insurer = Insurer()
        for number, tables in enumerate(random_tables(SEED, 1)):
            folder = tmp_path / f"book{number}"
            folder.mkdir()
            for table, text in tables.items():
                (folder / f"{table}.csv").write_text(text, encoding="utf-8")
            pair.load_from([folder], **PLAN)
            insurer.load(folder, as_of=PLAN["as_of"])
        _require_alike(pair, insurer)
    finally:
        pair.close()


def _require_alike(pair: Pair, insurer: Insurer) -> None:
    assert _same(pair, lambda s: s.branches_below(["B1"])) >= {"B1", "B2"}
    people = [(n, i) for n, i in insurer.graph if n in ("Person", "Policy", "Agent")]
    for branches in (["B1", "B3"], None):
        for name, graph in pair.stores.items():
            if branches or name == "SQLite":  # whose answers are the other's, below
                reading = Reading(graph.store, insurer, pair.values(name), branches)
                reading.try_all(random.Random(SEED))
        _require_same_pages(pair, branches)
        visible = _same(pair, lambda s, b=branches: s.visible(people, b))
        for start in sorted(visible)[::4]:
            _same(pair, lambda s, n=start, b=branches: s.degrees(*n, branches=b))
            _same(
                pair, lambda s, n=start, b=branches: _told(s.neighbourhood([n], 2, 99, branches=b))
            )
            end = sorted(visible)[-1]
            _same(pair, lambda s, n=start, e=end, b=branches: _told(s.paths(n, e, branches=b)))


def _require_same_pages(pair: Pair, branches: list[str] | None) -> None:
    def rows(store: Store, label: str, **asked: Any) -> list[dict[str, Any]]:
        return store.page(label, branches=branches, **asked)

    for label, node in VOCABULARY.nodes.items():
        one, *others = (p.name for p in node.properties[:2])
        orders = [("id", True), (one, False)]
        if branches:
            orders += [("id", False), (one, True), *((other, True) for other in others)]
        for sort, descending in orders:
            asked: dict[str, Any] = {"sort": sort, "descending": descending, "limit": 4}
            first = _same(pair, lambda s, n=label, a=asked: rows(s, n, **a))
            if first:
                asked["after"] = (first[-1][sort], first[-1]["id"])
                _same(pair, lambda s, n=label, a=asked: rows(s, n, **a))
        scanned = _same(
            pair, lambda s, n=label: [b.to_pylist() for b in s.scan(n, branches=branches)]
        )
        assert sum(map(len, scanned)) == len(rows(pair.sqlite.store, label, limit=1_000))
    for where in (
        {"name": Condition("prefix", "王")},
        {"name": Condition("gt", "Ａ")},
        {"name": Condition("in", ["𠮷野", "李明"])},
        {"name": Condition("ne", "王丽"), "id": Condition("le", "P5")},
        {"birth_date": None},
        {"sex": Condition("null", False)},
    ):
        _same(pair, lambda s, w=where: rows(s, "Person", where=w))
    _same(pair, lambda s: rows(s, "Policy", where={"premium": Condition("ge", "2.50")}))


@pytest.mark.parametrize("server", ["newest"], indirect=True)
def test_the_sample_is_read_alike(sample_pair: Pair, insurer: Insurer) -> None:
    own = [i for i, values in insurer.nodes("Institution") if values["own"] == "yes"]
    branches = [
        start[1]
        for institution in own
        for start, _ in insurer.into(("Institution", institution), "PART_OF")
    ]
    for some in (branches[:2],):
        for store, graph in sample_pair.stores.items():
            reading = Reading(graph.store, insurer, sample_pair.values(store), some)
            reading.try_visible()
            chance, seen = random.Random(SEED), sorted(reading.seen & set(reading.open))
            for label in ("Person", "Policy", "Claim"):
                start = chance.choice([node for node in seen if node[0] == label])
                reading.try_node(start, 1)
        people = [r["id"] for r in sample_pair.sqlite.store.page("Person", branches=some, limit=5)]
        for one in people[1:]:
            _same(
                sample_pair,
                lambda s, a=people[0], b=one, w=some: [
                    len(way)
                    for way in s.paths(("Person", a), ("Person", b), hops=5, branches=w).graph[
                        "paths"
                    ]
                ],
            )

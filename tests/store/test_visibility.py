"""Reads limited to branches, held against the rules in plain Python and against NetworkX."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest

import graphcrm
from graphcrm.model.visibility import PATHS
from graphcrm.store.sqlite import paging
from graphcrm.store.sqlite.reach import reached
from graphcrm.store.sqlite.store import SqliteStore
from graphcrm.store.sqlite.visibility import Sight
from tests.branches import BRANCHES, random_tables
from tests.parity.insurer import Insurer
from tests.reading import Reading

SEED = int(os.environ.get("GRAPHCRM_TEST_SEED", "0"))

VALUES = " UNION ALL ".join(
    f"SELECT id, value FROM {label}" for label in ("phone", "email", "address", "account")
)


def load(book: Any, seed: int) -> Insurer:
    """A random insurer in the store, and the same in plain Python."""
    insurer = Insurer()
    for number, tables in enumerate(random_tables(seed), 1):
        book.load({"as_of": "2026-03-01", "confirmed": True}, **tables)
        insurer.load(book.folder / f"load{number}", as_of="2026-03-01")
    return insurer


def test_nothing_outside_is_ever_reached_or_named(
    book: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    print(f"GRAPHCRM_TEST_SEED={SEED}")
    insurer, chance = load(book, SEED), random.Random(SEED)
    values = dict(book.rows(VALUES))
    with book.open() as graph:
        for branches in (None, [], ["B1"], ["B4", "nowhere"], list(BRANCHES)):
            Reading(graph.store, insurer, values, branches).try_all(chance, 16)
        for name in ("_DEARER", "_HELD"):  # as where branches see too much to look it all up
            monkeypatch.setattr(paging, name, 0)
        Reading(graph.store, insurer, values, ["B1", "B2"]).try_pages()
        assert isinstance(graph.store, SqliteStore)
        for branches in (["B1"], ["B2", "B3"], []):
            sight = Sight(graph.store._db, branches)
            for label in PATHS:
                keys = {key for (key,) in book.rows(f"SELECT key FROM {label}")}
                assert reached(sight, label, 1 << 40) == sight.keys(keys), label


def test_who_was_only_entered_belongs_to_the_branch_that_did(book: Any) -> None:
    entered = "\n".join(f"{id},王丽,B1" for id in ("P0", "P1", "P2", "P3"))
    book.load(
        institutions="id,name,own,entered_branch_id\nI0,本公司,yes,\nI1,云大公司,,B1\nI2,中南公司,,B1",
        departments="id,institution_id,name\nB1,I0,一支\nB2,I0,二支\nD1,I1,人事部",
        persons=f"id,name,entered_branch_id\n{entered}",
        policies="id,holder_id,holder_kind,product_code,premium,issued_on,status,branch_id\n"
        "Q1,P1,person,L1,1,2020-01-01,lapsed,B2\nQ2,D1,department,L1,1,2020-01-01,in_force,B2",
        contacts="id,customer_id,customer_kind,contacted_at,direction,channel,department_id\n"
        "T2,P2,person,2024-03-01T10:00:00,in,phone,B2\nT3,P3,person,2024-03-01T10:00:00,in,phone,",
    )
    parties = [("Person", f"P{n}") for n in range(4)] + [("Institution", f"I{n}") for n in (1, 2)]
    with book.open() as graph:
        assert graph.store.visible(parties, ["B1"]) == {("Person", "P0"), ("Institution", "I2")}
        others = {("Person", "P1"), ("Person", "P2"), ("Institution", "I1")}
        assert graph.store.visible(parties, ["B2"]) == others
        told = graph.store.query("customer_branches", label="Person", id="P0").to_pylist()
        assert [(row["branch_id"], row["entered"]) for row in told] == [("B1", 1)]


def test_branches_below(book: Any) -> None:
    book.load(
        institutions="id,name,own\nI0,本公司,yes",
        departments="""\
        id,institution_id,name,parent_id,deleted_on
        B1,I0,一支,,
        B2,I0,二支,B1,
        B3,I0,三支,B2,
        B4,I0,四支,B3,2024-01-01
        B5,I0,五支,B4,
        B6,I0,六支,B6,
        """,
    )
    with book.open() as graph:
        below = graph.store.branches_below
        assert below(["B1"]) == {"B1", "B2", "B3"}
        assert below(["B3", "B6"]) == {"B3", "B6"}
        assert below([]) == set()
        with pytest.raises(graphcrm.UnknownNodeError, match="no Department with the id 'I0'"):
            below(["B1", "I0"])


def test_hubs_are_gone_through_last(book: Any) -> None:
    workers = "\n".join(f"P{n},名{n},I1," for n in range(3, 30))
    book.load(
        institutions="id,name\nI1,云大公司",
        persons=f"id,name,institution_id,phone\n{workers}\nP90,甲,,13800138000\n"
        "P91,乙,,13900139000\nP1,名1,I1,13800138000\nP2,名2,I1,13900139000",
        relations="from_id,to_id,kind\nP90,P91,spouse",
    )
    with book.open() as graph:
        one, two = ("Person", "P1"), ("Person", "P2")
        around = graph.store.paths(one, two)
        assert [len(way) for way in around.graph["paths"]] == [6]
        assert around.graph["complete"]
        short = graph.store.paths(one, two, hops=3)
        assert short.graph["paths"] == [[one, ("Institution", "I1"), two]]
        assert short.number_of_edges() == 2
        from_hub = graph.store.paths(("Institution", "I1"), two)
        assert from_hub.graph["paths"] == [[("Institution", "I1"), two]]
        cut = graph.store.paths(one, two, hops=3, most=2)
        assert (cut.graph["paths"], cut.graph["complete"]) == ([], False)
        itself = graph.store.paths(one, one)
        assert (itself.graph["paths"], itself.number_of_edges()) == ([[one]], 0)


def test_only_some_types_are_gone_over(book: Any) -> None:
    book.load(
        persons="id,name,phone\nP1,甲,13800138000\nP2,乙,13800138000",
        relations="from_id,to_id,kind\nP1,P2,spouse",
    )
    with book.open() as graph:
        found = graph.store.neighbourhood([("Person", "P1")], 2, 9, types=["RELATED_TO"])
        assert set(found) == {("Person", "P1"), ("Person", "P2")}
        assert [type_ for _, _, type_ in found.edges(data="type")] == ["RELATED_TO"]
        with pytest.raises(graphcrm.UsageError, match="no edge type 'KNOWS'"):
            graph.store.neighbourhood([("Person", "P1")], 2, 9, types=["KNOWS"])

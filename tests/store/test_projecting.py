"""Decisions in a graph file: shown once, like loaded facts, and left alone by loads."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

import graphcrm
from graphcrm import StoreError, UsageError
from graphcrm.store import Store
from graphcrm.store.copying import copy_graph
from graphcrm.store.lock import writing
from graphcrm.store.projection import read_effects
from tests.deciding import Made, contact, edge
from tests.deciding import closing as closes

PERSONS = "id,name\nP1,王丽\nP2,李明"
AGENTS = "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active"
CONTACTS = "id,customer_id,contacted_at,direction,channel,agent_id\n"
ONE = CONTACTS + "C1,P1,2026-01-01T10:00:00,out,visit,A1"


@pytest.fixture
def loaded(book: Any) -> Any:
    book.load(persons=PERSONS, agents=AGENTS, contacts=ONE)
    return book


@pytest.fixture
def store(loaded: Any) -> Iterator[Store]:
    with loaded.open() as graph:
        yield graph.store


def marks(book: Any) -> dict[str, str]:
    names = "('change', 'state', 'facts', 'projected')"
    return dict(book.rows(f"SELECT name, value FROM meta WHERE name IN {names}"))


def test_a_decision_is_shown_once_and_as_a_fact_is(
    loaded: Any, store: Store, recounted: Callable[[Path], None]
) -> None:
    before = marks(loaded)
    assert store.projected() == 0
    assert store.project([contact(2, "P2", note="回电"), contact(1)]) == 2
    assert store.project([contact(1), contact(2, "P2", note="别的")]) == 0
    recounted(loaded.path)
    after = marks(loaded)
    assert (store.projected(), after["projected"]) == (2, "2")
    assert int(after["change"]) == int(before["change"]) + 1
    assert after["state"] != before["state"]
    assert after["facts"] != before["facts"]
    made = store.node("Contact", "graphcrm:d2")
    assert made is not None
    assert {n: made[n] for n in ("source", "note", "path", "load", "at_line", "topic")} == {
        "source": "graphcrm", "note": "回电", "path": None, "load": None, "at_line": None,
        "topic": None,
    }  # fmt: skip
    assert store.find("d2") == store.find("graphcrm:d9") == []
    assert [hit["id"] for hit in store.search("d2")] == ["graphcrm:d2"]
    found = store.query("customer_contacts", label="Person", id="P1").to_pylist()
    assert [(row["contact_id"], row["agent_name"]) for row in found] == [
        ("graphcrm:d1", "张三"), ("C1", "张三")
    ]  # fmt: skip
    near = store.neighbourhood([("Agent", "A1")], 1, 50)
    assert {("Contact", "graphcrm:d1"), ("Contact", "graphcrm:d2")} < set(near)
    status = store.status()
    assert (status.nodes["Contact"], status.edges["HANDLED_BY"]) == (3, 3)
    with duckdb.connect(str(store.snapshot()), read_only=True) as snapshot:
        rows = snapshot.execute(
            "SELECT c.id, c.key & 63 FROM contact c JOIN contact_with w ON w.src = c.key "
            "JOIN person p ON p.key = w.dst WHERE c.key < 0 ORDER BY c.id"
        ).fetchall()
    assert rows == [("graphcrm:d1", 10), ("graphcrm:d2", 10)]
    origins = dict(loaded.rows("SELECT name, n FROM tally WHERE kind = 'origin'"))
    (code,) = loaded.rows("SELECT origin FROM origin WHERE name = 'contacts.customer_id'")[0]
    assert origins[f"{code}:CONTACT_WITH"] == 3


def test_what_is_said_anew_leaves_its_past_in_the_history(
    loaded: Any, store: Store, recounted: Callable[[Path], None]
) -> None:
    store.project([contact(1, note="one"), contact(2, agent=None, of=1, note="two")])
    was = edge("HANDLED_BY", "graphcrm:d1", ["Agent", "A1"])
    other = edge("HANDLED_BY", "graphcrm:d1", ["Agent", "A2"])
    store.project([closes(3, was, was, other), contact(4, agent=None, of=1, note="two")])
    recounted(loaded.path)
    assert loaded.edges("HANDLED_BY") == {("C1", "A1")}
    history = store.history("Contact", "graphcrm:d1")
    assert [(h["replaced_by_load"], h["replaced_by_decision"], h["note"], h["at"])
            for h in history] == [(None, 2, "one", "2026-06-30T08:02:00+00:00")]  # fmt: skip
    store.project([contact(5, of=1, note="one"), contact(6, of=1, note="two")])
    assert [h["note"] for h in store.history("Contact", "graphcrm:d1")] == ["one", "two", "one"]
    assert loaded.edges("HANDLED_BY") == {("C1", "A1"), ("graphcrm:d1", "A1")}
    node = {"label": "Contact", "id": "graphcrm:d1"}
    store.project([closes(7, node), closes(8, node)])
    recounted(loaded.path)
    gone = store.node("Contact", "graphcrm:d1")
    assert gone is not None
    assert gone["deleted_on"] == "2026-06-30"
    assert "graphcrm:d1" not in str(store.query("customer_contacts", label="Person", id="P1"))
    store.project([contact(9, of=1)])
    recounted(loaded.path)
    assert store.status().nodes["Contact"] == 2


NODE = {"label": "Contact", "id": "graphcrm:d1", "values": {}}
WITH = edge("CONTACT_WITH", "graphcrm:d1", ["Person", "P1"])


@pytest.mark.parametrize(
    ("effects", "words"),
    [
        ({"marks": []}, "can't show 'marks'"),
        ({"nodes": [{"label": "Contact"}]}, "lack something"),
        ({"nodes": [NODE | {"label": "Person"}]}, "can't make a Person"),
        ({"nodes": [NODE | {"label": "Customer"}]}, "can't make a Customer"),
        ({"nodes": [NODE | {"label": "Phone"}]}, "can't make a Phone"),
        ({"nodes": [NODE | {"label": "Ghost"}]}, "can't make a Ghost"),
        ({"nodes": [NODE | {"id": "C1"}]}, "'C1' is none"),
        ({"nodes": [NODE | {"values": {"mood": 1}}]}, "no property 'mood'"),
        ({"nodes": [NODE | {"values": {"satisfaction": "5"}}]}, "'5' can't be kept as"),
        ({"closes": [{"label": "Agent", "id": "graphcrm:x"}]}, "can't make a Agent"),
        ({"nodes": [NODE], "edges": [WITH | {"type": "SAME_AS"}]}, "can't make an edge SAME_AS"),
        ({"nodes": [NODE], "edges": [WITH | {"end": ["Agent", "A1"]}]}, "to a Agent"),
        ({"nodes": [NODE], "edges": [WITH | {"origin": "services.agent_id"}]}, "contacts.customer"),
        ({"edges": [{"type": "SERVES", "start": ["Agent", "A1"], "end": ["Policy", "Q1"]}]},
         "policies.served_by, servings.agent_id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_effects_that_no_graph_can_show(effects: Any, words: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_effects(effects)
    assert words in str(caught.value)


def test_what_can_not_be_shown_leaves_nothing(
    loaded: Any, store: Store, recounted: Callable[[Path], None]
) -> None:
    before = marks(loaded)
    with pytest.raises(StoreError, match="decision 2 names the Person 'P9', which is not in"):
        store.project([contact(1), contact(2, "P9")])
    with pytest.raises(UsageError, match="decision 3 can't be shown before decision 2"):
        store.project([contact(1), contact(3)])
    with pytest.raises(UsageError, match="can't show 'marks'"):
        store.project([contact(1), Made(2, {"marks": []})])
    with pytest.raises(StoreError, match="decision 1 names the Contact 'graphcrm:d7'"):
        store.project([closes(1, {"label": "Contact", "id": "graphcrm:d7"})])
    with closing(sqlite3.connect(loaded.path)) as db, db:
        db.execute("UPDATE contact SET id = 'graphcrm:d1' WHERE id = 'C1'")
    with pytest.raises(StoreError, match="would change the Contact 'graphcrm:d1', which no dec"):
        store.project([contact(1)])
    with closing(sqlite3.connect(loaded.path)) as db, db:
        db.execute("INSERT INTO meta VALUES ('copy_of', 'elsewhere')")
    with pytest.raises(StoreError, match="only a part of a copy of elsewhere; complete it first"):
        store.project([contact(1)])
    recounted(loaded.path)
    assert marks(loaded) == before


def test_loads_and_decisions_leave_each_other_alone(loaded: Any, store: Store) -> None:
    whole = {"complete": True, "as_of": "2026-07-01"}
    store.project([contact(1), contact(2, "P2")])
    shown = {("graphcrm:d1", "P1"), ("graphcrm:d2", "P2")}
    two = ONE + "\nC2,P2,2026-01-02T10:00:00,out,visit,A2"
    (file,) = loaded.load(contacts=two).files
    assert (file.new, file.same, file.closed) == (1, 1, 0)
    assert loaded.edges("CONTACT_WITH") == shown | {("C1", "P1"), ("C2", "P2")}
    store.project([contact(3)])
    (file,) = loaded.load(whole, contacts=CONTACTS + "C2,P2,2026-01-02T10:00:00,out,visit,").files
    assert (file.closed, file.changed, file.same, file.edges_closed) == (1, 0, 1, 1)
    assert loaded.edges("HANDLED_BY") == {(f"graphcrm:d{n}", "A1") for n in (1, 2, 3)} | {
        ("C1", "A1")
    }
    assert loaded.node("graphcrm:d1")["deleted_on"] is None
    keys = [key for (key,) in loaded.rows("SELECT key FROM contact ORDER BY key")]
    assert keys == [10 - 64 * 3, 10 - 64 * 2, 10 - 64, 10 + 64, 10 + 64 * 2]
    for taken in ({"source": "graphcrm"}, None):
        with pytest.raises(UsageError, match="the source 'graphcrm' is that of what was recorded"):
            loaded.load(taken, contacts="source," + CONTACTS + "graphcrm,d1,P1,2026-01-02,in,web,")
    assert loaded.edges("CONTACT_WITH") > shown


def test_decisions_come_before_the_first_loaded_contact(
    book: Any, recounted: Callable[[Path], None]
) -> None:
    book.load(persons=PERSONS, agents=AGENTS)
    with book.open() as graph:
        graph.store.project([contact(1)])
    (file,) = book.load({"complete": True}, contacts=ONE).files
    assert (file.new, file.closed, file.edges_new) == (1, 0, 2)
    assert book.rows("SELECT key FROM contact ORDER BY key") == [(10 - 64,), (10 + 64,)]
    with book.open() as graph:
        graph.store.project([contact(2)])
    recounted(book.path)


def test_a_copy_holds_them_too_and_goes_on(
    loaded: Any, store: Store, tmp_path: Path, contents_of: Any, recounted: Callable[[Path], None]
) -> None:
    store.project([contact(1, note="one"), contact(2, of=1, note="two")])
    there = tmp_path / "there.graph"
    copy_graph(str(loaded.path), str(there))
    assert contents_of(there) == contents_of(loaded.path)
    with graphcrm.connect(there) as graph:
        assert graph.store.projected() == 0  # its ledger is not copied
        assert graph.store.history("Contact", "graphcrm:d1")[0]["replaced_by_decision"] == 2
        graph.store.project([contact(1, of=7)])
    recounted(there)


def test_it_waits_for_a_transaction_but_not_for_a_load(loaded: Any, store: Store) -> None:
    with writing(loaded.path, "a load", lambda who: None):
        assert store.project([contact(1)], patience=0.0) == 1
        with closing(sqlite3.connect(loaded.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="is being written by another process; try again"):
                store.project([contact(2)], patience=0.05)
            assert store.node("Contact", "graphcrm:d1") is not None
            other.execute("ROLLBACK")
    assert store.project([contact(2)]) == 1
    with closing(sqlite3.connect(loaded.path, isolation_level=None)) as own:
        own.execute("BEGIN IMMEDIATE")
        assert store.project([contact(3)], within=own) == 1
        assert (store.projected(), store.projected(own)) == (2, 3)
        own.execute("ROLLBACK")
    assert (store.projected(), store.node("Contact", "graphcrm:d3")) == (2, None)

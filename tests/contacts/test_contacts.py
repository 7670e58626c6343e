"""Contacts that are recorded: checked, shown at once, corrected, and kept in the ledger."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm import StoreError, UnknownNodeError, UsageError
from graphcrm.contacts import contact_id, correct_contact, record_contact
from graphcrm.ledger import decisions, messages
from graphcrm.ledger.database import Database
from graphcrm.ledger.idempotency import IdempotencyConflict, Kept, claim
from graphcrm.ledger.recording import DECISION_HEADER, Ledger
from graphcrm.ledger.showing import replay, take_over
from tests.contacts.conftest import SAID, OpenLedger
from tests.loading import Load
from tests.parity.contents import sqlite_contents

Both = tuple[graphcrm.Graph, Ledger]
KEPT = {
    "contacted_at": "2026-06-30T08:05:00", "direction": "in", "channel": "phone",
    "topic": "claim", "outcome": None, "satisfaction": 4, "note": "询问赔款",
}  # fmt: skip


def made(ledger: Ledger) -> list[decisions.Decision]:
    with ledger.database.reading() as connection:
        assert decisions.verify(connection).broken is None
        return decisions.since(connection, 0, 1_000)


def around(graph: graphcrm.Graph, contact: str) -> set[tuple[str, str, str]]:
    """(edge type, label, id) of what a contact is joined to."""
    near = graph.store.neighbourhood([("Contact", contact)], 1, 50)
    return {
        (data["type"], *far) for _, far, data in near.out_edges(("Contact", contact), data=True)
    }


def test_a_contact_is_in_the_graph_and_in_the_ledger(graph_and_ledger: Both) -> None:
    graph, ledger = graph_and_ledger
    decision = record_contact(ledger, SAID, "王经理", trace={"screen": "desk"}, request_id="r1")
    contact = contact_id(decision.id)
    node = graph.node(contact)
    assert {name: node[name] for name in KEPT} == KEPT
    assert around(graph, contact) == {
        ("CONTACT_WITH", "Person", "P1"), ("HANDLED_BY", "Agent", "A1"),
        ("ABOUT", "Policy", "Q1"), ("ABOUT", "Product", "L1"),
    }  # fmt: skip
    shown = graph.customer("P1").contacts[0]
    assert (shown["contact_id"], shown["agent_name"]) == (contact, "张三")
    assert made(ledger) == [decision]
    told = {n: v for n, v in KEPT.items() if v is not None}
    named = {n: SAID[n] for n in ("customer_id", "agent_id", "policy_id", "product_code")}
    assert decision.payload == told | named
    assert (decision.kind, decision.by, decision.subject, decision.trace) == (
        "contact.recorded", "王经理", {"label": "Contact", "id": contact}, {"screen": "desk"}
    )  # fmt: skip
    with ledger.database.reading() as connection:
        (message,) = messages.since(connection, 0, 9)
    assert (message.event, message.decision) == ("contact.recorded", decision.id)
    assert message.payload == {"contact": contact, "customer": {"label": "Person", "id": "P1"}}
    at = dt.datetime(2026, 6, 30, 8, 5)
    other = record_contact(
        ledger,
        {"customer_id": "D1", "customer_kind": "department", "department_id": "D1",
         "contacted_at": at, "direction": "out", "channel": "visit", "note": ""},
        "x",
    )  # fmt: skip
    assert around(graph, contact_id(other.id)) == {
        ("CONTACT_WITH", "Department", "D1"), ("HANDLED_IN", "Department", "D1")
    }  # fmt: skip


AHEAD = dt.datetime.now(dt.UTC) + dt.timedelta(days=2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mood": "good"}, "a contact has no column 'mood'; it has customer_id, "),
        ({"id": "C7"}, "has no column 'id'"),
        ({"source": "crm"}, "has no column 'source'"),
        ({"customer_id": None}, "a contact needs a value of 'customer_id'"),
        ({"channel": " "}, "a contact needs a value of 'channel'"),
        ({"channel": "fax"}, "the value 'fax' of channel is refused: it is one of phone, "),
        ({"satisfaction": 6}, "the value '6' of satisfaction is refused: not one of 1, "),
        ({"satisfaction": True}, "the value True of satisfaction is refused: it must be"),
        ({"contacted_at": "30.6.2026"}, "'30.6.2026' of contacted_at is refused: not an ISO"),
        ({"contacted_at": AHEAD.isoformat()}, "contacted_at: "),
        ({"note": "x" * 4001}, f"the value '{'x' * 60}…' of note is refused: longer than"),
        ({"customer_id": "P7"}, "customer_id: there is no Person with the id 'P7'"),
        ({"customer_kind": "institution"}, "there is no Institution with the id 'P1'"),
        ({"customer_id": "P9"}, "customer_id: the Person 'P9' is closed"),
        ({"claim_id": "Q1"}, "claim_id: there is no Claim with the id 'Q1'"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_what_is_refused_is_named(shared: Both, change: dict[str, Any], words: str) -> None:
    graph, ledger = shared
    with pytest.raises(UsageError) as caught:
        record_contact(ledger, SAID | change, "x", idempotency=("x", "1", "f"))
    assert words in str(caught.value)
    assert (made(ledger), graph.status().nodes["Contact"]) == ([], 1)


@pytest.fixture(scope="module")
def shared(files: Path, tmp_path_factory: pytest.TempPathFactory, load_apart: Load) -> Any:
    from contextlib import closing

    from graphcrm.ledger.showing import ledger_of

    path = tmp_path_factory.mktemp("refused") / "own.graph"
    load_apart(path, files)
    with graphcrm.connect(path) as graph, closing(ledger_of(graph.store)) as database:
        yield graph, Ledger(graph.store, database)


def test_a_correction_is_shown_and_what_was_said_is_kept(graph_and_ledger: Both) -> None:
    graph, ledger = graph_and_ledger
    first = record_contact(ledger, SAID, "a")
    contact = contact_id(first.id)
    second = correct_contact(
        ledger, contact, {"note": "询问保费", "agent_id": "A2", "policy_id": ""}, "b", "听错了"
    )
    third = correct_contact(
        ledger, contact, {"agent_id": "A1", "outcome": "resolved"}, "b", "again"
    )
    assert [d.corrects for d in made(ledger)] == [None, first.id, first.id]
    assert (second.reason, second.payload["agent_id"], third.payload["agent_id"]) == (
        "听错了", "A2", "A1"
    )  # fmt: skip
    assert around(graph, contact) == {
        ("CONTACT_WITH", "Person", "P1"), ("HANDLED_BY", "Agent", "A1"), ("ABOUT", "Product", "L1"),
    }  # fmt: skip
    assert (graph.node(contact)["note"], graph.node(contact)["outcome"]) == ("询问保费", "resolved")
    past = graph.history(contact)
    assert [(h["replaced_by_decision"], h["note"]) for h in past] == [
        (3, "询问保费"),
        (2, "询问赔款"),
    ]
    correct_contact(ledger, contact, {"contacted_at": "2026-06-29T09:00:00"}, "b", "wrong day")
    assert graph.customer("P1").contacts[0]["contacted_at"] == "2026-06-29T09:00:00"
    before = made(ledger)
    for wrong, change, reason, words in (
        (contact, {"note": "询问保费"}, "r", "nothing differs from what is recorded"),
        (contact, {"note": "x"}, " ", "a correction needs a reason"),
        (contact, {"channel": ""}, "r", "a contact needs a value of 'channel'"),
        (contact, {"agent_id": "A9"}, "r", "agent_id: there is no Agent"),
        ("C1", {"note": "x"}, "r", "the contact 'C1' was not recorded here but loaded"),
    ):
        with pytest.raises(UsageError) as caught:
            correct_contact(ledger, wrong, change, "b", reason)
        assert words in str(caught.value)
    with pytest.raises(UnknownNodeError, match="there is no Contact with the id 'C7'"):
        correct_contact(ledger, "C7", {"note": "x"}, "b", "r")
    assert made(ledger) == before


def test_a_request_that_is_sent_twice_is_done_once(graph_and_ledger: Both) -> None:
    graph, ledger = graph_and_ledger
    key = ("app", "k1", "f1")

    def answer(decision: decisions.Decision) -> Kept:
        return Kept(201, {"etag": "1"}, json.dumps({"seq": decision.seq}).encode())

    first = record_contact(ledger, SAID, "a", idempotency=key, answer=answer)
    assert record_contact(ledger, SAID, "a", idempotency=key, answer=answer) == first
    with ledger.database.writing() as connection:
        kept = claim(connection, who="app", key="k1", fingerprint="f1")
    assert kept == Kept(201, {"etag": "1", DECISION_HEADER: first.id}, b'{"seq": 1}')
    with pytest.raises(IdempotencyConflict):
        record_contact(ledger, SAID, "a", idempotency=("app", "k1", "f2"))
    with pytest.raises(UsageError):
        record_contact(ledger, SAID | {"agent_id": "A9"}, "a", idempotency=("app", "k2", "f"))
    second = record_contact(ledger, SAID, "a", idempotency=("app", "k2", "f"))
    again = ("app", "k3", "f")
    contact = contact_id(second.id)
    third = correct_contact(ledger, contact, {"note": "x"}, "a", "r", idempotency=again)
    assert correct_contact(ledger, contact, {"note": "x"}, "a", "r", idempotency=again) == third
    assert (len(made(ledger)), graph.status().nodes["Contact"]) == (3, 3)


def test_a_graph_that_is_loaded_anew_shows_them_again(
    graph_and_ledger: Both, files: Path, tmp_path: Path, load_apart: Load, open_ledger: OpenLedger
) -> None:
    graph, ledger = graph_and_ledger
    contact = contact_id(record_contact(ledger, SAID, "a").id)
    record_contact(ledger, SAID | {"customer_id": "P2"}, "a")
    correct_contact(ledger, contact, {"note": "x", "agent_id": "A2"}, "a", "r")
    correct_contact(ledger, contact, {"agent_id": "A1"}, "a", "r")
    anew, empty = tmp_path / "anew.graph", tmp_path / "empty.graph"
    load_apart(anew, files)
    with graphcrm.connect(anew) as other:
        heard: list[tuple[int, int]] = []
        assert replay(other.store, ledger.database, lambda *told: heard.append(told)) == 4
        assert replay(other.store, ledger.database) == 0
        assert (heard, other.store.projected()) == ([(4, 4)], 4)
    assert sqlite_contents(anew) == sqlite_contents(Path(graph.store.place))
    _, own = open_ledger(anew)
    assert made(own) == made(ledger)
    correct_contact(own, contact, {"note": "y"}, "a", "goes on")
    record_contact(ledger, SAID, "a")
    for one, another in ((own, ledger), (ledger, own)):
        with pytest.raises(StoreError, match="has decisions of its own; nothing was taken over"):
            take_over(one.database, another.database)
    with graphcrm.connect(empty) as other:
        with pytest.raises(StoreError, match="decision 1 names the Person 'P1', which is not in"):
            replay(other.store, ledger.database)
        with pytest.warns(graphcrm.UnfinishedWarning, match="decision 1 names"):
            lacking = Ledger(other.store, open_database(empty))
        assert lacking.behind() == 5
        load_apart(empty, files)
        assert (lacking.catch_up(), lacking.behind()) == (5, 0)
        lacking.database.close()
        with pytest.warns(graphcrm.UnfinishedWarning, match="it is not the ledger of this graph"):
            Ledger(other.store, Database(f"sqlite:///{tmp_path}/strange"))


def open_database(path: Path) -> Database:
    from graphcrm.store.sqlite.connection import open_graph

    return Database(f"sqlite:///{path}", connect=lambda: open_graph(path))


def test_the_command_line_records_corrects_and_replays(
    run: Any, graph_file: Path, files: Path, tmp_path: Path, load_apart: Load
) -> None:
    where = ("--graph", graph_file)
    added = run(
        "contact", "add", "P1", "--channel", "phone", "--direction", "in", "--agent", "A1",
        "--note", "你好", "--json", *where,
    )  # fmt: skip
    assert (added.code, added.data["decision"], added.data["shown"]) == (0, 1, True)
    assert added.data["values"]["note"] == "你好"
    contact = added.data["id"]
    ran = run("contact", "correct", contact, "--reason", "r", "--note", "", *where)
    assert (ran.code, contact in ran.out, ran.fits()) == (0, True, True)
    ran = run("contact", "add", "I1", "--channel", "web", "--direction", "out", *where)
    assert (ran.code, ran.out.splitlines()[0].startswith("Recorded: contact graphcrm:")) == (
        0,
        True,
    )
    for arguments, code, words in (
        (("add", "A1", "--channel", "web", "--direction", "in"), 2, "A1 是代理人；联系对象须为"),
        (("add", "P1", "--channel", "fax", "--direction", "in"), 2, "channel 的值 'fax' 不被接受"),
        (("add", "P7", "--channel", "web", "--direction", "in"), 2, "'P7'"),
        (("correct", "C1", "--reason", "r", "--note", "x"), 2, "不是在此登记的"),
    ):
        ran = run("contact", *arguments, "--lang", "zh", *where)
        assert (ran.code, words in ran.err.replace("\n", "")) == (code, True), ran.err
    anew = tmp_path / "anew.graph"
    load_apart(anew, files)
    told = run("ledger", "replay", "--from", graph_file, "--graph", anew, "--json")
    assert told.data == {"taken_over": 3, "shown": 3, "last": 3}
    again = run("ledger", "replay", "--graph", anew)
    assert again.out.splitlines()[0] == "0 decisions were shown; the graph shows all 3."
    assert sqlite_contents(anew) == sqlite_contents(graph_file)

"""Decisions in both stores: shown alike, and on a server caught up with after whatever happens."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm import StoreError, UnknownNodeError, UsageError
from graphcrm.contacts import contact_id, correct_contact, record_contact
from graphcrm.ledger import Database, decisions
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of, replay
from graphcrm.store.copying import copy_graph
from graphcrm.store.neo4j.address import Address
from graphcrm.store.neo4j.connection import Server
from graphcrm.store.neo4j.lock import writing
from tests.deciding import closing as closes
from tests.deciding import contact, edge
from tests.parity.contents import Contents, neo4j_contents, require_same, sqlite_contents
from tests.parity.stores import Pair
from tests.sharing import WORKER

BOOK = {
    "persons": "id,name\nP1,王丽\nP2,李明",
    "agents": "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active",
}
ONE = (
    "id,customer_id,contacted_at,direction,channel,agent_id\nC1,P1,2026-01-01T10:00:00,out,visit,A1"
)
SAID = {
    "customer_id": "P1", "contacted_at": "2026-06-30T16:05:00", "direction": "in",
    "channel": "phone", "agent_id": "A1",
}  # fmt: skip


def _both(pair: Pair, *made: Any) -> int:
    """Show decisions in both; they must agree afterwards. Raises what both raised."""
    told: list[Any] = []
    for graph in pair.stores.values():
        try:
            told.append(graph.store.project(made))
        except (StoreError, UsageError) as error:
            words = str(error).replace(graph.url, "").replace(str(pair.path), "")
            told.append((type(error), words))
    pair.require_same()
    assert told[0] == told[1]
    if isinstance(told[0], tuple):
        kind, words = told[0]
        raise kind(words)
    shown: int = told[0]
    return shown


def _asked(pair: Pair, id_: str) -> list[dict[str, Any]]:
    answers: list[dict[str, Any]] = [
        {
            "node": graph.store.node("Contact", id_),
            "history": graph.history(id_, "Contact"),
            "find": graph.store.find(id_),
            "customer": graph.customer("P1").contacts,
            "status": graph.status().model_dump(include={"nodes", "edges"}),
            "projected": graph.store.projected(),
            "search": graph.search(id_.partition(":")[2]),
        }
        for graph in pair.stores.values()
    ]
    assert answers[0] == answers[1]
    history: list[dict[str, Any]] = answers[0]["history"]
    return history


def test_decisions_are_shown_alike(pair: Pair, tmp_path: Path) -> None:
    pair.load(**BOOK)
    changes = {name: graph.status().change for name, graph in pair.stores.items()}
    assert _both(pair, contact(1, note="one"), contact(2, "P2"), contact(3, of=1, note="two")) == 3
    assert _both(pair, contact(3, of=1), contact(2)) == 0
    for name, graph in pair.stores.items():
        assert graph.status().change == changes[name] + 1
    assert [h["replaced_by_decision"] for h in _asked(pair, "graphcrm:d1")] == [3]
    (file,) = pair.load({"complete": True}, contacts=ONE).files
    assert (file.new, file.closed, file.edges_closed) == (1, 0, 0)
    was = edge("HANDLED_BY", "graphcrm:d2", ["Agent", "A1"])
    node = {"label": "Contact", "id": "graphcrm:d1"}
    _both(pair, closes(4, was, was), contact(5, of=1), closes(6, node), contact(7, "P2", of=2))
    _both(pair, closes(8, was), contact(9, of=1, note="back"), contact(10, agent=None))
    assert len(_asked(pair, "graphcrm:d1")) == 4
    for wrong, words in (
        ([contact(11, "P9")], "decision 11 names the Person 'P9', which is not in the graph"),
        ([closes(11, node | {"id": "graphcrm:d9"})], "decision 11 names the Contact 'graphcrm:d9'"),
        ([contact(12)], "decision 12 can't be shown before decision 11"),
        ([contact(11), closes(12, {"label": "Person", "id": "P1"})], "can't make a Person"),
    ):
        with pytest.raises((StoreError, UsageError), match=words):
            _both(pair, *wrong)
    pair.require_same_snapshots()
    back = tmp_path / "back.graph"
    copy_graph(pair.server.url, str(back))
    require_same(sqlite_contents(back), neo4j_contents(pair.server.driver))
    with pair.server.driver.session() as session:
        session.run("MATCH (g:_Graph) SET g.copy_of = 'elsewhere'").consume()
    with pytest.raises(StoreError, match="only a part of a copy of elsewhere; complete it first"):
        pair.neo4j.store.project([contact(11)])


def test_a_first_decision_while_a_load_is_under_way(pair: Pair) -> None:
    """What a load knew of sources when it began does not close what came since."""
    from graphcrm.duck import engine
    from graphcrm.store.contract import LoadPlan
    from graphcrm.store.neo4j.keeper import Neo4jKeeper

    pair.load(**BOOK, contacts=ONE)
    server = Server(Address.parse(pair.server.url))
    with engine() as work:
        keeper = Neo4jKeeper(server, work, lambda said: None)
        with keeper.open(LoadPlan()):
            pair.neo4j.store.project([contact(1)])
            node = graphcrm.model.VOCABULARY.nodes["Contact"]
            keeper.fetch_nodes(node, "present", {"source": "BIGINT"}, None)
            coded = "SELECT count(*) FROM present WHERE source IS NULL"
            assert work.execute(coded).fetchall() == [(1,)]  # that of the loaded one
            keeper._note_made(keeper.origins()["services.agent_id"], _edge("HANDLED_BY"))
            keeper.sources(["life"])
    server.close()
    with pair.server.driver.session() as session:
        rows = session.run("MATCH (g:_Graph) RETURN g.sources, g.origins").values()
    assert set(rows[0][0]) == {"graphcrm", "life"}
    assert {"services.agent_id:HANDLED_BY", "contacts.agent_id:HANDLED_BY"} <= set(rows[0][1])


def _edge(name: str) -> Any:
    return graphcrm.model.VOCABULARY.edges[name]


@pytest.fixture
def state(postgres: Path, on_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A database of PostgreSQL for the ledger of the server's graph."""
    name = f"decided_{WORKER}"
    on_server("postgres", f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    url = f"postgresql://postgres@/{name}?unix_sock={postgres}/.s.PGSQL.5432"
    monkeypatch.setenv("GRAPHCRM_STATE", url)
    yield url
    on_server("postgres", f"DROP DATABASE {name} WITH (FORCE)")


_DIE = """
import os, signal, sys
import graphcrm
from graphcrm.contacts import record_contact
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of
from graphcrm.store.neo4j.store import Neo4jStore
store = graphcrm.connect(sys.argv[1]).store
ledger = Ledger(store, ledger_of(store))
Neo4jStore.project = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
record_contact(ledger, eval(sys.argv[2]), "killed", idempotency=("k", "1", "f"))
"""


def test_the_ledger_of_a_server_s_graph(pair: Pair, state: str) -> None:
    pair.load(**BOOK, contacts=ONE)
    graph = pair.neo4j
    with ExitStack() as stack:
        database = stack.enter_context(closing(ledger_of(graph.store)))
        ledger = Ledger(graph.store, database)
        first = record_contact(ledger, SAID, "a", idempotency=("a", "1", "f"))
        assert record_contact(ledger, SAID, "a", idempotency=("a", "1", "f")) == first
        one = contact_id(first.id)
        assert graph.customer("P1").contacts[0]["contact_id"] == one
        with pytest.raises(UsageError, match="customer_id: there is no Person"):
            record_contact(ledger, SAID | {"customer_id": "P7"}, "a")
        unshowable = contact(2, "P7").effects
        with pytest.raises(UnknownNodeError, match="no Person with the id 'P7'"):
            ledger.record(
                kind="k", subject=None, payload={}, effects=unshowable, by="a", reason=None
            )

        died = subprocess.run([sys.executable, "-c", _DIE, graph.url, repr(SAID)], check=False)
        assert died.returncode == -signal.SIGKILL
        assert (ledger.behind(), graph.store.projected()) == (1, 1)
        again = record_contact(ledger, SAID, "killed", idempotency=("k", "1", "f"))
        assert (again.seq, ledger.behind(), graph.store.projected()) == (2, 0, 2)

        def record() -> None:
            for n in range(5):
                decision = record_contact(ledger, SAID | {"note": str(n)}, "thread")
                correct_contact(ledger, one, {"note": decision.id}, "thread", "r")

        threads = [threading.Thread(target=record) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with database.reading() as connection:
            found, whole = decisions.since(connection, 0, 999), decisions.verify(connection)
        assert (len(found), whole.broken, ledger.behind()) == (82, None, 0)
        assert graph.status().nodes["Contact"] == 43
        assert graph.node(one)["note"] == found[-1].payload["note"] or found[-1].corrects is None
        assert len(graph.history(one)) == 40

        before = _facts(pair)
        pair.begin_anew()
        pair.load(**BOOK, contacts=ONE)
        with closing(graphcrm.connect(pair.server.url).store) as store:
            assert replay(store, database) == 82
            assert (replay(store, database), store.projected()) == (0, 82)
        require_same(before, _facts(pair))
        graph.store.close()


def _facts(pair: Pair) -> Contents:
    """What the server's graph holds, without the record of its loads."""
    found = neo4j_contents(pair.server.driver)
    return {kind: said for kind, said in found.items() if kind not in ("loads", "files")}


def test_a_load_elsewhere_keeps_nobody_from_recording(pair: Pair, tmp_path: Path) -> None:
    pair.load(**BOOK, contacts=ONE)
    store = pair.neo4j.store
    server = Server(Address.parse(pair.server.url))
    with (
        closing(server),
        closing(Database(f"sqlite:///{tmp_path}/state")) as database,
        writing(server, "a load", lambda who: None),
    ):
        ledger = Ledger(store, database)
        first = record_contact(ledger, SAID, "a")
        assert store.node("Contact", contact_id(first.id)) is not None
        with pair.server.driver.session() as session, session.begin_transaction() as busy:
            busy.run("MATCH (g:_Graph) SET g.change = g.change").consume()
            with pytest.raises(StoreError, match="is being written by another process; try again"):
                store.project([contact(2)], patience=0.2)
            busy.rollback()

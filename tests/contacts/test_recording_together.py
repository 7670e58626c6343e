"""Several at once, and a sudden end: no decision without its effect, none lost, the chain whole."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import graphcrm
from graphcrm.contacts import contact_id, correct_contact, record_contact
from graphcrm.ledger import decisions
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of
from graphcrm.sample import write_sample
from tests.contacts.conftest import SAID
from tests.store.conftest import recount

THREADS, EACH = 8, 12


def agree(path: Path, ledger: Ledger) -> list[decisions.Decision]:
    """All decisions; the graph shows just these, every count is right, the chain is whole."""
    recount(path)
    with ledger.database.reading() as connection:
        made = decisions.since(connection, 0, 100_000)
        assert decisions.verify(connection).broken is None
    assert ledger.behind() == 0
    with closing(sqlite3.connect(path)) as db:
        shown = {id_ for (id_,) in db.execute("SELECT id FROM contact WHERE file = 0")}
        (sent,) = db.execute("SELECT count(*) FROM ledger_message").fetchone()
    assert shown == {contact_id(d.id) for d in made if d.corrects is None}
    assert sent == len(made)
    return made


def test_many_threads_share_a_ledger(graph_and_ledger: tuple[graphcrm.Graph, Ledger]) -> None:
    graph, ledger = graph_and_ledger
    one = contact_id(record_contact(ledger, SAID, "a").id)
    failed: list[BaseException] = []

    def record(number: int) -> None:
        try:
            for n in range(EACH):
                key = ("app", f"{n}", "same for all threads")
                record_contact(ledger, SAID | {"note": f"{number} {n}"}, "thread")
                record_contact(ledger, SAID | {"note": "once"}, "thread", idempotency=key)
                correct_contact(ledger, one, {"note": f"{number}/{n}"}, "thread", "r")
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=record, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    made = agree(Path(graph.store.place), ledger)
    assert len(made) == 1 + 2 * THREADS * EACH + EACH
    notes = {d.payload["note"] for d in made if d.corrects is None}
    assert {f"{number} {n}" for number in range(THREADS) for n in range(EACH)} < notes
    past = [h["note"] for h in graph.history(one)]
    assert len(past) == len({*past}) == THREADS * EACH


_RECORD = """
import os, signal, sys
import graphcrm
from graphcrm.contacts import record_contact
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of
from graphcrm.store.sqlite import projecting
store = graphcrm.connect(sys.argv[1]).store
ledger = Ledger(store, ledger_of(store))
if sys.argv[3] == "in the middle":
    record_contact(ledger, eval(sys.argv[2]), "killed")
    projecting._Projection.finish = lambda *given: os.kill(os.getpid(), signal.SIGKILL)
while True:
    record_contact(ledger, eval(sys.argv[2]), "killed")
    print(flush=True)
"""


@pytest.mark.parametrize("moment", ["in the middle", "at any time"])
def test_a_sudden_end_leaves_whole_decisions(graph_file: Path, moment: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _RECORD, str(graph_file), repr(SAID), moment],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    told = 0
    while moment == "at any time" and told < 30:
        told += process.stdout.readline() == "\n"
    if moment == "at any time":
        process.kill()
    told += len(process.stdout.read())
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    with graphcrm.connect(graph_file) as graph, closing(ledger_of(graph.store)) as database:
        made = agree(graph_file, Ledger(graph.store, database))
    assert len(made) in ((1,) if moment == "in the middle" else (told, told + 1))


def test_contacts_are_recorded_while_a_load_runs(
    tmp_path: Path, load_apart: Callable[..., graphcrm.LoadReport]
) -> None:
    book, path = tmp_path / "book", tmp_path / "own.graph"
    write_sample(book, customers=200, seed=21)
    with closing(graphcrm.connect(path).store) as store:
        customers = [line.split(",")[0] for line in (book / "persons.csv").open(encoding="utf-8")]
        load_apart(path, book / "persons.csv")
        over = threading.Event()

        def load() -> None:
            try:
                load_apart(path, book, complete=True)
            finally:
                over.set()

        recorded = 0
        loading = threading.Thread(target=load)
        loading.start()
        with closing(ledger_of(store)) as database:
            ledger = Ledger(store, database)
            while not over.wait(0.01):  # nobody is as quick as a machine
                who = customers[1 + recorded % 150]
                decision = record_contact(
                    ledger, SAID | {"customer_id": who, "agent_id": None, "policy_id": None,
                                    "product_code": None}, "desk",
                )  # fmt: skip
                recorded += 1
                if recorded % 5 == 0:
                    correct_contact(ledger, contact_id(decision.id), {"note": "y"}, "desk", "r")
            loading.join()
            made = agree(path, ledger)
        assert len(made) == recorded + recorded // 5
        assert recorded > 20  # nobody waits for the load: each takes a small part of its time

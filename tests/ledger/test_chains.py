"""Audit log and decisions: what is appended stays, and whatever is done to it is found out."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from graphcrm.errors import StoreError, UsageError
from graphcrm.ledger import Database, audit, decisions
from graphcrm.ledger.chain import GENESIS, seal
from graphcrm.ledger.tables import AUDIT, DECISION
from tests.ledger.beside import Place, ended_well, in_another_process, stopped_within


def look(connection: sa.Connection, **changed: Any) -> int:
    """An entry of the audit log."""
    values: dict[str, Any] = {
        "who": "anna",
        "via": "http",
        "action": "customer.view",
        "resource": "Person/core:1",
        "outcome": "done",
    }
    return audit.append(connection, **{**values, **changed})


def decide(connection: sa.Connection, id: str, **changed: Any) -> decisions.Decision:
    """A decision about a person."""
    values: dict[str, Any] = {
        "kind": "contact",
        "subject": {"label": "Person", "id": "core:1"},
        "payload": {"note": "王丽 called", "score": 0.1},
        "by": "anna",
        "reason": None,
        "effects": {"nodes": [], "edges": []},
    }
    return decisions.append(connection, id=id, **{**values, **changed})


def test_the_audit_log_is_read_from_its_end(ledger: Database) -> None:
    before = datetime.now(UTC)
    with ledger.writing() as connection:
        look(connection, who="王丽", purpose="hand-over", detail={"b": [1, None], "a": "é"})
    between = datetime.now(UTC)
    with ledger.writing() as connection:
        look(connection, outcome="refused", action="export", request_id="r-1")
        look(connection)
    with ledger.reading() as connection:
        newest, refused, first = audit.page(connection, limit=10)
        assert (newest.seq, refused.seq, first.seq) == (3, 2, 1)
        assert first.detail == {"a": "é", "b": [1, None]}
        assert (first.who, first.purpose, first.request_id) == ("王丽", "hand-over", None)
        assert before <= first.at <= between <= refused.at
        assert (refused.outcome, refused.request_id) == ("refused", "r-1")
        page = audit.page
        assert page(connection, limit=1, after=3) == [refused]
        assert page(connection, limit=9, who="王丽") == [first]
        assert page(connection, limit=9, action="export") == [refused]
        assert page(connection, limit=9, since=between) == [newest, refused]
        east = between.astimezone(datetime.now().astimezone().tzinfo) + timedelta(0)
        assert page(connection, limit=9, until=east) == [first]
        with pytest.raises(UsageError, match="offset from UTC"):
            page(connection, limit=9, since=datetime(2026, 1, 1))


def test_decisions_are_found_by_number_id_and_subject(ledger: Database) -> None:
    with ledger.writing() as connection:
        one = decide(connection, "d1", trace={"model": 7}, request_id="r-1")
        two = decide(connection, "d2", subject=None, reason="错了", corrects="d1")
        assert (one.seq, two.seq, two.corrects) == (1, 2, "d1")

    def decide_again() -> None:
        with ledger.writing() as connection:
            decide(connection, "d3")
            decide(connection, "d1")

    with pytest.raises(sa.exc.IntegrityError):
        decide_again()
    with ledger.reading() as connection:
        assert decisions.since(connection, 0, 10) == [one, two]
        assert decisions.since(connection, 1, 10) == [two]
        assert decisions.since(connection, 0, 1) == [one]
        assert decisions.get(connection, "d1") == one
        assert decisions.get(connection, "d3") is None
        assert decisions.of_subject(connection, "Person", "core:1") == [one]
        assert decisions.of_subject(connection, "Agent", "core:1") == []
        assert decisions.page(connection, limit=1) == [two]
        assert decisions.page(connection, limit=9, after=2, by="anna", kind="contact") == [one]
        assert decisions.page(connection, limit=9, until=one.at) == []
        assert decisions.last(connection) == 2
        assert decisions.verify(connection, two.hash).whole


@pytest.mark.parametrize(
    "detail", [{"x": float("nan")}, {"x": object()}, {"x": "\ud800"}], ids=["nan", "object", "half"]
)
def test_what_cannot_be_kept_leaves_nothing(ledger: Database, detail: dict[str, Any]) -> None:

    def look_twice() -> None:
        with ledger.writing() as connection:
            look(connection)
            look(connection, detail=detail)

    with pytest.raises(UsageError, match="can't be kept as JSON"):
        look_twice()
    with pytest.raises(UsageError, match="resource: must have no"), ledger.writing() as connection:
        look(connection, resource="a\0b")
    with ledger.reading() as connection:
        assert audit.verify(connection).entries == 0


def test_an_entry_is_sealed_with_what_was_before() -> None:
    content = {"seq": 1, "who": "anna", "purpose": None}
    assert seal(GENESIS, content) == seal(GENESIS, {"who": "anna", "seq": 1})
    assert seal(GENESIS, content) != seal("1" * 64, content)
    assert seal(GENESIS, {"a": "b", "c": ""}) != seal(GENESIS, {"a": "", "c": "b"})
    assert seal(GENESIS, {"seq": 1}) != seal(GENESIS, {"seq": "1"})


@pytest.mark.parametrize("table", [AUDIT, DECISION], ids=str)
def test_whatever_is_changed_is_found(ledger: Database, place: Place, table: sa.Table) -> None:
    with ledger.writing() as connection:
        for n in range(1, 6):
            look(connection, purpose=f"p{n}", detail={"n": n}, request_id=f"r{n}")
            decide(connection, f"d{n}", reason="x", corrects=f"d{n - 1}", trace={}, request_id="r")
    check = audit.verify if table is AUDIT else decisions.verify

    def found(head: str | None = None) -> tuple[int, int | None, bool | None]:
        with ledger.reading() as connection:
            result = check(connection, head)
        assert result.whole == (result.broken is None and result.head_known is not False)
        return result.entries, result.broken, result.head_known

    def do(*statements: str) -> None:
        place.run(*(s.format(t=table.name) for s in statements), guarded=False)

    assert found() == (5, None, None)
    kept = {row[0]: row[1] for row in place.run(f"SELECT seq, hash FROM {table.name}")}
    assert found(kept[5]) == found(kept[2]) == found(GENESIS) == (5, None, True)
    assert found("f" * 64) == (5, None, False)

    for column in (c.name for c in table.columns if c.name != "seq"):
        for value in ("'forged'", "''", "NULL"):
            if value == "NULL" and not table.c[column].nullable:
                continue
            was = f"(SELECT {column} FROM saved)"
            do(f"CREATE TABLE saved AS SELECT {column} FROM {{t}} WHERE seq = 3")
            do(f"UPDATE {{t}} SET {column} = {value} WHERE seq = 3")
            assert found() == (2, 3, None), (column, value)
            do(f"UPDATE {{t}} SET {column} = {was} WHERE seq = 3", "DROP TABLE saved")
            assert found() == (5, None, None)

    two = "UPDATE {t} SET seq = -seq WHERE seq IN (2, 3)"
    do(two, "UPDATE {t} SET seq = 5 + seq WHERE seq IN (-2, -3)")  # 2 and 3 change places
    assert found() == (1, 2, None)
    do(two, "UPDATE {t} SET seq = 5 + seq WHERE seq IN (-2, -3)")
    do("UPDATE {t} SET seq = 7 WHERE seq = 5")
    assert found() == (4, 5, None)
    do("UPDATE {t} SET seq = 5 WHERE seq = 7")
    do("UPDATE {t} SET seq = 0 WHERE seq = 1")
    assert found() == (0, 1, None)
    do("UPDATE {t} SET seq = 1 WHERE seq = 0")
    do("DELETE FROM {t} WHERE seq = 5")  # the end is cut off: only the noted head tells
    assert found() == (4, None, None)
    assert found(kept[5]) == (4, None, False)
    assert found(kept[4]) == (4, None, True)
    do("DELETE FROM {t} WHERE seq = 2")
    assert found(kept[1]) == (1, 2, True)
    if place.path is not None:
        do("UPDATE {t} SET at = CAST(x'fffe' AS TEXT) WHERE seq = 1")
        assert found() == (0, 1, None)
        do("UPDATE {t} SET at = x'00' WHERE seq = 1")
        assert found() == (0, 1, None)
    do("UPDATE {t} SET at = 'soon' WHERE seq = 1")
    listed = audit.page if table is AUDIT else decisions.page
    with ledger.reading() as connection, pytest.raises(StoreError, match="changed from outside"):
        listed(connection, limit=9)


def test_the_databases_refuse_to_change_entries(ledger: Database, place: Place) -> None:
    with ledger.writing() as connection:
        look(connection)
        decide(connection, "d1")
    attempts = ["UPDATE {} SET at = 'x'", "DELETE FROM {}"]
    if place.path is not None:
        columns = "at, hash"
        attempts += [f"INSERT OR REPLACE INTO {{}} (seq, {columns}) VALUES (1, 'x', 'y')"]
    else:
        attempts += ["TRUNCATE {}"]
    for table in ("ledger_audit", "ledger_decision"):
        for attempt in attempts:
            with pytest.raises(Exception, match=r"never changed|never removed|only added"):
                place.run(attempt.format(table))
    with ledger.reading() as connection:
        assert audit.verify(connection).entries == decisions.verify(connection).entries == 1


def test_processes_and_threads_that_append_at_once(place: Place) -> None:
    each = 40

    def append(name: str) -> Callable[[], None]:
        def work() -> None:
            with closing(Database(place.url)) as database:  # all of them make the tables
                for n in range(each):
                    with database.writing() as connection:
                        look(connection, who=name, detail={"n": n})
                        decide(connection, f"{name}-{n}")

        return work

    children = [in_another_process(append(f"process {n}")) for n in range(3)]
    with closing(Database(place.url)) as database:

        def run(name: str) -> None:
            for n in range(each):
                with database.writing() as connection:
                    decide(connection, f"{name}-{n}")
                    look(connection, who=name, detail={"n": n})

        threads = [threading.Thread(target=run, args=[f"thread {n}"]) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert ended_well(*children)
        with database.reading() as connection:
            for result in (audit.verify(connection), decisions.verify(connection)):
                assert (result.entries, result.broken) == (7 * each, None)
            entries = audit.page(connection, limit=1_000)
            for name in {entry.who for entry in entries}:
                order = [e.detail and e.detail["n"] for e in entries if e.who == name]
                assert order == list(range(each))[::-1]


def test_a_process_that_is_killed_leaves_whole_transactions(place: Place) -> None:
    def work(told: Callable[[], None]) -> None:
        database = Database(place.url)
        with database.writing() as connection:
            decide(connection, "d1")
        with database.writing() as connection:
            look(connection)
            decide(connection, "d2")
            told()

    with stopped_within(work) as child:
        os.kill(child, signal.SIGKILL)
        assert not ended_well(child)
        with closing(Database(place.url)) as database:
            with database.writing() as connection:
                assert decide(connection, "d3").seq == 2
            with database.reading() as connection:
                assert [d.id for d in decisions.since(connection, 0, 9)] == ["d1", "d3"]
                assert decisions.verify(connection).whole
                assert audit.verify(connection).entries == 0

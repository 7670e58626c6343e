"""Idempotency keys, API keys, jobs, messages and webhooks, alike on both kinds of database."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.ledger import Database, idempotency, jobs, keys, messages, webhooks
from graphcrm.ledger.idempotency import IdempotencyBusy, IdempotencyConflict, Kept
from tests.ledger.beside import Place, ended_well, in_another_process, stopped_within

NOW = datetime.now(UTC)


def claim(connection: sa.Connection, print: str = "f1", seconds: float = 60) -> Kept | None:
    return idempotency.claim(
        connection, who="desk", key="k1", fingerprint=print, lease_seconds=seconds
    )


def keep(connection: sa.Connection, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    idempotency.keep(connection, who="desk", key="k1", status=201, headers=headers, body=body)


def test_a_request_is_done_once_and_answered_alike(ledger: Database) -> None:
    with ledger.writing() as connection:
        assert claim(connection) is None
        with pytest.raises(IdempotencyBusy):
            claim(connection)
        with pytest.raises(IdempotencyConflict, match="used for another request"):
            claim(connection, "f2")
        assert idempotency.claim(connection, who="other", key="k1", fingerprint="f2") is None
        keep(connection, b"\0\xff{}")
    with ledger.writing() as connection:
        answer = Kept(201, {"content-type": "application/json"}, b"\0\xff{}")
        assert claim(connection) == answer
        with pytest.raises(IdempotencyConflict, match="answered first"):
            keep(connection, b"late")
        with pytest.raises(LookupError):
            idempotency.keep(connection, who="x", key="k1", status=1, headers={}, body=b"")
        with pytest.raises(UsageError, match="1 to 255"):
            idempotency.claim(connection, who="x", key="", fingerprint="")
        idempotency.release(connection, who="desk", key="k1")  # an answer is not given up
        idempotency.release(connection, who="other", key="k1")
        assert idempotency.claim(connection, who="other", key="k1", fingerprint="f3") is None
        assert claim(connection) == answer
        assert idempotency.forget(connection) == 0
        assert idempotency.forget(connection, timedelta(0)) == 2
        assert claim(connection, "f4") is None


def test_the_claim_of_a_dead_request_is_taken_over(place: Place) -> None:
    def work(told: Callable[[], None]) -> None:
        database = Database(place.url)
        with database.writing() as connection:
            claim(connection, seconds=0)
        with database.writing() as connection:
            keep(connection, b"never seen")
            told()

    with stopped_within(work) as child:
        os.kill(child, signal.SIGKILL)
        assert not ended_well(child)
    with closing(Database(place.url)) as ledger, ledger.writing() as connection:
        assert claim(connection, seconds=60) is None
        with pytest.raises(IdempotencyBusy):
            claim(connection)


def test_of_many_at_once_one_does_the_request(ledger: Database) -> None:
    done: list[bytes] = []
    answers: list[Kept | None] = []

    def request(name: bytes) -> None:
        with ledger.writing() as connection:
            answer = claim(connection)
            if answer is None:
                done.append(name)
                keep(connection, name)
        answers.append(answer)

    threads = [threading.Thread(target=request, args=[b"%d" % n]) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 1
    assert [a.body for a in answers if a is not None] == done * 7


def test_keys_open_until_they_expire_or_are_revoked(ledger: Database, place: Place) -> None:
    today = datetime.now(UTC).date()
    with ledger.writing() as connection:
        key, text = keys.create(
            connection,
            name=" desk ",
            roles=["admin", "reader", "admin"],
            branches=["D2", "D1"],
            expires_on=today,
            by="anna",
        )
        whole, other = keys.create(
            connection, name="报表", roles=["reader"], branches=None, expires_on=None, by="anna"
        )
    assert (key.name, key.roles, key.branches) == ("desk", ("reader", "admin"), ("D1", "D2"))
    assert (whole.branches, whole.expires_on) == (None, None)
    assert text.startswith(f"gcrm_{key.prefix}_")
    assert len(text) == 5 + 8 + 1 + 43
    stored = str(place.run("SELECT * FROM ledger_key"))
    assert key.prefix in stored
    assert text[14:] not in stored
    with ledger.reading() as connection:
        assert keys.find(connection, text) == key
        wrong = text[:-1] + ("a" if text[-1] != "a" else "b")
        for bad in (wrong, text[:13] + other[13:], text + "x", text[5:], "", "gcrm__", "密钥"):
            assert keys.find(connection, bad) is None, bad
        assert {k.prefix for k in keys.list_keys(connection)} == {key.prefix, whole.prefix}
    assert not replace(key, expires_on=today - timedelta(1)).opens(today)
    with ledger.writing() as connection:
        keys.used(connection, key.prefix)
        noted = keys.find(connection, text)
        assert noted is not None
        assert noted.used_at is not None
        assert keys.noted(noted)
        keys.used(connection, key.prefix)  # within the same minute nothing is written
        assert keys.find(connection, text) == noted
        revoked = keys.revoke(connection, key.prefix, "bob")
        assert revoked.revoked_by == "bob"
        assert keys.find(connection, text) is None
        assert keys.revoke(connection, key.prefix, "carl") == revoked
        assert keys.find(connection, other) == whole
        with pytest.raises(UsageError, match="there is no key 'nobody'"):
            keys.revoke(connection, "nobody", "bob")
    place.run(f"UPDATE ledger_key SET expires_on = '2020-01-01' WHERE prefix = '{whole.prefix}'")
    with ledger.reading() as connection:
        assert keys.find(connection, other) is None


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"name": " "}, "needs a name"),
        ({"roles": []}, "needs a role"),
        ({"roles": ["boss"]}, "there is no role 'boss'"),
        ({"branches": []}, "at least one"),
        ({"branches": ["D1", " "]}, "none is empty"),
        ({"expires_on": date(2020, 1, 1)}, "a day that has passed"),
    ],
)
def test_keys_that_are_refused(ledger: Database, changed: dict[str, object], words: str) -> None:
    values = {"name": "desk", "roles": ["reader"], "branches": None, "expires_on": None, "by": "a"}
    with ledger.writing() as connection:
        with pytest.raises(UsageError, match=words):
            keys.create(connection, **{**values, **changed})  # type: ignore[arg-type]
        assert keys.list_keys(connection) == []


def test_a_job_from_queue_to_end(ledger: Database) -> None:
    with ledger.writing() as connection:
        one = jobs.add(connection, kind="load", request={"a": "文件"}, by="anna", branches=["D1"])
        two = jobs.add(connection, kind="find", request={}, by="bob", resumable=True)
        three = jobs.add(connection, kind="find", request={}, by="bob")
        assert (one.state, one.request, one.branches) == ("queued", {"a": "文件"}, ("D1",))
        assert jobs.page(connection, limit=2) == [three, two]
        assert jobs.page(connection, limit=9, after=two.seq) == [one]
        assert jobs.page(connection, limit=9, by="anna", state="queued") == [one]
        begun = jobs.claim_next(connection, "w1", 60)
        assert begun is not None
        assert (begun.id, begun.state, begun.lease_by, begun.attempts) == (
            one.id,
            "running",
            "w1",
            1,
        )
        found = jobs.claim_next(connection, "w2", 60, kinds=["find"])
        assert found is not None
        assert found.id == two.id
        held = jobs.renew(connection, one.id, "w1", 60, {"done": 3})
        assert held is not None
        assert (held.progress, held.cancel_requested) == ({"done": 3}, False)
        assert jobs.renew(connection, one.id, "w2", 60) is None
        assert jobs.finish(connection, one.id, "w2", result={}) is None
        done = jobs.finish(connection, one.id, "w1", result={"rows": 2})
        assert done is not None
        assert (done.state, done.result, done.over) == ("succeeded", {"rows": 2}, True)
        assert jobs.finish(connection, one.id, "w1", error="x") is None
        asked = jobs.request_cancel(connection, two.id, "carl")
        assert asked is not None
        assert (asked.state, asked.cancel_by) == ("running", "carl")
        assert jobs.finish(connection, two.id, "w2", cancelled=True)
        at_once = jobs.request_cancel(connection, three.id, "carl")
        assert at_once is not None
        assert (at_once.state, at_once.over) == ("cancelled", True)
        assert jobs.claim_next(connection, "w1", 60) is None
        assert jobs.request_cancel(connection, "nothing", "carl") is None
        assert {j.state for j in jobs.page(connection, limit=9)} == {"succeeded", "cancelled"}


def test_jobs_whose_worker_is_gone(ledger: Database) -> None:
    with ledger.writing() as connection:
        for resumable in (True, False, True):
            jobs.add(connection, kind="load", request={}, by="anna", resumable=resumable)
        running = [jobs.claim_next(connection, "w1", 30) for _ in range(3)]
        ids = [job.id for job in running if job is not None]
        jobs.request_cancel(connection, ids[2], "bob")
        assert jobs.recover(connection, datetime.now(UTC)) == []
        later = datetime.now(UTC) + timedelta(seconds=31)
        again, failed, ended = jobs.recover(connection, later)
        assert [j.state for j in (again, failed, ended)] == ["queued", "failed", "cancelled"]
        assert failed.error == "the service stopped"
        assert jobs.renew(connection, again.id, "w1", 60) is None
        taken = jobs.claim_next(connection, "w2", 60)
        assert taken is not None
        assert (taken.id, taken.attempts, taken.started_at) == (again.id, 2, again.started_at)
        assert jobs.finish(connection, again.id, "w1", result={}) is None


def test_no_two_workers_get_the_same_job(ledger: Database, place: Place) -> None:
    with ledger.writing() as connection:
        ids = [jobs.add(connection, kind="k", request={"n": n}, by="a").id for n in range(24)]

    def work() -> None:
        with closing(Database(place.url)) as database:
            while True:
                with database.writing() as connection:
                    job = jobs.claim_next(connection, str(os.getpid()), 60)
                if job is None:
                    return
                with database.writing() as connection:
                    assert jobs.finish(connection, job.id, str(os.getpid()), result={})

    assert ended_well(*[in_another_process(work) for _ in range(3)])
    with ledger.reading() as connection:
        done = jobs.page(connection, limit=99, state="succeeded")
        assert [job.id for job in done] == ids[::-1]
        assert {job.attempts for job in done} == {1}


def test_messages_are_delivered_to_whom_they_concern(ledger: Database) -> None:
    with ledger.writing() as connection:
        one = messages.send(connection, event="contact.recorded", payload={"n": 1}, decision="d1")
        two = messages.send(connection, event="customer.handed_over", payload={"客户": "王丽"})
        assert messages.since(connection, 0, 9) == [one, two]
        assert messages.since(connection, 1, 9) == [two]
        assert (messages.get(connection, 1), messages.get(connection, 9)) == (one, None)
        with pytest.raises(UsageError, match="no name of an event"):
            messages.send(connection, event="a b", payload={})
        every = webhooks.add(connection, url="https://a.example/in", events=["*"], by="anna")
        some = webhooks.add(
            connection, url="http://b.example", events=["contact.recorded"], by="anna"
        )
        off = webhooks.add(connection, url="https://c.example", events=["*"], by="anna")
        assert webhooks.deactivate(connection, off.id).active is False
        assert every.secret != some.secret
        assert webhooks.schedule(connection, [one]) == 2
        assert webhooks.schedule(connection, [one, two]) == 1
        assert webhooks.schedule(connection, [one, two]) == 0
        assert webhooks.scheduled(connection) == 2
    soon = datetime.now(UTC) + timedelta(seconds=1)
    with ledger.writing() as connection:
        due = webhooks.due(connection, soon, 9)
        pairs = {(d.message, d.webhook) for d in due}
        assert pairs == {(1, every.id), (1, some.id), (2, every.id)}
        assert webhooks.due(connection, soon, 9) == []
        webhooks.delivered(connection, next(d for d in due if d.webhook == every.id), 204)
        after = soon + timedelta(seconds=61)  # nothing was heard of the others
        assert len(webhooks.due(connection, after, 9)) == 2
        for bad in ("ftp://x", "https://", "nonsense", "http://[", "https://u:hush@h/"):
            with pytest.raises(UsageError) as error:
                webhooks.add(connection, url=bad, events=["*"], by="a")
            assert "hush" not in str(error.value)
        with pytest.raises(UsageError, match="the events that it wants"):
            webhooks.add(connection, url="https://x", events=[], by="a")
        with pytest.raises(UsageError, match="there is no webhook"):
            webhooks.deactivate(connection, "x")
        webhooks.deactivate(connection, some.id)
        (dead,) = webhooks.deliveries(connection, some.id, 9, "dead")
        webhooks.delivered(connection, dead, 200)  # its sender hears of it too late
        assert webhooks.deliveries(connection, some.id, 9) == [dead]


def test_a_delivery_that_fails_is_tried_ever_more_rarely(ledger: Database) -> None:
    with ledger.writing() as connection:
        hook = webhooks.add(connection, url="https://a.example", events=["e"], by="anna")
        webhooks.schedule(connection, [messages.send(connection, event="e", payload={})])
        (delivery,) = webhooks.deliveries(connection, hook.id, 9)
        now, pauses = NOW, []
        for attempt in range(1, webhooks.ATTEMPTS + 1):
            delivery = webhooks.failed(connection, delivery, now, error="gone", status=503)
            pauses.append((delivery.next_at - now).total_seconds())
            assert delivery.attempts == attempt
            assert 0 <= pauses[-1] <= min(2 * 3600, 10 * 2 ** (attempt - 1))
            assert delivery.state == ("dead" if attempt == webhooks.ATTEMPTS else "waiting")
        assert (delivery.status, delivery.error) == (503, "gone")
        assert len(set(pauses)) > 6  # by chance, not all at once
        assert webhooks.due(connection, now + timedelta(days=9), 9) == []

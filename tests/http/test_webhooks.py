"""Webhooks against a real receiver: signed, repeated, heard by the right ones alone."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import httpx
import pytest
import sqlalchemy as sa

from graphcrm.ledger import audit, jobs, keys, messages
from graphcrm.ledger.messages import Message
from graphcrm.ledger.tables import DELIVERY, IDEMPOTENCY
from graphcrm.ledger.webhooks import Webhook
from graphcrm.settings import Settings
from graphcrm_api.http.webhooks import sending
from graphcrm_api.http.webhooks.targets import ForbiddenTargetError, is_public, target_of
from tests.http.conftest import Service

ADDRESS = "/v1/webhooks"
PATIENCE = 20.0


class _Receiver(BaseHTTPRequestHandler):
    """Keeps what it is told; answers as the path says."""

    told: ClassVar[list[tuple[str, dict[str, str], bytes]]] = []
    failing: ClassVar[set[str]] = set()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.told.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
        if self.path == "/drip":
            with suppress(OSError):  # until nobody listens any more
                self.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while True:
                    self.wfile.write(b"x: y\r\n")
                    time.sleep(0.02)
            return
        status = 500 if self.path in self.failing else 302 if self.path == "/moved" else 204
        self.failing.discard(self.path)
        self.send_response(status)
        self.send_header("location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    @classmethod
    def at(cls, path: str, count: int) -> list[tuple[dict[str, str], bytes]]:
        """What a path was told, as soon as it is so much."""
        until = time.monotonic() + PATIENCE
        while True:
            found = [(headers, body) for to, headers, body in cls.told if to == path]
            if len(found) >= count:
                return found
            assert time.monotonic() < until, (path, found)
            time.sleep(0.02)


@pytest.fixture(scope="module")
def receiver() -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service], receiver: int) -> Service:
    return make_service(webhook_hosts=[f"127.0.0.1:{receiver}"], webhook_private=True)


def _order(receiver: int, path: str, *events: str) -> dict[str, Any]:
    return {"url": f"http://127.0.0.1:{receiver}{path}", "events": events or ["*"]}


def _finish_job(service: Service, by: str) -> str:
    """A job of somebody that has ended, as webhooks hear of it."""
    with service.backend.state.writing() as connection:
        id = jobs.add(connection, kind="by hand", request={}, by=by).id
        payload = {"job": id, "kind": "by hand", "state": "succeeded"}
        messages.send(connection, event="job.finished", payload=payload)
    return id


def _name(client: httpx.Client) -> str:
    return "key:" + client.headers["Authorization"].split("_")[1]


def test_webhooks_are_their_makers_and_only_to_hosts_of_the_settings(
    own: Service, service: Service, receiver: int
) -> None:
    order = _order(receiver, "/never", "load.finished")
    with (
        own.anonymous() as nobody,
        own.client("steward") as steward,
        own.client("admin") as admin,
        own.client("admin", own.branch) as limited,
    ):
        id = admin.post(ADDRESS, json=order).json()["id"]
        for client, status in ((nobody, 401), (steward, 403)):
            for method, path in (
                ("GET", ADDRESS), ("POST", ADDRESS), ("GET", f"{ADDRESS}/{id}"),
                ("POST", f"{ADDRESS}/{id}/remove"),
            ):  # fmt: skip
                assert client.request(method, path, json=order).status_code == status
        assert limited.get(ADDRESS).json()["items"] == []
        for method, path in (("GET", "{}/{}"), ("POST", "{}/{}/remove")):
            hidden = limited.request(method, path.format(ADDRESS, id))
            absent = limited.request(method, path.format(ADDRESS, "0" * 16))
            assert (hidden.status_code, absent.status_code) == (404, 404)
        for url in (
            "https://example.com/", "http://127.0.0.1:1/", f"ftp://127.0.0.1:{receiver}/",
            f"http://a:b@127.0.0.1:{receiver}/", f"http://127.0.0.1:{receiver}/#f", "x", "http://[",
            f"http://127.0.0.1.:{receiver}@example.com/", "http://127.0.0.1:99999/",
        ):  # fmt: skip
            refused = admin.post(ADDRESS, json={"url": url, "events": ["*"]})
            assert refused.status_code == 422, url
        for events in ([], ["no.event"]):
            assert admin.post(ADDRESS, json={**order, "events": events}).status_code == 422
        assert admin.post(f"{ADDRESS}/{id}/remove").json()["active"] is False
    with service.client("admin") as elsewhere:  # whose settings name no host
        refused = elsewhere.post(ADDRESS, json=order)
        assert refused.status_code == 422
        assert elsewhere.get(ADDRESS).json()["items"] == []
    with own.backend.state.reading() as connection:
        entries = [e for e in audit.page(connection, limit=99) if e.outcome == "done"]
        noted = [entry.action for entry in entries if entry.resource == f"webhook:{id}"]
    assert noted == ["remove webhook", "make webhook"]


def test_a_message_is_signed_and_repeated_until_it_is_taken(own: Service, receiver: int) -> None:
    _Receiver.failing.add("/signed")
    with own.client("admin") as admin:
        sent: dict[str, Any] = {
            "json": _order(receiver, "/signed", "job.finished"),
            "headers": {"Idempotency-Key": "hook"},
        }
        first, again = (admin.post(ADDRESS, **sent) for _ in range(2))
        made = first.json()
        assert again.json() == {**made, "secret": None}
        _finish_job(own, _name(admin))
        _Receiver.at("/signed", 1)
        _hurry(own)
        (head, body), (head_2, body_2) = _Receiver.at("/signed", 2)
        until = time.monotonic() + PATIENCE
        while True:
            (line,) = admin.get(f"{ADDRESS}/{made['id']}").json()["deliveries"]
            if line["state"] == "delivered":
                break
            assert time.monotonic() < until
        assert (line["attempts"], line["status"]) == (1, 204)
        assert "secret" not in admin.get(f"{ADDRESS}/{made['id']}").json()
    assert (head["webhook-id"], body) == (head_2["webhook-id"], body_2)
    key = base64.b64decode(made["secret"].removeprefix("whsec_"))
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    assert head["webhook-signature"] == f"v1,{expected}"
    assert abs(time.time() - int(head["webhook-timestamp"])) < 60
    told = json.loads(body)
    assert (told["type"], set(told["data"])) == ("job.finished", {"job", "kind", "state"})
    with own.backend.state.reading() as connection:
        kept = connection.execute(sa.select(IDEMPOTENCY.c.body)).scalars().all()
    assert not any(made["secret"].encode() in bytes(answer) for answer in kept)


def _hurry(service: Service) -> None:
    """Let what is to be repeated be due now, as soon as its failure is noted."""
    until = time.monotonic() + PATIENCE
    while True:
        with service.backend.state.writing() as connection:
            changed = connection.execute(
                sa.update(DELIVERY)
                .where(DELIVERY.c.state == "waiting", DELIVERY.c.attempts > 0)
                .values(next_at="2026-01-01T00:00:00.000000+00:00")
            ).rowcount
        if changed:
            return
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_webhook_hears_only_what_its_maker_may_see(own: Service, receiver: int) -> None:
    """Of its branches' contacts and its own jobs; of nothing once its key is revoked."""
    with (
        own.client("admin") as admin,
        own.client("admin", own.branch) as limited,
        own.client("admin") as leaving,
        own.client("service", own.branch) as near,
        own.client("service", own.other) as far,
    ):
        for client, path in ((admin, "/whole"), (limited, "/limited"), (leaving, "/left")):
            made = client.post(ADDRESS, json=_order(receiver, path))
            assert made.status_code == 201
        with own.backend.state.writing() as connection:
            keys.revoke(connection, _name(leaving).removeprefix("key:"), "test")
        day = {"contacted_at": "2026-06-30T10:15:00", "direction": "in", "channel": "phone"}
        for clerk, customer in ((far, own.beyond), (near, own.inside)):
            asked = {"customer_id": customer, "topic": "service", "note": "张三", **day}
            assert clerk.post("/v1/contacts", json=asked).status_code == 201
        foreign, mine = (_finish_job(own, _name(client)) for client in (admin, limited))
        with own.backend.state.writing() as connection:
            payload = {"job": foreign, "kind": "load", "state": "succeeded", "load": 1}
            messages.send(connection, event="load.finished", payload=payload)
        whole = [json.loads(body) for _, body in _Receiver.at("/whole", 5)]
        heard = [json.loads(body) for _, body in _Receiver.at("/limited", 2)]
        until = time.monotonic() + PATIENCE
        while _waiting(own):
            assert time.monotonic() < until
            time.sleep(0.02)
        limited_id = limited.get(ADDRESS).json()["items"][0]["id"]
        lines = limited.get(f"{ADDRESS}/{limited_id}").json()["deliveries"]
    assert len(_Receiver.at("/limited", 2)) == len(heard) == len(lines)
    assert {(one["type"], _of(one)) for one in heard} == {
        ("contact.recorded", own.inside), ("job.finished", mine),
    }  # fmt: skip
    assert {(one["type"], _of(one)) for one in whole} >= {
        ("contact.recorded", own.beyond), ("job.finished", foreign), ("load.finished", foreign),
    }  # fmt: skip
    assert "张三" not in str(whole)
    assert not [path for path, _, _ in _Receiver.told if path in ("/left", "/never")]


def _of(told: dict[str, Any]) -> str:
    data = told["data"]
    return str(data["customer"]["id"] if "customer" in data else data["job"])


def _waiting(service: Service) -> int:
    with service.backend.state.reading() as connection:
        waiting = DELIVERY.c.state == "waiting"
        count = sa.select(sa.func.count()).select_from(DELIVERY).where(waiting)
        return int(connection.execute(count).scalar_one())


def _hook(url: str) -> Webhook:
    secret = base64.urlsafe_b64encode(b"k" * 32).decode().rstrip("=")
    return Webhook("0" * 16, url, ("*",), secret, dt.datetime.now(dt.UTC), "test", active=True)


MESSAGE = Message(1, dt.datetime(2026, 6, 30, tzinfo=dt.UTC), "job.finished", {"job": "x"}, None)


def test_redirects_and_endless_answers_are_failures(
    receiver: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(webhook_hosts=[f"127.0.0.1:{receiver}"], webhook_private=True)
    with pytest.raises(sending.NotDeliveredError, match="status 302") as moved:
        sending.send(settings, _hook(f"http://127.0.0.1:{receiver}/moved"), MESSAGE)
    assert moved.value.status == 302
    monkeypatch.setattr(sending, "SECONDS", 0.3)
    began = time.monotonic()
    with pytest.raises(sending.NotDeliveredError, match="no answer"):
        sending.send(settings, _hook(f"http://127.0.0.1:{receiver}/drip"), MESSAGE)
    assert time.monotonic() - began < 20  # it never ends by itself


def test_the_checked_address_is_the_one_that_is_called(
    receiver: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that leads into our own network by the time of the call is not followed there."""
    name = f"hooks.example.com:{receiver}"
    answers = iter(["93.184.216.34", "127.0.0.1"])

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        family = socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    called: list[tuple[str, int]] = []

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError(111, "refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    settings = Settings(webhook_hosts=[name])
    for said in ("no answer", "private"):
        with pytest.raises(sending.NotDeliveredError, match=said):
            sending.send(settings, _hook(f"https://{name}/"), MESSAGE)
    assert called == [("93.184.216.34", receiver)]


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("127.0.0.1", False),
        ("10.0.0.1", False), ("172.16.9.9", False), ("192.168.1.1", False), ("0.0.0.0", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("224.0.0.1", False), ("::", False),
        ("255.255.255.255", False), ("::1", False), ("fe80::1%eth0", False), ("fe80::1", False),
        ("fc00::1", False), ("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("::127.0.0.1", False),
        ("ff02::1", False), ("host", False),
    ],
)  # fmt: skip
def test_addresses_of_our_own_network_are_none_to_call(address: str, public: bool) -> None:
    assert is_public(address) == public


def test_hosts_are_named_with_their_port() -> None:
    settings = Settings(
        webhook_hosts=["hooks.example.com", "other.example.com:8443", "[2001:db8::1]"]
    )
    for url, port in (
        ("https://hooks.example.com/a?b=c", 443), ("https://HOOKS.example.com.", 443),
        ("https://other.example.com:8443/", 8443), ("https://[2001:db8::1]/", 443),
    ):  # fmt: skip
        assert target_of(settings, url).port == port
    for url in (
        "https://hooks.example.com:8443/", "https://other.example.com/", "http://hooks.example.com/",
        "https://hooks.example.com.evil.example/", "https://evil.example/hooks.example.com",
        "https://hooks.example.com@evil.example/", "https://hooks.example.com\\@evil.example/",
        "https://hooks.example.com /", "https:///", "https://" + "a" * 300 + "/",
    ):  # fmt: skip
        with pytest.raises(ForbiddenTargetError):
            target_of(settings, url)

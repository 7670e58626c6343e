"""Clients that send slowly: what stands still is ended, what keeps moving is not."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest

from tests.http.conftest import Service

STILL, WHOLE = 1.0, 2.0
MIB = 1 << 20
PAUSE = STILL / 5


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service(stall_timeout=STILL, body_timeout=WHOLE)


@contextlib.contextmanager
def _connected(service: Service) -> Iterator[socket.socket]:
    parts = urlsplit(service.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=30) as client:
        yield client


def _head(method: str, path: str, key: str, length: int) -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def _dripped(client: socket.socket, text: bytes) -> bytes:
    """What is answered to a text that comes byte by byte, until the connection is closed."""
    client.settimeout(PAUSE)
    heard = b""
    for n in range(len(text)):
        with contextlib.suppress(OSError):  # closed: what was answered can be read all the same
            client.sendall(text[n : n + 1])
        try:
            part = client.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionResetError:
            return heard
        if not part:
            return heard
        heard += part
    raise AssertionError("it was waited for")


def _rest(client: socket.socket) -> bytes:
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65_536):
            heard += part
    return heard


def test_a_head_that_drips_is_ended_also_on_a_connection_that_was_used(own: Service) -> None:
    with _connected(own) as client:
        heard = _dripped(client, b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: " + b"x" * 200)
        assert heard.startswith(b"HTTP/1.1 408 ")
        assert b"/problems/timed-out" in heard
    with _connected(own) as client:
        client.sendall(_head("GET", "/health/live", "none", 0))
        assert client.recv(12) == b"HTTP/1.1 200"
        heard = _dripped(client, b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 200)
        assert b"HTTP/1.1 408 " in heard


def test_a_connection_on_which_nothing_comes_is_closed(own: Service) -> None:
    with _connected(own) as client:
        assert client.recv(1) == b""


@pytest.mark.parametrize("drips", [False, True])
def test_a_body_that_does_not_come_is_ended(own: Service, drips: bool) -> None:
    key = own.key("service")
    with _connected(own) as client:
        client.sendall(_head("POST", "/v1/duplicates/search", key, 5_000))
        heard = _dripped(client, b" " * 5_000) if drips else _rest(client)
    head, _, body = heard.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in head.lower()
    assert b"application/problem+json" in head
    assert b"/problems/timed-out" in body


def test_an_upload_that_keeps_moving_is_taken(own: Service) -> None:
    beginning = b"id,name\n" + b"".join(b"S%07d,x\n" % n for n in range(MIB // 10))
    parts = [b"M%d,x\n" % n for n in range(round(2 * WHOLE / PAUSE))]
    assert len(beginning) > MIB
    key = own.key("admin")
    length = len(beginning) + sum(map(len, parts))
    with _connected(own) as client:
        client.sendall(_head("POST", "/v1/loads/upload?name=persons.csv&dry_run=true", key, length))
        client.sendall(beginning)
        for part in parts:
            time.sleep(PAUSE)
            client.sendall(part)
        assert client.recv(12) == b"HTTP/1.1 202"
    with _connected(own) as client:  # and one that stands still is not
        client.sendall(_head("POST", "/v1/loads/upload?name=persons.csv", key, length))
        client.sendall(beginning)
        assert _rest(client).startswith(b"HTTP/1.1 408 ")

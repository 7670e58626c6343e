"""What stands between a client and its service: problems, waits, breaks, other servers, TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

import graphcrm
from graphcrm import Client, StoreError, UnknownNodeError, UsageError
from graphcrm.store.lock import writing
from graphcrm.store.remote.address import ServiceAddress, is_service
from graphcrm.store.remote.loading import Order, load
from graphcrm.store.remote.store import RemoteStore
from graphcrm_api.http.conventions.problems import MEDIA_TYPE, STATUSES, Problem
from graphcrm_api.http.conventions.rates import Rates
from tests.http.conftest import Service

Handle = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def answering(handle: Handle, certificate: Path | None = None) -> Iterator[str]:
    """A server of this machine that does as it likes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            handle(self)

        do_POST = do_GET  # noqa: N815 - the name that the standard library wants

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            scheme = "http" if certificate is None else "https"
            yield f"{scheme}://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()


def saying(status: int, form: str, body: bytes, **headers: str) -> Handle:
    """Always the same answer."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        sent = {"Content-Type": form, "Content-Length": str(len(body)), **headers}
        for name, value in sent.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)

    return handle


def relaying(url: str, spoil: Callable[[str, bytes], bytes | None]) -> Handle:
    """Passes requests on; of an answer's body only what `spoil` (path, body) leaves; None: none."""

    def handle(request: BaseHTTPRequestHandler) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        answer = httpx.request(
            request.command, f"{url}{request.path}", content=request.rfile.read(length),
            headers={n: v for n, v in request.headers.items() if n.lower() != "host"},
        )  # fmt: skip
        left = spoil(request.path, answer.content)
        request.close_connection = True
        if left is None:
            return
        request.send_response(answer.status_code)
        request.send_header("Content-Type", answer.headers["Content-Type"])
        request.send_header("Content-Length", str(len(answer.content)))
        request.end_headers()
        request.wfile.write(left)

    return handle


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


def _no_pause(seconds: float) -> None:
    """For those who need not wait for anything."""


def test_every_problem_becomes_an_error_of_the_library() -> None:
    kinds = iter(STATUSES)

    def handle(request: BaseHTTPRequestHandler) -> None:
        problem = Problem(next(kinds), "said so")
        body = json.dumps(problem.details("id-of-it", "en")).encode()
        saying(STATUSES[problem.kind], MEDIA_TYPE, body)(request)

    errors = {"not-found": UnknownNodeError, "unsupported-type": UsageError}
    errors |= dict.fromkeys(("invalid", "key-reused", "too-large"), UsageError)
    with answering(handle) as url, Client(url, warn=False) as client:
        for kind in STATUSES:
            with pytest.raises(graphcrm.GraphCRMError) as told:
                client.status()
            assert type(told.value) is errors.get(kind, StoreError), kind
            assert ("id-of-it" if kind == "fault" else "said so") in str(told.value)


def test_what_the_service_itself_refuses(own: Service) -> None:
    for key, words in (
        ("gcrm_wrong", "the key or token is not valid"),
        (None, "send an API key"),
        (own.key("reader"), "this needs the scope questions:read"),
    ):
        with Client(own.url, key) as client, pytest.raises(StoreError, match=words):
            client.query("referrals")
    with Client(own.url, own.key("analyst")) as client:
        with pytest.raises(StoreError, match="customers have not been found in this graph yet"):
            client.duplicates.customers()
        with pytest.raises(StoreError, match="does not offer this; it is of another version"):
            client.store.service.get("/v1/tomorrow")  # type: ignore[attr-defined]


def test_a_busy_service_is_waited_for(own: Service) -> None:
    key, limits = own.key("reader"), own.backend.limits
    waited: list[float] = []

    def pass_time(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 2:
            own.backend.limits = limits

    own.backend.limits = Rates(0.1, 1, 10_000, 1)
    try:
        with Client(RemoteStore(own.url, key, pause=pass_time)) as client:
            assert [client.locate(own.inside) for _ in range(2)] != []
        assert len(waited) == 2
        assert 5 <= waited[0] <= 11
        own.backend.limits = Rates(0.1, 1, 10_000, 1)
        with (
            Client(RemoteStore(own.url, key, pause=_no_pause), warn=False) as client,
            pytest.raises(StoreError, match="too many requests"),
        ):
            [client.store.find(own.inside) for _ in range(2)]
        own.backend.limits = Rates(0.001, 1, 10_000, 1)  # nobody waits for a quarter of an hour
        with (
            Client(RemoteStore(own.url, key, pause=waited.append), warn=False) as client,
            pytest.raises(StoreError, match="too many requests"),
        ):
            [client.store.find(own.inside) for _ in range(2)]
        assert len(waited) == 2
    finally:
        own.backend.limits = limits


def test_what_is_sent_twice_is_done_once(own: Service, tmp_path: Path) -> None:
    """The answers get lost; the same keys are sent again, and the same answers come."""
    lost: list[str] = []

    def lose(path: str, body: bytes) -> bytes | None:
        if path.startswith(("/v1/contacts", "/v1/loads")) and lost.count(path) < 2:
            lost.append(path)
            return None
        return body

    def contacts() -> int:
        with own.backend.store() as store:
            found: int = store.query("customer_contacts", label="Person", id=own.inside).num_rows
        return found

    before = contacts()
    persons = tmp_path / "persons.csv"
    persons.write_text("id,name\nTWICE,王一\n", encoding="utf-8")
    with answering(relaying(own.url, lose)) as url:
        with Client(RemoteStore(url, own.key("service", own.branch), pause=_no_pause)) as clerk:
            told = clerk.record_contact(
                {
                    "customer_id": own.inside,
                    "contacted_at": dt.datetime(2026, 6, 30, 10, 15),
                    "channel": "phone",
                    "direction": "in",
                }
            )
        with Client(RemoteStore(url, own.key("admin"), pause=_no_pause)) as admin:
            admin.load(persons)
            assert len(admin.store.service.get("/v1/jobs")["items"]) == 1  # type: ignore[attr-defined]
    assert len(lost) == 4
    assert contacts() == before + 1
    assert told["contact"]["channel"] == "phone"


def test_who_breaks_off_cancels_the_load(own: Service, tmp_path: Path) -> None:
    persons = tmp_path / "persons.csv"
    persons.write_text("id,name\nNEVER,王一\n", encoding="utf-8")

    def break_off(seconds: float) -> None:
        raise KeyboardInterrupt

    with (
        Client(own.url, own.key("admin")) as admin,
        writing(Path(own.backend.address), "a test", lambda who: None),
    ):
        service = admin.store.service  # type: ignore[attr-defined]
        with pytest.raises(KeyboardInterrupt):
            load(service, [str(persons)], Order(), lambda event: None, break_off)
        job = service.get("/v1/jobs")["items"][0]
        assert job["cancel_requested"] or job["state"] == "cancelled"


def test_an_answer_that_breaks_off_is_none(own: Service) -> None:
    def cut(path: str, body: bytes) -> bytes:
        return body if path.startswith("/v1/me") else body[: len(body) // 2]

    with (
        answering(relaying(own.url, cut)) as url,
        Client(RemoteStore(url, own.key("analyst"), pause=_no_pause)) as client,
    ):
        with pytest.raises(StoreError, match="the answer broke off"):
            client.query("orphan_policies")
        with pytest.raises(StoreError, match="can't be reached"):
            client.search("王")


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        (saying(200, "text/html", b"<html>Hello</html>"), "no GraphCRM service .*200 with text/ht"),
        (saying(404, "text/html", b"<html>Nothing</html>"), "it answered 404 with text/html"),
        (saying(200, "application/json", b'{"pet": "cat"}'), "is no GraphCRM service"),
        (saying(200, "application/json", b"{"), "no GraphCRM service"),
        (saying(502, MEDIA_TYPE, b"[]"), "it answered 502 with application/problem"),
    ],
)
def test_another_kind_of_page_is_said_to_be_that(handle: Handle, words: str) -> None:
    with (
        answering(handle) as url,
        Client(url, "gcrm_x") as client,
        pytest.raises(StoreError, match=words) as told,
    ):
        client.query("referrals")
    assert "gcrm_x" not in str(told.value)


def test_redirects_are_not_followed() -> None:
    asked: list[str] = []
    with answering(lambda request: asked.append(request.path)) as elsewhere:
        sent_on = saying(307, "text/plain", b"", Location=f"{elsewhere}/v1/me")
        with (
            answering(sent_on) as url,
            Client(url, "gcrm_x") as client,
            pytest.raises(StoreError, match=f"sends on to {elsewhere[7:]}"),
        ):
            client.status()
    assert asked == []


def test_a_service_that_is_gone_or_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        monkeypatch.setenv("GRAPHCRM_SERVICE_TIMEOUT", "0.2")
        with (
            Client(RemoteStore(url, pause=waited.append)) as client,
            pytest.raises(StoreError, match=r"gave no answer within 0\.2 seconds"),
        ):
            client.status()
        assert waited == []
    with (
        Client(RemoteStore(url, pause=waited.append)) as client,
        pytest.raises(StoreError, match=r"can't be reached \(.*refused"),
    ):
        client.status()
    assert waited == [0.5, 1.0]


def test_certificates_are_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = _certificate(tmp_path / "service.pem")
    page = saying(200, "text/html", b"<html>Hello</html>")
    with answering(page, certificate) as url:
        with (
            Client(url) as client,
            pytest.raises(StoreError, match="its certificate is not truste"),
        ):
            client.status()
        monkeypatch.setenv("GRAPHCRM_SERVICE_CA_FILE", str(certificate))
        with (
            Client(url) as client,
            pytest.raises(StoreError, match="it answered 200 with text/htm"),
        ):
            client.status()
    for wrong in (tmp_path / "none.pem", Path(__file__)):
        monkeypatch.setenv("GRAPHCRM_SERVICE_CA_FILE", str(wrong))
        with pytest.raises(UsageError, match="can't be read as certificates"):
            Client(url)


def _certificate(path: Path) -> Path:
    """A certificate of 127.0.0.1 that vouches for itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + made.public_bytes(pem))
    return path


def test_addresses(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for text, url in (
        ("https://graph.example.com", "https://graph.example.com"),
        ("HTTPS://h:8443/crm/", "https://h:8443/crm"),
        ("http://localhost:8000/", "http://localhost:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ):
        assert ServiceAddress.parse(text).url == url
        assert is_service(text)
    assert not any(map(is_service, ["a.graph", "bolt://h", "sqlite:///https://h", "https:h"]))
    for wrong in ("https://", "https://h?x=1", "https://h/#x", "https://h:port", "http://10.0.0.1"):
        with pytest.raises(UsageError, match="write https://"):
            Client(wrong)
    for secret in ("https://anna:secret@h", "https://secret@h"):
        with pytest.raises(UsageError, match="neither a name nor a password") as told:
            graphcrm.connect(secret)
        assert "secret" not in str(told.value)
    monkeypatch.setenv("GRAPHCRM_SERVICE_HTTP", "true")
    assert Client("http://10.0.0.1").url == "http://10.0.0.1"
    with pytest.raises(UsageError, match="what is set as the key is no key"):
        Client("https://h", "two words")
    monkeypatch.setenv("GRAPHCRM_KEY_FILE", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="none: can't be read"):
        Client("https://h")

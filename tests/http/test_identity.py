"""Who asks: keys, tokens of an identity provider, and a service that asks nobody."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import httpx
import jwt
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from graphcrm.ledger import audit, keys
from graphcrm.ledger.tables import KEY
from graphcrm.settings import Settings
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.identity.scopes import ROLE_SCOPES, SCOPES
from graphcrm_api.http.identity.tokens import Tokens
from tests.http.conftest import Service, serving

ASKED = "/v1/customers?limit=1"


def _asked(service: Service, authorization: str | None) -> httpx.Response:
    headers = {} if authorization is None else {"Authorization": authorization}
    return httpx.get(service.url + ASKED, headers=headers)


def test_roles_are_those_that_keys_know_and_give_known_scopes() -> None:
    assert tuple(ROLE_SCOPES) == keys.ROLES
    assert all(scopes <= set(SCOPES) for scopes in ROLE_SCOPES.values())
    assert "pii" not in ROLE_SCOPES["reader"] | ROLE_SCOPES["analyst"] | ROLE_SCOPES["admin"]


def test_only_a_valid_key_opens(service: Service) -> None:
    key = service.key("reader")
    assert _asked(service, f"Bearer {key}").status_code == 200
    expired, revoked = service.key("reader"), service.key("reader")
    with service.backend.state.writing() as connection:
        keys.revoke(connection, revoked.split("_")[1], by="test")
        connection.execute(
            sa.update(KEY)
            .where(KEY.c.prefix == expired.split("_")[1])
            .values(expires_on="2026-01-01")
        )
    for wrong in (None, "Bearer", "Bearer x", "Basic eDp5", f"Bearer {key[:-1]}", f"Bearer {key}x",
                  f"Bearer {expired}", f"Bearer {revoked}", "Bearer a.b.c"):  # fmt: skip
        answer = _asked(service, wrong)
        assert answer.status_code == 401, wrong
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.json()["type"] == "/problems/unauthenticated"
        assert key not in answer.text


def test_a_refusal_is_in_the_audit_log_without_the_key(service: Service) -> None:
    wrong = "gcrm_aaaaaaaa_" + "b" * 43
    answer = _asked(service, f"Bearer {wrong}")
    with service.backend.state.reading() as connection:
        entry = audit.page(connection, limit=1)[0]
    assert entry.request_id == answer.headers["X-Request-Id"]
    assert (entry.who, entry.outcome) == ("nobody", "refused")
    assert wrong not in repr(entry)


def test_who_fails_too_often_must_wait(make_service: Callable[..., Service]) -> None:
    own = make_service(failure_limit=2)  # one more every 30 seconds
    statuses = [_asked(own, "Bearer gcrm_wrong").status_code for _ in range(4)]
    assert statuses[:2] == [401, 401]
    assert 429 in statuses
    assert _asked(own, f"Bearer {own.key('reader')}").status_code == 200  # others sit there too


def test_one_identity_can_ask_only_so_often(make_service: Callable[..., Service]) -> None:
    own = make_service(rate_limit=2)
    with own.client("reader") as hasty, own.client("reader") as other:
        answers = [hasty.get(ASKED) for _ in range(30)]
        assert [a.status_code for a in answers[:4]] == [200] * 4
        refused = next(a for a in answers if a.status_code == 429)
        assert int(refused.headers["Retry-After"]) >= 1
        assert other.get(ASKED).status_code == 200


class Issuer:
    """An identity provider: its keys on a server of this machine, and tokens signed with them."""

    audience = "graphcrm"

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.asked = 0
        self.private = {"one": key}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked += 1
                metadata = {"issuer": outer.url, "jwks_uri": f"{outer.url}/keys"}
                body = outer.keys() if self.path == "/keys" else metadata
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(body).encode())

            def log_message(self, *_: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """From now on nobody answers."""
        self.server.shutdown()
        self.server.server_close()

    def keys(self) -> dict[str, Any]:
        """Its public keys."""
        public = [
            {**jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid}
            for kid, key in self.private.items()
        ]
        return {"keys": [*public, {"kty": "oct", "k": "AAAA", "kid": "shared"}, {"kty": "odd"}]}

    def token(self, kid: str = "one", algorithm: str = "RS256", **changed: Any) -> str:
        """A token; claims are changed, and left out where None."""
        now = int(time.time())
        claims = {
            "iss": self.url, "aud": self.audience, "sub": "mei", "exp": now + 60,
            "roles": ["reader"], "branches": "*",
        } | changed  # fmt: skip
        content = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(content, self.private[kid], algorithm, headers={"kid": kid})


def _private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    made = Issuer(_private_key())
    yield made
    made.close()


def test_tokens_of_the_identity_provider(
    issuer: Issuer, make_service: Callable[..., Service]
) -> None:
    own = make_service(oidc_issuer=issuer.url, oidc_audience=issuer.audience)

    def status(token: str) -> int:
        return _asked(own, f"Bearer {token}").status_code

    assert status(issuer.token()) == 200
    assert status(issuer.token(roles=None)) == 403
    assert status(issuer.token(roles="reader other", branches=[own.branch])) == 200
    limited = httpx.get(
        f"{own.url}/v1/nodes/Person/{own.beyond}",
        headers={"Authorization": f"Bearer {issuer.token(branches=[own.branch])}"},
    )
    assert limited.status_code == 404
    public = issuer.private["one"].public_key()
    pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    now, stranger = int(time.time()), _private_key()
    claims = {"iss": issuer.url, "aud": "graphcrm", "sub": "mei", "exp": now + 60, "roles": "admin"}
    forged = [
        issuer.token(iss="https://other"),
        issuer.token(aud="another"),
        issuer.token(exp=now - 60),
        issuer.token(exp=None),
        issuer.token(sub=None),
        issuer.token(nbf=now + 600),
        jwt.encode(claims, "", "none", headers={"kid": "one"}),
        _signed_with_the_public_key(claims, pem),
        jwt.encode(claims, stranger, "RS256", headers={"kid": "one"}),
        jwt.encode(claims, stranger, "RS256", headers={"kid": "unheard"}),
        issuer.token(algorithm="PS256"),
        issuer.token()[:-6] + "AAAAAA",
    ]
    assert [status(token) for token in forged] == [401] * len(forged)


def _signed_with_the_public_key(claims: dict[str, Any], pem: bytes) -> str:
    """A token whose HMAC secret is the provider's public key, which everybody knows."""
    import base64
    import hashlib
    import hmac

    def part(content: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    signed = f"{part({'alg': 'HS256', 'kid': 'one'})}.{part(claims)}"
    mac = hmac.new(pem, signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def test_keys_are_kept_and_new_ones_asked_for(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = Tokens.of(Settings(oidc_issuer=issuer.url, oidc_audience=issuer.audience))
    assert tokens is not None
    clock = [1000.0]
    monkeypatch.setattr("graphcrm_api.http.identity.tokens.time.monotonic", lambda: clock[0])
    before = issuer.asked
    for _ in range(3):
        assert tokens.subject(issuer.token()) is not None
    assert issuer.asked == before + 2  # the metadata and the keys, once
    issuer.private["two"] = _private_key()
    assert tokens.subject(issuer.token("two")) is None  # asked a moment ago
    clock[0] += 31
    assert tokens.subject(issuer.token("two")) is not None
    del issuer.private["two"]
    clock[0] += 601
    assert tokens.subject(issuer.token()) is not None


def test_an_issuer_that_is_away_keeps_nobody_out_who_was_known(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Issuer(issuer.private["one"])
    settings = Settings(oidc_issuer=away.url, oidc_audience=away.audience)
    knowing, late = (Tokens.of(settings) for _ in range(2))
    assert knowing is not None
    assert late is not None
    clock = [1000.0]
    monkeypatch.setattr("graphcrm_api.http.identity.tokens.time.monotonic", lambda: clock[0])
    assert knowing.subject(away.token()) is not None
    away.close()
    clock[0] += 601  # its keys have been kept long enough, and are asked for in vain
    assert knowing.subject(away.token()) is not None
    assert knowing.subject(away.token(exp=1)) is None
    assert late.subject(away.token()) is None


def test_without_identities_this_machine_alone_is_answered(
    sample_graph: Any, tmp_path: Any
) -> None:
    sample_graph.graph.backup(tmp_path / "own.graph")
    backend = Backend(str(tmp_path / "own.graph"), Settings())
    with serving(backend) as url:
        assert httpx.get(url + ASKED).status_code == 200
        for headers in ({"Host": "rebound.example"}, {"Origin": "https://elsewhere.example"},
                        {"Origin": "http://localhost:3000"}, {"Host": "evil.example@localhost"},
                        {"Host": "[::1"}):  # fmt: skip
            assert httpx.get(url + ASKED, headers=headers).status_code == 403
        name = httpx.get(url + ASKED).json()["items"][0]["name"]
        assert name.endswith("*")  # even here nobody sees a name by accident
        shown = httpx.get(url + ASKED, headers={"X-Purpose": "%E6%A0%B8%E5%AF%B9"}).json()["items"]
        assert not shown[0]["name"].endswith("*")
        with backend.state.reading() as connection:
            assert audit.page(connection, limit=1)[0].purpose == "核对"
    backend.close()


class SlowIssuer(Issuer):
    """An identity provider that gives its keys when it is let."""

    def __init__(self, key: rsa.RSAPrivateKey) -> None:
        self.lets = threading.Event()
        super().__init__(key)

    def keys(self) -> dict[str, Any]:
        assert self.lets.wait(10)
        return super().keys()


def test_a_slow_issuer_holds_up_nobody_who_was_known(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowIssuer(issuer.private["one"])
    tokens = Tokens.of(Settings(oidc_issuer=slow.url, oidc_audience=slow.audience))
    assert tokens is not None
    clock = [1000.0]
    monkeypatch.setattr("graphcrm_api.http.identity.tokens.time.monotonic", lambda: clock[0])
    with ThreadPoolExecutor(4) as threads:
        first = [threads.submit(tokens.subject, slow.token()) for _ in range(4)]
        slow.lets.set()
        assert all(one.result(10) is not None for one in first)
        assert slow.asked == 2  # the metadata and the keys, for all of them
        slow.lets.clear()
        clock[0] += 601
        token = slow.token()
        asking = [threads.submit(tokens.subject, token) for _ in range(3)]
        assert wait(asking, 3, FIRST_COMPLETED).done  # sooner than a fetch is given up
        slow.lets.set()
        assert all(one.result(10) is not None for one in asking)
    slow.close()

"""Keys over HTTP: nobody gives what they don't have, and a secret is shown once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from graphcrm.ledger import audit
from graphcrm.ledger.tables import IDEMPOTENCY
from tests.http.conftest import Service

ADDRESS = "/v1/keys"


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


def _order(**more: Any) -> dict[str, Any]:
    return {"name": "desk", "roles": ["reader"], **more}


def _with(service: Service, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=service.url, headers=headers, timeout=30)


def test_keys_are_made_by_administrators_within_their_branches(own: Service) -> None:
    with (
        own.anonymous() as nobody,
        own.client("steward") as steward,
        own.client("admin", own.branch) as limited,
        own.client("admin") as admin,
    ):
        theirs = admin.post(ADDRESS, json=_order(branches=[own.other])).json()["prefix"]
        for client, status in ((nobody, 401), (steward, 403)):
            assert client.get(ADDRESS).status_code == status
            assert client.post(ADDRESS, json=_order()).status_code == status
            assert client.post(f"{ADDRESS}/{theirs}/revoke").status_code == status
        for branches in (None, [own.other], [own.branch, own.other], ["nowhere"]):
            assert limited.post(ADDRESS, json=_order(branches=branches)).status_code == 403
        mine = limited.post(ADDRESS, json=_order(branches=[own.branch]))
        assert mine.status_code == 201
        seen = {key["prefix"] for key in limited.get(ADDRESS).json()["items"]}
        assert mine.json()["prefix"] in seen
        assert theirs not in seen
        assert theirs in {key["prefix"] for key in admin.get(ADDRESS).json()["items"]}
        hidden, absent = (limited.post(f"{ADDRESS}/{p}/revoke") for p in (theirs, "aaaaaaaa"))
        assert (hidden.status_code, absent.status_code) == (404, 404)
        assert hidden.json()["detail"].replace(theirs, "aaaaaaaa") == absent.json()["detail"]


def test_nobody_gives_more_than_they_have(own: Service) -> None:
    with own.client("admin") as admin:
        for role in ("service", "approver", "steward", "investigator"):
            refused = admin.post(ADDRESS, json=_order(roles=["reader", role]))
            assert refused.status_code == 403, role
            assert "pii" in refused.json()["detail"]
        soon = (dt.datetime.now(dt.UTC).date() + dt.timedelta(days=9)).isoformat()
        made = admin.post(ADDRESS, json=_order(roles=["admin"], expires_on=soon)).json()
        with _with(own, made["key"]) as short:
            for end, status in ((None, 403), ("9999-12-31", 403), (soon, 201)):
                asked = _order(roles=["admin"], expires_on=end)
                assert short.post(ADDRESS, json=asked).status_code == status
        for wrong in (
            _order(name=" "), _order(name="\x00"), _order(roles=[]), _order(roles=["king"]),
            _order(branches=[]), _order(branches=["nowhere"]), _order(branches=["\ud800"]),
            _order(expires_on="2001-01-01"), _order(expires_on="10000-01-01"), _order(more=1),
        ):  # fmt: skip
            sent: dict[str, Any] = {
                "content": json.dumps(wrong),
                "headers": {"Content-Type": "application/json"},
            }
            assert admin.post(ADDRESS, **sent).status_code == 422, wrong


def test_a_key_is_shown_once_and_kept_nowhere(own: Service) -> None:
    with own.client("admin") as admin:
        sent: dict[str, Any] = {"json": _order(name="once"), "headers": {"Idempotency-Key": "make"}}
        first, again = (admin.post(ADDRESS, **sent) for _ in range(2))
        made = first.json()
        assert (first.status_code, again.status_code) == (201, 201)
        assert again.json() == {**made, "key": None}
        listed = [key for key in admin.get(ADDRESS).json()["items"] if key["name"] == "once"]
        assert [key["prefix"] for key in listed] == [made["prefix"]]
        with _with(own, made["key"]) as desk:
            assert desk.get("/v1/customers").status_code == 200
            revoked = admin.post(f"{ADDRESS}/{made['prefix']}/revoke")
            assert revoked.json()["revoked_at"]
            assert desk.get("/v1/customers").status_code == 401
    secret = made["key"].split("_", 2)[2]
    with own.backend.state.reading() as connection:
        kept = connection.execute(sa.select(IDEMPOTENCY.c.body)).scalars().all()
        noted = [
            entry.action
            for entry in audit.page(connection, limit=99)
            if entry.resource == f"key:{made['prefix']}"
        ]
    assert kept
    assert not any(secret.encode() in bytes(body) for body in kept)
    assert noted == ["keys.revoke", "keys.create"]
    path = own.backend.state.path
    assert path is not None
    for file in path.parent.glob(f"{path.name}*"):
        assert secret.encode() not in file.read_bytes()

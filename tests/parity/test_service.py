"""The service answers alike over both stores, and records alike."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphcrm.ledger import keys
from graphcrm.settings import Settings
from graphcrm_api.http.backend import Backend
from tests.http.conftest import serving
from tests.parity.contents import HASHED
from tests.parity.stores import Pair

BOOK = {
    "institutions": "id,name,own\nI1,平安人寿,yes\nI2,长沙华南机械厂,no",
    "departments": "id,institution_id,name\nD1,I1,长沙支公司\nD2,I1,上海分公司",
    "agents": "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D2,departed",
    "persons": """\
        id,name,phone,institution_id
        P1,王小丽,13812345678,I2
        P2,王晓丽,13812345678,
        P3,陈建国,,I2""",
    "products": "code,name,line\nLI,终身寿险,life",
    "policies": """\
        id,product_code,holder_id,premium,issued_on,status,served_by,branch_id
        L1,LI,P1,1000,2020-01-01,in_force,A1,D1
        L2,LI,P2,2000,2021-01-01,in_force,A2,D2""",
    "referrals": "referrer_id,referred_id,referred_on\nP1,P2,2020-05-01\nP2,P3,2021-05-01",
}
ASKED = (
    "/v1/search?q=王小丽", "/v1/search?q=wang", "/v1/search?q=13812345678", "/v1/search?q=L2",
    "/v1/customers", "/v1/customers?sort=name&limit=1", "/v1/customers/Person/P1",
    "/v1/customers/Person/P2", "/v1/customers/Person/P1?whole=true", "/v1/nodes/Policy",
    "/v1/nodes/Policy?filter=premium:ge:1500", "/v1/nodes/Agent/A2", "/v1/nodes?id=P1",
    "/v1/history?label=Person&id=P1", "/v1/degrees?label=Person&id=P1",
    "/v1/neighbourhood?label=Person&id=P1&hops=2",
    "/v1/paths?from_label=Person&from_id=P1&to_label=Person&to_id=P3",
    "/v1/orphans?as_of=2026-06-30", "/v1/orphans/summary?as_of=2026-06-30",
    "/v1/orphans/customers?as_of=2026-06-30", "/v1/referrals", "/v1/referrals/loops",
    "/v1/referrals/tree?label=Person&id=P1", "/v1/questions/referral_chain?label=Person&id=P1",
    "/v1/questions/orphan_policies?as_of=2026-06-30", "/v1/me", "/v1/duplicates",
)  # fmt: skip
WHO = {"clerk": (["service", "analyst"], ["D1"]), "analyst": (["investigator"], None)}


@pytest.fixture
def services(
    pair: Pair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, dict[str, httpx.Client]]]:
    """A client of each identity, for each store."""
    pair.load(**BOOK)
    monkeypatch.setenv("GRAPHCRM_STATE", f"sqlite:///{tmp_path / 'state.db'}")
    with ExitStack() as stack:
        clients: dict[str, dict[str, httpx.Client]] = {name: {} for name in WHO}
        for store, address in (("SQLite", str(pair.path)), ("Neo4j", pair.server.url)):
            backend = Backend(address, Settings(graph=address))
            stack.callback(backend.close)
            made = {}
            with backend.state.writing() as connection:
                for name, (roles, branches) in WHO.items():
                    _, made[name] = keys.create(
                        connection, name=name, roles=roles, branches=branches, expires_on=None,
                        by="test",
                    )  # fmt: skip
            url = stack.enter_context(serving(backend))
            for name, key in made.items():
                headers = {"Authorization": f"Bearer {key}", "X-Purpose": "test"}
                client = httpx.Client(base_url=url, headers=headers, timeout=60)
                clients[name][store] = stack.enter_context(client)
        yield clients


def test_the_same_is_answered_and_recorded(
    services: dict[str, dict[str, httpx.Client]],
) -> None:
    for name, by_store in services.items():
        for path in ASKED:
            answers = {store: client.get(path) for store, client in by_store.items()}
            told = {store: _told(answer) for store, answer in answers.items()}
            assert told["Neo4j"] == told["SQLite"], (name, path)
            assert answers["SQLite"].status_code < 500, (name, path)
    contact = {
        "customer_id": "P1", "contacted_at": "2026-06-30T10:00:00", "direction": "in",
        "channel": "phone", "agent_id": "A1", "note": "问保单",
    }  # fmt: skip
    headers = {"Idempotency-Key": "one"}
    for store, client in services["clerk"].items():
        sent = [client.post("/v1/contacts", json=contact, headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in sent] == [201, 201], (store, sent[0].text)
        assert sent[0].content == sent[1].content
        shown = client.get("/v1/customers/Person/P1").json()["contacts"]
        assert [row["note"] for row in shown] == ["问保单"], store


def _told(answer: httpx.Response) -> Any:
    """What is answered, without what each service has of its own."""
    said = answer.json()
    for own in ("request_id", "name", "key", "next"):
        said.pop(own, None)
    return answer.status_code, _same(said)


def _same(said: Any) -> Any:
    """The same with ids of phones and the like left out, which each graph keys with its secret."""
    if isinstance(said, list):
        return [_same(item) for item in said]
    if isinstance(said, dict):
        hashed = said.get("label") in HASHED
        return {name: _same(v) for name, v in said.items() if not (hashed and name == "id")}
    return said

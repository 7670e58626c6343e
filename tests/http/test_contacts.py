"""Contacts over HTTP: recorded once, seen by their branch, corrected with a trace."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from graphcrm.ledger import audit, keys
from graphcrm.ledger.tables import IDEMPOTENCY
from tests.http.conftest import Service


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    """A service whose graph these tests may change."""
    return make_service()


def _contact(customer: str, **more: Any) -> dict[str, Any]:
    return {
        "customer_id": customer, "contacted_at": "2026-06-30T10:15:00", "direction": "in",
        "channel": "phone", "topic": "service", **more,
    }  # fmt: skip


def test_it_asks_who_it_is_and_whether_they_may(own: Service) -> None:
    asked = _contact(own.inside)
    with own.anonymous() as nobody, own.client("reader") as reader:
        assert nobody.post("/v1/contacts", json=asked).status_code == 401
        assert reader.post("/v1/contacts", json=asked).status_code == 403
    with own.client("service", own.branch) as clerk:
        beyond = clerk.post("/v1/contacts", json=_contact(own.beyond))
        absent = clerk.post("/v1/contacts", json=_contact("nobody"))
        assert (beyond.status_code, absent.status_code) == (404, 404)
        assert beyond.json()["detail"].replace(own.beyond, "nobody") == absent.json()["detail"]


def test_what_is_recorded_is_on_the_customers_page_and_in_the_audit_log(own: Service) -> None:
    with own.client("service", own.branch, purpose="call") as clerk:
        made = clerk.post("/v1/contacts", json=_contact(own.inside, note="要一份保单复印件"))
        assert made.status_code == 201
        contact = made.json()["contact"]
        assert contact["note"] == "要一份保单复印件"
        page = clerk.get(f"/v1/customers/Person/{own.inside}").json()
        assert contact["id"] in [row["contact_id"] for row in page["contacts"]]
        found = clerk.get(f"/v1/contacts/{contact['id']}")
        assert found.json() == made.json()
    with own.backend.state.reading() as connection:
        changes = audit.page(connection, limit=1, action="change")
    assert changes[0].resource == f"Contact:{contact['id']}"
    with own.client("service", own.other) as stranger:
        assert stranger.get(f"/v1/contacts/{contact['id']}").status_code == 404


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"channel": "smoke"}, "channel"),
        ({"contacted_at": "2999-01-01T00:00:00"}, "contacted_at"),
        ({"satisfaction": 9}, "satisfaction"),
        ({"policy_id": "none"}, "none"),
        ({"other": 1}, "other"),
        ({"direction": None}, "direction"),
        ({"customer_kind": "ghost"}, "customer_kind"),
    ],
)
def test_what_is_wrong_is_named(own: Service, wrong: dict[str, Any], said: str) -> None:
    with own.client("service") as clerk:
        answer = clerk.post("/v1/contacts", json=_contact(own.inside) | wrong)
    assert answer.status_code in (404, 422)
    assert said in answer.text


def test_the_same_request_twice_is_done_once(own: Service) -> None:
    headers = {"Idempotency-Key": "once"}
    asked = _contact(own.inside, note="once")

    def send(body: dict[str, Any]) -> httpx.Response:
        return clerk.post("/v1/contacts", json=body, headers=headers)

    with own.client("service", purpose="call") as clerk:
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(send, [asked] * 8))
        done = [a for a in answers if a.status_code == 201]
        assert {a.status_code for a in answers} <= {201, 409}
        assert len({a.json()["contact"]["id"] for a in done}) == 1
        again = send(asked)
        assert (again.status_code, again.content) == (201, done[0].content)
        assert again.headers["Idempotent-Replayed"] == "true"
        other = send(asked | {"note": "other"})
        assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
        contacts = clerk.get(f"/v1/customers/Person/{own.inside}").json()["contacts"]
        assert [c["note"] for c in contacts].count("once") == 1
    with own.client("service") as colleague:  # whose keys are their own
        assert colleague.post("/v1/contacts", json=asked, headers=headers).status_code == 201


def test_a_correction_needs_what_it_rests_on_and_leaves_a_trace(own: Service) -> None:
    with own.client("service", own.branch, purpose="call") as clerk:
        made = clerk.post("/v1/contacts", json=_contact(own.inside, note="wrong"))
        path = f"/v1/contacts/{made.json()['contact']['id']}"
        change = {"note": "right", "reason": "misheard"}
        assert clerk.post(f"{path}/corrections", json=change).status_code == 428
        seen = {"If-Match": clerk.get(path).headers["ETag"]}
        answer = clerk.post(f"{path}/corrections", json=change, headers=seen)
        assert answer.status_code == 201
        assert answer.json()["contact"]["note"] == "right"
        assert [t["reason"] for t in answer.json()["trace"]] == [None, "misheard"]
        late = clerk.post(f"{path}/corrections", json={**change, "note": "x"}, headers=seen)
        assert (late.status_code, late.json()["type"]) == (412, "/problems/changed-meanwhile")
        seen = {"If-Match": answer.headers["ETag"]}
        beyond = clerk.post(
            f"{path}/corrections", json={"customer_id": own.beyond, "reason": "x"}, headers=seen
        )
        assert beyond.status_code == 404
    with own.client("service", own.other) as stranger:
        assert stranger.post(f"{path}/corrections", json=change, headers=seen).status_code == 404


def test_a_contact_that_was_loaded_is_corrected_where_it_came_from(own: Service) -> None:
    with own.client("service") as clerk:
        loaded = clerk.get("/v1/nodes/Contact", params={"limit": 1}).json()["items"][0]["id"]
        answer = clerk.post(
            f"/v1/contacts/{loaded}/corrections", json={"note": "x", "reason": "y"},
            headers={"If-Match": "*"},
        )  # fmt: skip
        assert answer.status_code == 422
        assert "loaded" in answer.json()["detail"]


def test_many_clerks_at_once_lose_nothing(own: Service) -> None:
    with own.client("service", purpose="call") as clerk, ThreadPoolExecutor(8) as pool:

        def send(n: int) -> int:
            return clerk.post("/v1/contacts", json=_contact(own.inside, note=f"n{n}")).status_code

        assert set(pool.map(send, range(40))) == {201}
        contacts = clerk.get(f"/v1/customers/Person/{own.inside}").json()["contacts"]
    assert {f"n{n}" for n in range(40)} <= {c["note"] for c in contacts}


def _counted(own: Service) -> int:
    with own.backend.store() as store:
        return store.status().nodes["Contact"]


def test_nobody_opens_a_customer_to_another_branch(own: Service) -> None:
    before = _counted(own)
    with own.client("service", own.branch, purpose="call") as clerk:
        given_away = _contact(own.inside, department_id=own.other)
        assert clerk.post("/v1/contacts", json=given_away).status_code == 404
        made = clerk.post("/v1/contacts", json=_contact(own.inside))
        path = f"/v1/contacts/{made.json()['contact']['id']}"
        change = {"department_id": own.other, "reason": "x"}
        seen = {"If-Match": made.headers["ETag"]}
        assert clerk.post(f"{path}/corrections", json=change, headers=seen).status_code == 404
        assert clerk.get(path).headers["ETag"] == made.headers["ETag"]
    assert _counted(own) == before + 1
    with own.client("service", own.other) as stranger:
        assert stranger.get(f"/v1/customers/Person/{own.inside}").status_code == 404


def test_what_is_refused_is_not_recorded(own: Service) -> None:
    with own.backend.state.writing() as connection:
        _, key = keys.create(
            connection, name="two", roles=["service"], branches=[own.branch, own.other],
            expires_on=None, by="test",
        )  # fmt: skip
    before = _counted(own)
    headers = {"Authorization": f"Bearer {key}"}
    with own.anonymous() as clerk:
        unsaid = clerk.post("/v1/contacts", json=_contact(own.inside), headers=headers)
        assert (unsaid.status_code, "department_id" in unsaid.text) == (422, True)
        odd = headers | {"X-Purpose": "a%00b"}
        assert clerk.post("/v1/contacts", json=_contact(own.inside), headers=odd).status_code == 422
    assert _counted(own) == before


def test_of_many_corrections_that_rest_on_the_same_one_is_done(own: Service) -> None:
    with own.client("service", purpose="call") as clerk, ThreadPoolExecutor(8) as pool:
        made = clerk.post("/v1/contacts", json=_contact(own.inside, note="0"))
        path = f"/v1/contacts/{made.json()['contact']['id']}/corrections"

        def send(n: int) -> int:
            headers = {"If-Match": made.headers["ETag"], "Idempotency-Key": f"fix {n}"}
            change = {"note": f"n{n}", "reason": "r"}
            return clerk.post(path, json=change, headers=headers).status_code

        statuses = list(pool.map(send, range(16)))
        assert sorted(statuses) == [201] + [412] * 15
        assert send(statuses.index(201)) == 201  # sent again, it was done already


def test_what_is_sent_again_is_shown_by_the_rights_of_then(own: Service) -> None:
    asked = _contact(own.inside, note="private")
    key = own.key("service")
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": "rights"}
    with own.anonymous() as clerk:
        first = clerk.post("/v1/contacts", json=asked, headers=headers | {"X-Purpose": "call"})
        again = clerk.post("/v1/contacts", json=asked, headers=headers)
        assert first.json()["contact"]["note"] == "private"
        assert again.json()["contact"]["note"] == "***"
        assert again.json()["contact"]["id"] == first.json()["contact"]["id"]
        path = f"/v1/contacts/{first.json()['contact']['id']}"
        clerk.get(path, headers={"Authorization": f"Bearer {key}", "X-Purpose": "look"})
    with own.backend.state.reading() as connection:
        entry = audit.page(connection, limit=1)[0]
        kept = connection.execute(sa.select(IDEMPOTENCY.c.body)).scalars().all()
    assert (entry.action, entry.purpose) == ("view", "look")
    assert not any(body and b"private" in body for body in kept)

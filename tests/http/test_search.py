"""Search over HTTP: whose customers are found, by what, and what is told of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from graphcrm.ledger import audit
from tests.http.conftest import Service


def _hits(client: httpx.Client, q: str, limit: int = 100) -> list[tuple[str, str]]:
    answer = client.get("/v1/search", params={"q": q, "limit": limit})
    assert answer.status_code == 200, answer.text
    hits = answer.json()["items"]
    assert [h["score"] for h in hits] == sorted((h["score"] for h in hits), reverse=True)
    return [(hit["label"], hit["id"]) for hit in hits]


def _person(service: Service, id: str) -> dict[str, Any]:
    with service.backend.store() as store:
        found = store.node("Person", id)
    assert found is not None
    return found


def _noted(service: Service) -> audit.AuditEntry:
    with service.backend.state.reading() as connection:
        return audit.page(connection, limit=1)[0]


def test_it_asks_who_it_is_and_whether_they_may(service: Service) -> None:
    with service.anonymous() as nobody:
        assert nobody.get("/v1/search", params={"q": "王"}).status_code == 401


@pytest.mark.parametrize("role", ["reader", "service"])
def test_somebody_outside_is_found_by_nothing(service: Service, role: str) -> None:
    beyond = _person(service, service.beyond)
    asked = [beyond[n] for n in ("id", "name", "name_key", "phone", "id_number") if beyond[n]]
    assert len(asked) > 2
    with (
        service.client(role, service.branch, purpose="call") as mine,
        service.client(role, service.other, purpose="call") as theirs,
    ):
        for q in asked:
            assert ("Person", service.beyond) in _hits(theirs, q), q
            assert ("Person", service.beyond) not in _hits(mine, q), q
        for q in (beyond["id"], beyond["phone"] or beyond["id_number"]):
            empty = [mine.get("/v1/search", params={"q": text}) for text in (q, "10000000019")]
            assert empty[0].content == empty[1].content


def test_a_limit_is_not_emptied_by_hits_outside(service: Service) -> None:
    surname = _person(service, service.inside)["name"][0]
    with service.client("reader", service.branch) as mine:
        assert len(_hits(mine, surname)) >= 1
        assert len(_hits(mine, surname, limit=1)) == 1


def test_numbers_are_found_whole_by_who_may_not_see_them(service: Service) -> None:
    inside = _person(service, service.inside)
    number = next(inside[n] for n in ("phone", "id_number") if inside[n])
    me = ("Person", service.inside)
    with (
        service.client("reader", service.branch, purpose="call") as reader,
        service.client("service", service.branch) as aimless,
        service.client("service", service.branch, purpose="call") as clerk,
    ):
        for masked in (reader, aimless):
            assert me in _hits(masked, number)
            assert me not in _hits(masked, number[:-1])
            assert me in _hits(masked, inside["name_key"][:1] or inside["name"])
        assert me in _hits(clerk, number[:-1])
        named = [c.get("/v1/search", params={"q": number}).json() for c in (reader, clerk)]
    shown = [{h["id"]: h["name"] for h in n["items"]}[service.inside] for n in named]
    assert shown == [inside["name"][0] + "*", inside["name"]]


def test_every_search_is_noted_by_its_kind_and_never_by_its_text(service: Service) -> None:
    with service.backend.store() as store:
        policy = store.page("Policy", limit=1)[0]["id"]
    with service.client("reader") as reader:
        for q, kind in (("王", "name"), ("13912345678", "number"), (policy.lower(), "id")):
            hits = len(_hits(reader, q))
            entry = _noted(service)
            assert (entry.action, entry.detail) == ("search", {"kind": kind, "hits": hits})
            assert q not in repr(entry)


def test_look_ups_of_masked_numbers_are_few(make_service: Callable[..., Service]) -> None:
    few = make_service(lookup_limit=2)
    number = {"q": "13912345678"}
    with few.client("reader") as reader, few.client("service", purpose="call") as clerk:
        assert [reader.get("/v1/search", params=number).status_code for _ in range(3)] == [
            200, 200, 429,
        ]  # fmt: skip
        for q in ("王", few.inside):
            assert _hits(reader, q), q
        assert [clerk.get("/v1/search", params=number).status_code for _ in range(3)] == [200] * 3


def test_searches_by_masked_names_are_few_and_those_refused_are_noted(
    make_service: Callable[..., Service],
) -> None:
    few = make_service(search_limit=2)
    with few.client("reader") as reader, few.client("service", purpose="call") as clerk:
        answers = [reader.get("/v1/search", params={"q": q}) for q in ("王", "王伟", "王小")]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert answers[2].json()["type"] == "/problems/too-many-requests"
        assert int(answers[2].headers["Retry-After"]) > 60
        entry = _noted(few)
        assert (entry.outcome, entry.resource) == ("refused", "search")
        assert "王" not in repr(entry)
        for q in (few.inside, "13912345678"):  # neither an id nor a number is a name
            assert reader.get("/v1/search", params={"q": q}).status_code == 200
        for _ in range(3):
            assert clerk.get("/v1/search", params={"q": "王"}).status_code == 200


def test_what_is_no_question_is_refused_or_finds_nothing(service: Service) -> None:
    with service.client("reader") as reader:
        for q in ("\x00", "%ed%a0%80", "9" * 200, '"', "*", "NEAR(", "@", "½", "a:b%3A", "\ufeff"):
            assert reader.get("/v1/search", params={"q": q}).status_code == 200
        refused: list[dict[str, str | int]] = [
            {"q": ""}, {"q": "x" * 201}, {"q": "x", "limit": 0}, {},
        ]  # fmt: skip
        for wrong in refused:
            assert reader.get("/v1/search", params=wrong).status_code == 422

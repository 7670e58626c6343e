"""What every route has in common: declared scopes, problems, ids, headers, limits."""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from fastapi.routing import APIRoute

from graphcrm.words import catalogue
from graphcrm_api.http.app import ROUTERS
from graphcrm_api.http.conventions.problems import STATUSES
from graphcrm_api.http.conventions.requests import log_as_json
from graphcrm_api.http.customers import service as customers
from graphcrm_api.http.health.endpoints import PUBLIC
from graphcrm_api.http.identity.scopes import ROLE_SCOPES, SCOPES
from tests.http.conftest import Service

TESTS = "\n".join(
    path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py")
)


def _routes() -> list[APIRoute]:
    return [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def _scopes(route: APIRoute) -> set[str]:
    found: set[str] = set()
    waiting = [route.dependant]
    while waiting:
        dependant = waiting.pop()
        found |= set(dependant.own_oauth_scopes or ())
        waiting += dependant.dependencies
    return found


def test_every_route_declares_known_scopes_that_some_role_has() -> None:
    given = frozenset().union(*ROLE_SCOPES.values())
    assert given == set(SCOPES)
    for route in _routes():
        if route.path in PUBLIC:
            continue
        scopes = _scopes(route)
        assert scopes, f"{route.path} declares no scope"
        assert scopes <= set(SCOPES), route.path


def test_no_route_passes_over_a_query_parameter_that_it_does_not_have(service: Service) -> None:
    asked = 0
    with service.client("admin") as admin, service.client("investigator") as investigator:
        for route in _routes():
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            if not route.include_in_schema:
                continue
            who = admin if _scopes(route) <= ROLE_SCOPES["admin"] else investigator
            for method in sorted(route.methods or ()):
                answer = who.request(method, path, params={"limiit": "1"})
                assert answer.status_code in (422, 403), (method, path)
                if answer.status_code == 422:
                    asked += 1
                    (error,) = answer.json()["errors"]
                    assert error["at"] == "query.limiit", path
                    assert error["message"] == answer.json()["detail"]
        assert asked > 30
        told = investigator.get("/v1/search?q=x&Limiit=1", headers={"Accept-Language": "zh"}).json()
        assert told["detail"] == "此接口没有查询参数 'Limiit'；最接近的是 'limit'"
        none = admin.get("/v1/status?x=1").json()
    assert none["detail"] == "there is no query parameter 'x' here, nor any other"


def test_moments_come_in_one_form(service: Service) -> None:
    """Every moment that the service itself notes: RFC 3339 in UTC, with Z."""
    form = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")
    found: list[tuple[str, str]] = []

    def look(path: str, told: object) -> None:
        if isinstance(told, dict):
            for name, value in told.items():
                if (name == "at" or name.endswith("_at")) and isinstance(value, str):
                    found.append((path, name))
                    kept = name in ("contacted_at", "loss_at")
                    assert kept or form.fullmatch(value), (path, name, value)
                look(path, value)
        elif isinstance(told, list):
            for one in told:
                look(path, one)

    with service.client("admin") as admin, service.client("analyst") as analyst:
        assert analyst.get("/v1/search?q=x").status_code == 200  # of which the audit log tells
        for path in ("/v1/loads", "/v1/status", "/v1/keys", "/v1/jobs", "/v1/audit"):
            look(path, admin.get(path).json())
        label, id = "Person", service.inside
        for path in (f"/v1/customers/{label}/{id}", f"/v1/history?label={label}&id={id}"):
            look(path, analyst.get(path).json())
    assert {("/v1/status", "loaded_at"), ("/v1/loads", "started_at"), ("/v1/audit", "at")} <= {
        *found
    }


def test_every_route_asks_who_it_is(service: Service) -> None:
    """Without a key: 401, whatever else is wrong with the request; without the role: 403."""
    with service.anonymous() as nobody, service.client("reader") as reader:
        for route in _routes():
            path = re.sub(r"\{[^}]*\}", "x", route.path)
            for method in route.methods or ():
                answer = nobody.request(method, path)
                assert (answer.status_code == 401) == (route.path not in PUBLIC), (method, path)
                if _scopes(route) - ROLE_SCOPES["reader"]:
                    assert reader.request(method, path).status_code == 403, (method, path)


def test_every_route_is_tested() -> None:
    """Each route's fixed parts stand in some test of this folder."""
    for route in _routes():
        if route.path not in PUBLIC:
            fixed = route.path.split("{")[0].rstrip("/")
            if fixed.startswith("/v1/questions/"):  # one for each question, tested by its name
                fixed = "/v1/questions/"
            assert fixed in TESTS, route.path


def test_problems_are_explained_in_both_languages(service: Service) -> None:
    told = {key.partition(".")[2] for key in catalogue() if key.startswith("problems.")}
    assert told == set(STATUSES)
    with service.anonymous() as nobody:
        for kind, status in STATUSES.items():
            told = nobody.get(f"/problems/{kind}").json()
            assert told["status"] == status
            assert re.search("[一-鿿]", told["zh"])
        chinese = nobody.get("/v1/customers", headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    problem = chinese.json()
    assert problem["title"] == catalogue()["problems.unauthenticated"]["zh"]
    assert re.search("[一-鿿]", problem["detail"])
    assert set(problem) == {"type", "title", "status", "detail", "request_id"}
    assert problem["request_id"] == chinese.headers["X-Request-Id"]


def test_what_is_not_there_and_not_done_here_are_problems_too(service: Service) -> None:
    with service.anonymous() as nobody:
        for method, path, status in (("GET", "/nowhere", 404), ("DELETE", "/v1/customers", 405)):
            answer = nobody.request(method, path)
            assert answer.status_code == status
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_request_has_the_id_of_its_trace(service: Service) -> None:
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    with service.anonymous() as nobody:
        for given, kept in ((f"00-{trace}-00f067aa0ba902b7-01", True), ("00-x-y-01", False)):
            answer = nobody.get("/health/live", headers={"traceparent": given})
            assert (answer.headers["X-Request-Id"] == trace) == kept


def test_answers_carry_headers_that_keep_browsers_from_harm(service: Service) -> None:
    with service.anonymous() as nobody:
        headers = nobody.get("/health/ready").headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Access-Control-Allow-Origin" not in headers


def test_pages_of_the_origins_in_the_settings_can_use_all_of_it(
    make_service: Callable[..., Service],
) -> None:
    own = make_service(cors_origins=["https://crm.example.com"])
    asked = {
        "Origin": "https://crm.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "If-None-Match, Idempotency-Key",
    }
    with own.client("analyst") as analyst:
        assert analyst.options("/v1/customers", headers=asked).status_code == 200
        answer = analyst.get("/v1/customers", headers={"Origin": asked["Origin"]})
        assert answer.headers["Access-Control-Allow-Origin"] == asked["Origin"]
        assert "Retry-After" in answer.headers["Access-Control-Expose-Headers"]
        other = analyst.get("/v1/customers", headers={"Origin": "https://evil.example.com"})
        assert "Access-Control-Allow-Origin" not in other.headers


def test_measurements_count_routes_and_no_ids(service: Service) -> None:
    with service.client("admin") as admin:
        admin.get(f"/v1/nodes/Person/{service.inside}")
        text = admin.get("/metrics").text
    assert 'route="/v1/nodes/{label}/{id:path}"' in text
    assert service.inside not in text


def test_a_body_that_is_too_large_is_refused_before_it_is_read(service: Service) -> None:
    with service.client("service") as clerk:
        answer = clerk.post(
            "/v1/duplicates/search", content=b" " * 2_000_000,
            headers={"Content-Type": "application/json"},
        )  # fmt: skip
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/too-large")


@pytest.mark.parametrize("given", ["\x00", "a" * 600, "😀", "..", "%2e%2e", "' OR 1=1", "ＡＢ"])
def test_odd_ids_are_unknown_ids(service: Service, given: str) -> None:
    with service.client("reader") as reader:
        answer = reader.get(httpx.URL(f"{service.url}/v1/nodes/Person/").join("x").copy_with(
            raw_path=b"/v1/nodes/Person/" + _encoded(given)))  # fmt: skip
    assert answer.status_code in (404, 422), answer.text


def _encoded(text: str) -> bytes:
    return "".join(f"%{byte:02X}" for byte in text.encode()).encode()


def test_the_description_is_whole(service: Service) -> None:
    with service.anonymous() as nobody:
        described = nobody.get("/openapi.json").json()
    assert described["openapi"].startswith("3.1")
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            assert operation["description"], (method, path)
            if path not in PUBLIC:
                assert operation["security"], (method, path)
                assert {"401", "403"} <= set(operation["responses"]), (method, path)
    assert len(json.dumps(described)) < 2_000_000


def test_a_fault_is_answered_and_logged_without_what_it_says(
    make_service: Callable[..., Service], monkeypatch: pytest.MonkeyPatch
) -> None:
    own, heard = make_service(), io.StringIO()

    def break_down(*_: object) -> None:
        raise RuntimeError("王小明 13812345678")

    monkeypatch.setattr(customers, "one_node", break_down)
    with own.client("reader") as reader, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", heard)
        log_as_json()
        try:
            answers = [reader.get("/v1/nodes/Person/x") for _ in range(2)]  # the same connection
        finally:
            for name in ("graphcrm", "uvicorn"):
                logging.getLogger(name).handlers.clear()
                logging.getLogger(name).propagate = True
    assert [answer.status_code for answer in answers] == [500, 500]
    assert answers[0].json()["type"] == "/problems/fault"
    lines = [json.loads(line) for line in heard.getvalue().splitlines()]
    (fault, *_) = [line for line in lines if line["message"] == "fault"]
    assert fault["fault"] == "RuntimeError"
    assert fault["request_id"] == answers[0].json()["request_id"]
    assert "break_down" in fault["at_lines"][-1]
    assert "13812345678" not in heard.getvalue() + answers[0].text

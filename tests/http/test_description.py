"""The service's description: its examples work, and its headers and scopes are those that count."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from tests.http.conftest import Service

Row = dict[str, Any]

_CHANGES = ("post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def own(
    make_service: Callable[..., Service],
    found_sample: graphcrm.Graph,
    tmp_path_factory: pytest.TempPathFactory,
) -> Service:
    folder = tmp_path_factory.mktemp("examples")
    (folder / "2026-06-30").mkdir()
    (folder / "2026-06-30" / "persons.csv").write_text("id,name\nX1,张三\n", encoding="utf-8")
    return make_service(
        of=found_sample,
        load_folders=[folder],
        load_databases={"core": f"sqlite:///{Path(folder / 'core.db')}"},
        webhook_hosts=["hooks.example.com"],
    )


@pytest.fixture(scope="module")
def told(own: Service) -> Row:
    with own.anonymous() as nobody:
        described: Row = nobody.get("/openapi.json").json()
    return described


def _examples(told: Row, operation: Row) -> list[tuple[str, Any]]:
    """What an endpoint says that may be sent: media type and content; once nothing for no body."""
    if "requestBody" not in operation:
        return [("", None)]
    found: list[tuple[str, Any]] = []
    for form, said in operation["requestBody"]["content"].items():
        schema = said["schema"]
        if "$ref" in schema:
            schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        found += [(form, one["value"]) for one in said.get("examples", {}).values()]
        found += [(form, example) for example in schema.get("examples", ())]
    return found


def _changing(told: Row) -> list[tuple[str, str, Row]]:
    """The endpoints that change something; those about one thing come after those that make it."""
    found = [
        (method, path, operation)
        for path, methods in told["paths"].items()
        for method, operation in methods.items()
        if method in _CHANGES
    ]
    return sorted(found, key=lambda one: "{" in one[1])


def test_every_example_works(own: Service, told: Row) -> None:
    """Each is sent as it stands, to what an earlier one has made where it is about one thing."""
    made: dict[str, Row] = {}
    with own.client("admin", purpose="try") as admin, own.client("service", purpose="try") as clerk:
        for method, path, operation in _changing(told):
            examples = _examples(told, operation)
            assert examples, f"{method} {path} has no example"
            list_, _, rest = path.partition("/{")
            client = clerk if list_ in ("/v1/contacts", "/v1/duplicates/search") else admin
            needed = [
                p for p in operation["parameters"] if p.get("in") == "query" and p["required"]
            ]
            params = {p["name"]: p["schema"]["examples"][0] for p in needed}
            for form, content in examples:
                headers, address = {"Content-Type": form}, path
                if rest:
                    one = f"{list_}/{_id(made[list_])}"
                    address = f"{one}{rest.partition('}')[2]}"
                    headers["If-Match"] = client.get(one).headers.get("ETag", "*")
                sent = {"json" if form == "application/json" else "content": content}
                until = time.monotonic() + 60
                while True:  # the first search opens what it looks through
                    answer = client.request(method, address, params=params, headers=headers, **sent)
                    if answer.status_code != 503 or time.monotonic() > until:
                        break
                    time.sleep(0.5)
                wanted = {status for status in operation["responses"] if status[0] == "2"}
                if path == "/v1/jobs/{id}/cancel":  # it may be over by now
                    wanted.add("409")
                assert str(answer.status_code) in wanted, (method, address, answer.text)
                if answer.status_code in (201, 202):
                    location = answer.headers.get("Location", f"{list_}/").rpartition("/")[0]
                    made[location] = answer.json()


def _id(made: Row) -> str:
    return str(made["contact"]["id"] if "contact" in made else made.get("prefix", made.get("id")))


def test_headers_and_scopes_are_declared(own: Service, told: Row) -> None:
    kinds = told["components"]
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            (scope,) = operation["security"][0]["bearer"]
            assert f"Scope: `{scope}`" in operation["description"], (method, path)
            names = {
                (kinds["parameters"][p["$ref"].rpartition("/")[2]] if "$ref" in p else p)["name"]
                for p in operation["parameters"]
            }
            assert {"Accept-Language", "X-Purpose"} <= names, (method, path)
            assert ("Idempotency-Key" in names) == (method == "post"), (method, path)
            assert ("If-Match" in names) == ("428" in operation["responses"]), (method, path)
            assert ("If-None-Match" in names) == (method == "get"), (method, path)
            for status, said in operation["responses"].items():
                if status[0] == "4":
                    assert set(said["content"]) == {"application/problem+json"}, (method, path)


def test_declared_headers_come(own: Service, told: Row) -> None:
    seen = 0
    with own.client("admin", purpose="try") as admin:
        for path, methods in told["paths"].items():
            said = methods.get("get", {}).get("responses", {}).get("200", {}).get("headers", {})
            if "{" in path or not path.startswith("/v1/") or "ETag" not in said:
                continue
            answer = admin.get(path)
            if answer.status_code == 200:
                assert {name.lower() for name in said} <= set(answer.headers), path
                seen += 1
    assert seen > 10

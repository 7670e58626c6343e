"""What is wrong with a request is said in the language of who asks, whatever it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.http.conftest import Service

Row = dict[str, Any]

_IN_QUERIES = (
    "", "x", "-1", "9" * 30, "9" * 5_000, "1.5", "nan", "2026-13-40", "2026-01-01T10:00:00",
    "x" * 60_000,
)  # fmt: skip
_IN_BODIES: tuple[Any, ...] = (
    None, 5, 5.5, True, "", "x", "x" * 3_000, "\u0000", "2026-13-40", "2026-01-01T10:00:00", [], {},
    ["x"], ["reader"] * 9, {"x": 1}, 10**30,
)  # fmt: skip
_NO_BODIES = ("", "{", "[]", "5", "null", '"x"', '{"a": 1,}', "\\x00")
_ENGLISH = re.compile(r"[a-z']+ [a-z']+ [a-z']+ [a-z']+")


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


def _wrong(told: Row) -> Iterator[tuple[str, str, Row]]:
    """Requests with one thing that is odd about each: method, path, and what is sent.

    A parameter that several endpoints have is tried at one of them.
    """
    tried: list[Row] = []
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            if "security" not in operation:
                continue
            address = re.sub(r"\{[^}]*\}", "x", path)
            yield method, address, {"params": {"surplus": "1"}}
            for parameter in operation["parameters"]:
                if parameter.get("in") == "query" and parameter not in tried:
                    tried.append(parameter)
                    for odd in _IN_QUERIES:
                        yield method, address, {"params": {parameter["name"]: odd}}
            for form, said in operation.get("requestBody", {}).get("content", {}).items():
                if form != "application/json":
                    continue
                for text in _NO_BODIES:
                    yield method, address, {"content": text, "headers": {"Content-Type": form}}
                schema = told["components"]["schemas"][said["schema"]["$ref"].rpartition("/")[2]]
                example = schema["examples"][0]
                for name in (*schema["properties"], "surplus"):
                    yield method, address, {"json": {n: v for n, v in example.items() if n != name}}
                    for odd in _IN_BODIES:
                        yield method, address, {"json": {**example, name: odd}}


def test_all_that_is_wrong_is_said_in_chinese(own: Service) -> None:
    said: set[str] = set()
    with own.client("admin", purpose="try") as admin, own.client("service", purpose="try") as clerk:
        for client in (admin, clerk):
            client.headers["Accept-Language"] = "zh"
            for method, path, sent in _wrong(client.get("/openapi.json").json()):
                if (client is clerk) == path.startswith(("/v1/contacts", "/v1/dup")):
                    answer = client.request(method, path, **sent)
                    assert answer.status_code < 500, (method, path, sent, answer.text)
                    if answer.status_code == 422:
                        told = answer.json()
                        said |= {told["detail"], *(e["message"] for e in told.get("errors", ()))}
    assert len(said) > 50
    english = {w for w in said if not re.search("[一-鿿]", w) or _ENGLISH.search(w)}
    assert not english, sorted(english)

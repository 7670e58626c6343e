"""A service that is killed while it answers: sent again with its key, nothing is done twice."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from graphcrm.ledger import keys
from graphcrm.settings import Settings
from graphcrm_api.http.backend import Backend
from tests.http.conftest import serving

DIED = 9
SERVE = f"""
import os, sys
from pathlib import Path
import uvicorn
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle
from graphcrm.ledger import idempotency
from graphcrm.settings import Settings
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.serving import configured
graph, folder, point = sys.argv[1:]
backend = Backend(graph, Settings(graph=graph, load_folders=[Path(folder)],
                  webhook_hosts=["hooks.example.com"]))
async def die(self, message):
    os._exit({DIED})
def die_now(*args, **more):
    os._exit({DIED})
if point == "before the answer is kept":
    idempotency.keep = die_now
else:
    RequestResponseCycle.send = die
config = configured(backend, "127.0.0.1", 0)
listening = config.bind_socket()
listening.listen()
print(listening.getsockname()[1], flush=True)
uvicorn.Server(config).run([listening])
"""
"""A service that ends at a point of the first request that reaches it, as a crash would end it."""

POINTS = ("before the answer is kept", "before the answer is sent")
ORDERS: dict[str, dict[str, Any]] = {
    "/v1/keys": {"name": "desk", "roles": ["reader"]},
    "/v1/webhooks": {"url": "https://hooks.example.com/x", "events": ["load.finished"]},
    "/v1/loads": {"path": "persons.csv", "dry_run": True},
}
SECRETS = {"/v1/keys": "key", "/v1/webhooks": "secret"}


@contextmanager
def _dying(graph: Path, folder: Path, point: str) -> Iterator[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(graph), str(folder), point],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        assert process.wait(30) == DIED
    finally:
        process.kill()
        process.wait()


def _made(client: httpx.Client, path: str) -> list[dict[str, Any]]:
    items = client.get("/v1/jobs" if path == "/v1/loads" else path).json()["items"]
    return [item for item in items if item.get("name") != "first"]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("path", ORDERS)
def test_what_was_killed_is_done_once(
    sample_graph: Any, tmp_path: Path, path: str, point: str
) -> None:
    graph, folder = tmp_path / "insurer.graph", tmp_path / "in"
    sample_graph.graph.backup(graph)
    folder.mkdir()
    (folder / "persons.csv").write_text("id,name\nonce,王一\n", encoding="utf-8")
    settings = Settings(
        graph=str(graph), load_folders=[folder], webhook_hosts=["hooks.example.com"]
    )
    backend = Backend(str(graph), settings)
    with closing(backend), backend.state.writing() as connection:
        _, text = keys.create(
            connection, name="first", roles=["admin"], branches=None, expires_on=None, by="test"
        )
    sent: dict[str, Any] = {
        "json": ORDERS[path],
        "headers": {"Authorization": f"Bearer {text}", "Idempotency-Key": "once"},
    }
    with _dying(graph, folder, point) as url, pytest.raises(httpx.TransportError):
        httpx.post(url + path, timeout=30, **sent)
    backend = Backend(str(graph), settings)
    with (
        closing(backend),
        serving(backend) as url,
        httpx.Client(base_url=url, headers=sent["headers"], timeout=30) as client,
    ):
        there_already = len(_made(client, path))
        assert there_already == (point == "before the answer is sent")
        answers = [client.post(path, **sent) for _ in range(2)]
        assert {answer.status_code for answer in answers} == {202 if path == "/v1/loads" else 201}
        replayed = [answer.headers.get("Idempotent-Replayed") for answer in answers]
        assert replayed == ["true" if there_already else None, "true"]
        (made,) = _made(client, path)
        secret = SECRETS.get(path, "id")
        if path == "/v1/loads":
            assert {answer.json()["id"] for answer in answers} == {made["id"]}
        else:
            first, second = (answer.json() for answer in answers)
            assert (first[secret] is None, second[secret]) == (bool(there_already), None)
            assert {**first, secret: None} == second
        assert client.get("/v1/audit/verify").json()["whole"]

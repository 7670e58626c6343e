"""Long work over HTTP: whose it is, how it ends, and that no end of the service loses it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
import sqlalchemy as sa

from graphcrm.ledger import Database, audit, jobs, state_url
from graphcrm.ledger.jobs import Job
from graphcrm.ledger.tables import JOB
from graphcrm.settings import Settings
from graphcrm.store.lock import writing
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.jobs.kinds import Kind, Step
from graphcrm_api.http.jobs.workers import Workers
from tests.http.conftest import Service, serving

PATIENCE = 30.0


def job_when(client: httpx.Client, id: str, wanted: Callable[[dict[str, Any]], bool]) -> Any:
    """A job as soon as it is as wanted."""
    until = time.monotonic() + PATIENCE
    while True:
        job = client.get(f"/v1/jobs/{id}").json()
        if wanted(job):
            return job
        assert time.monotonic() < until, job
        time.sleep(0.02)


def over(job: dict[str, Any]) -> bool:
    return job["state"] in ("succeeded", "failed", "cancelled")


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


def _queued(service: Service, by: str, kind: str = "nobody does this", **more: Any) -> str:
    """A job that the service's own workers don't take."""
    with service.backend.state.writing() as connection:
        return jobs.add(connection, kind=kind, by=by, **{"request": {}, **more}).id


def _name(client: httpx.Client) -> str:
    """By which name the service knows a client."""
    return "key:" + client.headers["Authorization"].split("_")[1]


def test_jobs_are_their_owners_and_the_whole_companys_administrators(own: Service) -> None:
    with (
        own.anonymous() as nobody,
        own.client("reader") as reader,
        own.client("analyst") as analyst,
        own.client("analyst") as other,
        own.client("admin") as admin,
        own.client("admin", own.branch) as limited,
    ):
        first, second = (_queued(own, _name(analyst)) for _ in range(2))
        for path in ("/v1/jobs", f"/v1/jobs/{first}"):
            assert nobody.get(path).status_code == 401
            assert reader.get(path).status_code == 403
        assert nobody.post(f"/v1/jobs/{first}/cancel").status_code == 401
        assert reader.post(f"/v1/jobs/{first}/cancel").status_code == 403
        for stranger in (other, limited):
            assert stranger.get("/v1/jobs").json() == {"items": [], "next": None}
            for method, path in (("GET", "/v1/jobs/{}"), ("POST", "/v1/jobs/{}/cancel")):
                hidden = stranger.request(method, path.format(first))
                absent = stranger.request(method, path.format("0" * 32))
                assert (hidden.status_code, absent.status_code) == (404, 404)
                assert hidden.json()["detail"].replace(first, "0" * 32) == absent.json()["detail"]
        for seeing in (analyst, admin):
            page = seeing.get("/v1/jobs", params={"limit": 1, "state": "queued"}).json()
            assert [job["id"] for job in page["items"]] == [second]
            params = {"limit": 1, "state": "queued", "cursor": page["next"]}
            assert [j["id"] for j in seeing.get("/v1/jobs", params=params).json()["items"]] == [
                first
            ]
            assert seeing.get("/v1/jobs", params={"cursor": page["next"]}).status_code == 422
        assert analyst.get("/v1/jobs/x").status_code == 422
    with own.backend.state.reading() as connection:
        entries = audit.page(connection, limit=20, action="GET /v1/jobs/{id}")
    assert {"refused"} == {entry.outcome for entry in entries}


def test_a_job_that_waits_is_cancelled_at_once_and_once(own: Service) -> None:
    with own.client("analyst") as analyst:
        id = _queued(own, _name(analyst))
        sent = {"Idempotency-Key": "k1"}
        first = analyst.post(f"/v1/jobs/{id}/cancel", headers=sent)
        assert (first.status_code, first.json()["state"]) == (200, "cancelled")
        again = analyst.post(f"/v1/jobs/{id}/cancel", headers=sent)
        assert again.content == first.content
        anew = analyst.post(f"/v1/jobs/{id}/cancel")
        assert (anew.status_code, anew.json()["type"]) == (409, "/problems/conflict")
    with own.backend.state.reading() as connection:
        noted = audit.page(connection, limit=9, action="cancel job")
    assert [entry.resource for entry in noted] == [f"job:{id}"]


def test_a_job_whose_worker_is_gone_ends_and_speaks_both_languages(own: Service) -> None:
    with own.client("analyst") as analyst:
        id = _queued(own, _name(analyst), kind="abandoned")
        with own.backend.state.writing() as connection:
            jobs.claim_next(connection, "gone", 60, ["abandoned"])
            jobs.renew(connection, id, "gone", 60, {"share": 0.5, "doing": "writing policies"})
        chinese = {"Accept-Language": "zh"}
        told = analyst.get(f"/v1/jobs/{id}", headers=chinese).json()["progress"]
        assert told == {"share": 0.5, "doing": "正在写入 policies"}
        with own.backend.state.writing() as connection:
            jobs.renew(connection, id, "gone", 0)
        job = job_when(analyst, id, over)
        assert (job["state"], job["error"]) == ("failed", "the service stopped")
        assert analyst.get(f"/v1/jobs/{id}", headers=chinese).json()["error"] == "服务已停止"


def test_work_is_handed_on_when_a_service_stops_and_its_faults_stay_inside(own: Service) -> None:
    def run(backend: Backend, job: Job, step: Step) -> dict[str, Any]:
        if job.request.get("faulty"):
            raise RuntimeError("王幸存")
        while job.attempts == 1:
            step(0.5, "reading")
            time.sleep(0.01)
        return {"attempts": job.attempts}

    kind = Kind(
        "by hand", run, "jobs:read", begin=lambda backend: None,
        tidy=lambda backend, job: None, event="by.hand", told=lambda job: None,
    )  # fmt: skip
    first, second = (Workers(own.backend, (kind,)) for _ in range(2))
    with own.client("admin") as admin:
        id = _queued(own, _name(admin), kind.name, resumable=True)
        first.start()
        job_when(admin, id, lambda job: job["state"] == "running")
        first.stop()
        assert not over(admin.get(f"/v1/jobs/{id}").json())
        second.start()
        job = job_when(admin, id, over)
        assert (job["state"], job["result"]) == ("succeeded", {"attempts": 2})
        id = _queued(own, _name(admin), kind.name, request={"faulty": True})
        job = job_when(admin, id, over)
        second.stop()
    assert (job["state"], "王" in job["error"]) == ("failed", False)


def test_a_load_survives_the_death_of_the_service(sample_graph: Any, tmp_path: Path) -> None:
    """SIGKILL while it waits for another writer; the next service takes it up and ends it."""
    graph, folder = tmp_path / "insurer.graph", tmp_path / "in"
    sample_graph.graph.backup(graph)
    folder.mkdir()
    (folder / "persons.csv").write_text("id,name,sex\nsurvivor,王幸存,F\n", encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "GRAPHCRM_LOAD_FOLDERS": f'["{folder}"]'}
    command = [sys.executable, "-m", "graphcrm_api.cli", "serve", "--graph", str(graph)]
    with writing(graph, "a test", lambda who: None):
        process = subprocess.Popen(
            [*command, "--port", str(port)], env=environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                _until_up(client)
                started = client.post("/v1/loads", json={"path": "persons.csv"})
                assert started.status_code == 202
                id = started.json()["id"]
                job_when(client, id, lambda job: "wait" in str(job["progress"]))
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    with closing(Database(state_url(str(graph)))) as state, state.writing() as connection:
        left = jobs.get(connection, id)
        assert left is not None
        assert left.state == "running"
        past = "2026-01-01T00:00:00.000000+00:00"  # the time of its lease has passed
        connection.execute(sa.update(JOB).values(lease_until=past))
    backend = Backend(str(graph), Settings(graph=str(graph), load_folders=[folder]))
    with (
        closing(backend),
        serving(backend) as url,
        httpx.Client(base_url=url, timeout=30) as client,
    ):
        job = job_when(client, id, over)
        assert (job["state"], job["attempts"]) == ("succeeded", 2)
        assert client.get("/v1/nodes/Person/survivor").status_code == 200


def _until_up(client: httpx.Client) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            if client.get("/health/live").status_code == 200:
                return
        except httpx.TransportError:
            assert time.monotonic() < until
            time.sleep(0.05)

"""Loads over HTTP: from where, by whom, uploads, what was refused, and how one is cancelled."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import socket
import sqlite3
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from graphcrm.ledger import audit, jobs, keys
from graphcrm.store.lock import writing
from graphcrm_api.http.jobs.kinds import CancelledError
from graphcrm_api.http.loads import loading, uploads
from graphcrm_api.http.loads.schemas import LoadOrder
from tests.http.conftest import Service
from tests.http.test_jobs import job_when, over

LIMIT = 100_000
NO_RIGHT = "whoever asked for this may not do it any more"
PERSONS = "id,name,sex\n{0}1,王一,F\n{0}2,王二,M\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the service may load from, and beside it what it may not."""
    root = tmp_path_factory.mktemp("loads")
    inside = root / "in"
    (inside / "linked").mkdir(parents=True)
    (inside / "day").mkdir()
    (root / "secret.csv").write_text(PERSONS.format("secret"), encoding="utf-8")
    (inside / "link.csv").symlink_to(root / "secret.csv")
    (inside / "linked" / "persons.csv").symlink_to(root / "secret.csv")
    (inside / "day" / "persons.csv").write_text(
        PERSONS.format("L") + "L3,王三,13800138000\n", encoding="utf-8"
    )
    with contextlib.closing(sqlite3.connect(root / "core.db")) as database:
        database.executescript(
            "CREATE TABLE persons (id TEXT, name TEXT, sex TEXT);"
            "INSERT INTO persons VALUES ('D1', '赵一', 'F');"
        )
    return inside


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service], folder: Path) -> Service:
    return make_service(
        load_folders=[folder],
        load_databases={"core": f"sqlite:///{folder.parent / 'core.db'}"},
        upload_limit=LIMIT,
    )


@pytest.fixture(scope="module")
def admin(own: Service) -> Iterator[httpx.Client]:
    with own.client("admin") as client:
        yield client


def _done(client: httpx.Client, answer: httpx.Response) -> Any:
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/jobs/{answer.json()['id']}"
    return job_when(client, answer.json()["id"], over)


def test_only_the_whole_company_loads_and_reads_of_loads(own: Service) -> None:
    order = {"path": "day"}
    with (
        own.anonymous() as nobody,
        own.client("analyst") as analyst,
        own.client("admin", own.branch) as limited,
    ):
        for path in ("/v1/loads", "/v1/loads/1", "/v1/loads/quarantine"):
            assert nobody.get(path).status_code == 401
            assert analyst.get(path).status_code == 200
            assert limited.get(path).status_code == 403
        sent: dict[str, Any]
        for path, sent in (
            ("/v1/loads", {"json": order}),
            ("/v1/loads/upload?name=persons.csv", {"content": b"id"}),
        ):
            assert nobody.post(path, **sent).status_code == 401
            assert analyst.post(path, **sent).status_code == 403
            assert limited.post(path, **sent).status_code == 403


def test_only_what_the_settings_name_is_loaded_from(admin: httpx.Client, folder: Path) -> None:
    for path in (
        "absent", "..", "../secret.csv", "link.csv", "linked", "/etc/passwd", "/etc/absent",
        str(folder.parent), "day/../../secret.csv", "a" * 900,
    ):  # fmt: skip
        answer = admin.post("/v1/loads", json={"path": path})
        assert answer.status_code == 422, path
        said = answer.json()["detail"].replace(repr(path), "…")
        assert said == "… is not below a folder that the service may load from"
    for wrong in (
        {}, {"path": "day", "database": "core"}, {"database": "sqlite:////etc/passwd"},
        {"path": "day", "incremental": True}, {"path": "day", "mapping": "../m.yaml"},
        {"path": "\x00"}, {"path": "day", "source": "\ud800"}, {"path": "day", "more": 1},
        {"database": "core", "full": True, "incremental": True},
    ):  # fmt: skip
        sent: dict[str, Any] = {
            "content": json.dumps(wrong),
            "headers": {"Content-Type": "application/json"},
        }
        assert admin.post("/v1/loads", **sent).status_code == 422, wrong


def test_a_load_is_a_job_and_tells_no_value(
    own: Service, admin: httpx.Client, folder: Path
) -> None:
    rehearsed = _done(admin, admin.post("/v1/loads", json={"path": "day", "dry_run": True}))
    assert (rehearsed["state"], rehearsed["result"]["load"]) == ("succeeded", None)
    assert admin.get("/v1/nodes/Person/L1").status_code == 404
    sent: dict[str, Any] = {
        "json": {"path": str(folder / "day")},
        "headers": {"Idempotency-Key": "once"},
    }
    first = admin.post("/v1/loads", **sent)
    job = _done(admin, first)
    assert admin.post("/v1/loads", **sent).json()["id"] == first.json()["id"]
    assert job["state"] == "succeeded"
    (file,) = job["result"]["files"]
    assert (file["name"], file["rows"], file["refused"]) == ("persons.csv", 2, 1)
    for told in (job, rehearsed):
        assert "王" not in str(told)
        assert "13800138000" not in str(told)
        assert str(folder) not in str(told["result"])
    shown = admin.get(f"/v1/loads/{job['result']['load']}").json()
    assert (shown["state"], shown["by"], shown["files"]) == ("done", job["by"], [file])
    assert admin.get("/v1/loads").json()["items"][0] == shown
    assert str(folder) not in str(shown)
    assert admin.get("/v1/loads/9999").status_code == 404
    with own.backend.state.reading() as connection:
        noted = audit.page(connection, limit=2, action="start load")
    assert [entry.resource.removeprefix("job:") for entry in noted] == [job["id"], rehearsed["id"]]


def test_a_database_is_loaded_by_its_name(admin: httpx.Client) -> None:
    job = _done(admin, admin.post("/v1/loads", json={"database": "core", "source": "core"}))
    assert job["state"] == "succeeded", job["error"]
    assert admin.get("/v1/nodes/Person/core:D1").status_code == 200


def test_an_upload_is_loaded_once_and_then_gone(own: Service, admin: httpx.Client) -> None:
    sent = {"Idempotency-Key": "upload"}
    body = PERSONS.format("U").encode()

    def post(content: bytes) -> httpx.Response:
        return admin.post("/v1/loads/upload?name=persons.csv", content=content, headers=sent)

    first = post(body)
    job = _done(admin, first)
    assert (job["state"], job["result"]["files"][0]["new"]) == ("succeeded", 2)
    again = post(body)
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    other = post(body + b"U3,x,F\n")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/key-reused")
    with own.backend.state.reading() as connection:
        (noted,) = audit.page(connection, limit=1, action="start load")
    assert (noted.detail or {})["of"] == f"upload {hashlib.sha256(body).hexdigest()}"
    _require_no_uploads(own)


def test_uploads_that_can_not_be_loaded_are_refused(
    own: Service, admin: httpx.Client, tmp_path: Path
) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr("sheet.xml", b" " * (2 * LIMIT))

    def streamed() -> Iterator[bytes]:
        for _ in range(3):
            yield b"x" * (LIMIT // 2)

    plain = b"id,name\n1,x\n"
    for name, content, status in (
        ("persons.exe", plain, 415), ("persons.zip", b"PK\x03\x04", 415), ("persons", plain, 415),
        ("../persons.csv", plain, 422), (".persons.csv", plain, 422), ("a/b.csv", plain, 422),
        ("persons.csv", b"", 422), ("persons.csv", b"PK\x03\x04xyz", 415),
        ("persons.xlsx", plain, 422), ("persons.xlsx", bomb.read_bytes(), 413),
        ("persons.csv", b"x" * (LIMIT + 1), 413), ("persons.csv", streamed(), 413),
    ):  # fmt: skip
        answer = admin.post("/v1/loads/upload", params={"name": name}, content=content)
        assert answer.status_code == status, (name, answer.text)
    _require_no_uploads(own)


def test_two_gigabytes_are_refused_before_they_are_sent(own: Service, admin: httpx.Client) -> None:
    parts = urlsplit(own.url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), 10) as plain:
        head = (
            "POST /v1/loads/upload?name=persons.csv HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {admin.headers['Authorization']}\r\nContent-Length: {2 << 30}\r\n\r\n"
        )
        plain.sendall(head.encode())
        assert plain.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_folder_that_a_killed_service_left_is_removed(own: Service) -> None:
    root = uploads.folder_of(own.backend)
    names = {kind: kind * 32 for kind in "abc"}
    for name in names.values():
        (root / name).mkdir(parents=True)
    past = time.time() - 2 * 24 * 3600
    for kind in "ab":
        os.utime(root / names[kind], (past, past))
    uploads.remove_left(own.backend, {names["a"]})  # one that a job waits for, an old, a new one
    assert sorted(path.name for path in root.iterdir()) == [names["a"], names["c"]]
    for kind in "ac":
        uploads.remove(own.backend, names[kind])


def test_refused_rows_show_their_values_to_few(own: Service, admin: httpx.Client) -> None:
    wrong = "id,name,sex\n" + "".join(f"Q{n},钱{n},13800138000\n" for n in range(3))
    _done(admin, admin.post("/v1/loads/upload?name=persons.csv", content=wrong.encode()))
    address = "/v1/loads/quarantine"
    with (
        own.client("steward") as unstated,
        own.client("steward", purpose="mend") as steward,
    ):
        for masked in (admin, unstated):
            text = masked.get(address, params={"limit": 500}).text
            assert "13800138000" not in text
            assert "钱" not in text
            answer = masked.get(address, headers={"Accept": "text/csv"})
            assert "13800138000" not in answer.text
            assert "reason" in answer.text
        shown: list[dict[str, Any]] = []
        cursor: dict[str, Any] = {}
        while True:
            page = steward.get(address, params={"limit": 2, **cursor}).json()
            shown += page["items"]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        whole = steward.get(address, params={"limit": 500}).json()["items"]
        assert shown == whole
        assert [row["value"] for row in whole].count("13800138000") >= 3
        mended = steward.get(address, headers={"Accept": "text/csv"}).text
        assert "钱2" in mended
        chinese = steward.get(address, headers={"Accept-Language": "zh"}).json()["items"][-1]
        assert chinese["explanation"] != whole[-1]["explanation"]
        assert steward.get(address, params={"cursor": "e30"}).status_code == 422
    with own.backend.state.reading() as connection:
        seen = audit.page(connection, limit=50, action="view")
    assert {entry.purpose for entry in seen if entry.resource == "quarantine"} == {"mend"}


def test_a_cancelled_load_leaves_whole_files(
    own: Service, admin: httpx.Client, folder: Path
) -> None:
    with writing(Path(own.backend.address), "a test", lambda who: None):
        waiting = admin.post("/v1/loads", json={"path": "day"}).json()["id"]
        job_when(admin, waiting, lambda job: job["state"] == "running")
        behind = admin.post("/v1/loads/upload?name=persons.csv", content=b"id,name\nX,x\n").json()
        admin.post(f"/v1/jobs/{behind['id']}/cancel")  # ends at once, and its file goes
        assert admin.post(f"/v1/jobs/{waiting}/cancel").json()["cancel_requested"]
    job = job_when(admin, waiting, over)
    assert (job["state"], job["result"]["complete"]) == ("cancelled", False)
    assert admin.get(f"/v1/jobs/{behind['id']}").json()["state"] == "cancelled"
    _require_no_uploads(own)

    many = folder / "many"
    many.mkdir()
    (many / "persons.csv").write_text(PERSONS.format("M"), encoding="utf-8")
    (many / "institutions.csv").write_text("id,name\nMI,某某公司\n", encoding="utf-8")
    with own.backend.state.writing() as connection:
        request = jobs.get(connection, waiting).request | {"path": "many"}  # type: ignore[union-attr]
        started = jobs.add(connection, kind="by hand", request=request, by="test")

    def step(share: float, doing: str, *, may_end: bool = True) -> None:
        if share >= 0.5:  # one file is through
            raise CancelledError

    with pytest.raises(CancelledError) as ended:
        loading.run(own.backend, started, step)
    told = ended.value.result or {}
    assert (told["complete"], len(told["files"])) == (False, 1), told
    assert told["files"][0]["new"] == told["files"][0]["rows"] > 0, told
    with own.backend.store() as store:
        there = {id: store.find(id) != [] for id in ("M1", "M2", "MI")}
    assert there["M1"] == there["M2"]
    assert there["MI" if told["files"][0]["table"] == "institutions" else "M1"]


def test_the_share_moves_within_one_file(own: Service, folder: Path) -> None:
    """With a file that is read anew, standardised, and written with what its rows refer to."""
    lines = (f"W{n},王{n},138{n:08d},w{n}@example.com" for n in range(500))
    text = "\n".join(["id,name,phone,email", *lines])
    (folder / "moving").mkdir()
    (folder / "moving" / "persons.csv").write_bytes(text.encode("gb18030"))
    with own.backend.state.writing() as connection:
        request = {**LoadOrder(path="moving").model_dump(), "as_of": "2026-06-30"}
        job = jobs.add(connection, kind="by hand", request=request, by="test")
    heard: list[tuple[float, str]] = []

    def step(share: float, doing: str, *, may_end: bool = True) -> None:
        heard.append((share, doing.partition(" ")[0]))

    loading.run(own.backend, job, step)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0, 1)
    for doing in ("decoding", "standardising", "writing"):
        assert len({share for share, said in heard if said == doing and 0 < share < 1}) > (
            doing != "decoding"
        ), heard


def test_who_lost_the_right_loads_no_more(own: Service, admin: httpx.Client) -> None:
    """Of a key that is revoked, the job that runs ends, and the one that waits behind it."""
    with own.client("admin") as leaving, own.client("admin") as staying:
        with writing(Path(own.backend.address), "a test", lambda who: None):
            running = leaving.post("/v1/loads", json={"path": "day"}).json()["id"]
            job_when(admin, running, lambda job: job["state"] == "running")
            behind, kept = (
                client.post("/v1/loads", json={"path": "day", "dry_run": True}).json()["id"]
                for client in (leaving, staying)
            )
            with own.backend.state.writing() as connection:
                keys.revoke(connection, leaving.headers["Authorization"].split("_")[1], "test")
            job = job_when(admin, behind, over)
            assert (job["state"], job["result"]) == ("cancelled", None)
            assert job["error"] == NO_RIGHT
            job_when(admin, running, lambda job: job["cancel_requested"])
        job = job_when(admin, running, over)
        assert (job["state"], job["error"]) == ("cancelled", NO_RIGHT)
        assert (job["result"]["complete"], job["result"]["files"]) == (False, [])
        assert job_when(admin, kept, over)["state"] == "succeeded"
    with own.backend.state.reading() as connection:
        noted = audit.page(connection, limit=9, who="the service")
    assert {entry.resource for entry in noted} == {f"job:{running}", f"job:{behind}"}
    assert noted[0].detail is not None
    assert noted[0].detail["reason"] == NO_RIGHT


def _require_no_uploads(service: Service) -> None:
    """A job's file goes right after the job's end."""
    root, until = uploads.folder_of(service.backend), time.monotonic() + 10
    while root.exists() and any(root.iterdir()):
        assert time.monotonic() < until, list(root.iterdir())
        time.sleep(0.01)

"""Loads that are killed, and disks that are full: what stands is whole, and loading again mends."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.sample import write_sample

CUSTOMERS = 150


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("crash") / "book"
    write_sample(folder, customers=CUSTOMERS, seed=11)
    return folder


@pytest.fixture(scope="module")
def undisturbed(
    files: Path, load_apart: Callable[..., graphcrm.LoadReport]
) -> tuple[Path, graphcrm.LoadReport]:
    path = files.parent / "undisturbed.graph"
    return path, load_apart(path, files)


def _start(path: Path, files: Path) -> subprocess.Popen[str]:
    graphcrm.connect(path).store.close()
    process = subprocess.Popen(
        [sys.executable, "-m", "graphcrm_loaders.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps({"graph": str(path), "sources": [str(files)], "plan": {}}))
    process.stdin.close()
    return process


def _kill_at(process: subprocess.Popen[str], moment: Callable[[dict[str, Any]], bool]) -> bool:
    """Kill the process once an event fits; returns whether it was still at work."""
    assert process.stdout is not None
    for line in process.stdout:
        if moment(json.loads(line)):
            break
    process.kill()
    process.stdout.close()
    return process.wait() != 0


def _files_through(n: int) -> Callable[[dict[str, Any]], bool]:
    seen = iter(range(1, 100))
    return lambda event: event["kind"] == "file" and next(seen) == n


def _writing(table: str) -> Callable[[dict[str, Any]], bool]:
    return lambda event: bool(event["text"] == f"writing {table}")


def _some_time(seconds: float) -> Callable[[dict[str, Any]], bool]:
    def moment(event: dict[str, Any]) -> bool:
        time.sleep(seconds)
        return bool(event["text"].startswith("writing"))

    return moment


MOMENTS: dict[str, Callable[[], Callable[[dict[str, Any]], bool]]] = {
    "after the fifth file": lambda: _files_through(5),
    "while persons are written": lambda: _writing("persons"),
    "while policies are written": lambda: _writing("policies"),
    "while it finishes": lambda: lambda event: event["text"] == "finishing",
    "a little after claims began to be written": lambda: _while_writing("claims"),
}


def _while_writing(table: str) -> Callable[[dict[str, Any]], bool]:
    def moment(event: dict[str, Any]) -> bool:
        if event["text"] != f"writing {table}":
            return False
        time.sleep(0.1)
        return True

    return moment


@pytest.mark.parametrize("moment", list(MOMENTS))
def test_a_killed_load_is_completed_by_the_next(
    tmp_path: Path,
    files: Path,
    undisturbed: tuple[Path, graphcrm.LoadReport],
    load_apart: Callable[..., graphcrm.LoadReport],
    recounted: Callable[[Path], None],
    contents_of: Callable[[Path], dict[str, Counter[str]]],
    moment: str,
) -> None:
    path = tmp_path / "book.graph"
    assert _kill_at(_start(path, files), MOMENTS[moment]())
    recounted(path)
    with graphcrm.connect(path) as graph:
        assert graph.status().loads[0]["state"] == "interrupted"
    load_apart(path, files)
    recounted(path)
    assert contents_of(path) == contents_of(undisturbed[0])
    with graphcrm.connect(path) as graph:
        assert [load["state"] for load in graph.status().loads] == ["done", "interrupted"]


def test_a_killed_change_is_completed_by_the_next(
    tmp_path: Path,
    files: Path,
    load_apart: Callable[..., graphcrm.LoadReport],
    recounted: Callable[[Path], None],
    contents_of: Callable[[Path], dict[str, Counter[str]]],
) -> None:
    """The second load hands policies on and renames persons; half of it is done when it dies."""
    changed = tmp_path / "changed"
    changed.mkdir()
    renamed = (files / "persons.csv").read_text(encoding="utf-8").replace(",F,", ",M,")
    (changed / "persons.csv").write_text(renamed, encoding="utf-8")
    with (files / "policies.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    agents = sorted({row["served_by"] for row in rows})
    with (changed / "policies.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        for row in rows:
            served = agents[(agents.index(row["served_by"]) + 1) % len(agents)]
            writer.writerow(row | {"served_by": served})
    paths = [tmp_path / "killed.graph", tmp_path / "whole.graph"]
    for path in paths:
        load_apart(path, files)
    load_apart(paths[1], changed)
    assert _kill_at(_start(paths[0], changed), _writing("policies"))
    recounted(paths[0])
    load_apart(paths[0], changed)
    recounted(paths[0])
    assert contents_of(paths[0]) == contents_of(paths[1])


FULL_DISK = """
import sys
from graphcrm.store.sqlite import bulk
from graphcrm_loaders import worker
bulk._PRAGMAS = (*bulk._PRAGMAS, f"PRAGMA max_page_count = {sys.argv[1]}")
sys.exit(worker.main())
"""


@pytest.mark.parametrize("room", [0, 8])
def test_a_full_disk_leaves_the_graph_as_it_was(
    tmp_path: Path,
    files: Path,
    undisturbed: tuple[Path, graphcrm.LoadReport],
    load_apart: Callable[..., graphcrm.LoadReport],
    recounted: Callable[[Path], None],
    contents_of: Callable[[Path], dict[str, Counter[str]]],
    room: int,
) -> None:
    path = tmp_path / "book.graph"
    load_apart(path, files / "institutions.csv")
    before = contents_of(path)
    pages = path.stat().st_size // 4096 + room
    request = {"graph": str(path), "sources": [str(files / "persons.csv")], "plan": {}}
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(pages)],
        input=json.dumps(request), capture_output=True, text=True, check=False,
    )  # fmt: skip
    last = json.loads(done.stdout.splitlines()[-1])
    assert (last["kind"], last["error_type"]) == ("error", "StoreError")
    assert "full" in last["text"]
    assert "\n" not in last["text"]
    recounted(path)
    assert contents_of(path) == before
    with graphcrm.connect(path) as graph:
        assert graph.status().loads[0]["state"] in ("failed", "interrupted")
    load_apart(path, files)
    recounted(path)
    assert contents_of(path) == contents_of(undisturbed[0])


def test_what_killed_loads_leave_behind_goes(
    tmp_path: Path, files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    path = tmp_path / "book.graph"
    assert _kill_at(_start(path, files), _writing("persons"))
    assert len(list(scratch.iterdir())) == 1
    with graphcrm.connect(path) as graph:
        graph.load(files / "institutions.csv")
        assert list(scratch.glob("graphcrm-load-*")) == []
        left = Path(f"{path}.snapshot.99999999.part")
        left.write_bytes(b"")
        graph.snapshot()
        assert not left.exists()
        assert [p.name for p in tmp_path.glob("*.part*")] == []


def test_a_killed_load_is_taken_up_again(files: Path, tmp_path: Path) -> None:
    path = tmp_path / "a.graph"
    assert _kill_at(_start(path, files), _writing("policies"))
    command = [sys.executable, "-m", "graphcrm_api.cli", "load", "--graph", str(path), "--json"]
    resumed = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert resumed.returncode == 0, resumed.stdout
    report = graphcrm.LoadReport.model_validate_json(resumed.stdout)
    assert {Path(file.path).parent for file in report.files} == {files}
    assert next(file for file in report.files if file.table == "persons").new == 0
    nothing = subprocess.run([*command, "--resume"], capture_output=True, text=True, check=False)
    assert (nothing.returncode, "unfinished" in nothing.stdout) == (2, True)
    named = [*command, "--resume", str(files)]
    assert "name none" in subprocess.run(named, capture_output=True, text=True, check=False).stdout

"""What the processes of a test run share is made once, and there as long as one needs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

import graphcrm
from tests import sharing

USE = """
import sys
from contextlib import contextmanager
from pathlib import Path
from tests import sharing

folder = Path(sys.argv[1])

def log(text):
    with (folder / "log").open("a") as file:
        file.write(text + "\\n")

class Factory:
    def getbasetemp(self):
        return folder / sharing.WORKER

@contextmanager
def start():
    log("start")
    yield {"started_by": sharing.WORKER}
    log("stop")

with sharing.shared_once(Factory(), "thing", start) as given:
    log(f"{sharing.WORKER} has that of {given['started_by']}")
    sys.stdin.read()
    log(f"{sharing.WORKER} ends")
"""


def _logged(folder: Path, text: str, process: subprocess.Popen[bytes]) -> None:
    """Wait for a line of the log."""
    log = folder / "log"
    while not log.exists() or text not in log.read_text():
        assert process.poll() is None
        time.sleep(0.02)


def _user(folder: Path, worker: str) -> subprocess.Popen[bytes]:
    """A process that needs the thing until its standard input is closed."""
    process = subprocess.Popen(
        [sys.executable, "-c", USE, folder],
        stdin=subprocess.PIPE,
        cwd=Path(__file__).parents[1],
        env=os.environ | {"PYTEST_XDIST_WORKER": worker},
    )
    _logged(folder, f"{worker} has", process)
    return process


@pytest.mark.parametrize("killed", [False, True])
def test_the_first_starts_it_and_waits_for_the_others(tmp_path: Path, killed: bool) -> None:
    with _user(tmp_path, "first") as first, _user(tmp_path, "second") as second:
        assert first.stdin is not None
        first.stdin.close()
        _logged(tmp_path, "first ends", first)
        time.sleep(0.2)
        assert first.poll() is None
        if killed:
            second.kill()
        else:
            second.communicate()
        assert first.wait() == 0
    log = (tmp_path / "log").read_text().splitlines()
    assert log.count("start") == log.count("stop") == 1
    assert "second has that of first" in log
    assert log[-2:] == ["first ends" if killed else "second ends", "stop"]
    with _user(tmp_path, "third") as third:
        third.communicate()
    assert "third has that of third" in (tmp_path / "log").read_text()


def test_what_could_not_be_made_is_tried_again(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> None:
    name = f"{request.node.name}-{sharing.WORKER}"
    with pytest.raises(ZeroDivisionError):
        sharing.made_once(tmp_path_factory, name, lambda folder: 1 / 0)
    made = sharing.made_once(tmp_path_factory, name, lambda folder: (folder / "a").write_text("b"))
    again = sharing.made_once(tmp_path_factory, name, lambda folder: 1 / 0)
    assert made == again
    assert [path.name for path in made.iterdir()] == ["a"]


def test_a_forked_load_that_dies_is_told_as_any_other(tmp_path: Path) -> None:
    """Its exit code, its output and its complaints come through; so does what it raises."""
    persons = tmp_path / "persons.csv"
    persons.write_text("id,name\nP1,王丽\n", encoding="utf-8")
    with graphcrm.connect(tmp_path / "a.graph") as graph:
        assert graph.load(persons).files[0].new == 1
        with pytest.raises(graphcrm.UsageError, match="nowhere"):
            graph.load(persons, mapping=tmp_path / "nowhere.yaml")
        folder = Path(f"{graph.snapshot()}")
        folder.unlink()
        folder.mkdir()
        with pytest.raises(graphcrm.StoreError, match="snapshot could not be made"):
            graph.snapshot()

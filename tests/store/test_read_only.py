"""Graphs that are protected against writing can be read, and say that they can't be written."""

import os
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import graphcrm


@pytest.fixture
def protect() -> Iterator[Callable[[Path], None]]:
    """Protect files and folders against writing, also by root; all can be written at the end."""
    done: list[Path] = []

    def protecting(path: Path) -> None:
        done.append(path)
        path.chmod(path.stat().st_mode & ~0o222)
        if os.access(path, os.W_OK) and shutil.which("chattr"):  # root minds no mode
            subprocess.run(["chattr", "+i", path], check=False, capture_output=True)
        if os.access(path, os.W_OK):
            pytest.skip("nothing can be protected against this user here")

    yield protecting
    for path in done:
        if shutil.which("chattr"):
            subprocess.run(["chattr", "-i", path], check=False, capture_output=True)
        path.chmod(path.stat().st_mode | stat.S_IWUSR)


@pytest.mark.parametrize("what", ["the folder", "the file", "both"])
def test_it_can_be_read(book: Any, protect: Callable[[Path], None], what: str) -> None:
    book.load(persons="id,name\nP1,王丽")
    folder = book.folder / "medium"
    folder.mkdir()
    shutil.copy(book.path, folder / "a.graph")
    if what != "the folder":
        protect(folder / "a.graph")
    if what != "the file":
        protect(folder)
    with graphcrm.connect(folder / "a.graph") as graph:
        assert graph.node("P1")["name"] == "王丽"
        assert graph.status().nodes == {"Person": 1}
        assert graph.status().loads[0]["state"] == "done"
        assert [hit["id"] for hit in graph.search("王丽")] == ["P1"]
        assert graph.query("referrals").num_rows == 0
        snapshot = graph.snapshot()
        assert snapshot.exists()
        graph.backup(book.folder / "copy.graph")
        with pytest.raises(graphcrm.StoreError, match=r"a\.graph: can only be read here"):
            graph.load(book.folder / "load1")
    assert not snapshot.parent.exists()  # it was a temporary one
    assert [path.name for path in folder.iterdir()] == ["a.graph"]


def test_none_can_be_made(tmp_path: Path, protect: Callable[[Path], None]) -> None:
    protect(tmp_path)
    with pytest.raises(graphcrm.StoreError, match=r"can't be made, because its folder"):
        graphcrm.connect(tmp_path / "a.graph")

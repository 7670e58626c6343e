"""A copy that breaks off: what it left says so, takes no load, and is completed by the next."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm import StoreError, UnfinishedWarning
from graphcrm.sample import write_sample
from graphcrm.store.copying import copy_graph
from graphcrm.store.lock import writing

Load = Callable[..., graphcrm.LoadReport]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, load_apart: Load) -> Path:
    folder = tmp_path_factory.mktemp("copying")
    write_sample(folder / "book", customers=60, seed=5)
    load_apart(folder / "original.graph", folder / "book")
    return folder / "original.graph"


@contextmanager
def copying(source: Path, target: Path) -> Iterator[subprocess.Popen[str]]:
    graphcrm.connect(target).store.close()
    command = [sys.executable, "-m", "graphcrm.store.copying.worker", str(source), str(target)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, encoding="utf-8"
    ) as process:
        yield process
        process.kill()


def next_text(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return str(json.loads(process.stdout.readline())["text"])


@pytest.fixture
def half(original: Path, tmp_path: Path) -> Path:
    """A graph of which only the nodes are copied."""
    target = tmp_path / "half.graph"
    with copying(original, target) as process:
        while next_text(process) != "copying HOLDS":
            pass
    return target


def cli(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graphcrm_api.cli", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def test_what_a_broken_off_copy_left_warns_once_for_each_opened_graph(
    half: Path, original: Path
) -> None:
    for _ in range(2):
        with (
            graphcrm.connect(half) as graph,
            warnings.catch_warnings(record=True, action="always") as told,
        ):
            graph.search("王")
            graph.query("referrals")
        assert [type(warning.message) for warning in told] == [UnfinishedWarning]
        assert re.search("a copy of .*original.graph", str(told[0].message))
        assert [Path(warning.filename) for warning in told] == [Path(__file__)]
    said = cli("status", "--graph", half)
    assert said.returncode == 0
    assert str(original) in "".join(said.stderr.split())
    assert (said.stderr.count("answers may lack"), "UnfinishedWarning" in said.stderr) == (1, False)
    in_chinese = cli("search", "王", "--graph", half, "--lang", "zh").stderr
    assert "复制中断：" in "".join(in_chinese.split())


@pytest.mark.filterwarnings("ignore::graphcrm.UnfinishedWarning")
def test_it_takes_no_load_and_is_no_source(half: Path, tmp_path: Path, load_apart: Load) -> None:
    (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    for dry_run in (False, True):
        with pytest.raises(StoreError, match="holds only a part of a copy"):
            load_apart(half, tmp_path / "persons.csv", dry_run=dry_run)
    with pytest.raises(StoreError, match="holds only a part of a copy"):
        copy_graph(str(half), str(tmp_path / "other.graph"))
    assert not (tmp_path / "other.graph").exists()


def test_the_next_copy_completes_it(half: Path, original: Path, tmp_path: Path) -> None:
    completed = copy_graph(str(original), str(half))
    assert completed.parts == copy_graph(str(original), str(tmp_path / "at_once.graph")).parts
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with graphcrm.connect(half) as graph, graphcrm.connect(original) as other:
            assert graph.status().edges == other.status().edges
            assert graph.query("referrals").equals(other.query("referrals"))


def test_a_whole_graph_is_compared_and_never_added_to(
    original: Path, tmp_path: Path, load_apart: Load, contents_of: Callable[[Path], Any]
) -> None:
    target, changed = tmp_path / "target.graph", tmp_path / "changed.graph"
    parts = copy_graph(str(original), str(target)).parts
    copy_graph(str(original), str(changed))
    (tmp_path / "persons.csv").write_text("id,name\nP-new,王丽\n", encoding="utf-8")
    load_apart(changed, tmp_path / "persons.csv", source="other")
    before = contents_of(target)
    with pytest.raises(StoreError, match="the copy of Person differs"):
        copy_graph(str(changed), str(target))
    assert contents_of(target) == before
    assert copy_graph(str(original), str(target)).parts == parts


def test_who_waits_is_told_what_for(original: Path, tmp_path: Path) -> None:
    target = tmp_path / "target.graph"
    with writing(target, "a load", lambda who: None), copying(original, target) as process:
        assert next_text(process).startswith("waiting for a load by ")
        waiting = cli_begun("load", tmp_path, "--graph", original, "--lang", "zh")
        (tmp_path / "persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
        assert waiting.stderr is not None
        line = waiting.stderr.readline()
        waiting.kill()
        waiting.communicate()
    assert line.startswith("等待中：")
    assert "的复制（" in line


def cli_begun(*arguments: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "graphcrm_api.cli", *map(str, arguments)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    )

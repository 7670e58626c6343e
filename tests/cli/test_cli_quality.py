"""`graphcrm quality`: tables, files and the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

BY = ("field", "source", "branch", "agent", "month", "default")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("by", BY)
def test_each_table_fits_the_terminal(run: Run, cli_graph: Path, by: str, lang: str) -> None:
    ran = run("quality", "--by", by, "--graph", cli_graph, "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    assert ran.fits()
    assert "graphcrm quality --report quality.html" in ran.out


@pytest.mark.parametrize("by", BY)
def test_json_and_files_hold_the_whole_list(
    run: Run, cli_graph: Path, tmp_path: Path, by: str
) -> None:
    told = run("quality", "--by", by, "--json", "--graph", cli_graph)
    assert told.code == 0
    rows = told.data["rows"]
    assert told.data["by"] == by
    assert rows
    file = tmp_path / f"{by}.json"
    assert run("quality", "--by", by, "--out", file, "--graph", cli_graph).code == 0
    assert [set(r) for r in json.loads(file.read_text())] == [set(r) for r in rows]
    few = run("quality", "--by", by, "--json", "--limit", 2, "--graph", cli_graph)
    assert few.data["rows"] == rows[:2]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "parquet"])
def test_other_kinds_of_files(run: Run, cli_graph: Path, tmp_path: Path, ending: str) -> None:
    file = tmp_path / f"branches.{ending}"
    ran = run("quality", "--by", "branch", "--out", file, "--graph", cli_graph)
    assert ran.code == 0
    assert file.stat().st_size > 0


def test_one_label_in_any_case(run: Run, cli_graph: Path) -> None:
    rows = run("quality", "--by", "branch", "--label", "person", "--json", "--graph", cli_graph)
    assert {row["label"] for row in rows.data["rows"]} == {"Person"}


def test_the_page(run: Run, cli_graph: Path, tmp_path: Path) -> None:
    file = tmp_path / "quality.html"
    ran = run("quality", "--report", file, "--graph", cli_graph, "--lang", "zh")
    assert ran.code == 0
    assert str(file) in ran.out
    assert '<html lang="zh-CN">' in file.read_text(encoding="utf-8")
    both = run("quality", "--report", file, "--json", "--graph", cli_graph)
    assert both.data["report"] == str(file)


def test_wrong_use(run: Run, cli_graph: Path, tmp_path: Path) -> None:
    for wrong in (("--by", "weather"), ("--label", "Phone"), ("--label", "Nobody"),
                  ("--report", tmp_path / "q.pdf"), ("--out", tmp_path / "q.pdf")):  # fmt: skip
        ran = run("quality", *wrong, "--graph", cli_graph)
        assert ran.code == 2, wrong
        assert "Traceback" not in ran.err
    assert list(tmp_path.glob("q.*")) == []


def test_an_empty_graph(run: Run, tmp_path: Path) -> None:
    import graphcrm

    graphcrm.connect(tmp_path / "empty.graph").store.close()
    ran = run("quality", "--graph", tmp_path / "empty.graph")
    assert ran.code == 0
    assert "graphcrm load FOLDER" in ran.out

"""The commands that look at one thing: answers for people, JSON for machines."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graphcrm import connect

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def holder(cli_graph: Path) -> str:
    """A person who holds an orphan policy."""
    with connect(cli_graph) as graph:
        rows = graph.query("orphan_policies", as_of="2026-06-30").to_pylist()
    return next(str(r["customer_id"]) for r in rows if r["customer_label"] == "Person")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_status(run: Run, cli_graph: Path, lang: str) -> None:
    ran = run("status", "--graph", cli_graph, "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert {"en": "Person", "zh": "个人 Person"}[lang] in ran.out
    assert {"en": "done", "zh": "完成"}[lang] in ran.out
    assert f"--graph {cli_graph}" in ran.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_quality(run: Run, cli_graph: Path, lang: str) -> None:
    ran = run("status", "--quality", "--graph", cli_graph, "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert {"en": "birth date", "zh": "出生日期"}[lang] in ran.out
    fields = run("status", "--quality", "--graph", cli_graph, "--json").data["quality"]
    assert {"label", "property", "rows", "filled", "flawed", "reason"} == set(fields[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_customer_section_by_section(run: Run, cli_graph: Path, holder: str, lang: str) -> None:
    ran = run("customer", holder, "--graph", cli_graph, "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    for section in {
        "en": ("Policies (", "Claims (", "Contacts (", "Ties (", "Unknown"),
        "zh": ("保单（", "理赔（", "联系记录（", "关联（", "未知信息"),
    }[lang]:
        assert section in ran.out
    assert {"en": "CNY", "zh": "元"}[lang] in ran.out


def test_a_customer_as_json(run: Run, cli_graph: Path, holder: str) -> None:
    found = run("customer", holder, "--graph", cli_graph, "--json").data
    assert found["record"]["id"] == holder
    assert found["policies"]
    known = {name for name, value in found["record"].items() if value is not None}
    assert known & set(found["unknown"]) == set()


def test_a_policy_is_no_customer(run: Run, cli_graph: Path, holder: str) -> None:
    policy = run("customer", holder, "--graph", cli_graph, "--json").data["policies"][0]
    ran = run("customer", policy["policy_id"], "--graph", cli_graph)
    assert ran.code == 2


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_search_finds_a_customer_by_name(run: Run, cli_graph: Path, holder: str, lang: str) -> None:
    name = run("customer", holder, "--graph", cli_graph, "--json").data["record"]["name"]
    ran = run("search", name, "--graph", cli_graph, "--lang", lang, "--limit", "50")
    assert ran.code == 0
    assert ran.fits()
    assert holder in ran.out
    hits = run("search", name, "--graph", cli_graph, "--json", "--limit", "50").data
    assert holder in [hit["id"] for hit in hits]


def test_search_without_a_hit_says_what_to_do(run: Run, cli_graph: Path) -> None:
    ran = run("search", "zzzzqqqq", "--graph", cli_graph)
    assert ran.code == 0
    assert "Nothing fits" in ran.out
    assert "→" in ran.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_questions_there_are(run: Run, lang: str) -> None:
    ran = run("query", "--list", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert "orphan_policies" in ran.out
    names = {question["name"] for question in run("query", "--list", "--json").data}
    assert "referrals" in names


def test_a_question_on_the_screen_as_json_and_in_a_file(run: Run, cli_graph: Path) -> None:
    asked = ("query", "orphan_policies", "--param", "as_of=2026-06-30", "--graph", cli_graph)
    rows = run(*asked, "--json").data
    ran = run(*asked, "--limit", "3")
    assert ran.code == 0
    assert ran.fits()
    assert f"{len(rows) - 3} of {len(rows)} not shown" in ran.out
    assert "left out for want of room" in ran.out
    assert all(row["policy_id"] in ran.out for row in rows[:3])
    assert len(run(*asked, "--json", "--limit", "3").data) == 3
    assert run(*asked, "--out", "orphans.csv").code == 0
    with Path("orphans.csv").open(encoding="utf-8-sig") as file:
        assert [row["policy_id"] for row in csv.DictReader(file)] == [r["policy_id"] for r in rows]


def test_backup_is_a_graph_and_replaces_nothing(run: Run, cli_graph: Path) -> None:
    assert run("backup", "copy.graph", "--graph", cli_graph).code == 0
    original = run("status", "--graph", cli_graph, "--json").data
    copy = run("status", "--graph", "copy.graph", "--json").data
    assert original["nodes"] == copy["nodes"]
    again = run("backup", "copy.graph", "--graph", cli_graph)
    assert again.code == 1
    assert "copy.graph" in again.err
    assert run("backup", "c2.graph", "--graph", cli_graph, "--json").data["bytes"] > 0


@pytest.mark.parametrize("ending", ["html", "graphml", "gexf"])
def test_explore_writes_a_picture(run: Run, cli_graph: Path, holder: str, ending: str) -> None:
    ran = run("explore", holder, "--out", f"around.{ending}", "--graph", cli_graph)
    assert ran.code == 0
    assert ran.fits()
    assert Path(f"around.{ending}").stat().st_size > 1000


def test_explore_says_when_there_is_more(run: Run, cli_graph: Path, holder: str) -> None:
    asked = ("explore", holder, "--out", "x.html", "--limit", "5", "--graph", cli_graph)
    assert "nearest 5 nodes" in run(*asked).out
    drawn = run(*asked, "--json").data
    assert (drawn["nodes"], drawn["complete"]) == (5, False)


def test_the_graph_of_the_settings_is_used(
    run: Run, cli_graph: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRAPHCRM_GRAPH", str(cli_graph))
    ran = run("status")
    assert ran.code == 0
    assert "--graph" not in ran.out

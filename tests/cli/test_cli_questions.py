"""The three questions from the command line, and the demonstration that asks them all."""

import csv
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]

DAY = "2026-06-30"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_duplicates_against_the_truth(run: Run, cli_graph: Path, cli_book: Path, lang: str) -> None:
    asked = ("duplicates", "rules", "--graph", cli_graph)
    ran = run(*asked, "--truth", cli_book / "truth", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert "same_document" in ran.out
    assert {"en": "recall", "zh": "召回率"}[lang] in ran.out
    answer = run(*asked, "--truth", cli_book / "truth", "--json").data
    by_rule = {row["rule"]: row for row in answer["evaluation"]}
    assert by_rule["five_fields"]["recall"] < by_rule["all"]["recall"]
    assert {row["rule"] for row in answer["summary"]} >= {"five_fields", "same_document"}


def test_one_rule_of_duplicates(run: Run, cli_graph: Path) -> None:
    asked = ("duplicates", "rules", "--rule", "same_document", "--graph", cli_graph)
    rows = run(*asked, "--json").data["rows"]
    assert {row["rule"] for row in rows} == {"same_document"}
    assert run(*asked, "--out", "groups.csv").code == 0
    with Path("groups.csv").open(encoding="utf-8-sig") as file:
        assert len(list(csv.DictReader(file))) == len(rows)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_orphans_by_customer(run: Run, cli_graph: Path, lang: str) -> None:
    asked = ("orphans", "list", "--as-of", DAY, "--graph", cli_graph)
    ran = run(*asked, "--limit", "3", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    answer = run(*asked, "--json").data
    assert str(answer["summary"]["policies"]) in ran.out
    assert all(row["customer_id"] in ran.out for row in answer["customers"][:3])
    assert {"en": "CNY", "zh": "元"}[lang] in ran.out
    hidden = len(answer["customers"]) - 3
    assert {"en": f"{hidden} of", "zh": f"{hidden} 条未显示"}[lang] in ran.out


def test_orphans_agree_with_the_truth(run: Run, cli_graph: Path, cli_book: Path) -> None:
    ran = run("orphans", "list", "--as-of", DAY, "--graph", cli_graph, "--out", "orphans.csv")
    assert ran.code == 0
    with Path("orphans.csv").open(encoding="utf-8-sig") as file:
        found = {(row["policy_id"], row["reason"]) for row in csv.DictReader(file)}
    with (cli_book / "truth" / "orphans.csv").open(encoding="utf-8") as file:
        expected = {(row["policy_id"], row["reason"]) for row in csv.DictReader(file)}
    assert expected == found


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_orphans_of_one_agent(run: Run, cli_graph: Path, lang: str) -> None:
    asked = ("orphans", "list", "--as-of", DAY, "--graph", cli_graph)
    policies = run(*asked, "--json").data["policies"]
    agent = next(row["agent_id"] for row in policies if row["agent_name"])
    theirs = [row for row in policies if row["agent_id"] == agent]
    assert run(*asked, "--agent", agent, "--json").data["policies"] == theirs
    ran = run(*asked, "--agent", agent, "--lang", lang)
    assert ran.fits()
    assert f"--agent {agent} --out orphans.csv" in ran.out
    none = run("orphans", "list", "--as-of", "1990-01-01", "--graph", cli_graph, "--agent", agent,
               "--lang", lang)  # fmt: skip
    assert none.code == 0
    assert {"en": f"of the agent {agent}", "zh": f"代理人 {agent} 名下没有"}[lang] in none.out
    unknown = run(*asked, "--agent", "NOBODY", "--lang", lang)
    assert unknown.code == 2
    assert "'NOBODY'" in unknown.err


def test_days_of_leave_come_from_the_option_or_the_settings(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for table, lines in {
        "persons": "id,name\nP1,王丽\n",
        "products": "code,name,line\nL1,终身寿险,life\n",
        "agents": "id,name,branch_id,status,status_since\nA1,张剑,D1,on_leave,2026-06-20\n",
        "policies": "id,product_code,holder_id,premium,issued_on,status,served_by\n"
        "X1,L1,P1,1000,2020-01-01,in_force,A1\n",
    }.items():
        (folder / f"{table}.csv").write_text(lines, encoding="utf-8")
    assert run("load", folder).code == 0
    asked = ("orphans", "list", "--as-of", DAY, "--json")
    assert run(*asked).data["summary"]["reasons"]["on_leave"]["policies"] == 1
    assert run(*asked, "--leave-days", "30").data["summary"]["policies"] == 0
    monkeypatch.setenv("GRAPHCRM_LEAVE_DAYS", "30")
    assert run(*asked).data["summary"]["policies"] == 0
    assert run(*asked, "--leave-days", "0").data["summary"]["policies"] == 1


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_referral_trees(run: Run, cli_graph: Path, lang: str) -> None:
    ran = run("referrals", "list", "--graph", cli_graph, "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    trees = run("referrals", "list", "--graph", cli_graph, "--json").data
    root = trees[0]["root_id"]
    assert root in ran.out
    drawn = run("referrals", "tree", root, "--graph", cli_graph, "--lang", lang)
    assert drawn.code == 0
    assert drawn.fits()
    rows = run("referrals", "tree", root, "--graph", cli_graph, "--json").data
    assert all(row["id"] in drawn.out for row in rows)
    assert trees[0]["size"] == len({row["id"] for row in rows})


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_referral_loops(run: Run, tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "persons.csv").write_text("id,name\nA,甲\nB,乙\nC,丙\nD,丁\n", encoding="utf-8")
    (folder / "referrals.csv").write_text(
        "referrer_id,referred_id\nA,B\nB,C\nC,A\nD,A\n", encoding="utf-8"
    )
    assert run("load", folder).code == 0
    ran = run("referrals", "list", "--loops", "--lang", lang)
    assert ran.code == 0
    assert "甲 A → 乙 B → 丙 C → 甲 A" in ran.out
    assert ran.fits()
    assert [row["id"] for row in run("referrals", "list", "--loops", "--json").data] == list("ABC")
    tree = run("referrals", "tree", "D", "--lang", lang)
    assert {"en": "(a loop: stands above)", "zh": "成环"}[lang] in tree.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_an_empty_answer_says_so(run: Run, tmp_path: Path, lang: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "persons.csv").write_text("id,name\nA,甲\n", encoding="utf-8")
    assert run("load", folder).code == 0
    for asked in (("duplicates", "rules"), ("orphans", "list"), ("referrals", "list")):
        ran = run(*asked, "--lang", lang)
        assert ran.code == 0
        assert ran.out.strip()
        assert ran.fits()
    assert run("referrals", "tree", "A", "--lang", lang).code == 0


def test_the_demonstration(run: Run, tmp_path: Path) -> None:
    ran = run("demo", "show", "--customers", "1000")
    assert ran.code == 0, ran.err
    assert ran.fits()
    for word in ("same customer", "lost their agent", "brought whom", "Try next", "CNY"):
        assert word in ran.out
    assert (tmp_path / "show" / "demo.html").stat().st_size > 10_000
    for line in ran.out.splitlines():
        if line.startswith("→ graphcrm "):
            assert run(*line.removeprefix("→ graphcrm ").split()).code == 0
    kept = tmp_path / "show" / "notes.txt"
    kept.write_text("mine", encoding="utf-8")
    again = run("demo", "show", "--customers", "1000", "--lang", "zh")
    assert again.code == 0
    assert again.fits()
    assert "孤儿单" in again.out
    assert kept.read_text(encoding="utf-8") == "mine"


def test_the_demonstration_replaces_nothing_else(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "data").write_text("precious", encoding="utf-8")
    ran = run("demo", "mine")
    assert ran.code == 2
    assert (tmp_path / "mine" / "data").read_text(encoding="utf-8") == "precious"


def test_a_sample_is_described_when_it_is_made_and_later(run: Run, tmp_path: Path) -> None:
    wrong = run("sample", "book", "--customers", "200", "--describe", "book.txt")
    assert wrong.code == 2
    assert not Path("book").exists()
    assert run("sample", "book", "--customers", "200", "--describe", "first.html").code == 0
    assert run("sample", "book", "--describe", "later.html", "--json").data == {
        "file": "later.html"
    }
    assert run("sample", "book", "--describe", "zh.html", "--lang", "zh").code == 0
    assert Path("first.html").read_text("utf-8") == Path("later.html").read_text("utf-8")
    assert "<svg" in Path("zh.html").read_text("utf-8")


def test_a_sample_goes_into_an_empty_folder_only(run: Run, tmp_path: Path) -> None:
    assert run("sample", "book", "--customers", "200", "--format", "parquet").code == 0
    assert (tmp_path / "book" / "persons.parquet").exists()
    again = run("sample", "book", "--customers", "200")
    assert again.code == 2
    assert "book" in again.err
    rows = run("sample", "other", "--customers", "200", "--json").data
    assert {"table": "persons", "rows": 200} in rows


def test_a_list_of_trees_counts_as_the_tree_does(run: Run, cli_graph: Path) -> None:
    ran = run("referrals", "list", "--limit", "3", "--graph", cli_graph)
    rows = re.findall(r"^(P\d+) .*?(\d+) +\d+ +CNY", ran.out, re.MULTILINE)
    assert len(rows) > 1
    for root, brought in rows:
        tree = run("referrals", "tree", root, "--graph", cli_graph)
        assert f"brought {brought} customers" in tree.out
    assert ("+ and more in other currencies" in ran.out) is (" +" in ran.out.split("+ and")[0])


def test_questions_are_listed_in_chinese(run: Run) -> None:
    listed = run("query", "--list", "--json").data
    for question in listed:
        assert re.search("[\u4e00-\u9fff]", question["purpose_zh"]), question["name"]
    assert "谁转介绍了谁" in run("query", "--list", "--lang", "zh").out


def test_evidence_is_chinese(run: Run, cli_graph: Path) -> None:
    out = run("duplicates", "rules", "--limit", "0", "--graph", cli_graph, "--lang", "zh").out
    groups = out[out.index("优先核对") :]
    assert "居民身份证" in groups
    assert "resident_id" not in groups
    assert not re.search("account|phone |core name", groups)

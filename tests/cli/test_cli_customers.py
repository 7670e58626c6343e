"""The same customer: found, listed, explained, measured and exported on the command line."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow.parquet as pq
import pytest

from graphcrm_api.cli import main
from graphcrm_api.cli.dedupe_words import bits
from tests.sharing import made_once

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Run = Callable[..., Any]

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(2)>"


@pytest.fixture(scope="session")
def found_graph(cli_graph: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small insurer, with its customers found."""

    def make(folder: Path) -> None:
        shutil.copy(cli_graph, folder / "found.graph")
        assert main(["duplicates", "find", "--graph", str(folder / "found.graph"), "--json"]) == 0

    return made_once(tmp_path_factory, "found-graph", make) / "found.graph"


@pytest.fixture
def pairs(run: Run, found_graph: Path) -> list[dict[str, Any]]:
    answer: list[dict[str, Any]] = run(
        "duplicates", "list", "--pairs", "--json", "--graph", found_graph
    ).data
    return answer


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_customers_are_found_and_found_again(run: Run, cli_graph: Path, lang: str) -> None:
    shutil.copy(cli_graph, "a.graph")
    first = run("duplicates", "find", "--graph", "a.graph", "--lang", lang)
    assert first.code == 0, first.err
    assert first.fits()
    again = run("duplicates", "find", "--graph", "a.graph", "--json").data
    assert (again["new"], again["changed"], again["removed"]) == (0, 0, 0)
    assert again["records"] > again["customers"] > again["several"] > 1
    said = first.out.replace("\n", " ")
    for number in ("records", "customers", "several", "largest", "pairs_compared"):
        assert f"{again[number]:,}" in said
    assert again["model_version"] in said
    assert {"en": "All customers are new.", "zh": "首次归并"}[lang] in said
    assert "→ graphcrm duplicates list --graph a.graph" in first.out
    assert "→ graphcrm duplicates explain A B --graph a.graph" in first.out
    third = run("duplicates", "find", "--graph", "a.graph", "--lang", lang).out
    assert {"en": "Nothing has changed", "zh": "没有变化"}[lang] in third


def test_a_finding_says_what_changed(run: Run, found_graph: Path) -> None:
    shutil.copy(found_graph, "a.graph")
    Path("persons.csv").write_text("id,name,birth_date\nNEW1,欧阳新,1999-01-02\n", encoding="utf-8")
    assert run("load", "persons.csv", "--graph", "a.graph").code == 0
    said = run("duplicates", "find", "--graph", "a.graph").out
    assert re.search(r"Since the last finding: [1-9]\d* customers new", said)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_customers_with_several_records(run: Run, found_graph: Path, lang: str) -> None:
    asked = ("duplicates", "list", "--graph", found_graph)
    customers = run(*asked, "--json").data
    assert all(len(c["members"]) == c["records"] > 1 for c in customers)
    sizes = [customer["records"] for customer in customers]
    assert sizes == sorted(sizes, reverse=True)
    assert set(customers[0]["members"][0]) == {"id", "name", "birth_date", "probability"}
    assert run(*asked, "--json", "--limit", "2").data == customers[:2]
    ran = run(*asked, "--limit", "2", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert all(
        m["id"] in ran.out and m["name"] in ran.out for c in customers[:2] for m in c["members"]
    )
    assert customers[2]["customer_id"] not in ran.out
    hidden = len(customers) - 2
    assert {"en": f"{hidden} of", "zh": f"{hidden} 条未显示"}[lang] in ran.out
    assert run(*asked, "--out", "all.csv").code == 0
    with Path("all.csv").open(encoding="utf-8-sig", newline="") as file:
        assert [row["id"] for row in csv.DictReader(file)] == [
            member["id"] for customer in customers for member in customer["members"]
        ]
    step = next(line for line in ran.out.splitlines() if " explain " in line)
    assert run(*step.removeprefix("→ graphcrm ").split()).code == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_pairs_in_both_orders(
    run: Run, found_graph: Path, pairs: list[dict[str, Any]], lang: str
) -> None:
    asked = ("duplicates", "list", "--graph", found_graph)
    weights = [pair["match_weight"] for pair in pairs]
    assert weights == sorted(weights, reverse=True)
    assert {"column", "level", "weight"} == set(pairs[0]["evidence"][0])
    doubtful = run(*asked, "--doubtful", "--json").data
    assert [pair["match_weight"] for pair in doubtful] == sorted(weights)
    ran = run(*asked, "--doubtful", "--limit", "1", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    assert doubtful[0]["left"] in ran.out
    assert doubtful[1]["left"] not in ran.out
    assert run(*asked, "--pairs", "--out", "pairs.csv", "--lang", lang).code == 0
    with Path("pairs.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["left"] for row in rows] == [pair["left"] for pair in pairs]
    told = " ".join(row["evidence"] for row in rows)
    assert {"en": "phone, phone 2: equal", "zh": "手机、电话：相同"}[lang] in told
    assert {"en": "institution: equal", "zh": "工作单位：相同"}[lang] in told
    if lang == "zh":
        assert not re.search("[a-z]{3}", told)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_why_two_are_one(
    run: Run, found_graph: Path, pairs: list[dict[str, Any]], lang: str
) -> None:
    surest = next(p for p in pairs if "works_at" in {told["column"] for told in p["evidence"]})
    asked = ("duplicates", "explain", surest["right"], surest["left"], "--graph", found_graph)
    told = run(*asked, "--json").data
    assert (told["answer"], told["same"], told["apart"]) == ("yes", True, False)
    assert {told["left"], told["right"]} == {surest["left"], surest["right"]}
    assert told["weight"] == pytest.approx(surest["match_weight"])
    ran = run(*asked, "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    first = ran.out.splitlines()[0]
    assert first.startswith({"en": "Yes, ", "zh": "是，"}[lang])
    known = [step for step in told["steps"] if step["column"] and step["left"] and step["right"]]
    assert len(known) > 3
    for step in known:
        assert re.search(rf"\s{re.escape(bits(step['weight']))}\s", ran.out)
    shown = [float(n) for n in re.findall(r"\s([+-]\d+\.\d|0\.0) *[█▒ ]*$", ran.out, re.MULTILINE)]
    *parts, total = shown
    assert total == round(told["weight"], 1)
    assert sum(parts) == pytest.approx(total, abs=0.05 * len(shown))
    assert {"en": "birth date", "zh": "出生日期"}[lang] in ran.out
    place = next(step for step in known if step["column"] == "works_at")
    assert place["left"].upper() not in ran.out.upper()  # its name stands there
    if lang == "zh":
        assert not re.search(r"[a-z]{3}", ran.out.rpartition("→ graphcrm duplicates")[0])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_why_two_are_not_one(run: Run, found_graph: Path, pairs: list[Any], lang: str) -> None:
    customers = run("duplicates", "list", "--json", "--graph", found_graph).data
    one, other = customers[0]["members"][0]["id"], customers[1]["members"][0]["id"]
    asked = ("duplicates", "explain", one, other, "--graph", found_graph)
    assert run(*asked, "--json").data["answer"] == "no"
    ran = run(*asked, "--lang", lang)
    assert ran.fits()
    assert ran.out.startswith({"en": "No, ", "zh": "不是，"}[lang])
    assert "▒" in ran.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_source_that_states_that_they_are_two(run: Run, found_graph: Path, lang: str) -> None:
    root = run("referrals", "list", "--json", "--graph", found_graph).data[0]["root_id"]
    tree = run("referrals", "tree", root, "--json", "--graph", found_graph).data
    brought = next(row["id"] for row in tree if row["level"] == 1)
    asked = ("duplicates", "explain", root, brought, "--graph", found_graph)
    answer = run(*asked, "--json").data
    assert (answer["apart"], answer["answer"]) == (True, "no")
    said = " ".join(run(*asked, "--lang", lang).out.split())
    assert {"en": "A source states that they are two people", "zh": "表明他们是两个人"}[
        lang
    ] in said


def test_doubt_is_said() -> None:
    from graphcrm.duplicates.customers import Explained
    from graphcrm_api.cli.duplicates_explained import answer, answer_key, note_key

    def made(probability: float, *, same: bool, apart: bool = False) -> Explained:
        return Explained(
            left="A", right="B", probability=probability, weight=0.0, same=same, apart=apart,
            model_version="x", steps=[],
        )  # fmt: skip

    cases = {
        (0.99, True, False): ("yes", None),
        (0.72, True, False): ("in_doubt", None),
        (0.01, True, False): ("yes", "explain_through_others"),
        (0.01, False, False): ("no", None),
        (0.30, False, False): ("in_doubt", None),
        (0.99, False, False): ("no", "explain_kept_apart"),
        (0.99, False, True): ("no", "explain_apart"),
        (0.99, True, True): ("in_doubt", "explain_apart_same"),
    }
    from graphcrm_api.cli.language import catalogue

    for (probability, same, apart), expected in cases.items():
        found = made(probability, same=same, apart=apart)
        assert expected == (answer(found), note_key(found))
        assert {answer_key(found), note_key(found) or "nothing"} <= set(catalogue("dedupe"))


def test_the_picture(
    run: Run, found_graph: Path, pairs: list[dict[str, Any]], browser: Browser
) -> None:
    two = pairs[0]["left"], pairs[0]["right"]
    asked = ("duplicates", "explain", *two, "--graph", found_graph, "--picture", "why.html")
    told = run(*asked, "--json").data
    assert told["picture"] == "why.html"
    page = browser.new_page()
    for lang, title in (("en", "Are {} and {} one customer?"), ("zh", "{} 与 {} 是同一客户吗？")):
        ran = run(*asked, "--lang", lang)
        assert ran.fits()
        assert "why.html" in ran.out
        page.goto(Path("why.html").absolute().as_uri())
        assert page.inner_text("h1") == title.format(*two)
        assert not re.search("[a-z]{5}", page.inner_text("h2 >> nth=0")) or lang == "en"
    page.check("#in-en", force=True)
    assert page.inner_text("h1").startswith("Are ")
    assert "birth date" in page.inner_text("table")
    known = [step for step in told["steps"] if step["column"] and step["left"] and step["right"]]
    assert page.locator("td.bar rect").count() == len(known) + 2  # the start and the sum
    assert all(bits(step["weight"]) in page.inner_text("table") for step in known)
    page.close()


def test_the_picture_shows_data_as_text(plain_environment: Path, browser: Browser) -> None:
    from graphcrm.duplicates.customers import Explained
    from graphcrm_api.cli.duplicates_picture import write_picture

    step = {"column": "address", "level": "equal", "left": HOSTILE, "right": "\u202eX", "weight": 2}
    silent = {"column": "email", "level": "missing", "left": HOSTILE, "right": None, "weight": 0}
    found = Explained.model_validate(
        {
            "left": HOSTILE, "right": "B", "probability": 0.99, "weight": 5, "same": True,
            "apart": True, "model_version": HOSTILE, "steps": [step, silent],
        }
    )  # fmt: skip
    write_picture(found, Path("why.html"), HOSTILE, "en")
    html = Path("why.html").read_text(encoding="utf-8")
    assert not re.search(r"<(script|img)|\u202e", html)
    page = browser.new_page()
    heard: list[str] = []
    page.on("dialog", lambda dialog: heard.append(dialog.message))
    page.on("console", lambda message: heard.append(message.text))
    page.on("request", lambda request: heard.append(request.url))
    page.goto(Path("why.html").absolute().as_uri())
    assert len(heard) == 1  # the page itself
    assert page.inner_text("td.value >> nth=2") == HOSTILE
    assert HOSTILE in page.inner_text("h1")
    page.close()


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_measured_against_the_truth(run: Run, found_graph: Path, cli_book: Path, lang: str) -> None:
    asked = ("duplicates", "evaluate", "--graph", found_graph, "--truth")
    told = run(*asked, cli_book / "truth", "--json").data
    pairwise, by_record = told["measures"]
    assert (pairwise["measure"], by_record["measure"]) == ("pairs", "b3")
    assert pairwise["correct"] <= pairwise["found"]
    ran = run(*asked, cli_book / "truth", "--lang", lang)
    assert ran.code == 0
    assert ran.fits()
    for row in told["measures"]:
        assert all(f"{100 * row[n]:.1f}%" in ran.out for n in ("precision", "recall", "f1"))
    assert len(told["kinds"]) > 5
    assert {"en": "Another phone", "zh": "电话不同"}[lang] in ran.out
    alone = Path("persons.csv")
    shutil.copy(cli_book / "truth" / "persons.csv", alone)
    assert run(*asked, alone, "--json").data == {"measures": told["measures"], "kinds": []}
    assert {"en": "Another phone", "zh": "电话不同"}[lang] not in run(*asked, alone).out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_truth_of_other_ids(run: Run, found_graph: Path, lang: str) -> None:
    Path("persons.csv").write_text("id,entity_id\nX1,E1\nX2,E1\n", encoding="utf-8")
    ran = run(
        "duplicates", "evaluate", "--truth", "persons.csv", "--graph", found_graph, "--lang", lang
    )
    assert (ran.code, ran.out) == (2, "")
    assert {"en": "says nothing", "zh": "不含"}[lang] in ran.err


def test_all_records_are_exported(run: Run, found_graph: Path) -> None:
    asked = ("duplicates", "export", "--graph", found_graph, "--out")
    names = ["kind", "id", "customer_id", "probability"]
    assert run(*asked, "a.csv").code == 0
    with Path("a.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == names
    assert run(*asked, "a.parquet", "--json").data == {"file": "a.parquet", "rows": len(rows)}
    table = pq.read_table("a.parquet")
    assert table.column_names == names
    assert table["customer_id"].to_pylist() == [row["customer_id"] for row in rows]
    assert run(*asked, "a.xlsx").code == 0
    sheet = openpyxl.load_workbook("a.xlsx").worksheets[0]
    assert [cell.value for cell in sheet[1]] == names
    assert sheet.max_row == len(rows) + 1
    several = run("duplicates", "list", "--json", "--graph", found_graph).data
    customers = {row["customer_id"] for row in rows}
    assert len(rows) - len(customers) == sum(c["records"] - 1 for c in several)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize(
    "asked",
    [
        ("list",), ("list", "--pairs"), ("explain", "P0000002", "P0000003"),
        ("export", "--out", "a.csv"), ("evaluate", "--truth", "truth"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_before_anything_was_found(
    run: Run, cli_graph: Path, asked: tuple[str, ...], lang: str
) -> None:
    ran = run("duplicates", *asked, "--graph", cli_graph, "--lang", lang)
    assert (ran.code, ran.out) == (2, "")
    assert "graphcrm duplicates find" in " ".join(ran.err.split())
    assert not Path("a.csv").exists()
    if lang == "zh":
        assert "尚未归并" in ran.err


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("explain", "P0000002", "P0000002"), "不能与自身比较"),
        (("explain", "P0000002", "NOBODY"), "'NOBODY'"),
        (("explain", "P0000002", "P0000003", "--picture", "a.pdf"), "须以 .html 结尾"),
        (("evaluate", "--truth", "nowhere"), "nowhere"),
        (("export",), "--out"),
        (("export", "--out", "a.pdf"), "清单文件名须以"),
    ],
    ids=str,
)
def test_wrong_use(run: Run, found_graph: Path, asked: tuple[str, ...], said: str) -> None:
    ran = run("duplicates", *asked, "--graph", found_graph, "--lang", "zh")
    assert (ran.code, ran.out) == (2, "")
    assert said in ran.err.replace("\n", "")
    assert re.search("[\u4e00-\u9fff]{2}", ran.err.removeprefix("错误："))


def test_a_graph_without_persons(run: Run) -> None:
    Path("institutions.csv").write_text("id,name\nI1,上海某某有限公司\n", encoding="utf-8")
    assert run("load", "institutions.csv", "--graph", "a.graph").code == 0
    ran = run("duplicates", "find", "--graph", "a.graph", "--lang", "zh")
    assert ran.code == 2
    assert "图中没有个人" in ran.err
    as_json = run("duplicates", "find", "--graph", "a.graph", "--json")
    assert json.loads(as_json.out)["type"] == "UsageError"


def test_nobody_is_there_twice(run: Run) -> None:
    Path("persons.csv").write_text(
        "id,name,birth_date\nP1,王丽,1980-01-01\nP2,赵强,1970-05-06\n", encoding="utf-8"
    )
    assert run("load", "persons.csv", "--graph", "a.graph").code == 0
    assert "nobody is there twice" in run("duplicates", "find", "--graph", "a.graph").out
    for more in ((), ("--pairs",)):
        ran = run("duplicates", "list", *more, "--graph", "a.graph")
        assert ran.out.startswith("No customer has several records.")
        assert "→ graphcrm duplicates rules" in ran.out


def test_a_load_leads_to_the_search(run: Run) -> None:
    Path("persons.csv").write_text("id,name\nP1,王丽\n", encoding="utf-8")
    assert "→ graphcrm duplicates find" in run("load", "persons.csv", "--graph", "a.graph").out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_only_what_changed_is_compared(run: Run, found_graph: Path, lang: str) -> None:
    for file in found_graph.parent.glob("found.graph*"):
        shutil.copy(file, file.name.replace("found", "a"))
    persons = (
        "id,name,birth_date,phone\nNEW1,欧阳新,1999-01-02,\nNEW2,欧阳新,1999-01-02,13900001111\n"
    )
    Path("persons.csv").write_text(persons, encoding="utf-8")
    assert run("load", "persons.csv", "--graph", "a.graph").code == 0
    said = run("duplicates", "find", "--since", "2", "--graph", "a.graph", "--lang", lang)
    assert said.code == 0, said.err
    assert said.fits()
    assert {"en": "2 records are new or changed", "zh": "2 条记录为新增或变动"}[lang] in said.out
    same = run("duplicates", "find", "--since", "last", "--graph", "a.graph", "--json").data
    assert (same["compared"], same["new"], same["changed"], same["removed"]) == (0, 0, 0, 0)
    anew = run("duplicates", "find", "--retrain", "--graph", "a.graph", "--lang", lang).out
    assert {"en": "was learned anew", "zh": "已重新学习"}[lang] in anew
    assert same["model_version"] in anew


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (("--since", "yesterday"), "neither the number of a load nor last"),
        (("--since", "0"), "neither the number of a load nor last"),
        (("--since", "99"), "there is no load 99"),
        (("--since", "1", "--retrain"), "give one of them"),
    ],
)
def test_since_when(run: Run, found_graph: Path, options: tuple[str, ...], complaint: str) -> None:
    ran = run("duplicates", "find", *options, "--graph", found_graph)
    assert ran.code == 2
    assert complaint in ran.err.replace("\n", " ")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_search_before_create(run: Run, found_graph: Path, lang: str) -> None:
    customers = run("duplicates", "list", "--json", "--graph", found_graph).data
    known = customers[0]["members"][0]
    asked = ("duplicates", "search", "--name", known["name"], "--birth-date", known["birth_date"],
             "--graph", found_graph)  # fmt: skip
    found = run(*asked, "--json").data
    hit = next(candidate for candidate in found if candidate["id"] == known["id"])
    assert hit["customer_id"] == customers[0]["customer_id"]
    assert {step["column"] for step in hit["steps"]} >= {"name", "birth_date"}
    ran = run(*asked, "--lang", lang)
    assert ran.code == 0, ran.err
    assert ran.fits()
    assert known["id"] in ran.out
    assert customers[0]["customer_id"] in ran.out
    assert f"→ graphcrm customer {found[0]['id']}" in ran.out
    assert len(run(*asked, "--limit", "1", "--json").data) == 1
    nobody = run(
        "duplicates", "search", "--name", "慕容雪慧", "--graph", found_graph, "--lang", lang
    )
    said = {"en": "No record reaches a probability of 5%", "zh": "没有概率达到 5%"}[lang]
    assert said in nobody.out
    nothing = run("duplicates", "search", "--graph", found_graph, "--lang", lang)
    assert nothing.code == 2
    assert {"en": "at least one thing", "zh": "至少给出一项"}[lang] in nothing.err

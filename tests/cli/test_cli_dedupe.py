"""`graphcrm dedupe`: any list, without a graph."""

from __future__ import annotations

import csv
import re
import string
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from graphcrm.duplicates.roles import Role
from graphcrm_api.cli.dedupe_found import UNTOLD
from graphcrm_api.cli.language import catalogue
from graphcrm_loaders.lists import REASONS

Run = Callable[..., Any]

SURNAMES, GIVEN = "张李王赵陈刘杨黄周吴徐孙", "伟芳娜敏静丽强磊军洋勇艳"


def _people() -> list[list[str]]:
    """144 customers, every fourth of them twice, the second time with a slip or two."""
    rows = []
    for n, name in enumerate(s + g for s in SURNAMES for g in GIVEN):
        phone = f"1{3 + n % 6}{(n * 7_654_321 + 12_345_678) % 10**9:09d}"
        born = f"{1950 + n % 50}-{n % 12 + 1:02d}-{n % 28 + 1:02d}"
        street = f"上海市浦东新区{SURNAMES[n % 7]}{GIVEN[n % 11]}路{n * 37 % 900 + 1}号"
        mail = f"mail{n * 911}@example.com"
        rows.append([f"C{n:04d}", name, phone, born, mail, street])
        if n % 4 == 0:
            spaced = f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"
            day = born.replace("-", "") if n % 8 else born
            rows.append([f"D{n:04d}", f"{name[0]} {name[1:]}", spaced, day, "", street])
    return rows


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "客户.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["客户号", "姓名", "手机号", "出生日期", "邮箱", "住址"])
        writer.writerows(_people())
    return path


def _clusters(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [row["cluster_id"] for row in csv.DictReader(file)]


def _list(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_customers_of_a_list(run: Run, people: Path, lang: str) -> None:
    ran = run("dedupe", people, "--lang", lang)
    assert (ran.code, ran.err) == (0, "")
    assert ran.fits()
    first = ran.out.splitlines()[0]
    assert "180" in first
    assert "144" in first
    clusters = _clusters(people.with_name("客户.deduped.csv"))
    names = [row[1].replace(" ", "") for row in _people()]
    groups: dict[str, set[str]] = {}
    for name, cluster in zip(names, clusters, strict=True):
        groups.setdefault(name, set()).add(cluster)
    assert all(len(found) == 1 for found in groups.values())
    assert len(set(clusters)) == len(groups) == 144
    assert {"en": "Surest", "zh": "最确定的"}[lang] in ran.out


def test_what_was_detected_can_be_seen_alone(run: Run, people: Path) -> None:
    ran = run("dedupe", people, "--columns")
    assert ran.code == 0
    assert ran.fits()
    assert re.search(r"手机号 +phone +by header and values", ran.out)
    assert not people.with_name("客户.deduped.csv").exists()
    told = run("dedupe", people, "--columns", "--json").data
    assert told["records"] == 180
    assert [column["role"] for column in told["columns"]] == [
        "ignored", "name", "phone", "birth_date", "email", "address",
    ]  # fmt: skip


@pytest.mark.parametrize("role", ["phone", "电话", "PHONE"])
def test_a_column_is_corrected(run: Run, people: Path, role: str) -> None:
    ran = run("dedupe", people, "--columns", "--json", "--map", f"客户号={role}")
    first = ran.data["columns"][0]
    assert (first["role"], first["reason"]) == ("phone", "mapped")


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ("Nummer=phone", "客户号, 姓名, 手机号"),
        ("手机号=fone", "phone (phone)"),
        ("手机号", "COLUMN=ROLE"),
    ],
)
def test_a_wrong_correction(run: Run, people: Path, mapped: str, said: str) -> None:
    ran = run("dedupe", people, "--map", mapped)
    assert ran.code == 2
    assert said in ran.err.replace("\n  ", " ").replace("\n", " ")
    assert run("dedupe", people, "--map", mapped, "--lang", "zh").err.startswith("错误：")


def test_json_pairs_and_page(run: Run, people: Path, tmp_path: Path) -> None:
    files = {"out": tmp_path / "o.csv", "pairs": tmp_path / "p.csv", "report": tmp_path / "r.html"}
    options = [part for name, path in files.items() for part in (f"--{name}", path)]
    ran = run("dedupe", people, "--json", *options)
    assert ran.code == 0
    told = ran.data
    assert (told["records"], told["customers"], told["duplicates"]) == (180, 144, 36)
    assert (told["clusters_of_several"], told["largest_cluster"]) == (36, 2)
    assert told["files"] == {name: str(path) for name, path in files.items()}
    with files["pairs"].open(encoding="utf-8-sig", newline="") as file:
        pairs = list(csv.DictReader(file))
    same = [row for row in pairs if row["same_cluster"] == "true"]
    assert {(row["left_line"], row["right_line"]) for row in same} >= {("2", "3"), ("7", "8")}
    assert len(same) == 36
    assert all(0.5 < float(row["probability"]) <= 1 for row in same)
    weights = [float(row["match_weight"]) for row in pairs]
    assert weights == sorted(weights, reverse=True)
    assert all("手机号: " in row["evidence"] for row in same)
    page = files["report"].read_text(encoding="utf-8")
    assert '<html lang="en">' in page
    assert "客户.csv 中的同一客户" in page
    assert "The same customers in 客户.csv" in page
    assert "<script" not in page
    assert run("dedupe", people, "--thorough", "--json", *options).data["customers"] == 144
    assert run("dedupe", people, "--json", *options).code == 0
    again = {name: path.read_bytes() for name, path in files.items()}
    assert run("dedupe", people, "--json", *options).code == 0
    assert again == {name: path.read_bytes() for name, path in files.items()}


def test_the_page_shows_data_as_text(run: Run, tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", "<b>Anna</b> Smith", "\u202eAnna\u202c Smith", "😀 𠮷田"]
    rows = [f'"{name}",+49 151 {n}345678,"Main Street {n}"' for n, name in enumerate(names * 2)]
    path = _list(tmp_path, "\n".join(["<i>name</i>,phone,<u>address</u>", *rows, *rows, ""]))
    page = tmp_path / "page.html"
    for lang in ("en", "zh"):
        ran = run("dedupe", path, "--report", page, "--lang", lang)
        assert ran.code == 0
        html = page.read_text(encoding="utf-8")
        assert not re.search(r"<(script|b|i|u)>", html)
        assert "\u202e" not in html + ran.out
        assert "&lt;script&gt;" in html


def test_a_workbook_is_written_as_a_workbook(run: Run, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    phones = ("013812345678", "13812345678", "1")
    for row in (("姓名", "手机号"), *zip(("张伟", "张伟", "李娜"), phones, strict=True)):
        sheet.append(row)
    book.create_sheet("x").append(["y"])
    book.save(tmp_path / "a.xlsx")
    ran = run("dedupe", tmp_path / "a.xlsx")
    assert ran.code == 0
    assert "there are also: x" in ran.out
    out = openpyxl.load_workbook(tmp_path / "a.deduped.xlsx").worksheets[0]
    assert [cell.value for cell in out["B"]] == ["手机号", *phones]
    assert out["C1"].value == "cluster_id"


def test_a_header_with_a_comma(run: Run, tmp_path: Path) -> None:
    rows = [f'"{s}{g}",,"1{n:010d}"' for n, (s, g) in enumerate(zip(SURNAMES, GIVEN, strict=True))]
    path = _list(tmp_path, "\n".join(['"姓名, 全称",曾用名姓名,电话', *rows, *rows, ""]))
    ran = run("dedupe", path, "--map", "姓名, 全称=name", "--map", "曾用名姓名=name")
    assert ran.code == 0
    assert re.search("张伟 +张伟 +equal", ran.out)


@pytest.mark.parametrize(
    ("text", "customers"),
    [
        ("姓名,电话\n" + "张伟,13812345678\n" * 20, 1),
        ("姓名,电话\n张伟,13812345678\n", 1),
        ("张伟,13812345678,1980-01-02\n李娜,13900001111,1990-05-06\n", 2),
        ("姓名,邮箱,电话\n张伟,,13812345678\n李娜,,13900001111\n", 2),
        ("姓名,电话,电话\n张伟,13812345678,13511112222\n李娜,13900001111,\n", 2),
    ],
    ids=["all equal", "one row", "no header", "an empty column", "equal headers"],
)
def test_odd_lists(run: Run, tmp_path: Path, text: str, customers: int) -> None:
    ran = run("dedupe", _list(tmp_path, text), "--report", tmp_path / "r.html", "--json")
    assert ran.code == 0, ran.out
    assert ran.data["customers"] == customers


def test_a_filler_for_a_name_makes_nobody_the_same(run: Run, tmp_path: Path) -> None:
    rows = [f"测试,1{3 + n % 6}{(n * 7_654_321 + 12_345_678) % 10**9:09d}" for n in range(100)]
    ran = run("dedupe", _list(tmp_path, "\n".join(["姓名,电话", *rows, ""])), "--json")
    assert ran.code == 0
    assert ran.data["customers"] == 100


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_wrong_use(run: Run, people: Path, tmp_path: Path, lang: str) -> None:
    before = people.read_bytes()
    for wrong in (
        ("--out", people), ("--pairs", people), ("--out", "a.pdf"), ("--report", "a.pdf"),
        ("--out", tmp_path / "none" / "a.csv"), ("--out", "a.csv", "--pairs", "a.csv"),
        ("--sheet", "x"), ("--map", "客户号=nothing"),
        *[tuple(part for name in ("姓名", "手机号", "出生日期", "邮箱", "住址")
                for part in ("--map", f"{name}=ignored"))],
    ):  # fmt: skip
        ran = run("dedupe", people, *wrong, "--lang", lang)
        assert (ran.code, ran.out) == (2, ""), wrong
        if lang == "zh":
            assert re.search("[\u4e00-\u9fff]{4}", ran.err.removeprefix("错误：")), ran.err
    broken = _list(tmp_path, "姓名,电话\n张伟,1\n李娜,2,3\n")
    ran = run("dedupe", broken, "--lang", lang)
    assert ran.code == 1
    assert re.search(r"line\s+3|第\s+3\s+行", ran.err)
    assert people.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(["list.csv", people.name])


def test_the_words_are_there_in_both_languages() -> None:
    words = catalogue("dedupe")
    for key, entry in words.items():
        assert set(entry) == {"en", "zh"}, key
        values = [{n for _, n, _, _ in string.Formatter().parse(t) if n} for t in entry.values()]
        assert values[0] == values[1], key
        assert not re.search("[\u4e00-\u9fff][,;:?!]", entry["zh"]), key
    assert {f"role_{role}" for role in Role} <= set(words)
    assert {f"reason_{reason}" for reason in (*REASONS, "mapped")} <= set(words)


def test_every_level_of_the_engine_has_words() -> None:
    from graphcrm.duplicates.engine.evidence import level_names

    told = {f"level_{name}" for name in level_names() - UNTOLD}
    assert told == {key for key in catalogue("dedupe") if key.startswith("level_")}

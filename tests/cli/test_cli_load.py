"""Loading from the command line: what it says, what it asks, and its exit codes."""

import csv
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from graphcrm import connect
from graphcrm.store.lock import writing

Run = Callable[..., Any]

HEADER = "id,name,sex,birth_date,created_on\n"
GOOD = "P1,王丽,F,1980-02-01,2020-01-01\nP2,李明,M,1975-06-30,2020-01-01\n"


def _persons(folder: Path, rows: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "persons.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def test_a_load_and_the_same_again(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD)
    ran = run("load", folder)
    assert ran.code == 0
    assert "2 rows" in ran.out
    assert "→ graphcrm status" in ran.out
    assert ran.fits()
    again = run("load", folder, "--json")
    assert again.code == 0
    assert (again.data["files"][0]["new"], again.data["files"][0]["same"]) == (0, 2)


def test_the_sample_goes_in_without_a_loss(run: Run, cli_book: Path, cli_graph: Path) -> None:
    status = run("status", "--graph", cli_graph, "--json").data
    for table, label in (("persons", "Person"), ("policies", "Policy"), ("claims", "Claim")):
        with (cli_book / f"{table}.csv").open(encoding="utf-8") as file:
            assert status["nodes"][label] == sum(1 for _ in csv.reader(file)) - 1
    assert status["refused"] == 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_refused_rows_are_a_problem_in_the_data(run: Run, tmp_path: Path, lang: str) -> None:
    folder = _persons(tmp_path / "in", GOOD + "P3,赵强,M,31.2.1980,2020-01-01\nP4,赵强,X,,\n")
    ran = run("load", folder, "--lang", lang)
    assert ran.code == 1
    assert "quarantine list" in ran.out
    assert ran.fits()
    listed = run("quarantine", "list", "--lang", lang)
    assert listed.code == 0
    assert {"en": "not a date", "zh": "日期"}[lang] in listed.out
    assert "31.2.1980" in listed.out
    assert listed.fits()
    rows = run("quarantine", "list", "--json").data
    assert [(r["line"], r["column"]) for r in rows] == [(4, "birth_date"), (5, "sex")]


def test_what_was_refused_can_be_exported_mended_and_loaded(run: Run, tmp_path: Path) -> None:
    run("load", _persons(tmp_path / "in", GOOD + "P3,赵强,M,31.2.1980,2020-01-01\n"))
    ran = run("quarantine", "export", "refused.csv")
    assert ran.code == 0
    with Path("refused.csv").open(encoding="utf-8-sig") as file:
        (row,) = csv.DictReader(file)
    assert (row["line"], row["column"], row["reason"]) == ("4", "birth_date", "not_a_date")
    assert (row["id"], row["name"], row["birth_date"]) == ("P3", "赵强", "31.2.1980")
    run("load", _persons(tmp_path / "in", GOOD + "P3,赵强,M,1980-02-03,2020-01-01\n"))
    assert run("quarantine", "list", "--json").data == []


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_results_of_dedupe_in_a_folder_are_no_tables(run: Run, tmp_path: Path, ending: str) -> None:
    book = tmp_path / "book"
    book.mkdir()
    rows = [["id", "name"], *([f"P{n}", f"王{'一二三四五六七八九'[n]}"] for n in range(9))]
    if ending == "csv":
        text = "\n".join(",".join(row) for row in rows)
        (book / "persons.csv").write_text(text, encoding="utf-8")
    else:
        workbook = openpyxl.Workbook()
        workbook.active.title = "persons"
        for row in rows:
            workbook.active.append(row)
        workbook.save(book / "persons.xlsx")
    assert run("dedupe", book / f"persons.{ending}").code == 0
    result = book / f"persons.deduped.{ending}"
    assert result.exists()
    loaded = run("load", book)
    assert (loaded.code, loaded.err) == (0, "")
    assert f"persons.deduped.{ending}" in loaded.out
    assert "略过" in run("load", book, "--lang", "zh").out
    told = run("load", book, "--json").data
    assert [Path(path).name for path in told["passed_over"]] == [result.name]
    assert [file["rows"] for file in told["files"]] == [9]
    named = run("load", result, "--dry-run", "--json").data
    assert (named["passed_over"], [file["rows"] for file in named["files"]]) == ([], [9])
    result.with_name(f"persons.{ending}").unlink()
    alone = run("load", book)
    assert (alone.code, "holds no table" in alone.err) == (1, True)


def test_a_file_that_fails_leaves_the_others(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD)
    (folder / "agents.csv").write_text("", encoding="utf-8")
    ran = run("load", folder)
    assert ran.code == 1
    assert "agents.csv" in ran.out.replace("\n", "")
    assert "empty" in ran.out
    assert run("status", "--json").data["nodes"] == {"Person": 2}


def test_no_file_at_all_makes_no_graph(run: Run, plain_environment: Path) -> None:
    ran = run("load", "nowhere")
    assert ran.code == 1
    assert "nowhere" in ran.err
    assert list(plain_environment.iterdir()) == []


def test_a_load_that_brings_nothing_makes_no_graph(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "persons.csv").write_text("id,sex\nP1,F\n", encoding="utf-8")
    (folder / "agents.csv").write_text("", encoding="utf-8")
    ran = run("load", folder)
    assert ran.code == 1
    assert "agents.csv" in ran.err.replace("\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    empty = tmp_path / "empty.graph"
    connect(empty).store.close()  # one that was there stays
    assert run("load", folder, "--graph", empty).code == 1
    assert empty.exists()


def test_a_load_that_only_refuses_makes_a_graph(run: Run, tmp_path: Path) -> None:
    run("load", _persons(tmp_path / "in", "P1,,M,1980-02-01,2020-01-01\n"))
    assert [row["column"] for row in run("quarantine", "list", "--json").data] == ["name"]


def test_a_failed_load_is_made_good_by_another(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD)
    run("load", folder)
    mended = folder / "persons.csv"
    good = mended.read_text(encoding="utf-8")
    mended.write_text("id,sex\nP1,F\n", encoding="utf-8")
    assert run("load", folder).code == 1
    assert "did not finish" in run("status").out
    mended.write_text(good, encoding="utf-8")
    assert run("load", folder).code == 0
    assert "did not finish" not in run("status").out
    loads = run("status", "--json").data["loads"]
    assert [(load["state"], load["repeated_by"]) for load in loads] == [
        ("done", None), ("failed", 3), ("done", None),
    ]  # fmt: skip


def test_a_load_without_all_its_files_makes_nothing_good(run: Run, tmp_path: Path) -> None:
    run("load", _persons(tmp_path / "in", GOOD))
    with sqlite3.connect("graphcrm.graph") as db:
        db.execute("UPDATE load SET state = 'interrupted', report = NULL")
    db.close()
    other = tmp_path / "institutions.csv"
    other.write_text("id,name\nI1,创红广告有限公司\n", encoding="utf-8")
    assert run("load", other).code == 0
    assert "did not finish" in run("status").out
    assert run("load", tmp_path / "in").code == 0
    assert "did not finish" not in run("status").out


def test_a_backup_of_nothing_is_none(run: Run, tmp_path: Path) -> None:
    connect(tmp_path / "graphcrm.graph").store.close()
    ran = run("backup", "copy.graph")
    assert ran.code == 1
    assert "there is nothing in the graph yet" in " ".join(ran.err.split())
    with writing(tmp_path / "graphcrm.graph", "a load", lambda who: None):
        with sqlite3.connect("graphcrm.graph") as db:
            db.execute(
                "INSERT INTO load (state, started_at, as_of, complete, by) "
                "VALUES ('running', '2026-06-30T08:00:00Z', '2026-06-30', 0, 'me')"
            )
        db.close()
        ran = run("backup", "copy.graph")
    assert ran.code == 1
    assert "first load is still running" in " ".join(ran.err.split())
    assert not Path("copy.graph").exists()


def test_a_rehearsal_makes_no_graph(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD)
    ran = run("load", folder, "--dry-run")
    assert ran.code == 0
    assert "nothing written" in ran.out
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_rehearsal_shows_what_would_come_in_and_what_would_not(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", "P1,王丽,F,1980-01-02,\nP2,李明,?,,\n")
    ran = run("load", folder, "--dry-run")
    assert ran.code == 1
    assert "persons: id = P1, name = 王丽, sex = F, birth_date = 1980-01-02" in ran.out
    assert "Rows that would be refused: 1." in " ".join((ran.out + ran.err).split())
    assert "not one of the allowed codes (M, F)" in " ".join(ran.out.split())
    report = run("load", folder, "--dry-run", "--json").data["files"][0]
    assert report["refusals"] == [
        {"line": 3, "column": "sex", "value": "?", "reason": "unknown_code", "detail": "M, F"}
    ]
    run("load", folder)
    assert run("status", "--json").data["loads"][0]["report"]["files"][0]["examples"] == []


def test_renaming_many_ids_must_be_confirmed(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"P{n},甲{n:04},M,,\n" for n in range(40))
    run("load", _persons(tmp_path / "in", rows))
    other = _persons(tmp_path / "other", rows.replace("甲", "乙"))
    ran = run("load", other)
    assert ran.code == 2
    assert "--yes" in ran.err
    assert run("load", other, "--json").data["type"] == "ConfirmationNeeded"
    assert run("load", other, "--yes").code == 0
    with connect(tmp_path / "graphcrm.graph") as graph:
        assert graph.node("P7")["name"] == "乙0007"


def test_options_reach_the_load(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD)
    run("load", folder, "--source", "crm", "--as-of", "2026-06-30")
    run("load", _persons(folder, GOOD[: GOOD.index("P2")]), "--source", "crm", "--full")
    status = run("status", "--json").data
    assert [load["as_of"] for load in status["loads"]][-1] == "2026-06-30"
    assert status["loads"][0]["report"]["files"][0]["closed"] == 1
    assert "crm:P1" in run("customer", "crm:P1").out


def _interrupted(tmp_path: Path, book: Path) -> tuple[int, str, str]:
    """A load that is interrupted as soon as it is written down: exit code, output, errors."""
    with (
        connect(tmp_path / "graphcrm.graph") as graph,
        subprocess.Popen(
            [sys.executable, "-m", "graphcrm_api.cli", "load", str(book)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        while len(graph.status().loads) < 2 and process.poll() is None:
            time.sleep(0.002)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_an_interrupted_load_says_so(run: Run, cli_book: Path, tmp_path: Path) -> None:
    for _ in range(5):  # on a busy machine a load may be over before it is interrupted
        for file in tmp_path.glob("graphcrm.graph*"):
            file.unlink()
        run("load", _persons(tmp_path / "first", GOOD))
        code, out, err = _interrupted(tmp_path, cli_book)
        if code:
            break
    assert code == 130
    assert out == ""
    assert err.splitlines() == [
        "Error: Interrupted. What was finished stands; run the command again to go on."
    ]
    assert run("load", cli_book).code == 0
    status = run("status")
    assert "! interrupted" in status.out
    assert "did not finish" not in status.out


def test_only_an_export_can_be_retried(run: Run, tmp_path: Path) -> None:
    folder = _persons(tmp_path / "in", GOOD + "P9,赵强,X,,\n")
    run("load", folder)
    other = run("quarantine", "retry", folder / "persons.csv")
    assert other.code == 2
    assert "quarantine export" in " ".join(other.err.split())
    assert run("quarantine", "export", "refused.csv").code == 0
    text = Path("refused.csv").read_text("utf-8-sig").replace(",赵强,X", ",赵强,M")
    Path("refused.csv").write_text(text, "utf-8-sig")
    assert run("quarantine", "retry", "refused.csv").code == 0
    assert run("quarantine", "list", "--json").data == []

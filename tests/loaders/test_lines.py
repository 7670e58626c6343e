"""The line of every row, also where a row is not simply a line."""

from __future__ import annotations

import csv
import io
import random
from pathlib import Path
from typing import Any

import pytest

from graphcrm import SourceError

TRICKY = (
    "id,name,address\n"                    # 1
    "P1,王丽,甲\n"                         # 2
    "\n"                                   # 3
    'P2,李明,"一\n二\n三"\n'               # 4-6
    "P3,赵强\n"                            # 7: a column short
    'P4,周"杰",5" 管道\n'                  # 8: quotes inside a value
    "P5,吴,磊,甲,乙\n"                     # 9: too many columns
    "\n"                                   # 10
    '"P6","郑""方",""\n'                   # 11
    "P7,,甲\n"                             # 12: no name
    'P8,"冯\n绍",\n'                       # 13-14
    "P9,陈,甲\n"                           # 15
)  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_lines_where_rows_are_not_lines(
    staged: Any, tmp_path: Path, end: str, encoding: str
) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes(TRICKY.replace("\n", end).encode(encoding))
    read = staged(path)
    assert [(row["id"], row["at_line"]) for row in read.rows] == [
        ("P1", 2), ("P2", 4), ("P4", 8), ("P6", 11), ("P8", 13), ("P9", 15)
    ]  # fmt: skip
    assert read.reasons == [
        (7, None, "too_few_columns"), (9, None, "too_many_columns"), (12, "name", "missing")
    ]  # fmt: skip
    assert [r["node_id"] for r in read.refused] == ["P3", "P5", "P7"]
    assert read.refused[0]["record"].strip() == "P3,赵强"
    assert (read.read, read.bad) == (9, 3)


def test_line_ends_of_two_kinds(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes("id,name\r\nP1,王丽\nP2,李明\r\nP3\nP4,赵强\n".encode())
    read = staged(path)
    assert [(row["id"], row["at_line"]) for row in read.rows] == [("P1", 2), ("P2", 3), ("P4", 5)]
    assert read.reasons == [(4, None, "too_few_columns")]


def test_a_broken_quote_takes_its_lines_with_it(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text('id,name\nP1,王丽\nP2,"李\nP3,赵\nP4,"周"\nP5,吴\n\nP6,\n', encoding="utf-8")
    read = staged(path)
    assert [(row["id"], row["at_line"]) for row in read.rows] == [("P1", 2), ("P5", 6)]
    assert read.reasons == [(3, None, "broken_quotes"), (8, "name", "missing")]
    assert read.refused[0]["record"].splitlines() == ['P2,"李', "P3,赵", 'P4,"周"']


@pytest.mark.parametrize("seed", range(12))
def test_lines_of_random_files(staged: Any, tmp_path: Path, seed: int) -> None:
    """Each row's name says the line it begins on; rows of the wrong width are in between."""
    chance = random.Random(seed)
    end = chance.choice(["\n", "\r\n"])
    text, line = io.StringIO(), 2
    good: list[int] = []
    broken: list[int] = []
    bad: list[int] = []
    text.write("id,name,address" + end)
    for _ in range(chance.randrange(1, 400)):
        kind = chance.random()
        if kind < 0.05:
            text.write(end)
            line += 1
        elif kind < 0.1:
            text.write(chance.choice(["x", f"x,{line},y,z"]) + end)
            broken.append(line)
            line += 1
        else:
            cell = chance.choice(["甲", "", 'q"q', "a,b", "一\n二", '5" 管', '"', " x", "\n\n"])
            name = "" if kind < 0.15 else str(line)
            row = io.StringIO()
            csv.writer(row, lineterminator=end).writerow([f"P{line}", name, cell])
            (good if name else bad).append(line)
            text.write(row.getvalue())
            line += row.getvalue().count("\n")
    path = tmp_path / "persons.csv"
    path.write_bytes(text.getvalue().encode())
    if not (good or bad or broken):
        return
    read = staged(path)
    assert [(row["name"], row["at_line"]) for row in read.rows] == [(str(n), n) for n in good]
    assert sorted({n for n, _, reason in read.reasons if reason == "missing"}) == bad
    assert sorted({n for n, column, _ in read.reasons if column is None}) == broken


def test_a_file_with_many_bad_rows(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    rows = []
    for n in range(20_000):
        bad = [f"P{n},名{n},M,2001-02-30", f"P{n},,M,", f"P{n},名{n}", f"P{n},名{n},1,"]
        rows.append(bad[n // 20 % 4] if n % 20 == 7 else f"P{n},名{n},M,2001-02-28")
    path.write_text("id,name,sex,birth_date\n" + "\n".join(rows) + "\n", encoding="utf-8")
    read = staged(path)
    assert (read.read, read.bad, len(read.rows)) == (20_000, 1_000, 19_000)
    assert {n for n, _, _ in read.reasons} == {n + 2 for n in range(7, 20_000, 20)}
    assert [row["at_line"] for row in read.rows] == [int(row["id"][1:]) + 2 for row in read.rows]
    by_reason = {reason for _, _, reason in read.reasons}
    assert by_reason == {"not_a_date", "missing", "too_few_columns", "unknown_code"}


def _with_a_quote(rows: int, closed_in: int | None) -> list[str]:
    lines = [f"P{n},名,地址" for n in range(rows)]
    lines[:10] = [f'P{n},"名, ""{n}""",地址' for n in range(10)]
    lines[10] = 'P10,"名, ""10""","地址'
    if closed_in is not None:
        lines[closed_in] = f'P{closed_in},名,"地址'
    return ["id,name,address", *lines]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("rows", [14, 3_000, 200_000])
def test_a_quote_that_is_never_closed_is_told(
    staged: Any, tmp_path: Path, end: str, encoding: str, rows: int
) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes((end.join(_with_a_quote(rows, None)) + end).encode(encoding))
    with pytest.raises(SourceError) as caught:
        staged(path)
    assert str(caught.value) == (
        f"{path}: line 12: a quote begins there that is never closed; all {rows - 11:,} lines "
        "below are inside of it, so nothing of the file was loaded"
    )


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("closed_in", [11, 2_500])
def test_lines_that_a_quote_swallowed_are_told(
    staged: Any, tmp_path: Path, end: str, encoding: str, closed_in: int
) -> None:
    path = tmp_path / "persons.csv"
    path.write_bytes((end.join(_with_a_quote(3_000, closed_in)) + end).encode(encoding))
    read = staged(path)
    assert [(r["line"], r["reason"], r["detail"]) for r in read.refused] == [
        (12, "broken_quotes", f"lines 12 to {closed_in + 2}")
    ]
    assert [row["at_line"] for row in read.rows] == [
        *range(2, 12), *range(closed_in + 3, 3_002)
    ]  # fmt: skip
    assert all(row["id"] == f"P{row['at_line'] - 2}" for row in read.rows)


def test_a_value_over_many_lines_is_told_as_such(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    lines = [f"P{n},名,地址" for n in range(2_000)]
    lines[5], lines[1_500] = 'P5,名,"地址', 'P1500,名,地址"'
    path.write_text("id,name,address\n" + "\n".join(lines), encoding="utf-8")
    (refused,) = staged(path).refused
    assert (refused["line"], refused["column_name"], refused["reason"], refused["detail"]) == (
        7, "address", "too_long", "lines 7 to 1502"
    )  # fmt: skip


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_quote_that_the_next_one_closes_takes_two_rows(
    staged: Any, tmp_path: Path, end: str
) -> None:
    path = tmp_path / "persons.csv"
    lines = [f'P{n},"名, ""{n}""",地址' for n in range(2_000)]
    lines[10], lines[1_500] = 'P10,"名, ""10""","地址', 'P1500,"名,地址'
    path.write_bytes((end.join(["id,name,address", *lines]) + end).encode())
    read = staged(path)
    assert [(r["line"], r["detail"]) for r in read.refused] == [
        (12, "lines 12 to 13"), (1_502, "lines 1502 to 1503")
    ]  # fmt: skip
    assert read.refused[0]["record"].splitlines() == lines[10:12]
    assert [row["at_line"] for row in read.rows] == [
        n for n in range(2, 2_002) if n not in (12, 13, 1_502, 1_503)
    ]
    assert all(row["id"] == f"P{row['at_line'] - 2}" for row in read.rows)

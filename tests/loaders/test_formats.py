"""The same rows from every kind of file are the same rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter  # type: ignore[import-untyped]

from graphcrm_loaders.sources import discover

HEADER = ["id", "name", "branch_id", "status", "hired_on", "capacity", "product_lines", "座右铭"]
ROWS: list[list[Any]] = [
    ["00123", "张三", "D1", "active", "2020-02-29", "120", "life;health", "以人为本"],
    ["A2", 'O\'Brien; "Pat", Jr.', "D1", "on_leave", None, None, None, None],
    ["A3", "欧阳㐂𠮷", "D2", "departed", "1999-12-31", "0", "motor", "a,b;c\td"],
]
EXPECTED: list[tuple[Any, ...]] = [
    ("00123", "张三", "active", dt.date(2020, 2, 29), 120, "life;health", "以人为本"),
    ("A2", 'O\'Brien; "Pat", Jr.', "on_leave", None, None, None, None),
    ("A3", "欧阳㐂𠮷", "departed", dt.date(1999, 12, 31), 0, "motor", "a,b;c\td"),
]


def _quoted(cell: str | None, delimiter: str) -> str:
    text = cell or ""
    if any(c in text for c in ('"', delimiter, "\n")):
        return '"' + text.replace('"', '""') + '"'
    return text


def csv_text(delimiter: str = ",", end: str = "\n") -> str:
    return "".join(
        delimiter.join(_quoted(cell, delimiter) for cell in row) + end for row in [HEADER, *ROWS]
    )


def _write(text: str, encoding: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "agents.csv"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def _text_parquet(folder: Path) -> Path:
    columns = {n: pa.array([r[i] for r in ROWS], pa.string()) for i, n in enumerate(HEADER)}
    pq.write_table(pa.table(columns), folder / "agents.parquet")
    return folder / "agents.parquet"


def _typed_parquet(folder: Path) -> Path:
    table = pa.table(
        {
            "id": [r[0] for r in ROWS],
            "name": [r[1] for r in ROWS],
            "branch_id": [r[2] for r in ROWS],
            "status": pa.array([r[3] for r in ROWS]).dictionary_encode(),
            "hired_on": [e[3] for e in EXPECTED],
            "capacity": pa.array([e[4] for e in EXPECTED], pa.int64()),
            "product_lines": [["life", "health"], None, ["motor"]],
            "座右铭": [r[7] for r in ROWS],
        }
    )
    pq.write_table(table, folder / "agents.parquet")
    return folder / "agents.parquet"


def _excel(folder: Path) -> Path:
    workbook = openpyxl.Workbook()
    workbook.active.title = "agents"
    for row in [HEADER, *ROWS]:
        workbook.active.append(row)
    workbook.active["E2"] = dt.datetime(2020, 2, 29)
    workbook.active["F2"] = 120
    workbook.save(folder / "book.xlsx")
    return folder / "book.xlsx"


def _jsonl(folder: Path) -> Path:
    path = folder / "agents.jsonl"
    objects = [{k: v for k, v in zip(HEADER, row, strict=True) if v is not None} for row in ROWS]
    objects[0] |= {"capacity": 120, "product_lines": ["life", "health"]}
    path.write_text("\n".join(json.dumps(o, ensure_ascii=False) for o in objects), "utf-8")
    return path


FORMS = {
    "utf-8": _write(csv_text(), "utf-8"),
    "utf-8 with BOM": _write(csv_text(end="\r\n"), "utf-8-sig"),
    "gb18030": _write(csv_text(end="\r\n"), "gb18030"),
    "utf-16": _write(csv_text("\t", "\r\n"), "utf-16"),
    "semicolons": _write(csv_text(";"), "utf-8"),
    "tabs": _write(csv_text("\t"), "utf-8"),
    "carriage returns": _write(csv_text(end="\r"), "utf-8"),
    "no end of line at the end": _write(csv_text().rstrip("\n"), "utf-8"),
    "blank lines at the end": _write(csv_text(end="\r\n") + "\r\n\r\n", "gb18030"),
    "text parquet": _text_parquet,
    "typed parquet": _typed_parquet,
    "excel": _excel,
    "json lines": _jsonl,
}


@pytest.mark.parametrize("form", list(FORMS))
def test_every_format_gives_the_same_rows(staged: Any, tmp_path: Path, form: str) -> None:
    read = staged(FORMS[form](tmp_path))
    assert read.refused == []
    columns = ("id", "name", "status", "hired_on", "capacity", "product_lines")
    assert [
        (*(row[c] for c in columns), json.loads(row["extra"])["座右铭"] if row["extra"] else None)
        for row in read.rows
    ] == EXPECTED
    first = 1 if form in ("text parquet", "typed parquet", "json lines") else 2
    assert read.column("at_line") == [first, first + 1, first + 2]


def test_a_workbook_may_hold_several_tables(tmp_path: Path) -> None:
    path = tmp_path / "all.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        for name in ("notes", "Policies", "persons ", "agents"):
            workbook.add_worksheet(name).write_row(0, 0, ["id", "name"])
    found = discover([path], None)
    assert [(t.table, t.sheet) for t in found.tables] == [
        ("agents", "agents"), ("persons", "persons "), ("policies", "Policies")
    ]  # fmt: skip
    lone = tmp_path / "Persons.xlsx"
    with xlsxwriter.Workbook(lone) as workbook:
        workbook.add_worksheet("Sheet1")
    assert [(t.table, t.sheet) for t in discover([lone], None).tables] == [("persons", "Sheet1")]


def test_values_that_parquet_has_typed(staged: Any, tmp_path: Path) -> None:
    morning = dt.datetime(2024, 1, 2, 8, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    path = tmp_path / "claims.parquet"
    table = {
        "id": [1, 2, 3],
        "policy_id": pa.array([1.0, 2.0, 4.30111e17]),
        "loss_on": pa.array([dt.datetime(2024, 1, 2)] * 3, pa.timestamp("ns")),
        "loss_at": pa.array([morning] * 3, pa.timestamp("us", "UTC")),
        "status": ["open"] * 3,
        "amount_claimed": [Decimal("12.50"), None, Decimal("-1")],
        "reserve": pa.array([1, 2, None], pa.int32()),
        "amount_paid": [0.1, float("nan"), 1e13],
        "finding_on": pa.array([dt.datetime(2024, 1, 2, 3), None, None], pa.timestamp("ms")),
    }  # fmt: skip
    pq.write_table(pa.table(table), path)
    read = staged(path)
    assert read.reasons == [
        (1, "finding_on", "not_a_date"), (2, "amount_paid", "not_a_number"),
        (3, "amount_paid", "not_a_number"), (3, "policy_id", "excel_scientific"),
    ]  # fmt: skip
    pq.write_table(pa.table(table).slice(0, 1).drop_columns(["finding_on"]), path)
    (row,) = staged(path).rows
    assert (row["id"], row["policy_id"], row["loss_on"]) == ("1", "1", dt.date(2024, 1, 2))
    assert row["loss_at"] == dt.datetime(2024, 1, 2)
    assert (row["amount_claimed"], row["reserve"], row["amount_paid"]) == (12.5, 1.0, 0.1)


def test_dates_and_times_in_excel_cells(staged: Any, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "contacts"
    sheet.append(["id", "customer_id", "contacted_at", "direction", "channel", "satisfaction"])
    sheet.append([1, 13800138000, dt.datetime(2024, 1, 2, 3, 4, 5), "in", "phone", 4])
    sheet.append(["2", "P1", dt.datetime(2024, 1, 2), "in", "phone", 4.5])
    workbook.save(tmp_path / "book.xlsx")
    read = staged(tmp_path / "book.xlsx")
    (row,) = read.rows
    assert (row["customer_id"], row["satisfaction"]) == ("13800138000", 4)
    assert row["contacted_at"] == dt.datetime(2024, 1, 2, 3, 4, 5)
    assert read.reasons == [(3, "satisfaction", "not_an_integer")]


def test_blank_rows_of_a_sheet_are_none(staged: Any, tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = "persons"
    for line in (["id", "name"], ["P1", "王丽"], [None, None], ["P2", "李明"], ["P3", None]):
        sheet.append(line)
    sheet["A9"].number_format = "@"
    sheet["B9"] = ""
    workbook.save(tmp_path / "book.xlsx")
    read = staged(tmp_path / "book.xlsx")
    assert read.column("at_line") == [2, 4]
    assert read.reasons == [(5, "name", "missing")]


def test_json_lines_of_odd_forms(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "institutions.jsonl"
    path.write_text(
        '\ufeff{"id": 1, "name": "甲公司", "own": true, "offices": ["北京", "上海"]}\n'
        "\n"
        '{"id": 2, "name": "乙公司", "own": false, "head": {"name": "王丽"}}\n'
        "not json\n"
        "[1, 2]\n"
        '{"name": "丙公司"}\n'
        '{"id": "4", "name": null}\n',
        encoding="utf-8",
    )
    read = staged(path)
    assert [(r["at_line"], r["own"], r["extra"]) for r in read.rows] == [
        (1, "yes", '{"offices":"北京;上海"}'),
        (3, "no", '{"head":"{\\"name\\":\\"王丽\\"}"}'),
    ]
    assert read.reasons == [
        (4, None, "not_json"), (5, None, "not_json"), (6, "id", "missing"), (7, "name", "missing")
    ]  # fmt: skip
    assert (read.read, read.bad) == (6, 4)


def test_numbers_that_excel_damaged(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(
        "id,name,id_type,id_number,phone,account\n"
        "1,王丽,resident_id,4.30111E+17,13800138000,\n"
        "2,李明,resident_id,430111199001010000,1.38E+10,\n"
        "3,赵强,resident_id,11010519491231002X,13800138000,6.22202E+18\n"
        "4,周杰,resident_id,11010519491231002X,13800138000,6222020200112233\n",
        encoding="utf-8",
    )
    read = staged(path)
    assert read.column("id") == ["4"]
    assert read.reasons == [
        (2, "id_number", "excel_scientific"), (3, "phone", "excel_scientific"),
        (4, "account", "excel_scientific"),
    ]  # fmt: skip
    path.write_text("id,name,id_type,id_number\n1,王丽,resident_id,430111199001010000\n", "utf-8")
    read = staged(path)
    assert read.reasons == [(2, "id_number", "excel_rounded")]
    assert json.loads(read.refused[0]["record"])["id_number"] == "430111199001010000"
    workbook = openpyxl.Workbook()
    workbook.active.title = "persons"
    workbook.active.append(["id", "name", "id_number"])
    workbook.active.append([1, "王丽", 430111199001010019])
    workbook.save(tmp_path / "book.xlsx")
    read = staged(tmp_path / "book.xlsx")
    assert read.reasons == [(2, "id_number", "excel_scientific")]
    assert read.refused[0]["value"] == "4.30111E+17"

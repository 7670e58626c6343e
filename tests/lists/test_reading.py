"""Lists are read whole, whatever their form, encoding, title and header."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphcrm.errors import SourceError, UsageError
from graphcrm_loaders.lists import read_list
from graphcrm_loaders.lists.heading import is_header

CUSTOMERS = "姓名,电话\n张伟,013812345678\n 李娜 ,\n𠮷田,13900001111\n"


def _file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def _workbook(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_encoding(tmp_path: Path, encoding: str) -> None:
    found = read_list(_file(tmp_path, "a.csv", CUSTOMERS, encoding))
    assert found.texts.to_pydict() == {
        "姓名": ["张伟", "李娜", "𠮷田"],
        "电话": ["013812345678", None, "13900001111"],
    }
    assert found.rows.column("姓名")[1].as_py() == " 李娜 "
    assert found.lines.tolist() == [2, 3, 4]
    assert found.marked == (encoding != "utf-8")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path: Path, delimiter: str) -> None:
    text = CUSTOMERS.replace(",", delimiter)
    found = read_list(_file(tmp_path, "a.txt", text))
    assert (found.delimiter, found.texts.column_names) == (delimiter, ["姓名", "电话"])


@pytest.mark.parametrize("rows", [3, 30_000])
def test_a_list_without_a_header(tmp_path: Path, rows: int) -> None:
    text = "".join(f"张{chr(0x4F1F + n % 90)},138{n:08d}\n" for n in range(rows))
    found = read_list(_file(tmp_path, "a.csv", text))
    assert found.rows.column_names == ["column_1", "column_2"]
    assert (found.texts.num_rows, found.lines[0], found.lines[-1]) == (rows, 1, rows)


@pytest.mark.parametrize(
    ("first", "rest", "headed"),
    [
        (["c1", "c2"], [["Anna", "0151 123456"], ["Paul", "0152 654321"]], True),
        (["氏名", "電話番号"], [["山田", "090-1234-5678"]], True),
        (["Anna Smith", "Bonn"], [["Paul King", "Ulm"], ["Anna Smith", "Bonn"]], False),
        (["name", "city"], [["Anna", "Bonn"], ["Paul", "Ulm"]], True),
        (["张伟", "北京"], [["李娜", "上海"], ["王芳", "北京"]], False),
        (["foo", "bar"], [["Anna", "Bonn"], ["Paul", "Ulm"]], True),
        (["a@b.de", "Anna"], [["c@d.de", "Paul"]], False),
        (["phone2", "x"], [["13812345678", "y"]], True),
    ],
)
def test_whether_the_first_row_is_a_header(
    first: list[str], rest: list[list[str]], headed: bool
) -> None:
    assert is_header(first, rest) is headed


def test_two_equal_headers(tmp_path: Path) -> None:
    found = read_list(_file(tmp_path, "a.csv", "姓名,电话,电话\n张伟,1,2\n李娜,3,4\n"))
    assert found.rows.column_names == ["姓名", "电话", "电话_2"]
    assert found.titles == ("姓名", "电话", "电话")


def test_a_workbook_with_a_title_and_numbers(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "a.xlsx",
        {
            "leer": [],
            "客户": [
                ["客户清单"],
                ["姓名", "手机号", "出生日期"],
                ["张伟", "013812345678", dt.date(1980, 1, 2)],
                ["李娜", 13900001111, None],
            ],
            "其他": [["x"], ["1"]],
        },
    )
    found = read_list(path)
    assert (found.sheet, found.sheets) == ("客户", ("其他",))
    assert found.lines.tolist() == [3, 4]
    assert found.texts.to_pydict() == {
        "姓名": ["张伟", "李娜"],
        "手机号": ["013812345678", "13900001111"],
        "出生日期": ["1980-01-02", None],
    }
    assert read_list(path, "其他").sheet == "其他"


def test_parquet_with_types(tmp_path: Path) -> None:
    table = pa.table(
        {
            "name": pa.array(["Anna", None]),
            "phone": pa.array([13812345678.0, None]),
            "born": pa.array([dt.date(1980, 1, 2), None]),
            "seen": pa.array([dt.datetime(1980, 1, 2), None], pa.timestamp("us")),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    found = read_list(tmp_path / "a.parquet")
    assert found.texts.slice(0, 1).to_pylist() == [
        {"name": "Anna", "phone": "13812345678", "born": "1980-01-02", "seen": "1980-01-02"}
    ]
    assert found.lines.tolist() == [1, 2]


def test_json_lines(tmp_path: Path) -> None:
    lines = [{"name": "Anna", "phone": "013"}, {"phone": "014"}]
    text = "\n\n".join(json.dumps(line) for line in lines)
    found = read_list(_file(tmp_path, "a.jsonl", text))
    assert found.texts.to_pydict() == {"name": ["Anna", None], "phone": ["013", "014"]}
    assert found.lines.tolist() == [1, 3]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "a.csv",
            "a,b\n1,2\n3,4,5\n",
            "line 3 can't be read as a row (it has too many columns)",
        ),
        ("a.csv", "a,b\n1,2\n3,4,5\n6\n", "columns): 3,4,5 (the first of 2 such lines)"),
        ("a.csv", "", "the file is empty"),
        ("a.csv", "姓名,电话\n", "there are no rows below the header"),
        ("a.jsonl", '{"a": 1}\n[1]\n', "line 2 can't be read as a row (it is no JSON object): [1]"),
        ("a.pdf", "x", "not a kind of file that can be read"),
    ],
)
def test_what_can_not_be_read(tmp_path: Path, name: str, text: str, said: str) -> None:
    path = _file(tmp_path, name, text)
    with pytest.raises(SourceError) as raised:
        read_list(path)
    assert str(raised.value).startswith(f"{path}: ")
    assert said in str(raised.value)


def test_files_and_sheets_that_are_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(SourceError, match=str(path)):
            read_list(path)
    with pytest.raises(UsageError, match="only an Excel workbook"):
        read_list(_file(tmp_path, "a.csv", CUSTOMERS), "x")
    book = _workbook(tmp_path / "a.xlsx", {"客户": [["姓名"], ["张伟"]]})
    with pytest.raises(UsageError, match="'x' with rows \\(客户\\)"):
        read_list(book, "x")

from __future__ import annotations

import csv
import datetime as dt
import json
import re
import stat
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from graphcrm.errors import UsageError
from graphcrm.export import replacing, write_table
from graphcrm.model import VOCABULARY
from graphcrm_loaders.check import check
from graphcrm_loaders.columns import lay_out
from graphcrm_loaders.csv_file import open_csv
from graphcrm_loaders.sources import SourceTable
from tests.work import lines_run

FOLDER_STAYS = settings(
    max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
TRICKY = st.text(max_size=8) | st.from_regex(
    r"['=+@\t\r\n＝-]{0,3}[0-9eE+\-]{0,16}", fullmatch=True
)
TEXTS = st.lists(st.none() | TRICKY, min_size=1, max_size=6)


def read_csv(path: Path) -> list[list[str]]:
    data = path.read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def restored(cell: str) -> str:
    """The text that a guarded cell stands for."""
    if re.match("'+[=+\\-@\t\r\n＝＋－＠]", cell):
        return cell[1:]
    return cell[1:] if re.fullmatch(r"\t[+0-9eE]+", cell) else cell


@FOLDER_STAYS
@given(texts=TEXTS)
@example(texts=["=1+1", "'=1", "\t123456789012", "", None, "007", "12E3", 'a"b,c\r\nd', " x "])
def test_csv_text_can_be_restored_and_is_no_formula(tmp_path: Path, texts: list[Any]) -> None:
    path = tmp_path / "t.csv"
    write_table(pa.table({"a": pa.array(texts, pa.string()), "n": range(len(texts))}), path)
    rows = read_csv(path)[1:]
    assert [restored(row[0]) for row in rows] == [text or "" for text in texts]
    for row in rows:
        assert not re.match("[=+\\-@＝＋－＠\r\n]", row[0])
        assert not re.fullmatch(r"[0-9]{12,}|0[0-9]+", row[0])


def test_csv_as_bytes(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    table = pa.table(
        {
            "客户": ["张颖", "a,b", 'q"q', None, ""],
            "amount": [-1.5, 0.0, None, 1e6, float("nan")],
            "on": [dt.date(2026, 1, 2), None, None, None, None],
            "at": [dt.datetime(2026, 1, 2, 3, 4, 5), None, None, None, None],
            "id": ["511111198602095724", "+8613800000000", "-1", "=A1", "13800000000"],
            "yes": [True, False, None, None, None],
        }
    )
    write_table(table, path)
    assert path.read_bytes().decode("utf-8-sig") == (
        "客户,amount,on,at,id,yes\r\n"
        '张颖,-1.5,2026-01-02,2026-01-02 03:04:05,"\t511111198602095724",true\r\n'
        '"a,b",0,,,"\t+8613800000000",false\r\n'
        '"q""q",,,,\'-1,\r\n'
        ",1000000,,,'=A1,\r\n"
        '"",,,,13800000000,\r\n'
    )


def test_one_unknown_column_still_has_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    write_table(pa.table({"a": pa.array([None, 1, None], pa.int64())}), path)
    assert read_csv(path) == [["a"], [""], ["1"], [""]]


def test_loading_reads_guarded_numbers_back(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    ids = ["000123456789012345", "0042", "12E4"]
    phones = ["+8613800000000", "02812345678", "13800000000"]
    table = pa.table({"id": ids, "name": ["甲", "乙", "丙"], "phone": phones})
    write_table(table, path)
    work = duckdb.connect()
    raw = open_csv(work, path, tmp_path, lambda done: None)
    persons = VOCABULARY.tables["persons"]
    layout = lay_out(raw, SourceTable(path, "csv", "persons"), persons.columns)
    check(work, raw, layout, persons, None)
    rows = work.execute("SELECT id, name, phone FROM checked ORDER BY n").fetchall()
    assert rows == list(zip(*table.to_pydict().values(), strict=True))


@FOLDER_STAYS
@given(texts=TEXTS)
@example(texts=["_x0041_", "\ufffe", "http://a.b", "=1", "1e5", "2026-13-01", "\x07"])
def test_excel_keeps_text_as_text(tmp_path: Path, texts: list[Any]) -> None:
    path = tmp_path / "t.xlsx"
    write_table(pa.table({"a": pa.array(texts, pa.string())}), path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    cells = [sheet.cell(row, 1) for row in range(2, len(texts) + 2)]
    for cell, text in zip(cells, texts, strict=True):
        wanted = re.sub("[\ufffe\uffff]", "\ufffd", text or "") or None
        unescape = openpyxl.utils.escape.unescape
        # Line ends inside of XML are read as line feeds.
        got = unescape(cell.value) if isinstance(cell.value, str) else cell.value
        lines = re.compile("\r\n?")
        assert ((got and lines.sub("\n", got)) or None) == (wanted and lines.sub("\n", wanted))
        assert cell.data_type in ("s", "n", "inlineStr")
        assert not isinstance(cell.value, int | float)


def test_excel_types_and_layout(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    table = pa.table(
        {
            "day": ["2026-01-02", None],
            "old": [dt.date(1850, 1, 1), dt.date(2020, 1, 1)],
            "at": pa.array([dt.datetime(2026, 1, 2, 3), None], pa.timestamp("us", "UTC")),
            "big": [123456789012345678, 5],
            "amount": [-1.5, None],
            "exact": [Decimal("12.34"), None],
            "yes": [True, None],
            "名称": ["很长的名称" * 4, None],
        }
    )
    write_table(table, path)
    sheet = openpyxl.load_workbook(path).worksheets[0]
    values = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert values == [
        table.column_names,
        [dt.datetime(2026, 1, 2), "1850-01-01", dt.datetime(2026, 1, 2, 3), "123456789012345678",
         -1.5, 12.34, True, "很长的名称" * 4],
        [None, "2020-01-01", None, 5, None, None, None, None],
    ]  # fmt: skip
    assert sheet["A2"].number_format == "yyyy-mm-dd"
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:H3"
    assert sheet.column_dimensions["H"].width > 40


def test_what_excel_cannot_hold_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with pytest.raises(UsageError, match=r"1,048,575 rows, not 1,048,576.*parquet"):
        write_table(pa.table({"a": pa.nulls(1_048_576, pa.int8())}), path)
    with pytest.raises(UsageError, match="the column note has longer ones"):
        write_table(pa.table({"note": ["x" * 32_768]}), path)
    assert list(tmp_path.iterdir()) == []


@FOLDER_STAYS
@given(texts=TEXTS)
def test_parquet_and_json_keep_every_text(tmp_path: Path, texts: list[Any]) -> None:
    table = pa.table({"a": pa.array(texts, pa.string())})
    for name in ("t.parquet", "t.json", "t.jsonl"):
        write_table(table, tmp_path / name)
    assert pq.read_table(tmp_path / "t.parquet").equals(table)
    whole = (tmp_path / "t.json").read_text(encoding="utf-8")
    assert [row["a"] for row in json.loads(whole)] == texts
    lines = (tmp_path / "t.jsonl").read_bytes().decode().split("\n")
    assert [json.loads(line)["a"] for line in lines if line] == texts


def test_json_is_valid_for_numbers_and_times(tmp_path: Path) -> None:
    path = tmp_path / "t.json"
    at = pa.array([dt.datetime(2026, 1, 2, 3, 4, 5), None], pa.timestamp("us", "UTC"))
    nested = [[{"a": "中"}], None]
    write_table(pa.table({"f": [float("nan"), 1.5], "at": at, "n": nested}), path)
    assert json.loads(path.read_text(encoding="utf-8")) == [
        {"f": None, "at": "2026-01-02 03:04:05Z", "n": [{"a": "中"}]},
        {"f": 1.5, "at": None, "n": None},
    ]


def test_nested_values_are_flat_in_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lists = pa.array([["a", "b"], None], pa.list_(pa.string()))
    coded = pa.array(["x", None]).dictionary_encode()
    write_table(pa.table({"l": lists, "s": [{"k": 1}, None], "d": coded}), path)
    assert read_csv(path) == [["l", "s", "d"], ["a;b", '{"k":1}', "x"], ["", "", ""]]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "jsonl", "parquet"])
def test_no_rows(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"T.{ending.upper()}"
    write_table(pa.table({"a": pa.array([], pa.string())}), path)
    assert path.stat().st_size > 0 or ending == "jsonl"


def test_refusals_name_what_is_possible(tmp_path: Path) -> None:
    table = pa.table({"a": [1]})
    with pytest.raises(UsageError, match=r"\.csv, \.parquet, \.xlsx, \.json, \.jsonl"):
        write_table(table, tmp_path / "t.xls")
    with pytest.raises(UsageError, match="there is no folder"):
        write_table(table, tmp_path / "no" / "t.csv")
    (tmp_path / "d.csv").mkdir()
    with pytest.raises(UsageError, match="it is a folder"):
        write_table(table, tmp_path / "d.csv")
    with pytest.raises(UsageError, match="no columns"):
        write_table(pa.table({}), tmp_path / "t.csv")


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("old")
    path.chmod(0o600)

    def fail_halfway() -> None:
        with replacing(path) as draft:
            draft.write_text("half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_halfway()
    assert path.read_text() == "old"
    write_table(pa.table({"a": [1]}), path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_no_row_of_a_csv_is_looked_at_in_python(tmp_path: Path) -> None:
    def of(rows: int) -> pa.Table:
        return pa.table(
            {
                "id": pa.repeat("P0000001", rows),
                "name": pa.repeat('张三, "老张"', rows),
                "number": pa.repeat("511111198602095724", rows),
                "amount": pa.repeat(1269.79, rows),
            }
        )

    write_table(of(10), tmp_path / "t.csv")  # what is imported once is there
    path, some, more = tmp_path / "t.csv", of(200), of(200_000)
    few, many = (
        lines_run(lambda: write_table(some, path)),
        lines_run(lambda: write_table(more, path)),
    )
    assert 0 < few <= many < 2 * few + 1_000

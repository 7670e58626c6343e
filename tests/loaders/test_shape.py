"""Files whose header and records lie otherwise, and several tables in one file."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pytest

from graphcrm.errors import SourceError, UsageError
from graphcrm_loaders.mapping import read_mapping
from graphcrm_loaders.shape import joined_header, numbered
from graphcrm_loaders.sources import discover

_LINES = [
    ["客户清单", "", ""],
    ["打印：某人", "", ""],
    ["客户", "", "备注"],
    ["编号", "姓名", ""],
    ["C1", "王丽", "a"],
    ["C2", "李明", ""],
    ["", "", ""],
    ["C3", "周杰", "c"],
    ["合计", "3", ""],
]
_MAPPING = """
    files:
      "list.*":
        table: persons
        header_row: 3
        header_rows: 2
        skip_rows: [合计, ""]
        columns: {id: 客户编号, name: 客户姓名}
    """


def _mapping(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def _csv(folder: Path, lines: list[list[str]], ends: str = "\n") -> Path:
    path = folder / "list.csv"
    text = ends.join(",".join(line) for line in lines) + ends
    path.write_bytes(text.encode("gb18030"))
    return path


def _xlsx(folder: Path, lines: list[list[str]]) -> Path:
    path = folder / "list.xlsx"
    book = openpyxl.Workbook()
    for line in lines:
        assert book.active is not None
        book.active.append([cell or None for cell in line])
    book.save(path)
    return path


@pytest.mark.parametrize("write", [_csv, _xlsx, lambda f, lines: _csv(f, lines, "\r\n")])
def test_titles_totals_and_two_header_rows(
    staged: Any, tmp_path: Path, write: Callable[..., Path]
) -> None:
    read = staged(write(tmp_path, _LINES), _mapping(tmp_path, _MAPPING))
    assert read.column("id") == ["C1", "C2", "C3"]
    assert read.column("name") == ["王丽", "李明", "周杰"]
    assert read.column("at_line") == [5, 6, 8]
    assert json.loads(read.rows[0]["extra"]) == {"备注": "a"}
    assert read.reasons == []


def test_no_header(staged: Any, tmp_path: Path) -> None:
    path = _csv(tmp_path, [["C1", "王丽"], ["C2"], ["", "无"], ["C3", "周杰"]])
    mapping = """
        files:
          list.csv: {table: persons, header_row: 0, columns: {id: column_1, name: column_2}}
        """
    read = staged(path, _mapping(tmp_path, mapping))
    assert list(zip(read.column("at_line"), read.column("id"), strict=True)) == [
        (1, "C1"), (4, "C3"),
    ]  # fmt: skip
    assert [(line, reason) for line, _, reason in read.reasons] == [
        (2, "too_few_columns"), (3, "missing"),
    ]  # fmt: skip


def test_a_file_shorter_than_its_header(staged: Any, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no rows below the header"):
        staged(_csv(tmp_path, _LINES[:2]), _mapping(tmp_path, _MAPPING))


def test_headers_of_several_rows() -> None:
    rows = [
        ["保单号", "投保人", "", "保险期间", "", "Car"],
        ["", "姓名", "证件", "起", "止", "Plate"],
    ]
    assert joined_header(rows) == [
        "保单号", "投保人姓名", "投保人证件", "保险期间起", "保险期间止", "Car Plate",
    ]  # fmt: skip
    assert numbered(["a", "b", "A", "", "", "a"]) == ["a", "b", "A_2", "", "", "a_3"]


def _two_tables(folder: Path, once: str = "true") -> Path:
    return _mapping(
        folder,
        f"""
        files:
          list.csv:
            - table: policies
              columns:
                id: 保单
                product_code: {{constant: X}}
                holder_id: 客户
                premium: {{from: 保费, format: amount}}
                issued_on: {{from: 日期, format: ["%Y/%m/%d", excel_serial]}}
                status: {{constant: in_force}}
            - table: persons
              only_with: id
              once: {once}
              columns: {{id: 客户, name: 姓名, phone: 电话}}
        """,
    )


def _stage(staged: Any, path: Path, mapping: Path, table: str) -> Any:
    """Stage one table of a file that holds several."""
    found = discover([path], read_mapping(mapping))
    assert sorted(t.table for t in found.tables) == ["persons", "policies"]
    return staged(path, mapping, name=table)


_ROWS = [
    ["保单", "客户", "姓名", "电话", "保费", "日期", "赠品"],
    ["P1", "C1", "王丽", "", "100", "2020/1/5", "伞"],
    ["P2", "C1", "王丽", "13800138001", "200", "43835", ""],
    ["P3", "", "", "", "300", "2020/1/6", ""],
    ["P4", "C2", "李明", "13800138002", "400", "2020/1/6", ""],
    ["P5", "C2", "李四", "13800138002", "500", "2020/1/6", ""],
]


def test_persons_that_are_there_several_times_come_in_once(staged: Any, tmp_path: Path) -> None:
    read = _stage(staged, _csv(tmp_path, _ROWS), _two_tables(tmp_path), "persons")
    assert list(zip(read.column("id"), read.column("name"), read.column("phone"), strict=True)) == [
        ("C1", "王丽", "13800138001"), ("C2", "李明", "13800138002"),
    ]  # fmt: skip
    assert "extra" not in read.rows[0]
    assert [(line, reason) for line, _, reason in read.reasons] == [(6, "repeated_id")]


def test_the_first_table_keeps_what_none_takes(staged: Any, tmp_path: Path) -> None:
    read = _stage(staged, _csv(tmp_path, _ROWS), _two_tables(tmp_path), "policies")
    assert [row["extra"] for row in read.rows] == ['{"赠品":"伞"}', None, None, None]
    assert [str(day) for day in read.column("issued_on")] == [
        "2020-01-05", "2020-01-05", "2020-01-06", "2020-01-06",
    ]  # fmt: skip
    assert read.reasons == [(4, "holder_id", "missing")]


def test_a_hash_stands_for_a_number(staged: Any, tmp_path: Path) -> None:
    path = _csv(
        tmp_path, [["n", "x"], ["甲", "11010519491231002x"], ["乙", " 11010519491231002X "]]
    )
    mapping = """
        files:
          list.csv: {table: persons, columns: {id: {from: x, hash: true}, name: n}}
        """
    read = staged(path, _mapping(tmp_path, mapping))
    assert len(read.rows) == 1
    assert [reason for _, _, reason in read.reasons] == ["repeated_id"]
    assert len(read.rows[0]["id"]) == 24
    assert "110105" not in read.rows[0]["id"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("only_with: phone", "none of the columns"),
        ("header_row: -1", "greater than or equal to 0"),
        ("header_rows: 0", "greater than or equal to 1"),
        ("delimiter: '||'", "at most 1 character"),
    ],
)
def test_wrong_shapes_are_refused_with_their_line(tmp_path: Path, wrong: str, says: str) -> None:
    text = "files:\n  a.csv:\n    - table: persons\n      %s\n      columns: {id: a, name: b}\n"
    path = tmp_path / "m.yaml"
    path.write_text(text % wrong, encoding="utf-8")
    with pytest.raises(UsageError, match=says) as caught:
        read_mapping(path)
    assert str(caught.value).startswith(f"{path}: line ")

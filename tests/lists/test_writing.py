"""A list is written as it was, with one column more."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphcrm.errors import UsageError
from graphcrm_loaders.lists import column_for_clusters, place_beside, read_list, write_list

ODD = 'id;name;note\n001;"Smith; Anna";"two\nlines"\n002; 李娜 ;"=1+1"\n003;"she said ""x""";\n'


def _file(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def _written(path: Path, out: Path) -> Path:
    given = read_list(path)
    write_list(given, np.arange(len(given.lines), dtype=np.int64) % 2 + 1, out)
    return out


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8-sig", b"\xef\xbb\xbf"), ("gb18030", b"\xef\xbb\xbf")],
)
def test_csv_keeps_every_value(tmp_path: Path, encoding: str, mark: bytes) -> None:
    path = _file(tmp_path, "a.csv", ODD, encoding)
    out = _written(path, tmp_path / "b.csv")
    assert (
        out.read_bytes()
        == mark
        + (
            'id;name;note;cluster_id\n001;"Smith; Anna";"two\nlines";1\n002; 李娜 ;=1+1;2\n'
            '003;"she said ""x""";;1\n'
        ).encode()
    )
    assert path.read_bytes() == ODD.encode(encoding)


@pytest.mark.parametrize("header", ["姓名,电话,电话", "姓名,,", "name,Name,NAME"])
def test_equal_and_blank_headers_stay(tmp_path: Path, header: str) -> None:
    path = _file(tmp_path, "a.csv", f"{header}\n张伟,1,2\n李娜,3,4\n")
    first = _written(path, tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()[0]
    assert first == f"{header},cluster_id"


def test_a_list_without_a_header_gets_one(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", "张伟,13812345678\n李娜,13900001111\n")
    lines = _written(path, tmp_path / "b.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "column_1,column_2,cluster_id"
    assert lines[1] == "张伟,13812345678,1"


def test_parquet_keeps_types_and_metadata(tmp_path: Path) -> None:
    table = pa.table(
        {"n": pa.array([1, None], pa.int16()), "d": [dt.date(1980, 1, 2), None], "l": [["x"], []]}
    ).replace_schema_metadata({"k": "v"})
    pq.write_table(table, tmp_path / "a.parquet")
    out = pq.read_table(_written(tmp_path / "a.parquet", tmp_path / "b.parquet"))
    kept = pq.read_table(tmp_path / "a.parquet")
    assert kept.schema.metadata == table.schema.metadata
    assert out.drop(["cluster_id"]).equals(kept, check_metadata=True)
    assert out.column("cluster_id").to_pylist() == [1, 2]


def test_a_workbook_keeps_its_cells(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    rows = [
        ["客户清单", None, None, None],
        ["姓名", "手机号", "保费", "出生日期"],
        ["张伟", "013812345678", 12.5, dt.datetime(1980, 1, 2)],
        [None, None, None, None],
        ["=李", 13900001111, 7, None],
    ]
    for row in rows:
        sheet.append(row)
    book["Sheet"]["A5"].data_type = "s"
    book.save(tmp_path / "a.xlsx")
    out = openpyxl.load_workbook(_written(tmp_path / "a.xlsx", tmp_path / "b.xlsx")).worksheets[0]
    found = [[cell.value for cell in row] for row in out.iter_rows()]
    assert [row[:4] for row in found] == rows
    assert [row[4] for row in found] == [None, "cluster_id", 1, None, 2]


def test_json_lines_keep_their_lines(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.jsonl", '{"b": 1, "a": {"x": [1]}}\n\n{"a":"}"}\n{ }\n')
    out = _written(path, tmp_path / "b.jsonl").read_text(encoding="utf-8")
    assert out == (
        '{"b": 1, "a": {"x": [1]}, "cluster_id": 1}\n{"a":"}", "cluster_id": 2}\n'
        '{"cluster_id": 1}\n'
    )


@pytest.mark.parametrize("ending", ["csv", "parquet", "xlsx", "jsonl"])
def test_from_one_form_into_another(tmp_path: Path, ending: str) -> None:
    path = _file(tmp_path, "a.csv", "姓名,电话\n张伟,013812345678\n李娜,\n")
    again = read_list(_written(path, tmp_path / f"b.{ending}"))
    assert sorted(again.texts.to_pylist(), key=lambda row: row["cluster_id"]) == [
        {"姓名": "张伟", "电话": "013812345678", "cluster_id": "1"},
        {"姓名": "李娜", "电话": None, "cluster_id": "2"},
    ]


def test_numbers_of_parquet_are_no_fractions_in_csv(tmp_path: Path) -> None:
    pq.write_table(pa.table({"phone": [13812345678.0, None]}), tmp_path / "a.parquet")
    out = _written(tmp_path / "a.parquet", tmp_path / "b.csv")
    assert out.read_text() == "phone,cluster_id\n13812345678,1\n,2\n"


def test_a_column_of_that_name_stays(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", "name,Cluster_ID,cluster_id_2\nAnna,7,8\nPaul,9,9\n")
    assert column_for_clusters(read_list(path)) == "cluster_id_3"
    first = _written(path, tmp_path / "b.csv").read_text().splitlines()[1]
    assert first == "Anna,7,8,1"


def test_places_that_are_refused(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.csv", "name\nAnna\nPaul\n")
    link = tmp_path / "link.csv"
    link.symlink_to(path)
    for wrong in (path, link, tmp_path / "a.pdf", tmp_path / "none" / "b.csv"):
        with pytest.raises(UsageError, match=str(wrong)):
            _written(path, wrong)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.csv", "link.csv"]
    assert path.read_text() == "name\nAnna\nPaul\n"


def test_the_place_beside_a_list() -> None:
    assert place_beside(Path("x/客户.XLSX")) == Path("x/客户.deduped.xlsx")
    assert place_beside(Path("list.txt")) == Path("list.deduped.csv")

"""Files with little to go by: blank or constant columns, equal headers, merged cells, no rows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]
import pytest

from graphcrm.errors import SourceError
from graphcrm_api.cli import language
from graphcrm_api.cli.messages import in_language
from graphcrm_loaders.suggest import suggest_mapping

_CONSTANT = ("A0001", "女", "有效", "CNY", "1", "2024-01-01", "张强", "年交", "")


@pytest.fixture
def chinese() -> Iterator[None]:
    language.use("zh")
    yield
    language.use("en")


def _origins(path: Path) -> set[str]:
    """The columns of a file that were given a place."""
    (sheet,) = suggest_mapping([path]).sheets
    drafts = [draft for table in sheet.tables for draft in table.drafts]
    return {name for d in drafts for name in (d.origin.get("from"), *d.origin.get("join", ()))}


@pytest.mark.parametrize("every", [1, 30])
@pytest.mark.parametrize("head", ["c{}", "col{}", "扩展{}"])
def test_constant_and_nearly_blank_columns_get_no_place(
    tmp_path: Path, head: str, every: int
) -> None:
    path = tmp_path / "wide.csv"
    header = ",".join(head.format(n) for n in range(27))
    lines = [f"保单号,投保人客户号,保费,签单日期,{header}"]
    for row in range(60):
        values = [_CONSTANT[n % 9] if row % every == 0 else "" for n in range(27)]
        start = f"P{row:05d},C{row % 7:03d},{1000 + row},2024-01-{row % 28 + 1:02d}"
        lines.append(f"{start},{','.join(values)}")
    path.write_text("\n".join(lines), encoding="utf-8")
    assert _origins(path) - {None} == {"保单号", "投保人客户号", "保费", "签单日期"}


def test_equal_headers_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        "客户号,姓名,电话,姓名\nC1,王丽,13800138001,a\nC2,李明,13800138002,b\n", encoding="utf-8"
    )
    assert _origins(path) == {"客户号", "姓名", "电话"}
    assert "number_headers: true" in suggest_mapping([path]).text


@pytest.mark.usefixtures("chinese")
def test_equal_headers_that_fit_no_table_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("Temperatur 2026\n\nTemp,Wind,temp\n21.5,3,1\n22.1,4,2\n", encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        suggest_mapping([path])
    said = f"{path}: line 3: the column 'temp' is there twice (columns 1 and 3)"
    assert str(raised.value) == said
    assert "第 3 行：列 'temp' 重复（第 1 列和第 3 列）" in in_language(said)
    (tmp_path / "客户.csv").write_text("客户号,姓名\nC1,王丽\nC2,李明\n", encoding="utf-8")
    assert f"# {said}" in suggest_mapping([tmp_path]).text


def test_a_column_beside_a_merged_cell_is_not_under_it(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["保单号", "业务员", None, None, None, None])
    sheet.append([None, "工号", "姓名", "状态", "保费", "签单日期"])
    for merged in ("A1:A2", "B1:C1"):
        sheet.merge_cells(merged)
    for n in range(12):
        agent = (f"A{n % 3:04d}", ("王丽", "李明", "周杰")[n % 3])
        row = [f"P{n:04d}", *agent, ("有效", "失效")[n % 2], 900 + n, f"2024-01-{n + 1:02d}"]
        sheet.append(row)
    path = tmp_path / "保单.xlsx"
    book.save(path)
    (made,) = suggest_mapping([path]).sheets
    policies = made.tables[0]
    assert policies.table == "policies"
    for column in ("status", "premium", "issued_on", "sold_by"):
        draft = policies.column(column)
        assert draft is not None
        assert not draft.made
        assert not draft.doubtful


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("tab.csv", "", "the file is empty"),
        ("tab.csv", "\n  \n\n", "the file is empty"),
        ("tab.csv", ",,\n,,\n", "the file is empty"),
        ("tab.jsonl", "\n\n", "the file is empty"),
        ("tab.jsonl", "no JSON\n", "can't be read"),
        ("tab.csv", "客户号,姓名\n", "there are no rows below the header"),
    ],
)
def test_files_without_rows_are_named(tmp_path: Path, name: str, content: str, words: str) -> None:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=f"{name}: {words}"):
        suggest_mapping([path])


def test_a_blank_workbook_is_named(tmp_path: Path) -> None:
    path = tmp_path / "tab.xlsx"
    openpyxl.Workbook().save(path)
    with pytest.raises(SourceError, match=r"tab\.xlsx: the file is empty"):
        suggest_mapping([path])

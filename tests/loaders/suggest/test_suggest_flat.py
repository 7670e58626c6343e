"""A proposed mapping on real files: one flat export becomes several tables of a real graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import openpyxl  # type: ignore[import-untyped]
import pytest

import graphcrm
from graphcrm_loaders.mapping import read_mapping
from graphcrm_loaders.suggest import Suggestion, suggest_mapping

_FLAT = """保单号,险种代码,险种名称,投保人客户号,投保人姓名,投保人性别,投保人证件号码,投保人手机,\
业务员代码,业务员姓名,承保机构,缴费方式,保费,签单日期,生效日期,保单状态,赠品
B001,L01,终身寿险,C1,王丽,女,11010519491231002X,13800138001,A1,张强,J01,年交,1200,20200105,20200106,有效,杯子
B002,A01,综合意外险,C2,李明,男,110105198503070038,13800138002,A1,张强,J01,趸交,300,20210215,20210216,失效,
B003,L01,终身寿险,C1,王丽,女,11010519491231002X,13800138001,A2,赵敏,J02,月交,900.5,20220305,20220306,退保,伞
B004,M01,机动车商业保险,C3,周杰,男,110105199001011239,13800138003,A2,赵敏,J02,年交,4100,20230401,20230402,有效,
"""


def _text(made: Suggestion, folder: Path) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(made.text, encoding="utf-8")
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_flat_export_becomes_tables_in_a_graph(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "保单清单.csv"
    path.write_text(_FLAT, encoding=encoding)
    mapping = _text(suggest_mapping([path]), tmp_path)
    with graphcrm.connect(tmp_path / "x.graph") as graph:
        rehearsed = graph.load([path], mapping=mapping, dry_run=True)
        assert (rehearsed.refused, rehearsed.failed) == (0, [])
        report = graph.load([path], mapping=mapping)
        assert {f.table: f.rows for f in report.files} == {
            "agents": 2, "persons": 3, "products": 3, "policies": 4,
        }  # fmt: skip
        nodes = graph.status().nodes
        assert {k: nodes[k] for k in ("Person", "Agent", "Product", "Policy")} == {
            "Person": 3, "Agent": 2, "Product": 3, "Policy": 4,
        }  # fmt: skip
        found: Any = graph.customer("C1")
        assert "王丽" in str(found)


def test_codes_forms_and_what_lacks(tmp_path: Path) -> None:
    path = tmp_path / "保单清单.csv"
    path.write_text(_FLAT, encoding="utf-8")
    made = suggest_mapping([path])
    (sheet,) = made.sheets
    tables = {draft.table: draft for draft in sheet.tables}
    policies, persons, agents = tables["policies"], tables["persons"], tables["agents"]
    status = policies.column("status")
    assert status is not None
    assert status.origin["codes"] == {"有效": "in_force", "失效": "lapsed", "退保": "surrendered"}
    issued = policies.column("issued_on")
    assert issued is not None
    assert issued.origin == {"from": "签单日期", "format": "%Y%m%d"}
    sex = persons.column("sex")
    assert sex is not None
    assert sex.origin["codes"] == {"男": "M", "女": "F"}
    branch = agents.column("branch_id")
    assert branch is not None
    assert branch.origin == {"from": "承保机构"}
    assert branch.doubtful
    lacking = agents.column("status")
    assert lacking is not None
    assert (lacking.origin, lacking.doubtful) == ({"constant": "active"}, True)
    assert policies.extra == ["赠品"]


def test_no_personal_values_in_the_proposal(tmp_path: Path) -> None:
    path = tmp_path / "保单清单.csv"
    path.write_text(_FLAT, encoding="utf-8")
    bare = tmp_path / "无表头.csv"
    bare.write_text("\n".join(_FLAT.splitlines()[1:] * 3), encoding="utf-8")
    for file in (path, bare):
        text = suggest_mapping([file]).text
        for value in ("王丽", "张强", "110105", "13800138", "11010519491231002X", "C1"):
            assert value not in text


def test_the_same_files_give_the_same_proposal(tmp_path: Path) -> None:
    path = tmp_path / "保单清单.csv"
    path.write_text(_FLAT, encoding="utf-8")
    assert suggest_mapping([path]).text == suggest_mapping([path]).text


def test_a_person_without_a_number_gets_a_keyed_id(tmp_path: Path) -> None:
    path = tmp_path / "出单清单.csv"
    path.write_text(
        "保险合同号,客户姓名,身份证号,联系电话,保费（元）,承保日期\n"
        'H1,王丽,11010519491231002X,13800138001,"1,200.00",2026/1/5\n'
        'H2,王丽,11010519491231002X,13800138001,"300.00",2026/2/15\n'
        'H3,李明,110105198503070038,13800138002,"90.00",2026/3/25\n',
        encoding="utf-8",
    )
    mapping = _text(suggest_mapping([path]), tmp_path)
    with graphcrm.connect(tmp_path / "x.graph") as graph:
        report = graph.load([path], mapping=mapping)
        assert report.refused == 0
        assert graph.status().nodes["Person"] == 2
        with duckdb.connect(str(graph.snapshot()), read_only=True) as snapshot:
            ids = snapshot.execute("SELECT id FROM person").fetchall()
        assert all(len(i) == 24 and "110105" not in i for (i,) in ids)


def test_a_messy_spreadsheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "六月"
    sheet.append(["车险业务台账", None, None, None, None, None, None, None, "统计：2026年6月"])
    sheet.append([])
    sheet.append(["保单号", "投保人", None, None, "车辆信息", None, "签单日期", "保费", "状态"])
    sheet.append([None, "姓名", "证件号码", "手机", "车牌号", "车架号"])
    people = [
        ("王丽", "11010519491231002X", "13800138001"),
        ("李明", "110105198503070038", "13800138002"),
        ("周杰", "110105199001011239", "13800138003"),
    ]
    for n in range(12):
        plate, vin = f"京A{12340 + n}", f"LSVAA49J1320{n:05d}"
        row = [f"P{n:04d}", *people[n % 3], plate, vin, 46000 + n, f"¥{1000 + n:,}.00", "有效"]
        sheet.append(row)
    sheet.append(["合计", None, None, None, None, None, None, "¥12,066.00"])
    sheet.append(["制表人：王某"])
    path = tmp_path / "台账.xlsx"
    book.save(path)
    made = suggest_mapping([path])
    mapping = _text(made, tmp_path)
    (entry, *_) = read_mapping(mapping).files["台账.xlsx"]
    assert (entry.sheet, entry.header_row, entry.header_rows) == ("六月", 3, 2)
    assert entry.skip_rows == ["合计", "制表"]
    assert entry.columns["premium"].format == ["amount"]
    assert entry.columns["issued_on"].format == ["excel_serial"]
    with graphcrm.connect(tmp_path / "x.graph") as graph:
        report = graph.load([path], mapping=mapping)
        assert (report.refused, report.failed) == (0, [])
        nodes = graph.status().nodes
        assert (nodes["Policy"], nodes["Person"], nodes["Vehicle"]) == (12, 3, 12)

"""Proposals for files of different look: which column is which, and what is marked as doubtful."""

from __future__ import annotations

from pathlib import Path

import pytest

from graphcrm.errors import SourceError
from graphcrm_loaders.mapping import read_mapping
from graphcrm_loaders.suggest import suggest_mapping

_PERSONS = [
    ("C001", "王丽", "女", "1949-12-31", "11010519491231002X", "13800138001"),
    ("C002", "李明", "男", "1985-03-07", "110105198503070038", "13800138002"),
    ("C003", "周杰", "男", "1990-01-01", "110105199001011239", "13800138003"),
    ("C004", "陈静", "女", "1976-05-20", "110105197605200021", "13800138004"),
]
_COLUMNS = ("id", "name", "sex", "birth_date", "id_number", "phone")


def _file(folder: Path, header: str, name: str = "data.csv") -> Path:
    path = folder / name
    lines = [header] if header else []
    lines += [",".join(row) for row in _PERSONS]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def _found(path: Path) -> dict[str, str]:
    (sheet,) = suggest_mapping([path]).sheets
    main = sheet.tables[0]
    found = {d.column: str(d.origin.get("from")) for d in main.drafts}
    return {"table": main.table, **found}


@pytest.mark.parametrize(
    "header",
    [
        "客户号,姓名,性别,出生日期,证件号码,手机",
        "客户编号,客户名称,性别代码,生日,身份证号,联系电话",
        "khh,xm,xb,csrq,zjhm,sjh",
        "kehuhao,xingming,xingbie,chushengriqi,shenfenzhenghao,shouji",
        "CUST_NO,CUST_NM,GNDR,DOB,ID_NO,MOB_NO",
        "customerId,fullName,gender,birthDate,idCardNumber,mobilePhone",
        "Client Number,Name,Sex,Date of Birth,National ID,Mobile",
        "custno,name,sex,brthdt,idno,tel",
    ],
)
def test_headers_in_any_language(tmp_path: Path, header: str) -> None:
    found = _found(_file(tmp_path, header))
    assert found.pop("table") == "persons"
    expected = dict(zip(_COLUMNS, header.split(","), strict=True))
    assert {name: found.get(name) for name in _COLUMNS} == expected


def test_no_header_at_all(tmp_path: Path) -> None:
    path = _file(tmp_path, "")
    found = _found(path)
    assert found.pop("table") == "persons"
    assert found == {name: f"column_{n}" for n, name in enumerate(_COLUMNS, start=1)}
    assert "header_row: 0" in suggest_mapping([path]).text


def test_headers_that_say_nothing(tmp_path: Path) -> None:
    assert _found(_file(tmp_path, "F1,F2,F3,F4,F5,F6"))["id_number"] == "F5"


def test_codes_of_sex_are_read_off_the_id_numbers(tmp_path: Path) -> None:
    rows = []
    for n in range(9):
        number = f"1101051990010{n + 1}00{n % 2}"
        rows.append(
            f"C{n},{'王李张'[n % 3]}{'明丽伟'[n // 3]},{n % 2},{number}{_check_digit(number)}"
        )
    path = tmp_path / "a.csv"
    path.write_text("客户号,姓名,性别,身份证号\n" + "\n".join(rows), encoding="utf-8")
    (sheet,) = suggest_mapping([path]).sheets
    sex = sheet.tables[0].column("sex")
    assert sex is not None
    assert sex.origin["codes"] == {"0": "F", "1": "M"}
    assert not sex.doubtful


def _check_digit(base: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(d) * w for d, w in zip(base[:17], weights, strict=False))
    return "10X98765432"[total % 11]


def test_unknown_numbers_are_marked(tmp_path: Path) -> None:
    path = tmp_path / "agents.csv"
    path.write_text(
        "工号,姓名,所属机构,在职状态\nA1,王丽,J1,91\nA2,李明,J1,92\nA3,周杰,J2,91\n",
        encoding="utf-8",
    )
    (sheet,) = suggest_mapping([path]).sheets
    status = sheet.tables[0].column("status")
    assert status is not None
    assert status.doubtful
    assert "# ?" in suggest_mapping([path]).text


def test_several_files_help_each_other(tmp_path: Path) -> None:
    _file(tmp_path, "客户号,姓名,性别,出生日期,证件号码,手机", "客户.csv")
    (tmp_path / "转介绍.csv").write_text(
        "日期,甲,乙推荐人\n2026-01-05,C001,C002\n2026-02-05,C003,C004\n2026-02-06,C001,C003\n",
        encoding="utf-8",
    )
    made = suggest_mapping([tmp_path])
    assert {sheet.file: sheet.tables[0].table for sheet in made.sheets if sheet.tables}[
        "客户.csv"
    ] == "persons"


def test_what_is_no_table_is_told(tmp_path: Path) -> None:
    path = tmp_path / "wetter.csv"
    path.write_text("Temp,Wind\n21.5,3\n22.1,4\n", encoding="utf-8")
    made = suggest_mapping([path])
    assert "files: {}" in made.text
    mapping = tmp_path / "m.yaml"
    mapping.write_text(made.text, encoding="utf-8")
    assert read_mapping(mapping).files == {}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02"])
def test_files_that_hold_nothing(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    with pytest.raises(SourceError):
        suggest_mapping([path])


def test_broken_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"no workbook")
    _file(tmp_path, "客户号,姓名,性别,出生日期,证件号码,手机", "客户.csv")
    text = suggest_mapping([tmp_path]).text
    assert "a.xlsx: can't be read" in text
    with pytest.raises(SourceError, match="no such file"):
        suggest_mapping([tmp_path / "nowhere"])


def test_chinese_comments(tmp_path: Path) -> None:
    path = _file(tmp_path, "客户号,姓名,性别,出生日期,证件号码,手机")
    text = suggest_mapping([path], "zh").text
    assert "表头相符" in text
    assert read_mapping(_saved(tmp_path, text)).files["data.csv"][0].table == "persons"


def _saved(folder: Path, text: str) -> Path:
    path = folder / "m.yaml"
    path.write_text(text, encoding="utf-8")
    return path

"""A mapping file turns a source's own headers and codes into those of the interchange format."""

from __future__ import annotations

import datetime as dt
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from graphcrm.errors import SourceError, UsageError
from graphcrm_loaders.mapping import Mapping, read_mapping
from graphcrm_loaders.sources import discover

Given = Callable[..., Any]

PERSONS = """
    files:
      客户.csv:
        table: persons
        columns:
          id: 客户号
          name: 姓名
"""


@pytest.fixture
def mapped(staged: Any, tmp_path: Path) -> Given:
    """Stage a CSV text under the columns of a mapping: `mapped(text, columns, table=...)`."""

    def run(text: str, columns: str, table: str = "persons", more: str = "") -> Any:
        path, mapping = tmp_path / "客户.csv", tmp_path / "mapping.yaml"
        path.write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
        body = textwrap.indent(textwrap.dedent(columns).strip(), " " * 6)
        mapping.write_text(
            f"files:\n  客户.csv:\n    table: {table}\n{more}    columns:\n{body}\n",
            encoding="utf-8",
        )
        return staged(path, mapping)

    return run


def _mapping(folder: Path, text: str) -> Path:
    path = folder / "mapping.yaml"
    path.write_text(textwrap.dedent(text).strip() + "\n", encoding="utf-8")
    return path


def test_columns_are_renamed_and_the_rest_is_kept(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,name,等级
        001,张三,别名,金
        """,
        """
        id: 客户号
        name: {from: 姓名}
        """,
    )
    (row,) = read.rows
    assert (row["id"], row["name"]) == ("001", "张三")
    assert json.loads(row["extra"]) == {"name": "别名", "等级": "金"}


def test_ignored_columns_are_dropped(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,密码,等级
        001,张三,secret,金
        """,
        "{id: 客户号, name: 姓名}",
        more="    ignore: [密码]\n",
    )
    assert json.loads(read.rows[0]["extra"]) == {"等级": "金"}


def test_codes_are_translated_and_others_stay(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,性别,授权
        1,甲,1,是
        2,乙, 2 ,否
        3,丙,男,yes
        4,丁,女,
        5,戊,M,no
        6,己,9,是
        7,庚,,是
        """,
        """
        id: 客户号
        name: 姓名
        sex: {from: 性别, codes: {1: M, 2: F, 男: M, 女: F}}
        marketing_consent: {from: 授权, codes: {是: yes, 否: no}}
        """,
    )
    assert read.column("sex") == ["M", "F", "M", "F", "M", None]
    assert read.column("marketing_consent") == ["yes", "no", "yes", None, "no", "yes"]
    assert read.reasons == [(7, "sex", "unknown_code")]


def test_codes_with_quotes_and_leading_zeros(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,性别
        1,甲,01
        2,乙,it's
        """,
        """
        id: 客户号
        name: 姓名
        sex: {from: 性别, codes: {01: M, "it's": F}}
        """,
    )
    assert read.column("sex") == ["M", "F"]


def test_a_value_is_split(mapped: Given) -> None:
    read = mapped(
        """
        客户号,证件
        1,张三/11010519491231002X
        2,李四/
        3,王五
        4,/430111
        """,
        """
        id: 客户号
        name: {from: 证件, split: /}
        id_number: {from: 证件, split: /, part: 2}
        """,
    )
    assert read.column("name") == ["张三", "李四", "王五"]
    assert read.column("id_number") == ["11010519491231002X", None, None]
    assert read.reasons == [(5, "name", "missing")]


def test_columns_are_joined(mapped: Given) -> None:
    read = mapped(
        """
        机构,流水,姓,名,市,街
        01,7,张,三,北京市,长安街1号
        02,8,李,四,,人民路2号
        """,
        """
        id: {join: [机构, 流水], with: "-"}
        name: {join: [姓, 名]}
        address: {join: [市, 街], with: " "}
        """,
    )
    assert read.column("id") == ["01-7", "02-8"]
    assert read.column("name") == ["张三", "李四"]
    assert read.column("address") == ["北京市 长安街1号", "人民路2号"]


def test_a_constant_is_the_same_in_every_row(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名
        1,甲
        2,乙
        """,
        """
        id: 客户号
        name: 姓名
        source: {constant: 核心's}
        marketing_consent: {constant: no}
        """,
    )
    assert read.column("id") == ["核心's:1", "核心's:2"]
    assert read.column("marketing_consent") == ["no", "no"]


def test_dates_of_another_form(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,生日
        1,甲,2024/02/29
        2,乙, 1999/12/31
        3,丙,2000-01-01
        4,丁,2023/02/29
        5,戊,
        """,
        """
        id: 客户号
        name: 姓名
        birth_date: {from: 生日, format: "%Y/%m/%d"}
        """,
    )
    assert read.column("birth_date") == [
        dt.date(2024, 2, 29), dt.date(1999, 12, 31), dt.date(2000, 1, 1), None
    ]  # fmt: skip
    assert read.reasons == [(5, "birth_date", "not_a_date")]


def test_timestamps_of_another_form(mapped: Given) -> None:
    read = mapped(
        """
        编号,客户,时间
        1,C1,20240229 235959
        """,
        """
        id: 编号
        customer_id: 客户
        contacted_at: {from: 时间, format: "%Y%m%d %H%M%S"}
        direction: {constant: in}
        channel: {constant: phone}
        """,
        "contacts",
    )
    assert read.column("contacted_at") == [dt.datetime(2024, 2, 29, 23, 59, 59)]


def test_split_codes_and_format_work_together(mapped: Given) -> None:
    read = mapped(
        """
        客户号,姓名,合
        1,甲,男|31.12.1999
        """,
        """
        id: 客户号
        name: 姓名
        sex: {from: 合, split: "|", codes: {男: M}}
        birth_date: {from: 合, split: "|", part: 2, format: "%d.%m.%Y"}
        """,
    )
    assert read.column("sex") == ["M"]
    assert read.column("birth_date") == [dt.date(1999, 12, 31)]


def test_typed_columns_are_mapped_as_text(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "cust.parquet"
    table = {"no": [7, 8], "nm": ["甲", "乙"], "sx": [1.0, 2.0], "born": [dt.date(2000, 1, 2)] * 2}
    pq.write_table(pa.table(table), path)
    mapping = """
        files:
          cust.parquet:
            table: persons
            columns:
              id: no
              name: nm
              sex: {from: sx, codes: {1: M, 2: F}}
              birth_date: born
        """
    read = staged(path, _mapping(tmp_path, mapping))
    assert (read.column("id"), read.column("sex")) == (["7", "8"], ["M", "F"])
    assert read.column("birth_date") == [dt.date(2000, 1, 2)] * 2


def test_sheets_and_patterns_find_their_tables(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.active.title = "客户"
    for title in ("代理人", "说明"):
        workbook.create_sheet(title)
    workbook.save(tmp_path / "导出.xlsx")
    for name in ("cust_2024.csv", "cust_2025.csv", "cust_old.csv", "notes.csv"):
        (tmp_path / name).write_text("a,b\n1,2\n", encoding="utf-8")
    text = """
        files:
          导出.xlsx: {table: persons, sheet: 客户, columns: {id: a, name: b}}
          导出.xls?: {table: agents, sheet: 代理人, columns: {id: a, name: b}}
          cust_*.csv: {table: persons, columns: {id: a, name: b}}
          cust_old.csv: {table: institutions, columns: {id: a, name: b}}
        """
    path = tmp_path / "mapping.yaml"
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    found = discover([tmp_path], read_mapping(path))
    assert found.problems == ()
    assert {(t.path.name, t.sheet, t.table) for t in found.tables} == {
        ("导出.xlsx", "客户", "persons"), ("导出.xlsx", "代理人", "agents"),
        ("cust_2024.csv", None, "persons"), ("cust_2025.csv", None, "persons"),
        ("cust_old.csv", None, "institutions"),
    }  # fmt: skip


def test_an_exact_name_goes_before_a_pattern() -> None:
    one = {"table": "persons", "columns": {"id": "a"}}
    other = {"table": "agents", "columns": {"id": "a"}}
    mapping = Mapping.model_validate({"files": {"*.csv": one, "a.csv": other}})
    for name, table in (("a.csv", "agents"), ("b.csv", "persons")):
        found = mapping.for_file(name, None)
        assert found is not None
        assert found.table == table
    assert mapping.for_file("a.CSV", None) is None


def test_a_column_that_the_file_has_not(mapped: Given) -> None:
    with pytest.raises(SourceError, match=r"客户\.csv: .*names the column '名字'.*客户号, 姓名"):
        mapped("客户号,姓名\n1,甲", "{id: 客户号, name: 名字}")


def test_a_required_column_that_is_not_mapped(mapped: Given) -> None:
    with pytest.raises(SourceError, match=r"客户\.csv: the table persons needs the column name"):
        mapped("客户号,姓名\n1,甲", "{id: 客户号}")


@pytest.mark.parametrize(
    ("changes", "line", "says"),
    [
        ({"persons": "person"}, 2, "there is no table 'person'"),
        ({"name: 姓名": "nmae: 姓名"}, 2, "persons has no column 'nmae'"),
        ({"name: 姓名": "name: {from: 姓名, form: x}"}, 6, "form"),
        ({"name: 姓名": "name: {from: 姓名, constant: x}"}, 6, "exactly one of: from, join"),
        ({"name: 姓名": "name: {codes: {1: M}}"}, 6, "exactly one of: from, join"),
        ({"name: 姓名": "name: {from: 姓名, split: /, part: 0}"}, 6, "greater than or equal to 1"),
        ({"name: 姓名": "name: [姓名]"}, 6, "name"),
        ({"    table: persons\n": ""}, 2, "table"),
        ({"files:": "file:"}, 1, "file"),
        ({"name: 姓名": "name: {from: 姓名"}, 7, "expected"),
        ({"name: 姓名": "name: 姓名\n      name: 名"}, 7, "'name' is there twice, first in line 6"),
        ({"name: 姓名": "name: {from: 姓名, from: 名}"}, 6, "the key 'from' is there twice"),
        ({"name: 姓名": "name: {from: x, codes: {1: a, '1': b}}"}, 6, "the key '1' is there twice"),
        ({"name: 姓名": "name: x\n  客户.csv:\n    table: agents"}, 7, "'客户.csv' is there twice"),
        ({"name: 姓名": "\tname: 姓名"}, 6, "cannot start any token"),
        ({"name: 姓名": "name: 'x"}, 7, "unexpected end"),
    ],
)
def test_wrong_mappings_name_the_line(
    tmp_path: Path, changes: dict[str, str], line: int, says: str
) -> None:
    text = textwrap.dedent(PERSONS).strip() + "\n"
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_mapping(path)
    told = str(caught.value).splitlines()
    assert any(t.startswith(f"{path}: line {line}:") and says in t for t in told), told


@pytest.mark.parametrize("text", ["", "# nothing\n", "persons\n", "- a\n", "files:\n"])
def test_what_is_no_mapping_at_all(tmp_path: Path, text: str) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=r"mapping\.yaml: line 1: "):
        read_mapping(path)


def test_mappings_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"nowhere\.yaml: can't be read"):
        read_mapping(tmp_path / "nowhere.yaml")
    path = tmp_path / "mapping.yaml"
    path.write_bytes("客户".encode("gb18030"))
    with pytest.raises(UsageError, match=r"mapping\.yaml: can't be read"):
        read_mapping(path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    path.write_text(textwrap.dedent(PERSONS), encoding="utf-8-sig")
    assert list(read_mapping(path).files) == ["客户.csv"]


def test_all_keys_that_are_there_twice_are_told(tmp_path: Path) -> None:
    path = tmp_path / "mapping.yaml"
    text = """
        shared: &c {id: 客户号, name: 姓名}
        files:
          a.csv: {table: persons, columns: *c, table: agents}
          b.csv: {table: persons, columns: *c}
        files: {}
        """
    path.write_text(textwrap.dedent(text).strip(), encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_mapping(path)
    assert str(caught.value).splitlines() == [
        f"{path}: line 3: the key 'table' is there twice, first in line 3",
        f"{path}: line 5: the key 'files' is there twice, first in line 2",
    ]

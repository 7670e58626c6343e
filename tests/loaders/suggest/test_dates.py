"""Which forms of dates a column has, and that a load reads just these."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from graphcrm.model import VOCABULARY
from graphcrm_loaders.forms import in_form
from graphcrm_loaders.suggest.dates import read_dates

_DAY = dt.date(2020, 1, 25)


@pytest.mark.parametrize(
    ("value", "form"),
    [
        ("2020/1/25", "%Y/%m/%d"),
        ("2020-1-25", "%Y-%m-%d"),
        ("20200125", "%Y%m%d"),
        ("25.01.2020", "%d.%m.%Y"),
        ("25/01/2020", "%d/%m/%Y"),
        ("01/25/2020", "%m/%d/%Y"),
        ("2020年1月25日", "%Y年%m月%d日"),
        ("二〇二〇年一月二十五日", "chinese"),
        ("2020/1/25 9:30:00", "%Y/%m/%d %H:%M:%S"),
        ("2020-01-25 09:30:00", "%Y-%m-%d %H:%M:%S"),
        ("25-Jan-2020", "%d-%b-%Y"),
        ("43855", "excel_serial"),
    ],
)
def test_each_form_is_recognised_and_read(value: str, form: str) -> None:
    dates = read_dates([value] * 3)
    assert dates.forms == (form,)
    prop = VOCABULARY.tables["persons"].column("birth_date")
    sql = in_form("v", list(dates.forms), prop)
    with duckdb.connect() as work:
        read = work.execute(f"SELECT {sql} FROM (SELECT ? AS v)", [value]).fetchone()
    assert read == (_DAY.isoformat(),)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("二〇二〇年十月十日", "2020-10-10"),
        ("二零零一年十二月三十一日", "2001-12-31"),
        ("一九九九年一月二十日", "1999-01-20"),
        ("一九九九年十一月廿三日", "1999-11-23"),
    ],
)
def test_chinese_numerals(value: str, day: str) -> None:
    prop = VOCABULARY.tables["persons"].column("birth_date")
    with duckdb.connect() as work:
        sql = f"SELECT {in_form('v', ['chinese'], prop)} FROM (SELECT ? AS v)"
        assert work.execute(sql, [value]).fetchone() == (day,)


def test_several_forms_and_what_is_no_date() -> None:
    dates = read_dates(["2020/1/5", "20200105", "2020-01-05", "9999-12-31", "长期"])
    assert set(dates.forms) == {"%Y/%m/%d", "%Y%m%d"}
    assert dates.blank == ("9999-12-31", "长期")
    assert dates.share == 1.0


def test_day_or_month_is_doubtful() -> None:
    assert read_dates(["05/06/2020", "07/08/2020"]).doubtful
    assert not read_dates(["05/06/2020", "17/08/2020"]).doubtful


@pytest.mark.parametrize(
    ("value", "form", "number"),
    [
        ("1,234.50", "amount", "1234.5"),
        ("￥300", "amount", "300"),
        ("3.5万", "amount", "35000"),
        ("(5.00)", "amount", "-5"),
        ("1000", "amount", "1000"),
        ("12元", "amount", "12"),
        ("50", "ten_thousands", "500000"),
        ("many", "amount", "many"),
    ],
)
def test_amounts(value: str, form: str, number: str) -> None:
    prop = VOCABULARY.tables["policies"].column("premium")
    with duckdb.connect() as work:
        sql = f"SELECT {in_form('v', [form], prop)} FROM (SELECT ? AS v)"
        assert work.execute(sql, [value]).fetchone() == (number,)

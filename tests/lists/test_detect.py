"""Columns are known by header and values, and by what stands beside them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pyarrow as pa
import pytest

from graphcrm.duplicates.roles import Role
from graphcrm_loaders.lists import REASONS, detect

SURNAMES, GIVEN = "张李王赵陈刘杨黄周吴", ("伟", "小明", "芳", "建国", "丽娜", "志强")
ROWS = 300


def _random() -> random.Random:
    return random.Random(20)


def _table(**columns: Sequence[str | None]) -> pa.Table:
    return pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})


def _names(rows: int = ROWS) -> list[str]:
    r = _random()
    return [r.choice(SURNAMES) + r.choice(GIVEN) for _ in range(rows)]


def _births(form: str, rows: int = ROWS) -> list[str]:
    r = _random()
    return [
        form.format(y=r.randint(1940, 2004), m=r.randint(1, 12), d=r.randint(1, 28))
        for _ in range(rows)
    ]


def _phones(rows: int = ROWS) -> list[str]:
    r = _random()
    return [f"13{r.randint(0, 999999999):09d}" for _ in range(rows)]


def _roles(table: pa.Table) -> list[str]:
    return [known.role.value for known in detect(table).values()]


def test_values_decide_where_headers_say_nothing() -> None:
    r = _random()
    table = _table(
        c1=[f"rec-{n}-org" for n in range(ROWS)],
        c2=_names(),
        c3=_births("{y}-{m:02d}-{d:02d}"),
        c4=[r.choice("男女") for _ in range(ROWS)],
        c5=_phones(),
        c6=[f"user{n % 250}@mail.com" for n in range(ROWS)],
        c7=[f"北京市朝阳区建国路{r.randint(1, 200)}号{n % 9}栋" for n in range(ROWS)],
        c8=[f"622202{r.randint(0, 10**13 - 1):013d}" for _ in range(ROWS)],
        c9=[f"{r.choice('华夏隆丰环达')}科技有限公司" for _ in range(ROWS)],
        c10=[f"{r.randint(100, 90000)}.{r.randint(10, 99)}" for _ in range(ROWS)],
        c11=[f"2025-0{r.randint(1, 9)}-1{n % 9} 10:2{n % 9}:00" for n in range(ROWS)],
        c12=[None] * ROWS,
        c13=["CN"] * ROWS,
    )
    assert _roles(table) == [
        "ignored", "name", "birth_date", "sex", "phone", "email", "address", "account",
        "employer", "ignored", "ignored", "ignored", "ignored",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "form", ["{y}-{m:02d}-{d:02d}", "{y}{m:02d}{d:02d}", "{d:02d}/{m:02d}/{y}", "{y}年{m}月{d}日"]
)
def test_dates_of_birth_in_any_writing_with_bad_cells(form: str) -> None:
    births = ["不详", "0000", *_births(form)]
    assert _roles(_table(dob=births)) == ["birth_date"]
    assert _roles(_table(c1=births)) == ["birth_date"]


def test_a_code_that_is_meant_to_be_unique_is_no_row_id() -> None:
    r = _random()
    numbers = [f"{r.randint(0, 9999999):07d}" for _ in range(ROWS)]
    shared = numbers[:-20] + numbers[:20]
    found = detect(_table(c1=numbers, c2=shared, SSN=numbers))
    assert [known.role.value for known in found.values()] == ["ignored", "id_number", "id_number"]
    assert [known.reason for known in found.values()][:2] == ["record", "nearly_unique"]


def test_a_distinct_name_is_no_row_id() -> None:
    names = [s + g for s in SURNAMES for g in GIVEN]
    assert _roles(_table(c1=names)) == ["name"]


def test_a_record_id_by_its_header_may_be_shared() -> None:
    unique = [f"C{n:05d}" for n in range(ROWS)]
    assert _roles(_table(客户号=unique, 姓名=_names())) == ["ignored", "name"]
    found = detect(_table(客户号=unique[:-9] + unique[:9], 姓名=_names()))
    assert (found["客户号"].role, found["客户号"].reason) == (Role.EVIDENCE, "shared_code")


def test_uniqueness_is_judged_on_all_rows_not_on_the_sample() -> None:
    rows = 30_001
    codes = [f"K{n:06d}" for n in range(rows)]
    codes[2], codes[7] = codes[1], codes[5]
    assert detect(_table(c1=codes))["c1"].reason == "nearly_unique"


def test_an_organisation_is_the_customer_or_the_employer() -> None:
    firms = [f"{a}{b}科技有限公司" for a in "华中东南西" for b in "夏达隆丰"]
    assert _roles(_table(名称=firms)) == ["organisation"]
    assert _roles(_table(公司=firms, 联系人=_names(20))) == ["organisation", "evidence"]
    assert _roles(_table(姓名=_names(20), 公司=firms)) == ["name", "employer"]
    western = ["ACME Trading Co., Ltd", "Nordic Foods GmbH", "Bay Repair LLC", "Sun Bank Inc"]
    assert _roles(_table(c1=western)) == ["organisation"]


def test_a_contact_is_the_customer_where_nobody_else_is() -> None:
    assert _roles(_table(联系人=_names(), 电话=_phones())) == ["name", "phone"]


def test_names_in_parts() -> None:
    r = _random()
    family = [r.choice(SURNAMES) for _ in range(ROWS)]
    given = [r.choice(GIVEN) for _ in range(ROWS)]
    assert _roles(_table(姓=family, 名=given)) == ["family_name", "given_name"]
    assert _roles(_table(c1=family, c2=given)) == ["family_name", "given_name"]
    whole = _table(full_name=["anna smith", "paul king"], surname=["smith", "king"])
    assert _roles(whole) == ["name", "family_name"]


def test_one_guessed_name_and_one_guessed_birth_date() -> None:
    table = _table(c1=_names(), c2=list(reversed(_names())), c3=_births("{y}-{m}-{d}"))
    assert sorted(_roles(table)) == ["birth_date", "evidence", "name"]


def test_values_outweigh_a_wrong_header() -> None:
    mails = [f"user{n}@mail.com" for n in range(ROWS)]
    assert _roles(_table(电话=mails, 姓名=_phones())) == ["email", "phone"]


def test_odd_values_do_not_hide_what_a_header_says() -> None:
    odd = ["😀 Anna", "<b>Paul</b>", "\u200fسارة\u200e", "𠮷田", "测试"]
    assert _roles(_table(name=odd)) == ["name"]
    assert _roles(_table(姓名=["测试"] * 100)) == ["name"]


def test_rows_that_are_all_equal_keep_what_identifies() -> None:
    table = _table(姓名=["张伟"] * 5, 电话=["13812345678"] * 5, 城市=["北京"] * 5)
    found = detect(table)
    assert [known.role.value for known in found.values()] == ["name", "phone", "ignored"]
    assert found["城市"].reason == "constant"


def test_every_reason_is_listed_and_the_answer_repeats() -> None:
    table = _table(姓名=_names(), c2=_phones(), 备注=["x"] * ROWS, 保费=["1.5"] * ROWS)
    found = detect(table)
    assert found == detect(table)
    assert {known.reason for known in found.values()} <= set(REASONS)
    assert all(0 < known.confidence <= 1 for known in found.values())


def test_what_was_found_before_is_no_evidence() -> None:
    found = detect(_table(姓名=_names(), cluster_id=[str(n // 2) for n in range(ROWS)]))
    assert (found["cluster_id"].role, found["cluster_id"].reason) == (Role.IGNORED, "cluster")

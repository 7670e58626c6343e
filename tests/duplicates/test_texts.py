"""Texts get one form, whatever hand wrote them."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pytest

from graphcrm.duplicates.engine import texts


def made(work: Callable[[pa.ChunkedArray], pa.Array], *values: str | None) -> list[str | None]:
    found: list[str | None] = work(pa.chunked_array([pa.array(values, pa.string())])).to_pylist()
    return found


def only(work: Callable[[pa.ChunkedArray], pa.Array], value: str | None) -> str | None:
    return made(work, value)[0]


@pytest.mark.parametrize(
    "written",
    ["1990-01-02", "1990-1-2", "1990/01/02", "1990.1.2", "1990年1月2日", "1990年01月02日",
     "19900102", "1990-01-02T00:00:00", "1990-01-02 13:05:00", "02/01/1990", "2.1.1990",
     "2-1-1990", "１９９０－０１－０２", " 1990-01-02 "],
)  # fmt: skip
def test_a_date_has_one_form(written: str) -> None:
    assert only(texts.dates, written) == "1990-01-02"


def test_the_column_shows_whether_the_month_comes_first() -> None:
    assert made(texts.dates, "02/01/1990", "01/25/1990") == ["1990-02-01", "1990-01-25"]
    assert made(texts.dates, "02/01/1990", "25/01/1990") == ["1990-01-02", "1990-01-25"]


def test_what_is_no_day_stays_as_it_was_entered() -> None:
    assert made(texts.dates, "1990-02-30", "1990") == ["1990-02-30", "1990"]


@pytest.mark.parametrize(
    "written",
    ["0001-01-01", "1899-12-30", "1900-01-01", "1970/1/1", "99991231", "unknown", "1990-**-**", ""],
)
def test_a_date_that_is_none(written: str) -> None:
    assert only(texts.dates, written) is None


@pytest.mark.parametrize(
    "written",
    ["13800138000", "+86 138 0013 8000", "0086-13800138000", "138-0013-8000", "8613800138000",
     "13800138000.0", "（86）13800138000", "１３８００１３８０００", "13800138000 转 12"],
)  # fmt: skip
def test_a_mobile_has_one_form(written: str) -> None:
    assert only(texts.phones, written) == "13800138000"


def test_other_phones_keep_what_tells_them_apart() -> None:
    assert made(texts.phones, "010-62345678 ext. 12", "(021) 5555 1234", "+44 20 7946 0958") == [
        "062345678", "155551234", "079460958",
    ]  # fmt: skip


@pytest.mark.parametrize("written", ["138****8000", "1234", "11111111111", "无", ""])
def test_a_phone_that_is_none(written: str) -> None:
    assert only(texts.phones, written) is None


@pytest.mark.parametrize(
    "written",
    ["11010519491231002X", "11010519491231002x", "110105491231002", "110105 19491231 002X",
     "110105-19491231-002X", "11010519491231002Ｘ"],
)  # fmt: skip
def test_a_resident_id_has_18_digits(written: str) -> None:
    assert only(texts.numbers, written) == "11010519491231002X"


def test_other_numbers_lose_only_their_signs() -> None:
    assert made(texts.numbers, "e 123-4567", "123456789012345", "1101**********002X") == [
        "E1234567", "123456789012345", None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "written",
    ["张伟", "张 伟", "張偉", "张伟先生", "\u200f张伟\u200f", "<b>张伟</b>", "张伟😀", "张　伟"],
)
def test_a_chinese_name_is_surname_and_given_name(written: str) -> None:
    assert only(texts.person_words, written) == "张 伟"


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("欧阳娜娜", "欧阳 娜娜"),
        ("John Smith", "john smith"),
        ("SMITH, John", "smith john"),
        ("José  O'Neil", "jose oneil"),
        ("Thomas Clifford, 1st Baron", "thomas clifford 1st baron"),
        ("买买提·艾力", "买买提艾力"),
        ("张伟 John", "张伟 john"),
        ("𠮷田", "𠮷田"),
        ("测试", None),
        ("***", None),
        ("", None),
        (None, None),
    ],
)
def test_names_of_all_scripts(written: str | None, words: str | None) -> None:
    assert only(texts.person_words, written) == words


def test_a_department_is_its_organisation() -> None:
    whole, unit = made(
        texts.organisation_words,
        "广州市田源财务咨询有限公司",
        "广州市田源财务咨询有限公司人力资源部",
    )
    assert whole == unit == "田源 财务咨询 广州"


def test_a_branch_is_not_its_organisation() -> None:
    found = made(
        texts.organisation_words,
        "中国银行",
        "中国银行上海分行",
        "中国银行北京分行",
        "中国银行上海分行信贷部",
    )
    head, shanghai, beijing, credit = (str(name).split()[0] for name in found)
    assert len({head, shanghai, beijing}) == 3
    assert shanghai == credit


def test_western_organisations() -> None:
    one, other, branch = made(
        texts.organisation_words, "ACME Ltd.", "Acme Limited", "ACME Ltd London branch"
    )
    assert one == other == "acme"
    assert branch not in {one, None}


@pytest.mark.parametrize(
    "written",
    ["北京市朝阳区建国路88号3栋501室", "北京朝阳区建国路88号3栋501室",
     "北京市朝阳区建国路８８号３栋５０１室", "北京市朝阳区建国路88号3幢501"],
)  # fmt: skip
def test_an_address_is_regions_street_and_door(written: str) -> None:
    assert only(texts.address_words, written) == "北京市 北京市 朝阳区 建国路 88_3_501"


def test_addresses_elsewhere_are_words() -> None:
    assert made(texts.address_words, "12 High Street, London", "***") == [
        "12 high street london", None,
    ]  # fmt: skip


def test_emails_and_plain_texts() -> None:
    assert made(texts.emails, " A@B.cn", "a**@b.cn") == ["a@b.cn", None]
    assert made(texts.plain, "São Paulo", "Ｍ", "-") == ["sao paulo", "m", None]


def test_parts_are_joined_without_those_that_are_unknown() -> None:
    one, other = pa.array(["a", None, None, ""]), pa.array(["b", "c", None, ""])
    assert texts.joined([one, other]).to_pylist() == ["a b", "c", None, None]

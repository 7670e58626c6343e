from __future__ import annotations

from typing import Any

import phonenumbers
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.phone import FIELDS, standardise_phones

MOBILES = st.integers(13_000_000_000, 19_999_999_999).map(str).filter(lambda m: m[3:] != "0" * 8)
LANDLINES = st.builds(
    lambda area, local: f"0{area}-{local}",
    st.sampled_from(["10", "21", "731", "755", "991"]),
    st.integers(2_000_000, 8_999_999) | st.integers(20_000_000, 89_999_999),
)


def standard(*values: str | None, region: str = "CN") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = standardise_phones(
        pa.array(values, pa.string()), region
    ).to_pylist()
    return rows


@pytest.mark.parametrize(
    "typed",
    [
        "13812345678",
        "138 1234 5678",
        "138-1234-5678",
        "1381-234-5678",
        "+8613812345678",
        "+86 138 1234 5678",
        "(+86)13812345678",
        "(86) 138-1234-5678",
        "8613812345678",
        "86-13812345678",
        "008613812345678",
        "0086 138 12345678",
        "013812345678",
        "１３８１２３４５６７８",
        "＋８６－１３８１２３４５６７８",
        "138–1234—5678",
        "'13812345678",
        "13812345678.0",
        "\u202d13812345678\u202c",
        "手机:13812345678",
        "联系电话：138 1234 5678",
        "Tel. 138 1234 5678",
        "13812345678（张三）",
        "13812345678 妻子",
        "1795113812345678",
    ],
)
def test_ways_of_writing_a_mobile(typed: str) -> None:
    expected = {"e164": "+8613812345678", "kind": "mobile", "extension": None, "reason": None}
    assert standard(typed) == [expected]


@pytest.mark.parametrize(
    ("typed", "e164", "extension"),
    [
        ("0731-88888888", "+8673188888888", None),
        ("(0731)8888888", "+867318888888", None),
        ("（０７３１）８８８８８８８８", "+8673188888888", None),
        ("073188888888", "+8673188888888", None),
        ("0731 8888 8888", "+8673188888888", None),
        ("+86 731 88888888", "+8673188888888", None),
        ("+86(0)731-8888-8888", "+8673188888888", None),
        ("0086-0731-88888888", "+8673188888888", None),
        ("86-731-88888888", "+8673188888888", None),
        ("010-62345678", "+861062345678", None),
        ("73188888888", "+8673188888888", None),
        ("电话：0731-88888888(办)", "+8673188888888", None),
        ("0731-88888888转8001", "+8673188888888", "8001"),
        ("0731-88888888 转 8001", "+8673188888888", "8001"),
        ("0731-88888888分机8001", "+8673188888888", "8001"),
        ("0731-88888888(转8001)", "+8673188888888", "8001"),
        ("0731-88888888 ext. 8001", "+8673188888888", "8001"),
        ("0731-88888888x8001", "+8673188888888", "8001"),
        ("0731-88888888#01", "+8673188888888", "01"),
        ("0731-88888888-8001", "+8673188888888", "8001"),
        ("0731-8888888-8001", "+867318888888", "8001"),
        ("0731-8888888-1", "+867318888888", "1"),
        ("tel:+86-731-88888888;ext=8001", "+8673188888888", "8001"),
    ],
)
def test_landlines_and_extensions(typed: str, e164: str, extension: str | None) -> None:
    assert [list(row.values()) for row in standard(typed)] == [[e164, "landline", extension, None]]


@pytest.mark.parametrize(
    ("typed", "e164", "extension"),
    [
        ("400-123-4567", "+864001234567", None),
        ("4008888888", "+864008888888", None),
        ("+86 400 123 4567", "+864001234567", None),
        ("400-123-4567转3", "+864001234567", "3"),
        ("800-820-8888", "+868008208888", None),
        ("95519", "+8695519", None),
        ("+86 95519", "+8695519", None),
        ("0731-95519", "+8695519", None),
        ("10086", "+8610086", None),
        ("12378", "+8612378", None),
        ("13800138000", "+8613800138000", None),
    ],
)
def test_service_numbers(typed: str, e164: str, extension: str | None) -> None:
    assert [list(row.values()) for row in standard(typed)] == [[e164, "service", extension, None]]


@pytest.mark.parametrize(
    ("typed", "e164"),
    [
        ("+1 (415) 555-2671", "+14155552671"),
        ("00852 9123 4567", "+85291234567"),
        ("0044 20 7946 0958", "+442079460958"),
        ("+49 30 1234 567 890", "+49301234567890"),
        ("+886 2 2345 6789", "+886223456789"),
    ],
)
def test_foreign_numbers(typed: str, e164: str) -> None:
    assert [list(row.values()) for row in standard(typed)] == [[e164, "foreign", None, None]]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("无", "placeholder"),
        ("000", "placeholder"),
        ("111111", "placeholder"),
        ("13800000000", "placeholder"),
        ("+86 139 0000 0000", "placeholder"),
        ("138****5678", "masked"),
        ("138xxxx5678", "masked"),
        ("1.38E+10", "scientific"),
        ("张三", "characters"),
        ("𠮷", "characters"),
        ("abc@qq.com", "characters"),
        ("12", "too_short"),
        ("+86", "too_short"),
        ("123456789012345678901234567890", "too_long"),
        ("138123456789", "not_a_number"),
        ("0073188888888", "not_a_number"),
        ("62345678", "no_area_code"),
        ("6234567转12", "no_area_code"),
        ("8695519", "no_area_code"),
        ("13812345678;13987654321", "several"),
        ("13812345678/0731-88888888", "several"),
        ("13812345678，13987654321", "several"),
        ("13812345678、13987654321", "several"),
        ("13812345678 13987654321", "several"),
        ("13812345678\n13987654321", "several"),
        ("1381234567813987654321", "several"),
        ("13812345678或13987654321", "several"),
        ("手机13812345678电话0731-88888888", "several"),
        ("0731-8888888/9", "several"),
        ("(0731)8888 8888 (0731)8888 9999", "several"),
    ],
)
def test_refusals(value: str, reason: str) -> None:
    assert [list(row.values()) for row in standard(value)] == [[None, None, None, reason]]


def test_another_region() -> None:
    numbers = ["9123 4567", "+86 138 1234 5678", "13812345678", "+44 20 7946 0958"]
    rows = standard(*numbers, region="HK")
    assert [(row["e164"], row["kind"]) for row in rows] == [
        ("+85291234567", "mobile"),
        ("+8613812345678", "foreign"),
        (None, None),
        ("+442079460958", "foreign"),
    ]
    (row,) = standard("(415) 555-2671, ext 5", region="US")
    assert list(row.values()) == ["+14155552671", "other", "5", None]


def test_an_unknown_region_is_named() -> None:
    with pytest.raises(ValueError, match="'China'"):
        standard("13812345678", region="China")


@given(MOBILES | LANDLINES, st.sampled_from(["", "+86", "+86 ", "0086", "86-"]))
def test_the_country_code_changes_nothing(number: str, code: str) -> None:
    bare, coded = standard(number, code + number)
    assert bare == coded
    assert bare["reason"] is None
    parsed = phonenumbers.parse(number, "CN")
    assert bare["e164"] == phonenumbers.format_number(parsed, 0)


@given(
    st.integers(1, 999_999_999_999_999), st.sampled_from(["+", "00", "0", "", "+86", "+1", "+44"])
)
def test_the_standard_of_the_standard_is_the_same(number: int, start: str) -> None:
    (first,) = standard(f"{start}{number}")
    (second,) = standard(first["e164"])
    assert (first["e164"], first["kind"]) == (second["e164"], second["kind"])


DIGITS_AND_SIGNS = st.text("0123456789+-() .;/转ext", max_size=24)


@given(
    st.lists(st.none() | st.text(max_size=16) | DIGITS_AND_SIGNS | MOBILES, max_size=8),
    st.integers(0, 8),
)
def test_any_text_in_any_chunks(values: list[str | None], cut: int) -> None:
    whole = pa.array(values, pa.string())
    rows = standardise_phones(whole)
    assert rows.equals(standardise_phones(pa.chunked_array([whole[:cut], whole[cut:]])))
    assert [standard(value)[0] for value in values] == rows.to_pylist()
    for value, row in zip(values, rows.to_pylist(), strict=True):
        assert value is not None or set(row.values()) == {None}
        assert row["e164"] is None or row["reason"] is None
        assert (row["e164"] is None) == (row["kind"] is None)
        assert standard(row["e164"])[0]["e164"] == row["e164"]


def test_empty_columns_and_wrong_types() -> None:
    for column in (pa.array([], pa.string()), pa.nulls(0), pa.chunked_array([], pa.string())):
        assert standardise_phones(column).type == FIELDS
    with pytest.raises(TypeError, match="int64"):
        standardise_phones(pa.array([13812345678]))

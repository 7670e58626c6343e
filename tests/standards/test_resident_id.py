from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.resident_id import FIELDS, standardise_resident_ids

TODAY = date(2026, 6, 30)
GOOD = {
    "number": "11010519491231002X",
    "reason": None,
    "was_15": False,
    "birth_date": date(1949, 12, 31),
    "sex": "F",
    "region_code": "110105",
    "region_known": True,
}


def check_sign(body: str) -> str:
    """Check character by the recursive method of ISO 7064; the code goes by weights."""
    product = 0
    for digit in body:
        product = (product + int(digit)) * 2 % 11
    return "0123456789X"[(1 - product) % 11]


@st.composite
def numbers(draw: st.DrawFn, *, since: date = date(1900, 1, 1), until: date = TODAY) -> str:
    region = draw(st.sampled_from(["110105", "430111", "810000", "659001", "999999"]))
    born = draw(st.dates(since, until))
    body = f"{region}{born:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + check_sign(body)


def standard(*values: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = standardise_resident_ids(
        pa.array(values, pa.string()), today=TODAY
    ).to_pylist()
    return rows


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002X",
        "11010519491231002x",
        " 110105 19491231 002X ",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'11010519491231002X",
        "\u200e11010519491231002Ⅹ\u202c",
        "1101051949\n1231002X",
    ],
)
def test_ways_of_writing(typed: str) -> None:
    assert standard(typed) == [GOOD]


def test_15_digits_become_18() -> None:
    assert (
        standard("110105491231002", "110105 491231 002", "110105491231002.0")
        == [{**GOOD, "was_15": True}] * 3
    )


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("无", "placeholder"),
        ("111111111111111111", "placeholder"),
        ("000000000000000", "placeholder"),
        ("-", "placeholder"),
        ("4301**********1234", "masked"),
        ("E12345678", "characters"),
        ("1101051949123100X2", "characters"),
        ("١١٠١٠٥١٩٤٩١٢٣١٠٠٢", "characters"),
        ("𠮷", "characters"),
        ("11010519491231002", "length"),
        ("11010519491231002X1", "characters"),
        ("1101051949123100212", "length"),
        ("110105194913310021", "birth_date"),
        ("110105194902290021", "birth_date"),
        ("110105190002290021", "birth_date"),
        ("110105189912310021", "birth_date"),
        ("110105000000000021", "birth_date"),
        ("110105491331002", "birth_date"),
        ("110105194912310021", "check_digit"),
        ("4.30111E+17", "scientific"),
        ("430111199001011000", "rounded"),
        ("430111199001011234.0", "decimal"),
    ],
)
def test_refusals(value: str, reason: str) -> None:
    refused = dict.fromkeys([field.name for field in FIELDS])
    assert [{**refused, "reason": reason}] == standard(value)


def test_leap_years_and_the_edges_of_time() -> None:
    bodies = ["11010520000229001", "11010519000101001", "11010520260630001", "11010520260701001"]
    rows = standard(*(body + check_sign(body) for body in bodies))
    assert [row["reason"] for row in rows] == [None, None, None, "birth_date"]


def test_without_a_day_given_it_is_today() -> None:
    tomorrow = date.today() + timedelta(days=1)
    bodies = [f"110105{day:%Y%m%d}001" for day in (date.today(), tomorrow)]
    rows = standardise_resident_ids(pa.array([body + check_sign(body) for body in bodies]))
    assert rows.field("reason").to_pylist() == [None, "birth_date"]


@pytest.mark.parametrize(
    ("region", "born", "known"),
    [
        ("110103", "19700101", True),  # 崇文区, merged into another district in 2010
        ("110103", "20150101", False),
        ("430111", "19900101", True),
        ("430111", "20240101", True),  # the table ends in 2022
        ("999999", "19900101", False),
        ("810000", "19940823", True),
        ("820000", "20200101", True),
        ("830000", "19600101", True),
    ],
)
def test_regions_are_soft_evidence(region: str, born: str, known: bool) -> None:
    body = f"{region}{born}001"
    (row,) = standard(body + check_sign(body))
    assert row["reason"] is None
    assert (region, known) == (row["region_code"], row["region_known"])


def test_a_foreigners_permit_tells_no_sex() -> None:
    body = "91115619900101001"
    (row,) = standard(body + check_sign(body))
    assert (date(1990, 1, 1), None, False) == (row["birth_date"], row["sex"], row["region_known"])


@given(numbers())
def test_valid_numbers_are_read(number: str) -> None:
    (row,) = standard(number)
    assert (number, None) == (row["number"], row["reason"])
    assert number[6:14] == row["birth_date"].strftime("%Y%m%d")
    if number[0] != "9":
        assert "FM"[int(number[16]) % 2] == row["sex"]
    assert [row] == standard(row["number"])


@given(numbers(), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_refused(number: str, place: int, shift: int) -> None:
    old = number[place]
    new = "0" if old == "X" else str((int(old) + shift) % 10)
    (row,) = standard(number[:place] + new + number[place + 1 :])
    assert row["number"] is None
    assert row["reason"] in {"check_digit", "birth_date", "rounded", "placeholder"}


@given(numbers(since=date(1900, 1, 1), until=date(1999, 12, 31)))
def test_conversion_keeps_birth_date_and_sex(number: str) -> None:
    (row,) = standard(number[:6] + number[8:17])
    assert {**standard(number)[0], "was_15": True} == row


@given(st.lists(st.none() | st.text(max_size=20) | numbers(), max_size=8), st.integers(0, 8))
def test_any_text_in_any_chunks(values: list[str | None], cut: int) -> None:
    whole = pa.array(values, pa.string())
    rows = standardise_resident_ids(whole, today=TODAY)
    parts = pa.chunked_array([whole.slice(0, cut), whole.slice(cut)])
    assert rows.equals(standardise_resident_ids(parts, today=TODAY))
    assert [standard(value)[0] for value in values] == rows.to_pylist()
    for value, row in zip(values, rows.to_pylist(), strict=True):
        assert value is not None or set(row.values()) == {None}


def test_the_type_is_the_same_for_empty_columns() -> None:
    for column in (pa.array([], pa.string()), pa.nulls(0), pa.chunked_array([], pa.string())):
        assert standardise_resident_ids(column).type == FIELDS


def test_numbers_instead_of_text_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="int64"):
        standardise_resident_ids(pa.array([110105194912310020]))

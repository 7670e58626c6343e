from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.uscc import FIELDS, standardise_usccs

SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def organisation_code(body: str) -> str:
    total = sum(
        int(sign, 36) * weight for sign, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)
    )
    return body + "0X987654321"[total % 11]


def credit_code(body: str) -> str:
    total = sum(SIGNS.index(sign) * 3**place for place, sign in enumerate(body))
    return body + SIGNS[-total % 31]


@st.composite
def codes(draw: st.DrawFn) -> str:
    region = f"{draw(st.integers(110000, 659001))}"
    inner = organisation_code(draw(st.text(SIGNS, min_size=8, max_size=8)))
    return credit_code("91" + region + inner)


def standard(*values: str | None) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = standardise_usccs(pa.array(values, pa.string())).to_pylist()
    return rows


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("91350100M000100Y43", "91350100M000100Y43"),
        ("91350100m000100y43", "91350100M000100Y43"),
        ("９１３５０１００Ｍ０００１００Ｙ４３", "91350100M000100Y43"),
        ("9111 0000 6000 3734 1L", "91110000600037341L"),
        ("91440300-192203821-6", "914403001922038216"),
        ("91110000BD15G3XXX7", "91110000BD15G3XXX7"),
        ("\u200b91330106673959654P\n", "91330106673959654P"),
    ],
)
def test_ways_of_writing(typed: str, number: str) -> None:
    (row,) = standard(typed)
    assert [number, None, number[8:17], number[2:8]] == list(row.values())


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("无", "placeholder"),
        ("000000000000000000", "placeholder"),
        ("111111111111111111", "placeholder"),
        ("9135****M000100Y43", "masked"),
        ("91350100M000100Y44", "check_digit"),
        ("91350100M0001O0Y43", "characters"),
        ("9135010OM000100Y43", "characters"),
        ("91350100M000100𠮷3", "characters"),
        ("长沙市某某有限公司", "characters"),
        ("430100000012345", "length"),
        ("9.135E+17", "scientific"),
    ],
)
def test_refusals(value: str, reason: str) -> None:
    assert [[None, reason, None, None]] == [list(row.values()) for row in standard(value)]


def test_a_bare_organisation_code_still_links() -> None:
    rows = standard("60003734-1", "600037342", "M000100Y4", "ABCDEFGHI")
    assert [row["organisation_code"] for row in rows] == ["600037341", None, "M000100Y4", None]
    assert {"length"} == {row["reason"] for row in rows}


def test_a_wrong_organisation_code_inside_is_not_linked_by() -> None:
    number = credit_code("91430100" + "600037342")
    assert [[number, None, None, "430100"]] == [list(row.values()) for row in standard(number)]


@given(codes())
def test_valid_codes_are_read(number: str) -> None:
    (row,) = standard(number)
    assert [number, None, number[8:17], number[2:8]] == list(row.values())


@given(codes(), st.integers(0, 17), st.sampled_from(SIGNS))
def test_one_wrong_sign_is_refused(number: str, place: int, sign: str) -> None:
    (row,) = standard(number[:place] + sign + number[place + 1 :])
    assert (sign == number[place]) == (row["number"] is not None)


@given(st.lists(st.none() | st.text(max_size=20) | codes(), max_size=8), st.integers(0, 8))
def test_any_text_in_any_chunks(values: list[str | None], cut: int) -> None:
    whole = pa.array(values, pa.string())
    rows = standardise_usccs(whole)
    assert rows.equals(standardise_usccs(pa.chunked_array([whole[:cut], whole[cut:]])))
    assert [standard(value)[0] for value in values] == rows.to_pylist()
    for value, row in zip(values, rows.to_pylist(), strict=True):
        assert value is not None or set(row.values()) == {None}


def test_empty_columns_and_wrong_types() -> None:
    assert standardise_usccs(pa.nulls(0)).type == FIELDS
    with pytest.raises(TypeError, match="binary"):
        standardise_usccs(pa.array([b"91350100M000100Y43"]))

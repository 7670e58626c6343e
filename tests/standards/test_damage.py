from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphcrm.standards.damage import (
    DECIMAL,
    ROUNDED,
    SCIENTIFIC,
    excel_damage,
    mend_decimals,
)


@pytest.mark.parametrize(
    ("value", "damage"),
    [
        ("4.30111E+17", SCIENTIFIC),
        ("1.38E+10", SCIENTIFIC),
        ("1.38e10", SCIENTIFIC),
        ("4,30111E+17", SCIENTIFIC),
        ("4E+17", SCIENTIFIC),
        ("４．３Ｅ＋１７", SCIENTIFIC),
        ("430111199001011000", ROUNDED),
        ("6222021234567890000", ROUNDED),
        ("1234567890123450", ROUNDED),
        ("13800000000.0", DECIMAL),
        (" 430111199001011234.00 ", DECIMAL),
        ("430111199001011234", None),
        ("123456789012000", None),
        ("43011119900101100X", None),
        ("12E4567", None),
        ("3.5", None),
        ("𠮷", None),
        ("", None),
        (None, None),
    ],
)
def test_excel_damage(value: str | None, damage: str | None) -> None:
    assert [damage] == excel_damage(pa.array([value], pa.string())).to_pylist()


@given(st.integers(10**15, 10**19))
def test_what_a_spreadsheet_makes_of_a_long_number_is_found(number: int) -> None:
    kept = str(number)[:15] + "0" * (len(str(number)) - 15)
    shown = f"{number:.5E}"
    assert excel_damage(pa.array([kept, shown])).to_pylist() == [ROUNDED, SCIENTIFIC]


@given(st.lists(st.none() | st.text(max_size=12), max_size=6))
def test_no_text_raises(values: list[str | None]) -> None:
    assert len(values) == len(excel_damage(pa.array(values, pa.string())))


def test_only_decimals_that_cost_nothing_are_mended() -> None:
    values = ["13912345678.0", "123456789012345.00", "1234567890123456.0", "1.5", "a.0", None]
    mended = ["13912345678", "123456789012345", "1234567890123456.0", "1.5", "a.0", None]
    assert mended == mend_decimals(pa.array(values)).to_pylist()


def test_numbers_instead_of_text_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="int64"):
        excel_damage(pa.array([13800000000]))

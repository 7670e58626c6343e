"""Resident identity numbers of the Chinese mainland."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from graphcrm.standards.damage import excel_damage, mend_decimals
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import ascii_matrix, compact, fold, is_masked, is_placeholder

_REGIONS = Path(__file__).parent / "data" / "cn_regions.csv"

# ISO 7064 MOD 11-2: the weight of a place is 2 to the power of its distance from the end.
_WEIGHTS = np.array([pow(2, 17 - place, 11) for place in range(17)], np.float32)
_CHECK = np.frombuffer(b"10X98765432", np.uint8)

_EARLIEST = np.datetime64("1900-01-01", "D")
_SHAPE_18 = r"^[0-9]{17}[0-9X]$"
_SHAPE_15 = r"^[0-9]{15}$"
_DIGITS = r"^[0-9]+X?$"

FIELDS = pa.struct(
    [
        ("number", pa.string()),
        ("reason", pa.string()),
        ("was_15", pa.bool_()),
        ("birth_date", pa.date32()),
        ("sex", pa.string()),
        ("region_code", pa.string()),
        ("region_known", pa.bool_()),
    ]
)
"""Arrow type of what `standardise_resident_ids` returns."""


def standardise_resident_ids(
    values: pa.Array | pa.ChunkedArray, *, today: date | None = None
) -> pa.StructArray:
    """Return each resident ID number in its one form, or why it has none.

    A struct array of the same length with the fields of `FIELDS`:

    - number: 18 characters, X upper-case; null where unusable. Numbers of 15 digits (issued until
      1999) are converted: 19 goes in after the region, the check digit is added at the end.
    - reason: `Reason` code, null for a valid number and for a blank one.
    - was_15: the number came with 15 digits, where nothing checks for typing errors.
    - birth_date (date32) and sex ('M', 'F'), as the number tells them.
    - region_code: the first 6 digits, where the person was registered when the number was given.
    - region_known: that code was in force in the year of birth or any later year, by GB/T 2260 as
      published 1980-2022, or it is 81, 82, 83 (residence permits for residents of Hong Kong, Macau,
      Taiwan). Evidence for a comparison, never a ground for refusal: codes were abolished, and the
      foreigners' permits of 2023 (9 in front, the same build; sex is left null) have none.

    Checked are length, characters, a real birth date from 1900-01-01 to `today` (the present day
    unless given) and the check digit. Full-width digits, spaces, hyphens, an apostrophe in front
    are tolerated. Where a refused number shows the marks of a spreadsheet, the reason says so.

    Raises TypeError for other than text. Source: GB 11643-1999, GB 11643-1989 (15 digits), ISO 7064
    (MOD 11-2).
    """
    folded = fold(values)
    codes = pc.ascii_upper(mend_decimals(compact(folded)))
    long = pc.fill_null(pc.match_substring_regex(codes, _SHAPE_18), False)
    short = pc.fill_null(pc.match_substring_regex(codes, _SHAPE_15), False)
    shaped = pc.or_(long, short)
    was_15 = short.filter(shaped)
    signs = _as_18(codes.filter(shaped), was_15.to_numpy(zero_copy_only=False))

    birth, real = _birth_dates(signs, np.datetime64(today or date.today(), "D"))
    fits = _check_signs(signs) == signs[:, 17]
    filler = is_placeholder(codes)
    good = real & fits & ~pc.fill_null(filler.filter(shaped), False).to_numpy(zero_copy_only=False)

    reason = first_of(
        (filler, Reason.PLACEHOLDER),
        (is_masked(folded, letters=False), Reason.MASKED),
        (pc.invert(pc.match_substring_regex(codes, _DIGITS)), Reason.CHARACTERS),
        (pc.and_(pc.is_valid(codes), pc.invert(shaped)), Reason.LENGTH),
        (_spread(pa.array(~real), shaped), Reason.BIRTH_DATE),
        (_spread(pa.array(~fits), shaped), Reason.CHECK_DIGIT),
    )
    numbers = pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(18), len(signs), [None, pa.py_buffer(np.ascontiguousarray(signs))]
    ).cast(pa.string())
    regions = signs[:, :6].astype(np.int32) @ np.array([100000, 10000, 1000, 100, 10, 1], np.int32)
    regions -= 111111 * ord("0")
    known = _last_years()[regions] >= birth.astype("datetime64[Y]").astype(np.int32) + 1970
    sexes = pa.array(["F", "M"]).take(pa.array(signs[:, 16] & 1))
    told = {
        "number": numbers,
        "was_15": was_15,
        "birth_date": pa.array(birth, pa.date32()),
        "sex": pc.if_else(pa.array(signs[:, 0] == ord("9")), pa.scalar(None, pa.string()), sexes),
        "region_code": pc.utf8_slice_codeunits(numbers, 0, 6),
        "region_known": pa.array(known),
    }
    usable = pa.array(good)
    columns = {
        name: _spread(pc.if_else(usable, column, pa.scalar(None, column.type)), shaped)
        for name, column in told.items()
    }
    columns["reason"] = _blame_spreadsheet(folded, reason)
    return pa.StructArray.from_arrays(
        [columns[field.name] for field in FIELDS], fields=list(FIELDS)
    )


def _as_18(shaped: pa.Array, was_15: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint8]:
    """Return the characters as an n × 18 matrix, 15-digit numbers completed."""
    signs = np.empty((len(shaped), 18), np.uint8)
    signs[~was_15] = ascii_matrix(shaped.filter(pa.array(~was_15)), 18)
    if was_15.any():
        old = ascii_matrix(shaped.filter(pa.array(was_15)), 15)
        new = np.empty((len(old), 18), np.uint8)
        new[:, :6], new[:, 6:8], new[:, 8:17] = old[:, :6], (ord("1"), ord("9")), old[:, 6:]
        new[:, 17] = _check_signs(new)
        signs[was_15] = new
    return signs


def _check_signs(signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    # Floats, since NumPy hands their product to BLAS; sums stay far below 2**24.
    digits = signs[:, :17].astype(np.float32) - ord("0")
    return _CHECK[(digits @ _WEIGHTS).astype(np.int32) % 11]


def _birth_dates(
    signs: npt.NDArray[np.uint8], today: np.datetime64
) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.bool_]]:
    """Return the dates in characters 7-14 and whether they exist, from 1900 to `today`."""
    digits = signs[:, 6:14].astype(np.int32) - ord("0")
    year = digits[:, :4] @ np.array([1000, 100, 10, 1], np.int32)
    month = digits[:, 4] * 10 + digits[:, 5]
    day = digits[:, 6] * 10 + digits[:, 7]
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    dates = months.astype("datetime64[D]") + (day - 1)
    real = (month >= 1) & (month <= 12) & (day >= 1) & (dates.astype("datetime64[M]") == months)
    return dates, real & (dates >= _EARLIEST) & (dates <= today)


def _spread(column: pa.Array, at: pa.Array) -> pa.Array:
    """Return the column with its values at the rows where `at` holds, null elsewhere."""
    return pc.replace_with_mask(pa.nulls(len(at), column.type), at, column)


def _blame_spreadsheet(folded: pa.Array, reason: pa.Array) -> pa.Array:
    """Name the spreadsheet's damage as the reason where a refused value shows it."""
    refused = pc.is_valid(reason)
    damage = excel_damage(folded.filter(refused))
    named = pc.coalesce(damage, reason.filter(refused))
    return pc.replace_with_mask(reason, refused, named)


@cache
def _last_years() -> npt.NDArray[np.int16]:
    """Return, for every six digits, the last year in which they were a region's code, 0 if none."""
    table = csv.read_csv(
        _REGIONS, convert_options=csv.ConvertOptions(column_types={"code": pa.int32()})
    )
    code = table["code"].to_numpy()
    last = table["last_year"].to_numpy().astype(np.int16)
    # What stood when the table ends stands for those born afterwards too.
    last[last == last.max()] = np.iinfo(np.int16).max
    years = np.zeros(1_000_000, np.int16)
    np.maximum.at(years, code, last)
    years[810000:840000] = np.iinfo(np.int16).max
    return years

"""Each kind of value says its rule twice, for one value and for a column: they must agree."""

from __future__ import annotations

import datetime as dt
import string
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError, create_model

from graphcrm.model import REFUSALS, VOCABULARY, Kind
from graphcrm.model.declare import Row, prop

KINDS: dict[str, tuple[Kind, Any]] = {
    column.kind.name: (column.kind, field.rebuild_annotation())
    for table in VOCABULARY.tables.values()
    for name, field in table.model.model_fields.items()
    for column in table.columns
    if column.name == (field.alias or name)
}

TODAY = dt.datetime.now(dt.UTC).date()

CODES = ["M", "F", "yes", "no", "person", "life", "in_force", "MALE", "m", "Ｍ", "男"]

ODD = [
    "", " ", "\t", "\n", "\r\n", "　", "\u00a0", "\u200b", "\x00", "\x0b", "\ufeff", "０１２３",
    "١٢٣", "1e5", "1E5", "4.30111E+17", "4.3e17", "9E9", "1.E5", "NaN", "nan", "inf", "-inf",
    "1_000", "1,000", "+5", "-5", "--5", "5.", ".5", "5.0", "5.00", "+5.0", "007", "0", "-0",
    "-0.0", "0x10", "1234567890123", "12345678901234", "9999999999999.999999", "999999999",
    "1000000000", "1.1234567", "2024-02-29", "2023-02-29", "1900-02-29", "2000-02-29",
    "2024-13-01", "2024-00-10", "2024-04-31", "0999-01-01", "3000-01-01", "2024-2-9",
    "2024/02/09", "20240209", "02-09-2024", "２０２４-02-09", "2024-02-09 ", " 2024-02-09\t",
    "2024-02-09\n", "2024-02-09x", "today", "epoch", "infinity", "2024-02-09 24:00",
    "2024-02-09T23:59:60", "2024-02-09T10:00", "2024-02-09 10:00:00", "2024-02-09T10:00:00.5",
    "2024-02-09T10:00:00.123456Z", "2024-02-09T10:00:00.1234567", "2024-02-09T10:00:00+08:00",
    "2024-02-09T10:00:00-14:59", "2024-02-09T10:00+08:00", "2024-02-09T10:00:00+15:00",
    "2024-02-09T10:00:00Z", "2024-02-09t10:00:00", "2024-02-09  10:00", "2024-02-30T10:00:00Z",
    "1000-01-01T00:00:00+14:00", "2999-12-31T23:59:59-14:00", "M", "m", "男", "Ｍ", "yes", "YES",
    "true", "life", "life;health", "life; health ", "life;;health", "life,health", ";", "life;",
    "life;\u3000health", "zh;en", " zh ; en ", "a;\u00a0b", "in_force", "person", "Person",
    "P1\u200b", "\ufeffP1", "P\x00 1", "\x00", "\x1c5", "5\u3000", "\u2028M", "\xad",
    "\u202dM\u202c",
    "1849-12-31", "1850-01-01", str(TODAY), str(TODAY + dt.timedelta(days=2)), "6", "-1", "00000",
    "x" * 4000, "x" * 4001, "汉" * 4000, "汉" * 4001, "👨‍👩‍👧" * 800, "🏠" * 4000, "'", "''", '"',
    "\\", "{c}", "$1", "NULL", "null", "None", "-", "1 2", "1\t2", "1\n2",
]  # fmt: skip

NEAR = st.one_of(
    st.text(max_size=12),
    st.text(string.digits + "+-. eE", max_size=20),
    st.text(string.digits + "-/T: Z.+", max_size=26),
    st.dates().map(str),
    st.datetimes().map(lambda at: at.isoformat()),
    st.from_regex(
        r"[12][0-9]{3}-[01][0-9]-[0-3][0-9]([ T][0-2][0-9]:[0-5][0-9]"
        r"(:[0-6][0-9](\.[0-9]{1,7})?)?(Z|[+-][01][0-9]:[0-5][0-9])?)?",
        fullmatch=True,
    ),
    st.lists(st.sampled_from([*CODES, " ", "", "health "]), max_size=4).map(";".join),
    st.sampled_from(ODD),
)
VALUES = st.builds(
    lambda before, value, after: before + value + after,
    st.sampled_from(["", "", "", " ", "\t", "\n", "　", "\u00a0"]),
    NEAR,
    st.sampled_from(["", "", "", " ", "\r\n", "\n", "　", "\x00"]),
)


@pytest.fixture(scope="module")
def work() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def by_row(annotation: Any, required: bool, value: str) -> tuple[Any, str | None]:
    """The value and the refusal code by pydantic."""
    model: Any = create_model(
        "One", __base__=Row, value=(annotation, prop("", "", required=required))
    )
    try:
        parsed = dict(model.model_validate({"value": value}))["value"]
    except ValidationError as error:
        (problem,) = error.errors()
        return None, problem["type"]
    return (parsed.value if isinstance(parsed, StrEnum) else parsed), None


def in_bulk(
    work: duckdb.DuckDBPyConnection, kind: Kind, required: bool, values: list[str]
) -> list[tuple[Any, str | None]]:
    """The same by SQL."""
    work.register("given", pa.table({"value": pa.array(values, pa.string())}))
    reason = kind.sql_refusal("v")
    if required:
        reason = f"CASE WHEN v IS NULL THEN 'missing' ELSE {reason} END"
    rows = work.execute(
        f"SELECT CASE WHEN ({reason}) IS NULL THEN {kind.sql_value('v')} END, {reason} "
        f"FROM (SELECT {kind.sql_clean('value')} AS v FROM given)"
    ).fetchall()
    work.unregister("given")
    return rows


@pytest.mark.parametrize("name", sorted(KINDS))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(values=st.lists(VALUES, min_size=1, max_size=40), required=st.booleans())
@example(values=ODD, required=False)
@example(values=ODD, required=True)
def test_a_row_and_a_column_are_judged_alike(
    work: duckdb.DuckDBPyConnection, name: str, values: list[str], required: bool
) -> None:
    kind, annotation = KINDS[name]
    judged = [by_row(annotation, required, value) for value in values]
    assert in_bulk(work, kind, required, values) == judged
    assert {code for _, code in judged if code} <= set(REFUSALS)


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("date", "2024-02-29", dt.date(2024, 2, 29)),
        ("timestamp", "2024-02-09T10:00:00+08:00", dt.datetime(2024, 2, 9, 2)),
        ("timestamp", "2024-02-09", dt.datetime(2024, 2, 9)),
        ("amount", "-12.50", -12.5),
        ("integer", "3.0", 3),
        ("list of Line", "life; health", "life;health"),
        ("text", " a　", "a　"),
        ("text", "\u200ba\x00b", "\u200bab"),
        ("number as text", "\ufeffP1\u200b\x00\x1f　", "P1"),
        ("number as text", "\u202d138 0013 8000\u202c", "138 0013 8000"),
        ("code Sex", "M\u200b\xa0", "M"),
        ("date of birth", "1850-01-01", dt.date(1850, 1, 1)),
        ("date of birth", TODAY.isoformat(), TODAY),
        ("integer from 1 to 5", "5.0", 5),
    ],
)
def test_what_values_become(name: str, text: str, value: Any) -> None:
    assert by_row(KINDS[name][1], False, text) == (value, None)


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("date", "2023-02-29", "not_a_date"),
        ("date", "２０２４-02-09", "not_a_date"),
        ("timestamp", "2024-02-09T24:00", "not_a_timestamp"),
        ("amount", "1e5", "not_a_number"),
        ("amount", "1,000", "not_a_number"),
        ("integer", "١٢٣", "not_an_integer"),
        ("number as text", "4.30111E+17", "excel_scientific"),
        ("code Sex", "m", "unknown_code"),
        ("list of Line", "life;", "unknown_code"),
        ("date of birth", "1849-12-31", "not_a_birth_date"),
        ("date of birth", (TODAY + dt.timedelta(days=2)).isoformat(), "not_a_birth_date"),
        ("date of birth", "2023-02-29", "not_a_date"),
        ("integer from 1 to 5", "0", "not_1_to_5"),
        ("integer from 1 to 5", "6", "not_1_to_5"),
        ("integer from 1 to 5", "five", "not_an_integer"),
        ("text", "x" * 4001, "too_long"),
    ],
)
def test_what_is_refused(name: str, text: str, code: str) -> None:
    assert by_row(KINDS[name][1], False, text) == (None, code)


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("date of birth", dt.date(1700, 1, 1), "not_a_birth_date"),
        ("date of birth", TODAY + dt.timedelta(days=2), "not_a_birth_date"),
        ("date of birth", TODAY, None),
        ("date", dt.date(1700, 1, 1), None),
        ("date", dt.date(999, 1, 1), "not_a_date"),
        ("integer from 1 to 5", 0, "not_1_to_5"),
        ("integer from 1 to 5", 5, None),
    ],
)
def test_what_holds_of_values_that_have_their_type(
    work: duckdb.DuckDBPyConnection, name: str, value: Any, code: str | None
) -> None:
    kind, annotation = KINDS[name]
    reason = kind.sql_typed_refusal("v")
    said = work.execute(f"SELECT {reason} FROM (SELECT ?::{kind.duckdb} AS v)", [value])
    assert said.fetchall() == [(code,)]
    if code in ("not_a_birth_date", "not_1_to_5"):
        assert by_row(annotation, False, value) == (None, code)

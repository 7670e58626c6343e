"""Validating whole columns refuses the same rows, for the same reasons, as row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from graphcrm.model import VOCABULARY, Kind, Property, Table
from graphcrm.store.staging import escaped_id
from graphcrm_loaders.check import CHECKED, REFUSED, Checked, check
from graphcrm_loaders.columns import lay_out
from graphcrm_loaders.raw import RawTable
from graphcrm_loaders.sources import SourceTable

Given = dict[str, str | None]
Judged = tuple[dict[str, Any], list[tuple[str, str]]]

GOOD: dict[str, list[str]] = {
    "text": ["张三", " 北京市朝阳区 ", "line\nfeed", 'O\'Neill; "x"', "{a}"],
    "number as text": [
        "00012",
        "P:1",
        "2",
        "P|1",
        " 7",
        "P%3A1",
        "P%253A1",
        "1\u200b",
        "\ufeff2\x00",
    ],
    "date": ["2024-02-29", "1000-01-01", "2999-12-31", " 1999-12-31\t"],
    "timestamp": ["2024-02-09", "2024-02-09T23:59", "2024-02-09 10:00:00.5+08:00"],
    "amount": ["0", "-0.5", "1234.50", "+7", "9999999999999.999999"],
    "integer": ["1", "-3", "5.0", "007"],
    "date of birth": ["1850-01-01", "1999-12-31 "],
    "integer from 1 to 5": ["1", "5.0", "+3"],
    "list of text": ["zh; en", "zh", ";"],
}
BAD = [
    None, None, "", " ", "\u3000", "x", "2023-02-29", "24-1-1", "2024-02-09T24:00", "1e5", "1,000",
    "4.30111E+17", "男", "a;b", "\x00", "\u200b", "6", "1849-12-31", "2999-01-01", "１",
    "字" * 4001,
]  # fmt: skip


def _good(kind: Kind) -> list[str]:
    if kind.name in GOOD:
        return GOOD[kind.name]
    return sorted(kind.allowed)[:4]


def _cells(column: Property) -> st.SearchStrategy[str | None]:
    good = st.sampled_from(_good(column.kind))
    bad = st.sampled_from(BAD)
    return st.integers(0, 15).flatmap(lambda n: bad if n == 0 else good)


@st.composite
def tables(draw: st.DrawFn, table: Table) -> tuple[list[str], list[Given]]:
    """Names of columns in any order, optional ones absent here and there; and rows of them."""
    optional = [c.name for c in table.columns if not c.required]
    absent = draw(st.sets(st.sampled_from(optional), max_size=len(optional)))
    columns = draw(st.permutations([c for c in table.columns if c.name not in absent]))
    rows = draw(
        st.lists(
            st.fixed_dictionaries({c.name: _cells(c) for c in columns}), min_size=1, max_size=8
        )
    )
    return [column.name for column in columns], rows


@pytest.fixture(scope="module")
def work() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def one_by_one(
    table: Table, names: list[str], rows: list[Given], named: str | None
) -> list[Judged]:
    """What pydantic says of each row; of right rows of one id, the first is taken."""
    seen: dict[str, int] = {}
    judged: list[Judged] = []
    for line, row in enumerate(rows, start=2):
        try:
            parsed = table.model.model_validate(row)
        except ValidationError as error:
            wrong = [(str(problem["loc"][0]), problem["type"]) for problem in error.errors()]
            judged.append(({}, sorted(wrong)))
            continue
        by_name = parsed.model_dump(by_alias=True)
        values = {name: by_name[name] for name in names}
        if table.node:
            key = _key(table, values, named)
            first = seen.setdefault(key, line)
            if first != line:
                judged.append(({}, [(table.node.id_fields[0], "repeated_id")]))
                continue
            values["graph_id"] = key
        judged.append(({k: _plain(v) for k, v in values.items()}, []))
    return judged


def _key(table: Table, values: dict[str, Any], named: str | None) -> str:
    assert table.node is not None
    own = "|".join(str(values[field]) for field in table.node.id_fields)
    source = values.get("source") or named
    return f"{escaped_id(source)}:{escaped_id(own)}" if source else escaped_id(own)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value


def at_once(
    work: duckdb.DuckDBPyConnection,
    table: Table,
    names: list[str],
    rows: list[Given],
    named: str | None,
) -> tuple[Checked, list[Judged]]:
    """What SQL says of all rows."""
    arrow = pa.table({name: pa.array([row[name] for row in rows], pa.string()) for name in names})
    work.register("given", arrow)
    raw = RawTable("given", dict.fromkeys(names, "VARCHAR"), 2)
    layout = lay_out(raw, SourceTable(Path("given.csv"), "csv", table.name), table.columns)
    checked = check(work, raw, layout, table, named)
    kept = [*names, "graph_id"] if table.node else names
    columns = ", ".join(f'"{name}"' for name in kept)
    found = work.execute(f"SELECT at_line, bad, {columns} FROM {CHECKED} ORDER BY n").fetchall()
    refused = work.execute(f"SELECT line, column_name, reason FROM {REFUSED}").fetchall()
    work.unregister("given")
    assert [line for line, *_ in found] == list(range(2, len(rows) + 2))
    wrong = {line: sorted((c, r) for at, c, r in refused if at == line) for line, *_ in refused}
    judged = [
        ({} if bad else dict(zip(kept, values, strict=True)), wrong.get(line, []))
        for line, bad, *values in found
    ]
    return checked, judged


@pytest.mark.parametrize("name", sorted(VOCABULARY.tables))
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data(), named=st.sampled_from([None, "核心", "a:b's", "a%3Ab"]))
def test_a_file_is_judged_as_its_rows_are(
    work: duckdb.DuckDBPyConnection, name: str, data: st.DataObject, named: str | None
) -> None:
    table = VOCABULARY.tables[name]
    names, rows = data.draw(tables(table))
    expected = one_by_one(table, names, rows, named)
    checked, judged = at_once(work, table, names, rows, named)
    assert expected == judged
    assert (len(rows), sum(bool(wrong) for _, wrong in expected)) == (checked.rows, checked.refused)


@pytest.mark.parametrize("name", sorted(VOCABULARY.tables))
def test_every_column_refuses_for_its_own_reason(
    work: duckdb.DuckDBPyConnection, name: str
) -> None:
    """One row for each column, right but for a value of 4,001 characters there; and a right one."""
    table = VOCABULARY.tables[name]
    names = [column.name for column in table.columns]
    right: Given = {column.name: _good(column.kind)[0] for column in table.columns}
    rows = [right | _own_id(table, n) | {name: "9" * 4001} for n, name in enumerate(names)]
    rows.append(right)
    _, judged = at_once(work, table, names, rows, None)
    assert one_by_one(table, names, rows, None) == judged
    assert [[(name, _code(table, name))] for name in names] + [[]] == [wrong for _, wrong in judged]


def _own_id(table: Table, n: int) -> Given:
    return {table.node.id_fields[0]: f"own{n}"} if table.node else {}


def _code(table: Table, name: str) -> str:
    kind = table.column(name).kind.name
    plain = {"text", "number as text", "list of text"}
    codes = {
        "date": "not_a_date", "timestamp": "not_a_timestamp", "amount": "not_a_number",
        "integer": "not_an_integer", "integer from 1 to 5": "not_an_integer",
        "date of birth": "not_a_date",
    }  # fmt: skip
    return codes.get(kind, "too_long" if kind in plain else "unknown_code")


def test_refused_rows_are_kept_whole(work: duckdb.DuckDBPyConnection) -> None:
    table = VOCABULARY.tables["persons"]
    rows: list[Given] = [
        {"id": "1", "name": "张三", "birth_date": "2000-01-01", "VIP等级": "金"},
        {"id": "2", "name": None, "birth_date": "2000-1-1", "VIP等级": "银"},
    ]
    _, judged = at_once(work, table, list(rows[0])[:3], rows, None)
    assert [w for _, w in judged] == [[], [("birth_date", "not_a_date"), ("name", "missing")]]
    assert dt.date(2000, 1, 1) == judged[0][0]["birth_date"]
    kept = work.execute(f"SELECT DISTINCT node_id, record FROM {REFUSED}").fetchall()
    assert kept == [("2", '{"id":"2","name":null,"birth_date":"2000-1-1"}')]

"""Bulk validation and pydantic judge whole rows alike: the same rows, columns and codes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from graphcrm.model import VOCABULARY, Property, Table
from graphcrm_loaders.check import CHECKED, REFUSED, check
from graphcrm_loaders.columns import lay_out
from graphcrm_loaders.raw import RawTable
from graphcrm_loaders.sources import SourceTable

GOOD = {"DATE": ["2024-02-29", "1999-12-31"], "TIMESTAMP": ["2024-02-29T10:00:00"],
        "DOUBLE": ["0", "-12.50"], "INTEGER": ["3"], "VARCHAR": ["甲", "00123", "a b"],
        "date of birth": ["1999-12-31"]}  # fmt: skip
ODD = [None, "", " ", "x", "4.30111E+17", "2023-02-29", "1e5", "1,5", "24:00", "　", "x" * 4001,
       "１２", "life;x", "\x00", "'", "yes", "M"]  # fmt: skip


def _codes(column: Property) -> list[str]:
    return list(column.kind.allowed)


def _cells(column: Property) -> st.SearchStrategy[str | None]:
    good = GOOD.get(column.kind.name) or GOOD[column.kind.duckdb]
    if column.kind.name.startswith(("code", "list of")) and column.kind.name != "list of text":
        good = _codes(column)
    right = st.sampled_from([*good, f" {good[0]}\t"])
    return st.one_of(right, right, right, right, right, st.sampled_from(ODD), st.text(max_size=6))


def _rows(table: Table) -> st.SearchStrategy[list[dict[str, str | None]]]:
    row = st.fixed_dictionaries({column.name: _cells(column) for column in table.columns})
    return st.lists(row, min_size=1, max_size=12)


@pytest.fixture(scope="module")
def work() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


@pytest.mark.parametrize("name", list(VOCABULARY.tables))
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_rows_are_judged_as_pydantic_judges_them(
    work: duckdb.DuckDBPyConnection, name: str, data: st.DataObject
) -> None:
    table = VOCABULARY.tables[name]
    rows = data.draw(_rows(table))
    columns = dict.fromkeys((column.name for column in table.columns), "VARCHAR")
    given_ = {c: pa.array([row[c] for row in rows], pa.string()) for c in columns}
    work.register("arriving", pa.table(given_))
    work.execute("CREATE OR REPLACE TABLE given AS SELECT * FROM arriving")
    raw = RawTable("given", columns, 1)
    layout = lay_out(raw, SourceTable(Path("x"), "csv", name), table.columns)
    counted = check(work, raw, layout, table, None)
    refused = work.execute(
        f"SELECT line, column_name, reason FROM {REFUSED} WHERE reason <> 'repeated_id'"
    ).fetchall()
    expected = set()
    for line, row in enumerate(rows, start=1):
        try:
            parsed: Any = table.model.model_validate(row)
        except ValidationError as error:
            expected |= {(line, str(e["loc"][0]), e["type"]) for e in error.errors()}
            continue
        cursor = work.execute(f"SELECT * FROM {CHECKED} WHERE at_line = {line}")
        names = [d[0] for d in cursor.description or ()]
        (values,) = cursor.fetchall()
        said = parsed.model_dump(by_alias=True)
        kept = dict(zip(names, values, strict=True))
        assert {c: kept[c] for c in columns} == {c: said[c] for c in columns}
    assert set(refused) == expected
    assert len(refused) == len(expected)
    repeated = work.execute(f"SELECT line FROM {REFUSED} WHERE reason = 'repeated_id'").fetchall()
    assert counted.rows == len(rows)
    assert counted.refused == len({line for line, *_ in [*expected, *repeated]})
    right = work.execute(f"SELECT count(*) FROM {CHECKED} WHERE NOT bad").fetchall()
    assert right == [(counted.rows - counted.refused,)]


def test_the_first_of_two_rows_with_an_id_counts(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name,sex\nP1,王丽,\nP2,李明,\nP1,王莉,\nP1,王立,X\n", encoding="utf-8")
    read = staged(path)
    assert read.column("name") == ["王丽", "李明"]
    assert read.reasons == [(4, "id", "repeated_id"), (5, "sex", "unknown_code")]
    assert read.refused[0]["detail"] == "first in line 2"
    assert read.refused[0]["record"] == '{"id":"P1","name":"王莉","sex":null}'
    premiums = tmp_path / "premiums.csv"
    premiums.write_text("policy_id,due_on,amount\nQ1,2024-01-01,1\nQ1,2024-01-01,2\n")
    assert staged(premiums).reasons == [(3, "policy_id", "repeated_id")]


def test_one_row_may_have_several_faults(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    path.write_text("id,name,sex,birth_date,note\nP1,,X,1.1.1980,备注\n", encoding="utf-8")
    read = staged(path)
    assert (read.read, read.bad) == (1, 1)
    assert read.reasons == [
        (2, "birth_date", "not_a_date"), (2, "name", "missing"), (2, "sex", "unknown_code")
    ]  # fmt: skip
    assert {r["record"] for r in read.refused} == {
        '{"id":"P1","name":null,"sex":"X","birth_date":"1.1.1980","extra":"{\\"note\\":\\"备注\\"}"}'
    }


def test_an_unknown_code_is_told_with_the_allowed_ones(staged: Any, tmp_path: Path) -> None:
    path = tmp_path / "agents.csv"
    path.write_text(
        "id,name,branch_id,status,product_lines,tier\nA1,甲,B1,gone,lfe;motor,6\nA2,乙,B1,,life,\n",
        encoding="utf-8",
    )
    read = staged(path)
    assert [(r["line"], r["column_name"], r["reason"], r["detail"]) for r in read.refused] == [
        (2, "product_lines", "unknown_code",
         "life, health, accident, motor, property, liability, other"),
        (2, "status", "unknown_code", "active, on_leave, suspended, departed"),
        (2, "tier", "not_1_to_5", None),
        (3, "status", "missing", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "id_", ["P1\u200b", "\ufeffP1", "P\x001", "P1\u3000", "\u202dP1\u202c", "P1\x1f"]
)
def test_ids_that_look_the_same_are_the_same(staged: Any, tmp_path: Path, id_: str) -> None:
    path = tmp_path / "persons.csv"
    path.write_text(f"id,name,note\n{id_},王\x00丽,a\x00b\nP1,李明,\n", encoding="utf-8")
    read = staged(path)
    assert (read.column("id"), read.column("name")) == (["P1"], ["王丽"])
    assert read.rows[0]["extra"] == '{"note":"ab"}'
    assert read.reasons == [(3, "id", "repeated_id")]
    policies = tmp_path / "vehicles.csv"
    policies.write_text(f"id,owner_id\nV1,{id_}\n", encoding="utf-8")
    assert staged(policies).column("owner_id") == ["P1"]


def test_what_is_seen_stays_in_an_id(staged: Any, tmp_path: Path) -> None:
    ids = ["P 1", "P　1", "Ｐ１", "保-1", "P%3A1", "P:1", "P%253A1", "P%1"]
    path = tmp_path / "persons.csv"
    path.write_text("id,name\n" + "".join(f"{i},王丽\n" for i in ids), encoding="utf-8")
    read = staged(path)
    assert read.reasons == []
    assert read.column("id") == [
        "P 1", "P　1", "Ｐ１", "保-1", "P%253A1", "P%3A1", "P%25253A1", "P%1"
    ]  # fmt: skip

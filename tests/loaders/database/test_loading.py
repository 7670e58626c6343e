"""Loading from SQL databases: whole tables, queries, what has changed, and what goes wrong."""

from __future__ import annotations

import json
import sqlite3
from typing import Any

import pytest

from graphcrm.errors import SourceError, UsageError

CUSTOMERS = "CREATE TABLE t_cust (cust_no varchar(20), nm text, sex int, born date, upd timestamp)"
MAPPING = """
database:
  - table: persons
    from: t_cust
    watermark: upd
    columns:
      id: cust_no
      name: nm
      birth_date: born
      sex: {from: sex, codes: {"1": M, "2": F}}
    ignore: [upd]
"""


def row(number: int, name: str, at: str) -> str:
    """A statement that adds a customer, changed at a time of 1 January 2026."""
    return f"INSERT INTO t_cust VALUES ('{number}', '{name}', 1, '1980-01-02', '2026-01-01 {at}')"


def test_tables_named_as_ours_need_no_mapping(database: Any, book: Any) -> None:
    database.execute("CREATE TABLE persons (id int, name text, birth_date date, shoe_size int)")
    database.execute(
        "INSERT INTO persons VALUES (7, '王丽', '1980-01-02', 38), (8, '李明', NULL, NULL)"
    )
    database.execute("CREATE TABLE relations (from_id int, to_id int, kind text)")
    database.execute("INSERT INTO relations VALUES (7, 8, 'spouse')")
    database.execute("CREATE TABLE unrelated (a int)")
    report = book.load(database.address)
    assert {file.table: (file.rows, file.new) for file in report.files} == {
        "persons": (2, 2), "relations": (1, 0)
    }  # fmt: skip
    person = book.graph.store.node("Person", "core:7")
    assert (person["name"], person["birth_date"]) == ("王丽", "1980-01-02")
    assert '"shoe_size"' in person["extra"]
    assert book.load(database.address).files[0].same == 2


def test_a_mapping_reads_views_and_queries(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    database.execute("CREATE TABLE t_phone (cust_no varchar(20), tel text)")
    database.execute("INSERT INTO t_phone VALUES ('1', '13800138000')")
    query = """
database:
  - table: persons
    query: |
      SELECT c.cust_no, c.nm, p.tel, 'at 10:30' AS told
      FROM t_cust c LEFT JOIN t_phone p ON p.cust_no = c.cust_no WHERE c.nm LIKE '%丽%';
    columns: {id: CUST_NO, name: NM, phone: TEL}
"""
    book.load(database.address, query)
    person = book.graph.store.node("Person", "core:1")
    assert person["name"] == "王丽"
    assert json.loads(person["extra"]) == {"told": "at 10:30"}
    assert book.graph.status().nodes["Phone"] == 1


def test_only_what_changed_is_read(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    for number in range(1, 6):
        database.execute(row(number, f"王{number}", f"10:0{number}:00"))
    assert book.load(database.address, MAPPING, incremental=True).files[0].rows == 5
    late, equal, far = (
        row(6, "李六", "09:58:00"),
        row(7, "李七", "10:05:00"),
        row(8, "李八", "08:00:00"),
    )
    for statement in (late, equal, far, "INSERT INTO t_cust VALUES ('9', '李九', 1, NULL, NULL)"):
        database.execute(statement)
    database.execute("UPDATE t_cust SET nm = '王二' WHERE cust_no = '2'")
    report = book.load(database.address, MAPPING, incremental=True).files[0]
    # 09:55 to 10:05 is read again: the five, a late one and an equal one; and one without a time
    assert (report.rows, report.new, report.changed, report.same) == (8, 3, 1, 4)
    assert book.names()["core:2"] == "王二"
    assert "core:8" not in book.names()
    strict = MAPPING.replace("watermark: upd", "watermark: upd\n    late_by: 0")
    assert book.load(database.address, strict, incremental=True).files[0].rows == 3
    assert book.load(database.address, MAPPING).files[0].rows == 9


def test_numbers_can_be_watermarks(database: Any, book: Any) -> None:
    database.execute("CREATE TABLE persons (id int, name text, version numeric(12, 0))")
    database.execute("INSERT INTO persons VALUES (1, '王丽', 9), (2, '李明', 10)")
    mapping = "database: [{table: persons, from: persons, watermark: version, late_by: 0}]"
    assert book.load(database.address, mapping, incremental=True).files[0].rows == 2
    database.execute("INSERT INTO persons VALUES (3, '赵强', 11), (4, '赵四', 9)")
    assert book.load(database.address, mapping, incremental=True).files[0].rows == 2
    assert set(book.names()) == {"core:1", "core:2", "core:3"}


def test_what_was_not_written_is_read_again(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    book.load(database.address, MAPPING, incremental=True, dry_run=True)
    assert book.load(database.address, MAPPING, incremental=True).files[0].new == 1
    assert book.load(database.address, MAPPING, incremental=True, source="other").files[0].new == 1


def test_nothing_new_is_no_error(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    strict = MAPPING.replace("watermark: upd", "watermark: upd\n    late_by: 0")
    book.load(database.address, strict, incremental=True)
    database.execute("DELETE FROM t_cust")
    report = book.load(database.address, strict, incremental=True)
    assert [file.error for file in report.files] == [None]
    assert set(book.names()) == {"core:1"}


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("database: [{table: persons, from: nowhere}]", "nowhere"),
        ("database: [{table: persons, query: 'SELECT 1 AS id, 2 AS id'}]", "more than once"),
        (MAPPING.replace("watermark: upd", "watermark: updated"), "updated"),
        (MAPPING.replace("id: cust_no", "id: kundennummer"), "kundennummer"),
        ("database: [{table: persons, query: 'DELETE FROM t_cust'}]", ""),
    ],
)  # fmt: skip
def test_errors_name_the_database(database: Any, book: Any, mapping: str, told: str) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    with pytest.raises(SourceError) as error:
        book.load(database.address, mapping)
    assert told in str(error.value)
    assert "postgres@" in str(error.value) or "core.db" in str(error.value)
    assert book.graph.status().nodes == {}
    assert book.load(database.address, MAPPING).files[0].new == 1


def test_nothing_can_be_written(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    database.execute("CREATE TABLE persons (id int, name text)")
    if "sqlite" not in database.address:
        query = "WITH gone AS (DELETE FROM t_cust RETURNING *) SELECT cust_no id, nm name FROM gone"
        with pytest.raises(SourceError):
            book.load(database.address, f"database: [{{table: persons, query: '{query}'}}]")
    assert book.load(database.address, MAPPING).files[0].new == 1


def test_no_table_of_ours(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    with pytest.raises(SourceError, match="t_cust"):
        book.load(database.address)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://reader:secret@host/core", "GRAPHCRM_SOURCE_PASSWORD"),
        ("postgresql://host/core?password=secret", "GRAPHCRM_SOURCE_PASSWORD"),
        ("nonsense://host/core", "nonsense"),
        ("://", "not the address"),
        ("oracle://reader@host/core", "oracledb"),
        ("sqlite:////nowhere/core.db", "no such file"),
    ],
)
def test_addresses_that_cannot_be(book: Any, address: str, told: str) -> None:
    with pytest.raises(UsageError) as error:
        book.load(address)
    assert told in str(error.value)
    assert "secret" not in str(error.value)


def test_incremental_needs_a_database_and_a_watermark(
    database: Any, book: Any, tmp_path: Any
) -> None:
    (tmp_path / "persons.csv").write_text("id,name\n1,王丽\n", encoding="utf-8")
    with pytest.raises(UsageError, match="databases"):
        book.load(tmp_path / "persons.csv", incremental=True)
    database.execute(CUSTOMERS)
    with pytest.raises(UsageError, match="watermark"):
        book.load(database.address, "database: [{table: persons, from: t_cust}]", incremental=True)
    with pytest.raises(UsageError, match="--full"):
        book.load(database.address, MAPPING, incremental=True, full=True)


def test_a_full_load_closes_what_the_database_has_no_more(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    database.execute(row(2, "李明", "10:00:00"))
    book.load(database.address, MAPPING)
    database.execute("DELETE FROM t_cust WHERE cust_no = '2'")
    assert book.load(database.address, MAPPING, full=True).files[0].closed == 1
    database.execute("DELETE FROM t_cust")
    with pytest.raises(SourceError):
        book.load(database.address, MAPPING, full=True)
    assert set(book.names()) == {"core:1"}


@pytest.mark.parametrize("values", [("9", "10"), ("31/01/2024", "01/02/2024")])
def test_text_that_does_not_grow_as_it_sorts_is_no_watermark(
    database: Any, book: Any, values: tuple[str, str]
) -> None:
    database.execute("CREATE TABLE persons (id int, name text, version text)")
    for number, value in enumerate(values):
        database.execute(f"INSERT INTO persons VALUES ({number}, '王丽', '{value}')")
    mapping = "database: [{table: persons, from: persons, watermark: version}]"
    with pytest.raises(SourceError, match="ISO date"):
        book.load(database.address, mapping, incremental=True)


def test_a_time_to_come_hides_nothing(database: Any, book: Any) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00").replace("2026-01-01", "9999-12-31"))
    database.execute(row(2, "李明", "10:00:00"))
    book.load(database.address, MAPPING, incremental=True)
    database.execute(row(3, "赵强", "11:00:00"))
    assert book.load(database.address, MAPPING, incremental=True).files[0].new == 1


def test_a_renamed_watermark_is_told_with_the_columns_that_are_there(
    database: Any, book: Any
) -> None:
    database.execute(CUSTOMERS)
    database.execute(row(1, "王丽", "10:00:00"))
    book.load(database.address, MAPPING, incremental=True)
    database.execute("ALTER TABLE t_cust RENAME COLUMN upd TO changed_at")
    with pytest.raises(SourceError, match=r"'upd'.*\(cust_no, nm, sex, born, changed_at\)"):
        book.load(database.address, MAPPING, incremental=True)


@pytest.mark.parametrize(
    ("first", "then", "value", "kinds"),
    [
        ("text", "int", "'2026-01-01'", r"'2026-01-01' \(text\).*\(integer\)"),
        ("int", "text", "7", r"'7' \(integer\).*\(text\)"),
    ],
)
def test_a_watermark_of_another_kind_is_no_empty_delta(
    database: Any, book: Any, first: str, then: str, value: str, kinds: str
) -> None:
    mapping = "database: [{table: persons, from: persons, watermark: version}]"
    database.execute(f"CREATE TABLE persons (id int, name text, version {first})")
    database.execute(f"INSERT INTO persons VALUES (1, '王丽', {value})")
    book.load(database.address, mapping, incremental=True)
    database.execute("DROP TABLE persons")
    database.execute(f"CREATE TABLE persons (id int, name text, version {then})")
    other = {"text": "'2026-02-01'", "int": "8"}[then]
    database.execute(f"INSERT INTO persons VALUES (1, '王丽', {other}), (2, '李明', {other})")
    with pytest.raises(SourceError, match=rf"\[persons\]: the watermark 'version' was {kinds}"):
        book.load(database.address, mapping, incremental=True)
    assert book.load(database.address, mapping).files[0].new == 1
    assert book.load(database.address, mapping, incremental=True).files[0].rows == 2


def test_one_value_of_another_kind_is_told_too(tmp_path: Any, book: Any) -> None:
    """SQLite's columns hold what they are given: integers sort before all text."""
    with sqlite3.connect(tmp_path / "core.db", isolation_level=None) as connection:
        connection.execute("CREATE TABLE persons (id int, name text, version)")
        connection.execute("INSERT INTO persons VALUES (1, '王丽', '2026-01-01')")
        address = f"sqlite:///{tmp_path / 'core.db'}"
        mapping = "database: [{table: persons, from: persons, watermark: version}]"
        book.load(address, mapping, incremental=True)
        connection.execute("INSERT INTO persons VALUES (2, '李明', 20260201)")
    connection.close()
    with pytest.raises(SourceError, match="another kind"):
        book.load(address, mapping, incremental=True)


def test_a_real_number_can_be_a_watermark(tmp_path: Any, book: Any) -> None:
    with sqlite3.connect(tmp_path / "core.db", isolation_level=None) as connection:
        connection.execute("CREATE TABLE persons (id int, name text, version real)")
        connection.execute("INSERT INTO persons VALUES (1, '王丽', 1.5), (2, '李明', 20.25)")
    connection.close()
    mapping = "database: [{table: persons, from: persons, watermark: version, late_by: 0}]"
    for rows in (2, 1):
        report = book.load(f"sqlite:///{tmp_path / 'core.db'}", mapping, incremental=True)
        assert report.files[0].rows == rows


@pytest.mark.parametrize("statement", ["ATTACH '{}' AS other", "VACUUM INTO '{}'"])
def test_no_statement_makes_a_file(tmp_path: Any, book: Any, statement: str) -> None:
    with sqlite3.connect(tmp_path / "core.db", isolation_level=None) as connection:
        connection.execute("CREATE TABLE persons (id int, name text)")
    connection.close()
    made = tmp_path / "made.db"
    query = statement.format(made)
    with pytest.raises(SourceError, match="a source is only read"):
        book.load(
            f"sqlite:///{tmp_path / 'core.db'}", f'database: [{{table: persons, query: "{query}"}}]'
        )
    assert not made.exists()


def test_settings_of_a_source_stay_as_they_are(tmp_path: Any, book: Any) -> None:
    """A query that let the next one write would be as bad as one that writes."""
    with sqlite3.connect(tmp_path / "core.db", isolation_level=None) as connection:
        connection.execute("CREATE TABLE persons (id int, name text)")
        query = "SELECT value AS id, 'n' AS name FROM json_each('[1, 2]')"
        mapping = f'database: [{{table: persons, query: "{query}"}}]'
        assert book.load(f"sqlite:///{tmp_path / 'core.db'}", mapping).files[0].new == 2
        mapping = "database: [{table: persons, query: PRAGMA query_only = OFF}]"
        with pytest.raises(SourceError, match="a source is only read"):
            book.load(f"sqlite:///{tmp_path / 'core.db'}", mapping)
    connection.close()


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("{table: persons, from: nowhere}", "[nowhere]: {}"),
        (
            "{table: persons, query: SELECT a.id FROM nowhere a}",
            "[persons]: {} (in the query SELECT a.id FROM nowhere a)",
        ),
    ],
)
def test_only_what_was_asked_for_is_shown_where_it_fails(
    database: Any, book: Any, mapping: str, told: str
) -> None:
    with pytest.raises(SourceError) as error:
        book.load(database.address, f"database: [{mapping}]")
    sqlite = database.address.startswith("sqlite")
    reason = "no such table: nowhere" if sqlite else 'relation "nowhere" does not exist'
    assert str(error.value).endswith(told.format(reason))

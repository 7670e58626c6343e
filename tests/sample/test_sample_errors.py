"""What is wrong in the made-up insurer's person records, and how well the usual check sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graphcrm.sample import SampleShape, write_sample
from graphcrm.sample.error_shape import ERRORS, EntryKinds, Slips

CUSTOMERS = 10_000
SEED = 5
FIVE = "name, sex, birth_date, id_type, id_number"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("errors") / "book"
    write_sample(folder, customers=CUSTOMERS, seed=SEED, format="parquet")
    with duckdb.connect() as engine:
        engine.execute(
            f"CREATE TABLE known AS SELECT p.*, entity_id, n FROM '{folder}/persons.parquet' p"
            f" JOIN '{folder}/truth/persons.parquet' USING (id) JOIN (SELECT entity_id, count(*)"
            f" AS n FROM '{folder}/truth/persons.parquet' GROUP BY entity_id) USING (entity_id)"
        )
        engine.execute(f"CREATE TABLE errors AS FROM '{folder}/truth/errors.parquet'")
        yield engine


def number(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    row = engine.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def pairs(engine: duckdb.DuckDBPyConnection, by: str) -> float:
    known = " AND ".join(f"{field} IS NOT NULL" for field in by.split(", "))
    grouped = f"SELECT count(*) AS n FROM known WHERE {known} GROUP BY {by}"
    return number(engine, f"SELECT sum(n * (n - 1) / 2) FROM ({grouped})")


@pytest.mark.parametrize(("seed", "customers"), [(1, 10_000), (2, 10_000), (3, 30_000)])
def test_five_field_rule_finds_few(tmp_path: Path, seed: int, customers: int) -> None:
    write_sample(tmp_path / "book", customers=customers, seed=seed, format="parquet")
    with duckdb.connect() as engine:
        engine.execute(
            f"CREATE TABLE known AS FROM '{tmp_path}/book/persons.parquet' p"
            f" JOIN '{tmp_path}/book/truth/persons.parquet' t USING (id)"
        )
        found, true = pairs(engine, FIVE), pairs(engine, "entity_id")
        correct = pairs(engine, f"entity_id, {FIVE}")
    assert correct == found
    assert 0.30 <= 2 * correct / (found + true) <= 0.50


def test_every_kind_of_error_is_there(book: duckdb.DuckDBPyConnection) -> None:
    found = {kind for (kind,) in book.execute("SELECT DISTINCT kind FROM errors").fetchall()}
    assert found == set(ERRORS)


def test_every_kind_of_error_stands_on_honest_records_too(book: duckdb.DuckDBPyConnection) -> None:
    honest = {
        kind
        for (kind,) in book.execute(
            "SELECT DISTINCT kind FROM errors JOIN known ON record_id = id WHERE n = 1"
        ).fetchall()
    }
    assert honest == {*Slips.model_fields, "agents_phone"}


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        ("birth_placeholder", "birth_date IN ('1900-01-01', '1970-01-01', '1980-01-01',"
                              " '1999-09-09') OR birth_date IS NULL"),
        ("phone_placeholder", "phone LIKE '%00000%' OR phone LIKE '%3333%' OR phone LIKE '1111%'"
                              " OR phone LIKE '138%'"),
        ("address_placeholder", "length(address) < 3"),
        ("id_placeholder", "regexp_matches(id_number, '^(1+|0+|9+|123456789012345678)$')"),
        ("id_of_15_digits", "length(id_number) = 15 OR id_type <> 'resident_id'"),
        ("id_full_width", "id_number ~ '.*[０-９].*' OR length(id_number) < 18"),
        ("name_in_pinyin", "name ~ '[A-Za-z]+ [A-Za-z]+'"),
        ("name_in_english", "name ~ '[A-Za-z]+ [A-Za-z]+'"),
    ],
)  # fmt: skip
def test_error_shows_in_the_record(book: duckdb.DuckDBPyConnection, kind: str, shows: str) -> None:
    """A later error may cover an earlier one (an ID that went missing), so most is enough."""
    share = number(
        book,
        f"SELECT avg(({shows})::INT) FROM known WHERE id IN"
        f" (SELECT record_id FROM errors WHERE kind = '{kind}') AND ({shows}) IS NOT NULL",
    )
    assert share > 0.9


def test_dates_of_birth_are_possible(book: duckdb.DuckDBPyConnection) -> None:
    late = "SELECT count(*) FROM known WHERE birth_date > '2026-06-30'"
    early = "SELECT count(*) FROM known WHERE birth_date < '1900-01-01'"
    assert number(book, late) <= 0.001 * CUSTOMERS  # a year mistyped
    assert number(book, early) == 0


def test_errors_upon_errors_leave_valid_text(tmp_path: Path) -> None:
    """Another document (军字第…) in place of an ID in full-width digits, and all else at once."""
    often = Slips(**dict.fromkeys(Slips.model_fields, 0.3))
    shape = SampleShape(slips=often, duplicates=0.4)
    write_sample(tmp_path / "book", customers=3_000, seed=2, shape=shape)
    for path in (tmp_path / "book").rglob("*.csv"):
        assert '"' not in path.read_text(encoding="utf-8"), path


def test_shares_can_be_set(tmp_path: Path) -> None:
    only = dict.fromkeys(EntryKinds.model_fields, 0.0) | {"id_missing": 1.0}
    shape = SampleShape(kinds=EntryKinds(**only), noise=0, duplicates=0.1)
    report = write_sample(tmp_path / "book", customers=1_000, seed=1, shape=shape)
    assert report.plants["duplicate:id_missing"] == 100
    assert report.plants["error:id_missing"] == 100
    assert report.plants["error:birth_missing"] == 0

"""A large book is made company by company, and doesn't show it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from graphcrm.sample import SampleShape, write_sample
from graphcrm.sample.companies import divide
from graphcrm.sample.numbering import Numbering, scattered
from graphcrm.sample.streams import Streams

SEED = 9
CUSTOMERS = 12_000
SHAPE = SampleShape(company_customers=2_000, moved_between_companies=0.01)
REFERENCES = [
    ("persons", "institution_id", "institutions"),
    ("departments", "institution_id", "institutions"),
    ("agents", "branch_id", "departments"),
    ("persons", "entered_by", "agents"),
    ("policies", "sold_by", "agents"),
    ("claims", "policy_id", "policies"),
    ("premiums", "policy_id", "policies"),
    ("relations", "to_id", "persons"),
    ("referrals", "referred_id", "persons"),
    ("truth/orphans", "policy_id", "policies"),
    ("truth/errors", "record_id", "parties"),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("companies") / "book"
    write_sample(folder, customers=CUSTOMERS, seed=SEED, format="parquet", shape=SHAPE)
    with duckdb.connect() as engine:
        for path in folder.rglob("*.parquet"):
            name = path.relative_to(folder).with_suffix("")
            engine.execute(f"CREATE VIEW \"{name}\" AS FROM '{path}'")
        engine.execute(
            "CREATE VIEW parties AS SELECT id FROM persons UNION ALL SELECT id FROM institutions"
        )
        yield engine


def number(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    row = engine.execute(query).fetchone()
    assert row is not None
    return float(row[0])


@pytest.mark.parametrize("customers", [1, 250_000, 250_001, 1_000_000, 10_000_000])
def test_companies_share_the_customers_and_the_cities(customers: int) -> None:
    companies = divide(customers, SampleShape())
    assert sum(company.customers for company in companies) == customers
    names = [name for company in companies for name in company.places.city_name]
    assert len(set(names)) == len(names)
    assert max(company.customers for company in companies) < 540_000
    assert (len(companies) > 1) == (customers > 250_000)
    for company in companies:
        places = company.places
        assert set(places.district_city) == set(range(len(places.city_name)))


@pytest.mark.parametrize("size", [1, 2, 7, 1_000, 99_991])
def test_scattered_numbers_are_a_permutation(size: int) -> None:
    keys = np.random.default_rng(SEED).integers(1, 2**62, 5)
    found = scattered(np.arange(size), size, keys)
    assert np.array_equal(np.sort(found), np.arange(size))
    if size > 100:
        assert abs(np.corrcoef(np.arange(size), found)[0, 1]) < 0.1


def test_numbers_of_later_companies_are_new_and_spare_ones_nobodys() -> None:
    numbering = Numbering(Streams(SEED), 3.0)
    one = numbering.ids("things", "T", 500, shared=2)
    two = numbering.ids("things", "T", 700, shared=2)
    assert np.array_equal(one.numbers[:2], two.numbers[:2])
    given = np.concatenate([one.numbers, two.numbers[2:]])
    assert len(np.unique(given)) == len(given)
    assert not np.isin(one.spare, given).any()
    assert one.width == two.width


def test_a_table_that_outgrows_its_ids_is_an_error() -> None:
    numbering = Numbering(Streams(SEED), 1.0)
    numbering.ids("things", "T", 10)
    with pytest.raises(RuntimeError, match="things: later companies have far more rows"):
        numbering.ids("things", "T", 10_000)


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_reference_resolves(
    book: duckdb.DuckDBPyConnection, table: str, column: str, target: str
) -> None:
    lost = (
        f'FROM "{table}" WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {target})'
    )
    assert number(book, f"SELECT count(*) {lost}") == 0
    assert number(book, f'SELECT count({column}) FROM "{table}"') > 0


def test_ids_are_unique_over_all_companies(book: duckdb.DuckDBPyConnection) -> None:
    for table in ("persons", "institutions", "departments", "agents", "policies", "claims"):
        assert number(book, f"SELECT count(*) - count(DISTINCT id) FROM {table}") == 0, table
    assert number(book, "SELECT count(*) FROM persons") == CUSTOMERS
    assert number(book, "SELECT count(*) FROM institutions WHERE own = 'yes'") == 2
    assert number(book, "SELECT count(*) - count(DISTINCT code) FROM products") == 0


def test_no_id_tells_the_company(book: duckdb.DuckDBPyConnection) -> None:
    """The ids of each province's persons are spread over the whole range."""
    spread = """
        SELECT max(abs(place - 0.5) * sqrt(12 * n)) FROM (
            SELECT region_code[:2] AS province, avg(place) AS place, count(*) AS n FROM (
                SELECT region_code, percent_rank() OVER (ORDER BY id) AS place FROM persons
            ) WHERE region_code NOT NULL GROUP BY province HAVING count(*) > 100)"""
    assert number(book, spread) < 4  # standard deviations


def test_some_persons_are_customers_of_two_companies(book: duckdb.DuckDBPyConnection) -> None:
    """They live in two provinces, more often than those who move within one company do."""
    apart = """
        SELECT count(*) FROM (SELECT entity_id FROM "truth/persons" JOIN persons USING (id)
        GROUP BY entity_id HAVING count(DISTINCT region_code[:2]) > 1)"""
    assert number(book, apart) > 0.004 * CUSTOMERS
    lone = 'SELECT count(*) FROM persons ANTI JOIN "truth/persons" USING (id)'
    assert number(book, lone) == 0


def test_same_seed_gives_the_same_bytes_and_both_formats_the_same_rows(tmp_path: Path) -> None:
    shape = SampleShape(company_customers=500)
    sums = []
    for name in ("one", "two"):
        write_sample(tmp_path / name, customers=1_500, seed=4, shape=shape)
        files = sorted((tmp_path / name).rglob("*.csv"))
        sums.append([hashlib.sha256(file.read_bytes()).hexdigest() for file in files])
    assert sums[0] == sums[1]
    report = write_sample(tmp_path / "p", customers=1_500, seed=4, shape=shape, format="parquet")
    for name, rows in report.rows.items():
        for path, reader in (
            (f"one/{name}.csv", "read_csv"),
            (f"p/{name}.parquet", "read_parquet"),
        ):
            query = f"SELECT count(*) FROM {reader}('{tmp_path}/{path}')"
            assert duckdb.execute(query).fetchall() == [(rows,)], path


def test_progress_counts_each_company(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    shape = SampleShape(company_customers=500)
    write_sample(
        tmp_path / "book", customers=1_200, seed=4, shape=shape,
        progress=lambda *call: calls.append(call),
    )  # fmt: skip
    assert [done for _, done, _ in calls] == list(range(1, len(calls) + 1))
    assert {total for *_, total in calls} == {len(calls)}

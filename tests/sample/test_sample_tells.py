"""Nothing gives away who was entered twice: no column, value, gap or order tells by itself."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from graphcrm.sample import SampleShape, write_sample
from tests.sample.separation import aucs

SEED = 3
CUSTOMERS = 30_000
MOST = {"persons": 0.58, "institutions": 0.62}
"""Area under the curve: 0.5 is chance. A record that errs is somewhat likelier to be a second one,
as in life; equal names or numbers are the evidence itself, so that how often these occur is not
asked. Of institutions there are fewer, and all departments of one stand at one address."""

# What may be asked of a value that identifies: how it looks, not how often it occurs.
LOOKS = """
    length({c}) AS {c}_length, {c} IS NULL AS {c}_missing,
    regexp_matches({c}, '[A-Za-z]') AS {c}_latin, regexp_matches({c}, '[0-9]') AS {c}_digits,
    regexp_matches({c}, '[^0-9A-Za-z\\p{{Han}}]') AS {c}_signs,
    hash({c}[:1]) % 40 AS {c}_begins, hash({c}[-1:]) % 40 AS {c}_ends
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("tells") / "book"
    shape = SampleShape(customers_per_institution=8)
    write_sample(folder, customers=CUSTOMERS, seed=SEED, format="parquet", shape=shape)
    with duckdb.connect() as engine:
        for table in ("persons", "institutions"):
            engine.execute(
                f"CREATE TABLE {table} AS SELECT *, count(*) OVER (PARTITION BY entity_id) > 1"
                f" AS twice FROM (SELECT *, file_row_number AS position"
                f" FROM read_parquet('{folder}/{table}.parquet', file_row_number = true))"
                f" JOIN '{folder}/truth/{table}.parquet' t USING (id)"
            )
        yield engine


def looks(*columns: str) -> str:
    return ", ".join(LOOKS.format(c=column) for column in columns)


PERSONS = f"""
    SELECT twice::INT AS planted, position, regexp_extract(id, '[0-9]+')::INT AS id_number_part,
        {looks("name", "id_number", "phone", "phone_2", "email", "address", "account")},
        sex, year(birth_date) AS birth_year, month(birth_date) AS birth_month,
        day(birth_date) AS birth_day, died_on IS NULL AS lives, id_type, region_code,
        institution_id, department_id, occupation,
        income_band, language, contact_preference, marketing_consent, vulnerability, created_on,
        day(created_on) AS created_day, entered_by, entered_branch_id,
        id_number[7:14] = strftime(birth_date, '%Y%m%d') AS birth_in_id,
        try_cast(id_number[17] AS INT) % 2 = (sex = 'M')::INT AS sex_in_id,
        id_number[:6] AS id_region, region_code[:4] = id_number[:4] AS born_here
    FROM persons ORDER BY position
"""
INSTITUTIONS = f"""
    SELECT twice::INT AS planted, position, regexp_extract(id, '[0-9]+')::INT AS id_number_part,
        {looks("name", "uscc", "phone", "contact_name", "contact_phone", "account", "address")},
        kind, industry, region_code, parent_id IS NULL AS alone, created_on,
        day(created_on) AS created_day, entered_by, entered_branch_id
    FROM institutions WHERE own = 'no' ORDER BY position
"""

# A name that ends with 人力资源部 says itself what it is; some institutions have no other record.
EVIDENT = {"name_length", "name_ends"}


@pytest.mark.parametrize(
    ("table", "rows", "evident"),
    [("persons", PERSONS, set()), ("institutions", INSTITUTIONS, EVIDENT)],
)
def test_no_single_column_tells_who_was_entered_twice(
    book: duckdb.DuckDBPyConnection, table: str, rows: str, evident: set[str]
) -> None:
    found = aucs(book, rows)
    assert len(found) > 50
    telling = {name: area for name, area in found.items() if area > MOST[table]}
    assert telling.keys() - evident == set(), telling


@pytest.mark.parametrize("rows", [PERSONS, INSTITUTIONS])
def test_no_value_stands_on_the_planted_alone(book: duckdb.DuckDBPyConnection, rows: str) -> None:
    columns = [name for name, *_ in book.execute(f"DESCRIBE {rows}").fetchall()]
    for column in columns:
        if column in ("planted", "position", "id_number_part"):
            continue
        worst = book.execute(
            f"SELECT {column}, count(*), avg(planted) FROM ({rows}) GROUP BY 1"
            " HAVING count(*) >= 20 ORDER BY 3 DESC LIMIT 1"
        ).fetchone()
        assert worst is None or worst[2] < 0.7, (column, worst)

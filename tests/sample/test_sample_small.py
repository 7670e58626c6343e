"""A small book has every kind of what can be found, and nothing gives it away there either."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graphcrm.sample import SampleReport, write_sample
from tests.sample.separation import aucs

CUSTOMERS = 1_000
BOOKS = 24
BOUND = 0.75
KINDS = ("ring:", "look_alike:", "conduct:", "duplicate:", "error:", "orphan:")
# What a ring is made of, as in the tests of a large book.
LINKS = {"payee_account", "assessor_id", "repairer_id", "hospital_id", "event_id"}


@pytest.fixture(scope="module")
def books(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Path, SampleReport]]:
    print("seeds 0 to", BOOKS - 1)
    folder = tmp_path_factory.mktemp("small")
    return [
        (
            folder / str(seed),
            write_sample(folder / str(seed), customers=CUSTOMERS, seed=seed, format="parquet"),
        )
        for seed in range(BOOKS)
    ]


@pytest.fixture(scope="module")
def pooled(books: list[tuple[Path, SampleReport]]) -> Iterator[duckdb.DuckDBPyConnection]:
    """All small books side by side, each row with the number of its book."""
    with duckdb.connect() as engine:
        for name in ("persons", "claims", "policies", "truth/persons", "truth/rings",
                     "truth/conduct"):  # fmt: skip
            parts = (
                f"SELECT {number} AS book, * FROM '{folder}/{name}.parquet'"
                for number, (folder, _) in enumerate(books)
            )
            table = name.replace("/", "_")
            engine.execute(f"CREATE TABLE {table} AS {' UNION ALL '.join(parts)}")
        yield engine


def test_nearly_every_book_has_every_kind(books: list[tuple[Path, SampleReport]]) -> None:
    wanting = [
        {kind for kind, n in report.plants.items() if kind.startswith(KINDS) and n == 0}
        for _, report in books
    ]
    assert max(map(len, wanting)) <= 1, wanting
    assert sum(map(bool, wanting)) <= BOOKS // 8, wanting


@pytest.mark.parametrize(("customers", "seed"), [(1_500, 2), (2_000, 20_260_630), (3_000, 4)])
def test_a_somewhat_larger_book_has_every_kind(tmp_path: Path, customers: int, seed: int) -> None:
    report = write_sample(tmp_path / "book", customers=customers, seed=seed, format="parquet")
    assert {k for k, n in report.plants.items() if k.startswith(KINDS) and n == 0} == set()


def test_most_claims_are_in_no_ring(pooled: duckdb.DuckDBPyConnection) -> None:
    row = pooled.execute(
        "SELECT avg((r.ring_id NOT NULL)::INT) FROM claims c LEFT JOIN truth_rings r"
        " ON r.book = c.book AND member_id = c.id"
    ).fetchone()
    assert row is not None
    assert row[0] < 0.3


def test_five_field_rule_finds_few(pooled: duckdb.DuckDBPyConnection) -> None:
    def pairs(by: str) -> float:
        row = pooled.execute(
            "SELECT sum(n * (n - 1) / 2) FROM (SELECT count(*) AS n FROM persons"
            " JOIN truth_persons USING (book, id) WHERE id_type NOT NULL AND id_number NOT NULL"
            f" OR '{by}' = 'entity_id' GROUP BY book, {by})"
        ).fetchone()
        assert row is not None
        return float(row[0])

    five = pairs("name, sex, birth_date, id_type, id_number")
    assert 0.30 <= 2 * five / (five + pairs("entity_id")) <= 0.50


def test_no_column_tells_a_ring(pooled: duckdb.DuckDBPyConnection) -> None:
    found = aucs(
        pooled,
        """
        SELECT c.* EXCLUDE (book) REPLACE (c.id[4:]::INT AS id, policy_id[4:]::INT AS policy_id),
            r.ring_id NOT NULL AS planted, hash(c.book, coalesce(ring_id, id)) AS fold
        FROM claims c LEFT JOIN truth_rings r ON r.book = c.book AND member_id = c.id
        ORDER BY c.book, c.id""",
    )
    assert {k: v for k, v in found.items() if v >= BOUND and k not in LINKS} == {}


def test_no_column_tells_misconduct(pooled: duckdb.DuckDBPyConnection) -> None:
    found = aucs(
        pooled,
        """
        SELECT p.* EXCLUDE (book) REPLACE (id[4:]::INT AS id, holder_id[2:] AS holder_id),
            agent_id NOT NULL AS planted, hash(p.book, coalesce(agent_id, id)) AS fold
        FROM policies p LEFT JOIN truth_conduct c ON c.book = p.book AND policy_id = id
        WHERE holder_kind = 'person' ORDER BY p.book, p.id""",
    )
    assert {k: v for k, v in found.items() if v >= BOUND} == {}


def test_no_column_tells_who_was_entered_twice(pooled: duckdb.DuckDBPyConnection) -> None:
    """Fewer rows than in the test of a large book, and so the wider bound."""
    found = aucs(
        pooled,
        """
        SELECT (count(*) OVER (PARTITION BY book, entity_id) > 1)::INT AS planted,
            id[2:]::INT AS id, sex, year(birth_date) AS birth_year, id_type, region_code,
            institution_id, occupation, income_band, contact_preference, created_on, entered_by,
            entered_branch_id, phone IS NULL AS no_phone, address IS NULL AS no_address
        FROM persons JOIN truth_persons USING (book, id)""",
    )
    assert {k: v for k, v in found.items() if v >= 0.62} == {}

"""Nothing but the links gives a planted ring or a seller's misconduct away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest

from graphcrm.sample import SampleShape, write_sample
from tests.sample.separation import auc, aucs

SEED = 5
CUSTOMERS = 60_000
BOUND = 0.75
"""Area under the curve that no column reaches alone; 0.5 is a guess."""
# What a ring is made of: how often an agent, a garage or an account comes up is a link, and a ring
# acts in one place and time. These may tell one kind of ring, but not rings as such.
LINKS = {
    "payee_account", "account", "assessor_id", "repairer_id", "hospital_id", "party_id",
    "region_code", "place", "loss_on", "loss_at", "reported_on", "settled_on", "event_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    print("seed", SEED)
    directory = tmp_path_factory.mktemp("hidden") / "book"
    # More rings than by default, so that chance does not decide.
    shape = SampleShape(customers_per_ring=1_000, look_alikes_per_ring=3, misconduct=0.2)
    write_sample(directory, customers=CUSTOMERS, seed=SEED, format="parquet", shape=shape)
    with duckdb.connect() as engine:
        for file in directory.glob("*.parquet"):
            engine.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
        for file in Path(directory, "truth").glob("*.parquet"):
            engine.execute(f"CREATE VIEW truth_{file.stem} AS FROM '{file}'")
        engine.execute(
            "CREATE VIEW line_of AS SELECT p.id AS policy_id, s.line"
            " FROM policies p JOIN products s ON s.code = p.product_code"
        )
        engine.execute(
            "CREATE VIEW in_rings AS SELECT member_id, ring_id, kind FROM truth_rings"
            " WHERE member_kind = 'claim'"
        )
        yield engine


def check(found: dict[str, float], allowed: set[str] | None = None) -> None:
    told = {
        name: round(value, 2)
        for name, value in found.items()
        if value >= BOUND and name not in (allowed or set())
    }
    assert told == {}


def test_a_column_that_tells_is_found() -> None:
    planted = np.arange(4_000) % 40 == 0
    honest = np.random.default_rng(SEED).integers(0, 9, 4_000)
    half = np.random.default_rng(SEED).random(4_000) < 0.5
    assert auc(np.where(planted, 9, honest), planted, half) > 0.95
    assert auc(honest, planted, half) < 0.6


def test_no_column_of_claims_tells_a_ring(book: duckdb.DuckDBPyConnection) -> None:
    check(
        aucs(
            book,
            """
        SELECT c.* REPLACE (c.id[4:]::INT AS id, policy_id[4:]::INT AS policy_id),
            r.ring_id NOT NULL AS planted, hash(coalesce(ring_id, id)) AS fold
        FROM claims c LEFT JOIN in_rings r ON member_id = id ORDER BY c.id""",
        )
    )


@pytest.mark.parametrize(
    ("kind", "lines"),
    [
        ("staged_accidents", "motor"), ("garage_and_assessor", "motor"),
        ("medical_mill", "health accident"), ("ghost_customers", ""), ("shared_payee", ""),
    ],
)  # fmt: skip
def test_no_value_tells_a_kind_of_ring(
    book: duckdb.DuckDBPyConnection, kind: str, lines: str
) -> None:
    among = " OR ".join(f"line = '{line}'" for line in lines.split()) or "true"
    check(
        aucs(
            book,
            f"""
        SELECT c.* REPLACE (c.id[4:]::INT AS id, policy_id[4:]::INT AS policy_id),
            coalesce(r.kind = '{kind}', false) AS planted, hash(coalesce(ring_id, id)) AS fold
        FROM claims c JOIN line_of USING (policy_id) LEFT JOIN in_rings r ON member_id = id
        WHERE {among} ORDER BY c.id""",
        ),
        LINKS,
    )


def test_no_column_of_claim_parties_and_payments_tells_a_ring(
    book: duckdb.DuckDBPyConnection,
) -> None:
    for table in ("claim_parties", "claim_payments", "claim_vehicles"):
        check(
            aucs(
                book,
                f"""
            SELECT t.*, r.ring_id NOT NULL AS planted, hash(coalesce(ring_id, claim_id)) AS fold
            FROM {table} t LEFT JOIN in_rings r ON member_id = claim_id""",
            )
        )


def test_no_column_of_persons_tells_a_member(book: duckdb.DuckDBPyConnection) -> None:
    check(
        aucs(
            book,
            """
        SELECT p.* REPLACE (id[2:]::INT AS id),
            member_id NOT NULL AS planted, hash(coalesce(ring_id, id)) AS fold
        FROM persons p LEFT JOIN (SELECT member_id, min(ring_id) AS ring_id FROM truth_rings
            WHERE member_kind = 'person' GROUP BY 1) ON member_id = id
        WHERE id IN (SELECT holder_id FROM policies p JOIN claims c
            ON c.policy_id = p.id) ORDER BY p.id""",
        )
    )


def test_no_column_of_policies_tells_misconduct(book: duckdb.DuckDBPyConnection) -> None:
    check(
        aucs(
            book,
            """
        SELECT p.* REPLACE (id[4:]::INT AS id, holder_id[2:] AS holder_id),
            agent_id NOT NULL AS planted, hash(coalesce(agent_id, id)) AS fold
        FROM policies p LEFT JOIN truth_conduct ON policy_id = id
        WHERE holder_kind = 'person' ORDER BY p.id""",
        )
    )


def test_no_column_of_contacts_tells_sham_ones(book: duckdb.DuckDBPyConnection) -> None:
    check(aucs(book, """
        SELECT c.* EXCLUDE (agent_id, claim_id) REPLACE (id[4:]::INT AS id,
                contacted_at::DATE AS contacted_at),
            agent_id IN (SELECT agent_id FROM truth_conduct WHERE kind = 'sham_contacts')
                AS planted,
            hash(agent_id) AS fold
        FROM contacts c WHERE direction = 'out' AND agent_id IS NOT NULL ORDER BY c.id"""),
        {"contacted_at"})  # fmt: skip


def test_no_value_stands_in_rings_alone(book: duckdb.DuckDBPyConnection) -> None:
    for column in ("cause", "injury", "status", "finding", "place[:3]"):
        alone = f"""
            SELECT count(DISTINCT {column}) FROM claims WHERE {column} NOT IN (
                SELECT {column} FROM claims WHERE {column} IS NOT NULL
                AND id NOT IN (SELECT member_id FROM truth_rings))"""
        row = book.execute(alone).fetchone()
        assert row == (0,), column

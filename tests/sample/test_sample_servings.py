"""Who sold, served and collected for a policy, as the history of the source tells it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graphcrm.model.codes import ServingRole
from graphcrm.sample import SampleShape, write_sample

SEED = 6
CUSTOMERS = 5_000
SHAPE = SampleShape()


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("servings") / "book"
    write_sample(folder, customers=CUSTOMERS, seed=SEED, format="parquet")
    with duckdb.connect() as engine:
        for path in folder.glob("*.parquet"):
            engine.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
        yield engine


def number(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    row = engine.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_every_role_occurs_in_its_share(book: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        book.execute("SELECT role, count(DISTINCT policy_id) FROM servings GROUP BY 1").fetchall()
    )
    assert set(found) == {role.value for role in ServingRole}
    sold = number(book, "SELECT count(sold_by) FROM policies")
    paying = number(
        book, "SELECT count(*) FROM policies WHERE frequency <> 'single' AND status <> 'pending'"
    )
    assert found["sold"] == pytest.approx(SHAPE.sellers_in_history * sold, rel=0.25)
    assert found["collects"] == pytest.approx(SHAPE.collected * paying, rel=0.25)


def test_sellers_are_those_of_the_policy_and_some_second_ones(
    book: duckdb.DuckDBPyConnection,
) -> None:
    sellers = """
        SELECT policy_id, bool_or(agent_id = sold_by) AS first, count(*) AS n,
            count(DISTINCT agent_id) AS agents FROM servings s JOIN policies p ON p.id = policy_id
        WHERE role = 'sold' AND valid_from = issued_on AND valid_to IS NULL GROUP BY 1"""
    assert number(book, f"SELECT count(*) FROM ({sellers}) WHERE NOT first OR n <> agents") == 0
    assert 0.05 < number(book, f"SELECT avg((n = 2)::INT) FROM ({sellers})") < 0.25
    absent = """
        SELECT count(*) FROM servings s JOIN policies p ON p.id = policy_id
        JOIN agents a ON a.id = agent_id
        WHERE role = 'sold' AND (applied_on < hired_on OR applied_on >= departed_on)"""
    assert number(book, absent) == 0


def test_one_agent_collects_while_the_policy_runs(book: duckdb.DuckDBPyConnection) -> None:
    rows = "FROM servings s JOIN policies p ON p.id = policy_id JOIN agents a ON a.id = agent_id"
    wrong = """WHERE role = 'collects' AND (valid_from < starts_on OR valid_to < valid_from
        OR valid_to > coalesce(ended_on, departed_on) OR valid_from < hired_on
        OR valid_to > departed_on OR frequency = 'single')"""
    assert number(book, f"SELECT count(*) {rows} {wrong}") == 0
    doubled = "SELECT count(*) - count(DISTINCT policy_id) FROM servings WHERE role = 'collects'"
    assert number(book, doubled) == 0
    by_service = f"SELECT avg((a.kind = 'service')::INT) {rows} WHERE role = 'collects'"
    assert 0.2 < number(book, by_service) < 0.7


def test_shares_of_roles_can_be_set(tmp_path: Path) -> None:
    shape = SampleShape(sellers_in_history=0, collected=0)
    write_sample(tmp_path / "book", customers=500, seed=1, format="parquet", shape=shape)
    roles = duckdb.execute(f"SELECT DISTINCT role FROM '{tmp_path}/book/servings.parquet'")
    assert roles.fetchall() == [("serves",)]

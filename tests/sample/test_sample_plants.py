"""What is planted in the made-up insurer: second entries, look-alikes, referrals, and no tells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb
import networkx as nx
import pytest

from graphcrm.sample import SampleReport, write_sample

SEED = 11
CUSTOMERS = 5_000
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
FIVE = ("name", "sex", "birth_date", "id_type", "id_number")


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    print("seed", SEED)
    directory = tmp_path_factory.mktemp("plants") / "book"
    report = write_sample(directory, customers=CUSTOMERS, seed=SEED, format="parquet")
    return directory, report


@pytest.fixture(scope="module")
def book(written: tuple[Path, SampleReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        for path in written[0].glob("*.parquet"):
            engine.execute(f"CREATE VIEW {path.stem} AS FROM '{path}'")
        engine.execute(
            f"CREATE TABLE known AS SELECT p.*, entity_id FROM persons p"
            f" JOIN '{written[0]}/truth/persons.parquet' USING (id)"
        )
        engine.execute(f"CREATE TABLE errors AS FROM '{written[0]}/truth/errors.parquet'")
        engine.execute(
            "CREATE TABLE pairs AS SELECT a.id AS one, b.id AS other, a.entity_id = b.entity_id"
            " AS same FROM known a JOIN known b ON a.id < b.id AND a.entity_id = b.entity_id"
        )
        yield engine


def number(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    row = engine.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_five_percent_are_further_entries_some_of_them_third(
    book: duckdb.DuckDBPyConnection, written: tuple[Path, SampleReport]
) -> None:
    further = number(book, "SELECT count(*) - count(DISTINCT entity_id) FROM known")
    assert further == 0.05 * CUSTOMERS
    plants = {k: n for k, n in written[1].plants.items() if k.startswith("duplicate:")}
    assert sum(plants.values()) == further
    assert min(n for kind, n in plants.items() if kind != "duplicate:name_after_marriage") > 0
    most = "SELECT max(n) FROM (SELECT count(*) AS n FROM known GROUP BY entity_id)"
    assert number(book, most) == 3


def test_business_of_one_person_is_split(book: duckdb.DuckDBPyConnection) -> None:
    split = number(
        book,
        "SELECT avg((EXISTS (FROM policies WHERE holder_id = one)"
        " AND EXISTS (FROM policies WHERE holder_id = other))::INT) FROM pairs",
    )
    assert split > 0.5


ERRING_ID = """
    EXISTS (FROM errors WHERE record_id = id
        AND (starts_with(kind, 'id_') OR starts_with(kind, 'birth_') OR starts_with(kind, 'sex_')))
"""


def test_resident_ids_are_valid_where_the_truth_tells_of_no_error(
    book: duckdb.DuckDBPyConnection,
) -> None:
    rows = book.execute(
        "SELECT id_number, sex, birth_date FROM persons"
        f" WHERE id_type = 'resident_id' AND NOT {ERRING_ID}"
    ).fetchall()
    assert len(rows) > 0.8 * CUSTOMERS
    for code, sex, born in rows:
        total = sum(int(digit) * weight for digit, weight in zip(code, WEIGHTS, strict=False))
        assert "10X98765432"[total % 11] == code[17]
        assert ("M" if int(code[16]) % 2 else "F") == sex
        assert code[6:14] == born.strftime("%Y%m%d")


def test_region_of_the_id_was_valid_at_birth(book: duckdb.DuckDBPyConnection) -> None:
    path = Path(__file__).parents[2] / "graphcrm/standards/data/cn_regions.csv"
    with path.open(encoding="utf-8") as lines:
        valid = {
            (row["code"], year)
            for row in csv.DictReader(lines)
            for year in range(int(row["first_year"]), int(row["last_year"]) + 1)
        }
    rows = book.execute(
        f"SELECT id_number FROM persons WHERE id_type = 'resident_id' AND NOT {ERRING_ID}"
    ).fetchall()
    assert all((c[:6], min(max(int(c[6:10]), 1980), 2022)) in valid for (c,) in rows)


def test_fifteen_digit_ids_belong_to_births_before_2000(book: duckdb.DuckDBPyConnection) -> None:
    old = "FROM persons WHERE id_type = 'resident_id' AND length(id_number) = 15"
    assert number(book, f"SELECT count(*) {old}") > 0
    late = (
        f"SELECT count(*) {old} AND birth_date >= '2000-01-01' AND substr(id_number, 7, 2) < '50'"
    )
    assert number(book, f"{late} AND id NOT IN (FROM errors SELECT record_id WHERE kind IN"
                  " ('birth_wrong', 'birth_placeholder'))") == 0  # fmt: skip


@pytest.mark.parametrize(
    "look_alike",
    [
        # twins
        "a.birth_date = b.birth_date AND a.address = b.address AND a.name[:1] = b.name[:1]",
        # strangers of one name and birth date
        "a.name = b.name AND a.birth_date = b.birth_date AND a.id_number[:6] <> b.id_number[:6]",
        # couples with one phone
        "a.phone = b.phone AND a.sex <> b.sex AND a.address = b.address",
    ],
)
def test_look_alikes_are_not_the_same(book: duckdb.DuckDBPyConnection, look_alike: str) -> None:
    others = (
        "SELECT count(*) FROM known a JOIN known b ON a.id < b.id AND a.entity_id <> b.entity_id"
        f" AND {look_alike}"
    )
    assert number(book, others) >= 3


def test_father_and_son_may_have_one_name(book: duckdb.DuckDBPyConnection) -> None:
    named = """
        SELECT count(*) FROM relations JOIN persons f ON f.id = from_id
        JOIN persons s ON s.id = to_id WHERE kind = 'parent' AND f.name = s.name"""
    assert number(book, named) >= 1


def test_an_agents_phone_stands_with_many_customers(book: duckdb.DuckDBPyConnection) -> None:
    most = """
        SELECT max(n) FROM (SELECT count(*) AS n FROM persons p JOIN agents a USING (phone)
        WHERE a.person_id IS DISTINCT FROM p.id GROUP BY a.id)"""
    assert number(book, most) >= 5


@pytest.mark.parametrize(
    "column",
    [
        "id[2:]::INT", "sex", "created_on", "entered_by", "entered_branch_id", "email", "account",
        "institution_id", "language", "contact_preference", "marketing_consent", "phone_2",
        "vulnerability", "region_code",
    ],
)  # fmt: skip
def test_no_column_gives_a_further_entry_away(book: duckdb.DuckDBPyConnection, column: str) -> None:
    """A record of a person entered twice has the column filled about as often as any adult."""
    if "INT" in column:
        spread = f"""
            SELECT avg(place) FROM (SELECT entity_id, percent_rank() OVER (ORDER BY {column}) AS
            place FROM known) WHERE entity_id IN (
            SELECT entity_id FROM known GROUP BY 1 HAVING count(*) > 1)"""
        assert 0.45 < number(book, spread) < 0.55
        return
    filled = f"""
        SELECT avg(({column} IS NOT NULL)::INT) FILTER (twice)
            - avg(({column} IS NOT NULL)::INT) FILTER (NOT twice)
        FROM (SELECT *, count(*) OVER (PARTITION BY entity_id) > 1 AS twice FROM known)
        WHERE birth_date < '2004-01-01'"""
    assert abs(number(book, filled)) < 0.15


def test_rows_stand_in_order_of_ids(book: duckdb.DuckDBPyConnection) -> None:
    for table in ("persons", "institutions", "agents", "policies", "claims"):
        ids = [row[0] for row in book.execute(f"SELECT id FROM {table}").fetchall()]
        assert ids == sorted(ids), table


def test_unknown_agents_have_ids_among_the_others(book: duckdb.DuckDBPyConnection) -> None:
    ghosts = """
        SELECT count(DISTINCT served_by) FROM policies ANTI JOIN agents ON served_by = agents.id
        WHERE served_by IS NOT NULL"""
    assert number(book, ghosts) > 0
    outside = """
        SELECT count(*) FROM policies ANTI JOIN agents ON served_by = agents.id
        WHERE length(served_by) <> (SELECT max(length(id)) FROM agents)"""
    assert number(book, outside) == 0


def test_referrals_hold_the_chains_and_a_loop(
    book: duckdb.DuckDBPyConnection, written: tuple[Path, SampleReport]
) -> None:
    graph: nx.DiGraph[str] = nx.DiGraph(
        book.execute("SELECT referrer_id, referred_id FROM referrals").fetchall()
    )
    loops = [part for part in nx.strongly_connected_components(graph) if len(part) > 1]
    assert len(loops) == written[1].plants["referral_loop"] > 0
    roots = {node for node, degree in graph.in_degree() if degree == 0}
    chains = book.execute(f"FROM '{written[0]}/truth/chains.parquet'").fetchall()
    assert {root for root, *_ in chains} == roots
    for root, depth, size in chains:
        lengths = nx.single_source_shortest_path_length(graph, root)
        assert (max(lengths.values()), len(lengths)) == (depth, size)
    assert max(depth for _, depth, _ in chains) >= 5
    assert max(size for *_, size in chains) >= 10


def test_some_trees_are_begun_by_institutions_and_departments(
    book: duckdb.DuckDBPyConnection, written: tuple[Path, SampleReport]
) -> None:
    rows = dict(book.execute("SELECT referrer_kind, count(*) FROM referrals GROUP BY 1").fetchall())
    assert set(rows) >= {"person", "institution"}
    assert 0.01 < 1 - rows["person"] / sum(rows.values()) < 0.3
    for kind in ("person", "institution", "department"):
        lost = f"SELECT count(*) FROM referrals WHERE referrer_kind = '{kind}'"
        assert number(book, f"{lost} AND referrer_id NOT IN (SELECT id FROM {kind}s)") == 0
    # An institution begins one tree at most, under whatever record it is known.
    doubled = f"""
        SELECT count(*) - count(DISTINCT entity_id) FROM (
            SELECT DISTINCT referrer_id AS id FROM referrals WHERE referrer_kind = 'institution')
        JOIN '{written[0]}/truth/institutions.parquet' USING (id)"""
    assert number(book, doubled) == 0
    own = "SELECT count(*) FROM referrals JOIN institutions ON id = referrer_id WHERE own = 'yes'"
    assert number(book, own) == 0


def test_many_referrals_bring_a_policy(book: duckdb.DuckDBPyConnection) -> None:
    share = number(book, "SELECT avg((policy_id NOT NULL)::INT) FROM referrals")
    assert 0.3 < share < 0.6
    early = """SELECT count(*) FROM referrals JOIN policies p ON p.id = policy_id
        WHERE applied_on < referred_on OR holder_id <> referred_id"""
    assert number(book, early) == 0


def test_agents_who_are_customers_have_their_own_name(book: duckdb.DuckDBPyConnection) -> None:
    named = """
        SELECT avg((a.name = p.name)::INT) FROM agents a JOIN persons p ON p.id = a.person_id"""
    assert number(book, named) == 1

"""Rings, their look-alikes, misconduct and conflicts: planted as the truth says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from graphcrm.sample import SampleReport, SampleShape, write_sample

SEED = 11
CUSTOMERS = 30_000


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    print("seed", SEED)
    directory = tmp_path_factory.mktemp("rings") / "book"
    shape = SampleShape(customers_per_ring=1_500)
    report = write_sample(directory, customers=CUSTOMERS, seed=SEED, format="parquet", shape=shape)
    return directory, report


@pytest.fixture(scope="module")
def book(written: tuple[Path, SampleReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        for file in written[0].glob("*.parquet"):
            engine.execute(f"CREATE VIEW {file.stem} AS FROM '{file}'")
        for file in Path(written[0], "truth").glob("*.parquet"):
            engine.execute(f"CREATE VIEW truth_{file.stem} AS FROM '{file}'")
        engine.execute(
            "CREATE VIEW ring_claims AS SELECT ring_id, kind, c.* FROM truth_rings"
            " JOIN claims c ON c.id = member_id WHERE member_kind = 'claim'"
        )
        yield engine


def number(engine: duckdb.DuckDBPyConnection, query: str) -> float:
    row = engine.execute(query).fetchone()
    assert row is not None
    return float(row[0])


def test_every_kind_is_there_with_ten_look_alikes_to_a_ring(
    written: tuple[Path, SampleReport],
) -> None:
    plants = written[1].plants
    rings = [n for name, n in plants.items() if name.startswith("ring:")]
    honest = [n for name, n in plants.items() if name.startswith("look_alike:")]
    assert len(rings) == 5
    assert min(rings) >= 1
    assert min(honest) >= 1
    assert 9 * sum(rings) <= sum(honest) <= 11 * sum(rings)


@pytest.mark.parametrize("table", ["truth_rings", "truth_look_alikes"])
@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("claim", "claims"), ("person", "persons"), ("institution", "institutions"),
        ("agent", "agents"), ("vehicle", "vehicles"),
    ],
)  # fmt: skip
def test_members_resolve(
    book: duckdb.DuckDBPyConnection, table: str, kind: str, target: str
) -> None:
    members = f"FROM {table} WHERE member_kind = '{kind}'"
    lost = f"SELECT count(*) {members} AND member_id NOT IN (SELECT id FROM {target})"
    assert number(book, lost) == 0
    if (table, kind) != ("truth_look_alikes", "agent"):
        assert number(book, f"SELECT count(*) {members}") > 0


def test_a_claim_is_in_one_group(book: duckdb.DuckDBPyConnection) -> None:
    assert (
        number(
            book,
            """
        SELECT count(*) FROM (SELECT member_id FROM (FROM truth_rings UNION ALL
            FROM truth_look_alikes) WHERE member_kind = 'claim' GROUP BY 1
            HAVING count(*) > 1)""",
        )
        == 0
    )


@pytest.mark.parametrize(
    ("kind", "member", "link"),
    [
        ("garage_and_assessor", "institution", "repairer_id"),
        ("garage_and_assessor", "agent", "assessor_id"),
        ("medical_mill", "institution", "hospital_id"),
    ],
)
def test_four_fifths_of_the_links_are_the_ring_s(
    book: duckdb.DuckDBPyConnection, kind: str, member: str, link: str
) -> None:
    held = number(
        book,
        f"""
        SELECT avg(coalesce({link} = r.member_id, false)::INT) FROM ring_claims c
        JOIN truth_rings r USING (ring_id)
        WHERE c.kind = '{kind}' AND r.member_kind = '{member}'""",
    )
    assert 0.6 < held <= 1


def test_rings_keep_to_a_city(book: duckdb.DuckDBPyConnection) -> None:
    most = number(
        book,
        """
        SELECT max(n) FROM (SELECT count(DISTINCT region_code[:4]) AS n FROM ring_claims
        WHERE kind <> 'ghost_customers' GROUP BY ring_id)""",
    )
    assert most == 1


def test_roles_are_swapped_in_staged_accidents(book: duckdb.DuckDBPyConnection) -> None:
    """Most members are hurt in one accident and on another side in another."""
    swapped = number(
        book,
        """
        SELECT avg((roles > 1)::INT) FROM (
            SELECT r.member_id, count(DISTINCT p.role) AS roles FROM truth_rings r
            JOIN ring_claims c USING (ring_id)
            JOIN claim_parties p ON p.claim_id = c.id AND p.party_id = r.member_id
            WHERE r.kind = 'staged_accidents' AND r.member_kind = 'person'
                AND p.role <> 'driver' GROUP BY ALL)""",
    )
    assert swapped > 0.5


def test_accounts_are_shared(book: duckdb.DuckDBPyConnection) -> None:
    for kind in ("shared_payee", "ghost_customers"):
        shared = number(
            book,
            f"""
            SELECT avg(1 - n / claims) FROM (SELECT count(DISTINCT payee_account) AS n,
                count(payee_account) AS claims FROM ring_claims WHERE kind = '{kind}'
                GROUP BY ring_id)""",
        )
        assert shared > 0.3, kind


def test_storms_are_of_one_day(book: duckdb.DuckDBPyConnection) -> None:
    days = number(
        book,
        """
        SELECT max(n) FROM (SELECT count(DISTINCT loss_on) AS n FROM truth_look_alikes
        JOIN claims ON id = member_id WHERE kind = 'storm' GROUP BY ring_id)""",
    )
    assert days == 1


def test_findings_are_few_and_not_in_rings_alone(book: duckdb.DuckDBPyConnection) -> None:
    total = number(book, "SELECT count(*) FROM claims")
    for finding in ("confirmed_fraud", "cleared"):
        found = f"SELECT count(*) FROM claims WHERE finding = '{finding}' AND finding_on NOT NULL"
        outside = f"{found} AND id NOT IN (SELECT id FROM ring_claims)"
        assert number(book, outside) > 0
        assert number(book, found) < 0.03 * total
    assert number(book, "SELECT count(*) FROM claims WHERE finding IS NULL AND finding_on NOT NULL"
                  " OR finding_on < reported_on") == 0  # fmt: skip


def test_every_kind_of_misconduct_is_there(
    written: tuple[Path, SampleReport], book: duckdb.DuckDBPyConnection
) -> None:
    plants = {n: k for n, k in written[1].plants.items() if n.startswith("conduct:")}
    assert len(plants) == 9
    assert min(plants.values()) >= 1, plants
    lost = "SELECT count(*) FROM truth_conduct c ANTI JOIN policies p ON p.id = c.policy_id"
    assert number(book, f"{lost} WHERE policy_id NOT NULL") == 0
    other = """SELECT count(*) FROM truth_conduct c JOIN policies p ON p.id = c.policy_id
        WHERE p.sold_by <> c.agent_id"""
    assert number(book, other) == 0


@pytest.mark.parametrize(
    ("kind", "shows"),
    [
        ("churning", "replaces_id IN (SELECT id FROM policies WHERE sold_by = c.agent_id)"),
        ("twisting", "replaces_id IN (SELECT id FROM policies WHERE sold_by <> c.agent_id)"),
        ("bulk_lapse", "status = 'lapsed' AND ended_on - starts_on = 425"),
        ("premium_financing", """id IN (SELECT policy_id FROM premiums
            JOIN agents a ON a.account = paid_by_account WHERE a.id = c.agent_id)"""),
        ("self_referral", """id IN (SELECT policy_id FROM referrals
            JOIN agents a ON a.person_id = referrer_id WHERE a.id = c.agent_id)"""),
    ],
)  # fmt: skip
def test_policies_show_the_misconduct(
    book: duckdb.DuckDBPyConnection, kind: str, shows: str
) -> None:
    share = number(
        book,
        f"""
        SELECT avg(({shows})::INT) FROM truth_conduct c JOIN policies p ON p.id = c.policy_id
        WHERE kind = '{kind}'""",
    )
    assert share > 0.6


def test_sham_contacts_are_minutes_apart(book: duckdb.DuckDBPyConnection) -> None:
    quick = """
        SELECT avg((gap < 200)::INT) FROM (SELECT agent_id, epoch(contacted_at) - lag(
            epoch(contacted_at)) OVER (PARTITION BY agent_id ORDER BY contacted_at) AS gap
            FROM contacts WHERE direction = 'out') WHERE agent_id"""
    shams = "(SELECT agent_id FROM truth_conduct WHERE kind = 'sham_contacts')"
    assert number(book, f"{quick} IN {shams}") > 0.4
    assert number(book, f"{quick} NOT IN {shams}") < 0.1


def test_service_conflicts_are_as_the_truth_says(book: duckdb.DuckDBPyConnection) -> None:
    open_twice = """
        SELECT policy_id FROM servings WHERE role = 'serves' AND valid_to IS NULL
        GROUP BY 1 HAVING count(*) > 1"""
    differs = """
        SELECT policy_id FROM servings s JOIN policies p ON p.id = policy_id
        WHERE role = 'serves' AND valid_to IS NULL AND p.status = 'in_force'
        GROUP BY policy_id, served_by HAVING bool_and(agent_id <> served_by)"""
    for kind, found in (("two_servings_open", open_twice), ("served_by_differs", differs)):
        truth = f"SELECT policy_id FROM truth_service_conflicts WHERE kind = '{kind}'"
        expected = book.execute(f"{truth} ORDER BY 1").fetchall()
        assert book.execute(f"FROM ({found}) ORDER BY 1").fetchall() == expected
        assert expected


def test_few_policies_are_with_an_agent_who_may_not_sell_them(
    book: duckdb.DuckDBPyConnection,
) -> None:
    for role in ("sold_by", "served_by"):
        wrong = number(
            book,
            f"""
            SELECT avg((NOT list_contains(string_split(product_lines, ';'), line))::INT)
            FROM policies p JOIN agents a ON a.id = {role}
            JOIN products s ON s.code = product_code WHERE a.status = 'active'""",
        )
        assert 0.005 < wrong < 0.05
    assert number(book, "SELECT count(*) FROM authorities WHERE valid_to NOT NULL") > 0


def test_no_rings_where_the_shape_wants_none(tmp_path: Path) -> None:
    shape = SampleShape(customers_per_ring=0, misconduct=0, service_conflicts=0)
    report = write_sample(tmp_path / "book", customers=2_000, seed=SEED, shape=shape)
    planted = {
        name: n for name, n in report.plants.items()
        if name.startswith(("ring:", "look_alike:")) or name == "service_conflict"
    }  # fmt: skip
    assert sum(planted.values()) == 0
    assert report.rows["truth/rings"] == 0

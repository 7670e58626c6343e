"""The made-up insurer: repeatable, well-formed, and true to its truth."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from graphcrm.sample import SampleReport, SampleShape, write_sample

SEED = 20_260_630
CUSTOMERS = 5_000
PERSON_HEADER = (
    "id name sex birth_date died_on id_type id_number phone phone_2 email address region_code "
    "institution_id department_id occupation income_band account language contact_preference "
    "marketing_consent vulnerability created_on entered_by entered_branch_id"
)
HEADERS = {
    "institutions": "id name kind own uscc industry phone contact_name contact_phone account "
    "address region_code parent_id created_on entered_by entered_branch_id",
    "departments": "id institution_id name phone address region_code parent_id",
    "persons": PERSON_HEADER,
    "agents": "id name kind branch_id region_code status status_since hired_on departed_on tier "
    "licence_no licence_until product_lines capacity phone account upline_id person_id languages",
    "authorities": "agent_id line valid_from valid_to",
    "products": "code name line",
    "policies": "id product_code holder_id holder_kind premium currency sum_insured frequency "
    "business_type channel applied_on issued_on starts_on ends_on ended_on status surrender_value "
    "surrender_account paid_to sold_by served_by branch_id vehicle_id replaces_id renews_id "
    "created_on entered_by entered_branch_id",
    "policy_parties": "policy_id party_id party_kind role certificate_no valid_from valid_to",
    "servings": "policy_id agent_id role valid_from valid_to reason",
    "premiums": "policy_id due_on amount paid_on paid_by_account",
    "claims": "id policy_id event_id loss_on loss_at reported_on settled_on status amount_claimed "
    "reserve amount_paid cause injury place region_code assessor_id repairer_id hospital_id "
    "payee_account finding finding_on",
    "claim_parties": "claim_id party_id party_kind role",
    "claim_vehicles": "claim_id vehicle_id role",
    "claim_payments": "claim_id payee_id payee_kind account amount paid_on",
    "vehicles": "id plate vin make model owner_id owner_kind",
    "contacts": "id customer_id customer_kind contacted_at direction channel agent_id "
    "department_id topic outcome satisfaction policy_id claim_id product_code note",
    "services": "id customer_id customer_kind kind class requested_on promised_by done_on "
    "department_id agent_id",
    "referrals": "referrer_id referrer_kind referred_id referred_kind referred_on policy_id",
    "relations": "from_id to_id kind",
    "truth/persons": "id entity_id",
    "truth/errors": "record_id record_kind kind",
    "truth/institutions": "id entity_id",
    "truth/departments": "record_id record_kind institution_entity_id",
    "truth/orphans": "policy_id customer_id reason",
    "truth/rings": "ring_id kind member_id member_kind",
    "truth/look_alikes": "ring_id kind member_id member_kind",
    "truth/conduct": "agent_id kind policy_id",
    "truth/service_conflicts": "policy_id kind",
    "truth/chains": "root_id depth size",
}
REFERENCES = [
    ("institutions", "parent_id", "institutions"),
    ("institutions", "entered_by", "agents"),
    ("institutions", "entered_branch_id", "departments"),
    ("departments", "institution_id", "institutions"),
    ("departments", "parent_id", "departments"),
    ("persons", "institution_id", "institutions"),
    ("persons", "department_id", "departments"),
    ("persons", "entered_by", "agents"),
    ("persons", "entered_branch_id", "departments"),
    ("agents", "branch_id", "departments"),
    ("agents", "upline_id", "agents"),
    ("agents", "person_id", "persons"),
    ("authorities", "agent_id", "agents"),
    ("policies", "sold_by", "agents"),
    ("policies", "branch_id", "departments"),
    ("policies", "vehicle_id", "vehicles"),
    ("policies", "replaces_id", "policies"),
    ("policies", "renews_id", "policies"),
    ("policies", "entered_by", "agents"),
    ("policies", "entered_branch_id", "departments"),
    ("policy_parties", "policy_id", "policies"),
    ("policy_parties", "party_id", "parties"),
    ("servings", "policy_id", "policies"),
    ("servings", "agent_id", "agents"),
    ("premiums", "policy_id", "policies"),
    ("claims", "policy_id", "policies"),
    ("claims", "assessor_id", "agents"),
    ("claims", "repairer_id", "institutions"),
    ("claims", "hospital_id", "institutions"),
    ("claim_parties", "claim_id", "claims"),
    ("claim_parties", "party_id", "parties"),
    ("claim_vehicles", "claim_id", "claims"),
    ("claim_vehicles", "vehicle_id", "vehicles"),
    ("claim_payments", "claim_id", "claims"),
    ("claim_payments", "payee_id", "parties"),
    ("vehicles", "owner_id", "parties"),
    ("contacts", "customer_id", "parties"),
    ("contacts", "agent_id", "agents"),
    ("contacts", "department_id", "departments"),
    ("contacts", "policy_id", "policies"),
    ("contacts", "claim_id", "claims"),
    ("services", "customer_id", "parties"),
    ("services", "agent_id", "agents"),
    ("services", "department_id", "departments"),
    ("referrals", "referrer_id", "referrers"),
    ("referrals", "referred_id", "persons"),
    ("referrals", "policy_id", "policies"),
    ("relations", "from_id", "persons"),
    ("relations", "to_id", "persons"),
]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SampleReport]:
    print("seed", SEED)
    directory = tmp_path_factory.mktemp("sample") / "book"
    return directory, write_sample(directory, customers=CUSTOMERS, seed=SEED)


@pytest.fixture(scope="module")
def book(written: tuple[Path, SampleReport]) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as engine:
        for name in HEADERS:
            engine.execute(
                f'CREATE TABLE "{name}" AS FROM read_csv('
                f"'{written[0]}/{name}.csv', all_varchar = true, header = true)"
            )
        engine.execute(
            "CREATE VIEW parties AS SELECT id FROM persons UNION ALL SELECT id FROM institutions"
        )
        engine.execute("CREATE VIEW referrers AS FROM parties UNION ALL SELECT id FROM departments")
        yield engine


def count(engine: duckdb.DuckDBPyConnection, query: str) -> int:
    row = engine.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def types(path: str) -> dict[str, str]:
    described = duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()
    return {name: kind for name, kind, *_ in described}


def test_header_is_the_interchange_format_s(written: tuple[Path, SampleReport]) -> None:
    directory, _ = written
    found = {str(f.relative_to(directory).with_suffix("")) for f in directory.rglob("*.csv")}
    assert found == set(HEADERS)
    for name, header in HEADERS.items():
        first = (directory / f"{name}.csv").read_bytes().split(b"\n", 1)[0]
        assert first.decode() == ",".join(header.split()), name


def test_csv_is_plain(written: tuple[Path, SampleReport]) -> None:
    for path in written[0].rglob("*.csv"):
        content = path.read_bytes()
        assert not content.startswith(b"\xef\xbb\xbf"), path
        assert b"\r" not in content, path
        assert b'""' not in content, path


def test_report_counts_the_rows(
    written: tuple[Path, SampleReport], book: duckdb.DuckDBPyConnection
) -> None:
    rows = {name: count(book, f'SELECT count(*) FROM "{name}"') for name in HEADERS}
    assert written[1].rows == rows
    assert rows["persons"] == CUSTOMERS
    assert 2.5 * CUSTOMERS < rows["policies"] < 3.5 * CUSTOMERS
    assert 0.04 * rows["policies"] < rows["claims"] < 0.08 * rows["policies"]
    in_force = count(book, "SELECT count(*) FROM policies WHERE status = 'in_force'")
    assert 0.65 < in_force / rows["policies"] < 0.75


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_reference_resolves(
    book: duckdb.DuckDBPyConnection, table: str, column: str, target: str
) -> None:
    lost = (
        f"SELECT count(*) FROM {table} WHERE {column} IS NOT NULL"
        f" AND {column} NOT IN (SELECT id FROM {target})"
    )
    assert count(book, lost) == 0
    assert count(book, f"SELECT count({column}) FROM {table}") > 0


def test_holder_resolves_in_its_own_table(book: duckdb.DuckDBPyConnection) -> None:
    for kind in ("person", "institution", "department"):
        held = f"FROM policies WHERE holder_kind = '{kind}'"
        assert count(book, f"SELECT count(*) {held}") > 0
        lost = f"SELECT count(*) {held} AND holder_id NOT IN (SELECT id FROM {kind}s)"
        assert count(book, lost) == 0
    products = "SELECT count(*) FROM policies WHERE product_code NOT IN (SELECT code FROM products)"
    assert count(book, products) == 0


def test_ids_are_unique(book: duckdb.DuckDBPyConnection) -> None:
    for name, header in HEADERS.items():
        if header.startswith("id "):
            assert count(book, f'SELECT count(*) - count(DISTINCT id) FROM "{name}"') == 0, name
    doubled = "SELECT count(*) - count(DISTINCT (policy_id, due_on)) FROM premiums"
    assert count(book, doubled) == 0


def test_dates_make_sense(book: duckdb.DuckDBPyConnection) -> None:
    for wrong in (
        "policies WHERE applied_on > issued_on OR issued_on > starts_on",
        "policies WHERE status = 'in_force' AND (ends_on < '2026-06-30' OR ended_on IS NOT NULL)",
        "policies WHERE ended_on > '2026-06-30' OR ended_on < starts_on OR ended_on > ends_on",
        "policies WHERE status NOT IN ('in_force', 'pending') AND ended_on IS NULL",
        "policies p JOIN agents a ON sold_by = a.id WHERE applied_on < hired_on",
        "policies p JOIN agents a ON sold_by = a.id WHERE applied_on > departed_on",
        "claims c JOIN policies p ON policy_id = p.id WHERE loss_on < starts_on",
        "claims c JOIN policies p ON policy_id = p.id WHERE loss_on > least(ended_on, ends_on)",
        "claims WHERE reported_on < loss_on OR settled_on < reported_on",
        "claims WHERE (status = 'open') <> (settled_on IS NULL)",
        "servings WHERE valid_to < valid_from OR valid_from > '2026-06-30'",
        "servings s JOIN agents a ON agent_id = a.id WHERE valid_from < hired_on",
        "agents WHERE departed_on < hired_on OR (status = 'departed') <> (departed_on NOT NULL)",
        "contacts c JOIN agents a ON agent_id = a.id WHERE contacted_at[:10] < hired_on",
        "contacts WHERE contacted_at[:10] > '2026-06-30' OR contacted_at[11] <> 'T'",
    ):
        assert count(book, f"SELECT count(*) FROM {wrong}") == 0, wrong


def test_truth_covers_every_record(book: duckdb.DuckDBPyConnection) -> None:
    for table in ("persons", "institutions"):
        assert (
            count(book, f'SELECT count(*) FROM {table} ANTI JOIN "truth/{table}" USING (id)') == 0
        )
        assert (
            count(book, f'SELECT count(*) FROM "truth/{table}" ANTI JOIN {table} USING (id)') == 0
        )


def test_orphans_are_those_of_the_definition(book: duckdb.DuckDBPyConnection) -> None:
    definition = """
        SELECT p.id, p.holder_id,
            CASE WHEN served_by IS NULL THEN 'none' WHEN a.id IS NULL THEN 'unknown'
                ELSE a.status END
        FROM policies p LEFT JOIN agents a ON served_by = a.id
        WHERE p.status = 'in_force' AND (a.id IS NULL OR a.status <> 'active')
            AND p.id NOT IN (SELECT policy_id FROM "truth/service_conflicts")
        ORDER BY ALL"""
    planted = 'SELECT policy_id, customer_id, reason FROM "truth/orphans" ORDER BY ALL'
    expected = book.execute(planted).fetchall()
    assert book.execute(definition).fetchall() == expected
    assert {reason for *_, reason in expected} == {
        "departed", "suspended", "on_leave", "unknown", "none",
    }  # fmt: skip


def test_departments_are_entered_as_institutions(book: duckdb.DuckDBPyConnection) -> None:
    part = """
        SELECT d.record_id, bool_or(contains(i.name, h.name)) FROM "truth/departments" d
        JOIN institutions i ON i.id = d.record_id
        JOIN "truth/institutions" t ON t.entity_id = d.institution_entity_id
        JOIN institutions h ON h.id = t.id WHERE i.id <> h.id GROUP BY ALL"""
    named = book.execute(part).fetchall()
    rows = count(book, 'SELECT count(*) FROM "truth/departments"')
    assert rows > len(named) > 0  # some institutions are known by a department alone
    # An error in either name hides it in a few.
    assert sum(same for _, same in named) >= 0.6 * len(named)


def test_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, seed in (("one", 7), ("two", 7), ("three", 8)):
        write_sample(tmp_path / name, customers=800, seed=seed, format="parquet")
    write_sample(tmp_path / "four", customers=800, seed=7)
    write_sample(tmp_path / "five", customers=800, seed=7)
    one, two, three, four, five = (
        {
            str(f.relative_to(tmp_path / name)): hashlib.sha256(f.read_bytes()).hexdigest()
            for f in (tmp_path / name).rglob("*.*")
        }
        for name in ("one", "two", "three", "four", "five")
    )
    assert one == two
    assert four == five
    same = {name for name in one if one[name] == three[name]}
    assert same == {"products.parquet"}


def test_parquet_and_csv_tell_the_same(tmp_path: Path) -> None:
    write_sample(tmp_path / "csv", customers=300, seed=3)
    write_sample(tmp_path / "parquet", customers=300, seed=3, format="parquet")
    for name in HEADERS:
        parquet = f"'{tmp_path}/parquet/{name}.parquet'"
        columns = types(f"{tmp_path}/parquet/{name}.parquet")
        read = f"read_csv('{tmp_path}/csv/{name}.csv', header = true, columns = {columns})"
        for one, other in ((read, parquet), (parquet, read)):
            difference = duckdb.execute(f"FROM {one} EXCEPT ALL FROM {other}").fetchall()
            assert difference == [], name


def test_parquet_types(tmp_path: Path) -> None:
    write_sample(tmp_path / "book", customers=50, seed=3, format="parquet")
    policies = types(f"{tmp_path}/book/policies.parquet")
    assert policies["starts_on"] == "DATE"
    assert policies["premium"] == "DOUBLE"
    assert policies["id"] == "VARCHAR"
    assert types(f"{tmp_path}/book/agents.parquet")["languages"] == "VARCHAR"
    assert types(f"{tmp_path}/book/contacts.parquet")["contacted_at"] == "TIMESTAMP"


@pytest.mark.parametrize("customers", [1, 2, 3, 10, 41])
def test_small_books_work(tmp_path: Path, customers: int) -> None:
    report = write_sample(tmp_path / "book", customers=customers, seed=1)
    assert report.rows["persons"] == customers
    assert report.rows["agents"] >= 3


@pytest.mark.parametrize("customers", [0, -5])
def test_no_customers_are_refused(tmp_path: Path, customers: int) -> None:
    with pytest.raises(ValueError, match=f"customers must be 1 or more, not {customers}"):
        write_sample(tmp_path / "book", customers=customers, seed=1)
    assert not list(tmp_path.iterdir())


def test_negative_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="seed must be 0 or more"):
        write_sample(tmp_path / "book", customers=5, seed=-1)


def test_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="is not empty"):
        write_sample(tmp_path, customers=5, seed=1)
    assert [f.name for f in tmp_path.iterdir()] == ["mine.txt"]


def test_empty_directory_is_taken(tmp_path: Path) -> None:
    target = tmp_path / "book"
    target.mkdir()
    write_sample(target, customers=5, seed=1)
    assert (target / "persons.csv").exists()


def test_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(file: str, done: int, total: int) -> None:
        if file == "policies":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path / "book", customers=5, seed=1, progress=stop)
    assert not list(tmp_path.iterdir())


def test_progress_names_every_file(tmp_path: Path) -> None:
    calls: list[tuple[str, int, int]] = []
    write_sample(tmp_path / "book", customers=5, seed=1, progress=lambda *call: calls.append(call))
    assert [name for name, *_ in calls] == list(dict.fromkeys(name for name, *_ in calls))
    assert {name for name, *_ in calls} == set(HEADERS)
    assert [done for _, done, _ in calls] == list(range(1, len(HEADERS) + 1))
    assert {total for *_, total in calls} == {len(HEADERS)}


def test_another_day_moves_the_book(tmp_path: Path) -> None:
    write_sample(
        tmp_path / "book", customers=200, seed=1, format="parquet", as_of=date(2020, 2, 29)
    )
    row = duckdb.execute(
        f"SELECT max(issued_on), min(ends_on) FILTER (status = 'in_force')"
        f" FROM '{tmp_path}/book/policies.parquet'"
    ).fetchone()
    assert row is not None
    assert date(2020, 2, 1) <= row[0] <= date(2020, 2, 29) <= row[1]


def test_shape_changes_the_proportions(tmp_path: Path) -> None:
    shape = SampleShape(duplicates=0.2, western=0, claims=0)
    report = write_sample(tmp_path / "book", customers=500, seed=1, shape=shape)
    entered_again = sum(n for kind, n in report.plants.items() if kind.startswith("duplicate:"))
    assert entered_again == 100
    assert report.rows["claims"] == 0
    with pytest.raises(ValueError, match="less than or equal to"):
        SampleShape(duplicates=2)

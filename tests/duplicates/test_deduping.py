"""The whole engine on lists: how good it is, and that it holds whatever it is given."""

from __future__ import annotations

from collections import Counter
from itertools import combinations
from pathlib import Path
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from graphcrm.duplicates import Role, dedupe
from graphcrm.duplicates.deduping import DOUBTFUL, PAIRS
from graphcrm.sample import write_sample
from tests.conftest import SAMPLE_DAY
from tests.duplicates.listing import Partition, f1, partition, table

SEED = 20_260_630
HISTORICAL = Path(__file__).parents[3] / "shared" / "data" / "historical_50k.parquet"
"""Of Splink's demo data: English persons of history, with errors, ten records each."""

PERSON = {
    "name": Role.NAME,
    "sex": Role.SEX,
    "birth_date": Role.BIRTH_DATE,
    "id_number": Role.ID_NUMBER,
    "phone": Role.PHONE,
    "phone_2": Role.PHONE,
    "email": Role.EMAIL,
    "address": Role.ADDRESS,
    "account": Role.ACCOUNT,
    "occupation": Role.OCCUPATION,
}
HISTORIC = {
    "full_name": Role.NAME,
    "dob": Role.BIRTH_DATE,
    "birth_place": Role.PLACE,
    "postcode_fake": Role.POSTCODE,
    "gender": Role.SEX,
    "occupation": Role.OCCUPATION,
}
NAME_PHONE = {"name": Role.NAME, "phone": Role.PHONE}
ALL = {"name": Role.NAME, "phone": Role.PHONE, "born": Role.BIRTH_DATE, "id": Role.ID_NUMBER}


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample insurer."""
    print("seed", SEED)
    folder = tmp_path_factory.mktemp("deduping") / "book"
    write_sample(folder, customers=3_000, seed=SEED, as_of=SAMPLE_DAY, format="parquet")
    return folder


@pytest.fixture(scope="module")
def persons(book: Path) -> pa.Table:
    """Its persons, all columns as text, and `entity_id`: who each really is."""
    with duckdb.connect() as engine:
        columns = ", ".join(f"{name}::VARCHAR AS {name}" for name in ("id", *PERSON))
        return engine.sql(
            f"SELECT {columns}, entity_id FROM '{book}/persons.parquet' p"
            f" JOIN '{book}/truth/persons.parquet' t USING (id) ORDER BY id"
        ).to_arrow_table()


@pytest.fixture(scope="module")
def found(persons: pa.Table) -> list[int]:
    """The cluster of each."""
    clusters: list[int] = dedupe(persons, PERSON).cluster_ids.tolist()
    return clusters


def historical(records: int, seed: int) -> pa.Table:
    """About so many records of historical persons, each person whole."""
    print("seed", seed)
    with duckdb.connect() as engine:
        whole = engine.table_function("read_parquet", [str(HISTORICAL)]).to_arrow_table()
    held = Counter(whole["cluster"].to_pylist())
    people, kept, size = sorted(held), set(), 0
    Random(seed).shuffle(people)
    while size < records:
        kept.add(person := people.pop())
        size += held[person]
    return whole.filter(pa.array([c in kept for c in whole["cluster"].to_pylist()]))


def clusters(columns: pa.Table, roles: dict[str, Role]) -> list[int]:
    made: list[int] = dedupe(columns, roles).cluster_ids.tolist()
    return made


def test_the_customers_of_the_sample_insurer(persons: pa.Table, found: list[int]) -> None:
    truth = persons["entity_id"].to_pylist()
    assert f1(found, truth) >= 0.93
    assert len(set(truth)) < len(truth) - 50


def test_households_are_not_one_customer(book: Path, persons: pa.Table, found: list[int]) -> None:
    with duckdb.connect() as engine:
        related = engine.execute(
            f"SELECT from_id, to_id FROM '{book}/relations.parquet'"
        ).fetchall()
    names = zip(persons["id"].to_pylist(), persons["entity_id"].to_pylist(), found, strict=True)
    entity, cluster = {}, {}
    for id, true, made in names:
        entity[id], cluster[id] = true, made
    holders: dict[str, list[str]] = {}
    for id, phone in zip(persons["id"].to_pylist(), persons["phone"].to_pylist(), strict=True):
        if phone:
            holders.setdefault(phone, []).append(id)
    shared = [p for ids in holders.values() if len(ids) < 4 for p in combinations(ids, 2)]
    for pairs in (related, shared):
        households = [(a, b) for a, b in pairs if entity[a] != entity[b]]
        assert len(households) > 20
        assert [p for p in households if cluster[p[0]] == cluster[p[1]]] == []


@pytest.mark.parametrize("seed", [0, 3, 5])
def test_a_short_list_of_historical_persons(seed: int) -> None:
    people = historical(300, seed)
    assert f1(clusters(people, HISTORIC), people["cluster"].to_pylist()) >= 0.9


def test_a_name_and_a_phone_are_enough() -> None:
    chance = Random(SEED)
    names, phones = [], []
    for n in range(120):
        name = f"{chance.choice('张李王赵陈刘杨黄')}{chr(0x5B50 + n)}{chance.choice('伟芳娜敏静')}"
        phone = f"138{chance.randrange(10**8):08}"
        names += [name, f"{name[0]} {name[1:]}"] if n % 3 == 0 else [name]
        phones += [phone, f"+86 {phone}"] if n % 3 == 0 else [phone]
    # A couple with one phone, and two of one name with two.
    names += ["李娜", "王强", "张伟", "张伟"]
    phones += ["13911112222", "13911112222", "13733334444", "15955556666"]
    truth = [names[n].replace(" ", "") + phones[n][-11:] for n in range(len(names))]
    assert f1(clusters(table(name=names, phone=phones), NAME_PHONE), truth) == 1.0


@pytest.mark.parametrize(
    ("names", "phones", "expected"),
    [
        ([], [], []),
        (["张伟"], ["13800138000"], [1]),
        (["张伟", "张 伟"], ["13800138000", "+86 13800138000"], [1, 1]),
        (["张伟", "李娜"], ["13800138000", "13912345678"], [1, 2]),
        (["张伟", "李娜"], ["13800138000", "13800138000"], [1, 2]),
        (["张伟", "李娜", "张偉"], ["13800138000", "13912345678", "138-0013-8000"], [1, 2, 1]),
        (["张伟", None, "张伟"], ["13800138000", None, "13800138000"], [1, 2, 1]),
        ([None, None, None], [None, None, None], [1, 2, 3]),
    ],
)
def test_the_shortest_lists(
    names: list[str | None], phones: list[str | None], expected: list[int]
) -> None:
    found = dedupe(table(name=names, phone=phones), NAME_PHONE)
    assert found.cluster_ids.tolist() == expected
    assert found.pairs.schema == PAIRS
    together = [p for p in combinations(range(len(names)), 2) if expected[p[0]] == expected[p[1]]]
    same = found.pairs.filter(found.pairs["same"])
    assert together == list(zip(same["left"].to_pylist(), same["right"].to_pylist(), strict=True))


def short_book(people: int, **further: str | None) -> pa.Table:
    """So many different persons with all columns, and one more like the first in `further`."""
    chance = Random(SEED)
    rows: list[dict[str, str | None]] = [
        {
            "name": f"{'赵钱孙周吴郑冯陈'[n % 8]}{chr(0x5B50 + n)}",
            "sex": "MF"[n % 2],
            "birth_date": f"{1950 + n}-{n % 12 + 1:02}-{n % 28 + 1:02}",
            "phone": f"138{chance.randrange(10**8):08}",
            "account": f"62220{chance.randrange(10**14):014}",
        }
        for n in range(people)
    ]
    rows.append({column: further.get(column) for column in rows[0]})
    rows[0]["name"] = rows[-1]["name"]
    return pa.Table.from_pylist(rows, pa.schema([(c, pa.string()) for c in rows[0]]))


@pytest.mark.parametrize("people", [4, 11, 40])
@pytest.mark.parametrize("name", ["王芳", "欧阳锶睿"])
def test_on_a_short_list_a_name_alone_is_doubtful(people: int, name: str) -> None:
    roles = {column: PERSON[column] for column in short_book(1, name=name).column_names}
    alone = dedupe(short_book(people, name=name), roles)
    assert all(p < 0.99 for p in alone.pairs["probability"].to_pylist())
    other = {"sex": "F", "birth_date": "1991-11-30"}
    against = dedupe(short_book(people, name=name, **other), roles)
    assert against.pairs.num_rows == 0
    told = short_book(people, name=name).to_pylist()[0]
    known = {column: told[column] for column in ("birth_date", "phone")}
    sure = dedupe(short_book(people, name=name, **known), roles)
    assert sure.cluster_ids.tolist() == [*range(1, people + 1), 1]
    assert sure.pairs["probability"].to_pylist()[0] > 0.99


@pytest.mark.parametrize("rows", [5, 51, 2_000])
def test_where_everything_is_equal_it_is_one_customer(rows: int) -> None:
    same = ("张伟", "13800138000", "1990-01-02", "11010519491231002X")
    columns = {name: [value] * rows for name, value in zip(ALL, same, strict=True)}
    assert clusters(table(**columns), ALL) == [1] * rows


@pytest.mark.parametrize("name", ["测试", "张伟"])
def test_a_name_alone_that_all_have_says_nothing(name: str) -> None:
    rows = 5_000
    found = dedupe(table(name=[name] * rows), {"name": Role.NAME})
    assert found.cluster_ids.tolist() == list(range(1, rows + 1))


def test_test_records_with_phones_are_not_one_customer() -> None:
    rows = 5_000
    phones = [f"13{n * 7_919_333 % 10**9:09}" for n in range(rows)]
    assert clusters(table(name=["测试"] * rows, phone=phones), NAME_PHONE) == list(
        range(1, rows + 1)
    )


def test_a_column_of_nulls_changes_nothing() -> None:
    people = historical(300, 1)
    empty = people.append_column("phone", pa.nulls(people.num_rows, pa.string()))
    roles = HISTORIC | {"phone": Role.PHONE}
    assert clusters(people, HISTORIC) == clusters(empty, roles)


def test_signs_that_are_no_part_of_a_name() -> None:
    names = [
        "张伟",
        "张伟😀",
        "<b>张伟</b>",
        "\u200f张伟\u202c",
        "𠮷田",
        "𠮷田",
        "😀",
        "<br>",
        "\u200f",
    ]
    phones = ["13800138000"] * 4 + ["13912345678"] * 2 + ["😀", "<i></i>", "\u202e"]
    found = clusters(table(name=names, phone=phones), NAME_PHONE)
    assert found == [1, 1, 1, 1, 2, 2, 3, 4, 5]


def test_pairs_are_in_order_and_say_what_was_decided(persons: pa.Table, found: list[int]) -> None:
    pairs = dedupe(persons, PERSON).pairs
    left, right, probability, weight, same = (pairs[name].to_numpy() for name in PAIRS.names)
    assert (left < right).all()
    assert len(set(zip(left.tolist(), right.tolist(), strict=True))) == len(pairs) > 50
    assert (np.diff(weight) <= 0).all()
    assert (np.diff(probability) <= 0).all()
    assert probability == pytest.approx(1 / (1 + 2.0**-weight))
    ids = np.array(found)
    assert same.tolist() == (ids[left] == ids[right]).tolist()
    assert (same | (probability >= DOUBTFUL)).all()


def test_clusters_are_numbered_by_their_first_row(found: list[int]) -> None:
    assert list(dict.fromkeys(found)) == list(range(1, max(found) + 1))


def _mixed(columns: pa.Table, roles: dict[str, Role], seed: int) -> Partition:
    """The customers of the rows in another order."""
    order = np.random.default_rng(seed).permutation(columns.num_rows)
    return partition(clusters(columns.take(pa.array(order)), roles), order.tolist())


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_rows_is_nothing(seed: int, persons: pa.Table, found: list[int]) -> None:
    print("seed", seed)
    people = historical(1_000, seed)
    assert partition(clusters(people, HISTORIC)) == _mixed(people, HISTORIC, seed)
    assert partition(found) == _mixed(persons, PERSON, seed)


@pytest.mark.parametrize("seed", [1, 2])
def test_the_order_of_columns_is_nothing(seed: int, persons: pa.Table, found: list[int]) -> None:
    print("seed", seed)
    names = persons.column_names
    Random(seed).shuffle(names)
    assert clusters(persons.select(names), PERSON) == found
    people = historical(1_000, seed)
    names = people.column_names
    Random(seed).shuffle(names)
    assert clusters(people.select(names), HISTORIC) == clusters(people, HISTORIC)


def test_copies_are_with_their_originals(persons: pa.Table) -> None:
    half = persons.slice(0, 1_000)
    twice = dedupe(pa.concat_tables([half, half]), PERSON).cluster_ids
    assert twice[:1_000].tolist() == twice[1_000:].tolist()
    assert len(np.unique(twice)) > 950


def test_a_listener_hears_the_phases() -> None:
    heard: list[tuple[str, float | None]] = []
    dedupe(historical(300, 1), HISTORIC, listen=lambda *said: heard.append(said))
    assert list(dict.fromkeys(phase for phase, _ in heard)) == [
        "read", "block", "compare", "learn", "cluster",
    ]  # fmt: skip
    shares = [share for phase, share in heard if phase == "compare" and share is not None]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_a_column_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="nickname"):
        dedupe(table(name=["张伟"]), {"nickname": Role.NAME})

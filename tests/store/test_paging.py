"""Pages of nodes: none is lost or comes twice, whatever the order; scans, and what is refused."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest

import graphcrm
from graphcrm.store.paging import Condition

HEAD = "id,name,sex,birth_date,created_on,deleted_on"
NAMES = ("王丽", "李明", "𠮷野", "Ａlan", "alan", "")


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory, load_apart: Any) -> Any:
    """Some persons, with few values and gaps; for reading only."""
    chance = random.Random(7)
    rows = [
        f"p{n:03},{chance.choice(NAMES) or '无'},{chance.choice(['', 'F', 'M'])},"
        f"{chance.choice(['', '1980-01-02', '1990-05-06', '2001-12-31'])},,"
        f"{chance.choice([''] * 9 + ['2024-01-01'])}"
        for n in chance.sample(range(1_000), 120)
    ]
    policies = [
        f"Q{n},p999,L1,{chance.choice(['1', '2.5', '2.50', '100', '1e1'.replace('e1', '0')])},"
        "2020-01-01,in_force"
        for n in range(30)
    ]
    folder = tmp_path_factory.mktemp("people")
    (folder / "persons.csv").write_text("\n".join([HEAD, *rows, "p999,末,,,,"]), "utf-8")
    (folder / "policies.csv").write_text(
        "\n".join(["id,holder_id,product_code,premium,issued_on,status", *policies]), "utf-8"
    )
    load_apart(folder / "people.graph", folder)
    with graphcrm.connect(folder / "people.graph") as graph:
        yield graph.store


def _paged(store: Any, label: str, limit: int, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    sort = asked.get("sort") or "id"
    while True:
        after = (found[-1][sort], found[-1]["id"]) if found else None
        rows = store.page(label, after=after, limit=limit, **asked)
        found += rows
        if len(rows) < limit:
            return found


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("sort", [None, "id", "name", "sex", "birth_date", "created_on"])
def test_no_row_is_lost_or_comes_twice(people: Any, sort: str | None, descending: bool) -> None:
    every = {row["id"]: row for row in people.page("Person", limit=1_000)}
    assert 90 < len(every) < 121
    assert every.keys() == {i for b in people.scan("Person") for i in b["id"].to_pylist()}
    by = sort or "id"
    known = [row for row in every.values() if row[by] is not None]
    known.sort(key=lambda row: (row[by], row["id"]), reverse=descending)
    unset = [row for row in every.values() if row[by] is None]
    unset.sort(key=lambda row: row["id"], reverse=descending)
    for limit in (1, 7, 1_000):
        assert _paged(people, "Person", limit, sort=sort, descending=descending) == known + unset
    assert len(unset) == {"created_on": len(every)}.get(by, len(unset))


def test_amounts_are_ordered_as_numbers(people: Any) -> None:
    found = [row["premium"] for row in _paged(people, "Policy", 4, sort="premium")]
    assert found == sorted(found)
    assert {1.0, 2.5, 10.0, 100.0} >= set(found)


@pytest.mark.parametrize(
    ("where", "fits"),
    [
        ({"sex": "F"}, lambda r: r["sex"] == "F"),
        ({"sex": None}, lambda r: r["sex"] is None),
        ({"sex": Condition("ne", "F")}, lambda r: r["sex"] == "M"),
        ({"sex": Condition("in", ["M", "F"])}, lambda r: r["sex"] is not None),
        ({"sex": Condition("null", False)}, lambda r: r["sex"] is not None),
        ({"name": Condition("prefix", "Ａ")}, lambda r: r["name"].startswith("Ａ")),
        ({"name": Condition("prefix", "a%_")}, lambda r: False),
        ({"id": Condition("prefix", "p1")}, lambda r: r["id"].startswith("p1")),
        ({"birth_date": dt.date(1980, 1, 2)}, lambda r: r["birth_date"] == "1980-01-02"),
        (
            {"birth_date": Condition("gt", "1980-01-02"), "name": Condition("le", "王丽")},
            lambda r: (r["birth_date"] or "") > "1980-01-02" and r["name"] <= "王丽",
        ),
        ({"id": Condition("ge", "p5"), "sex": "M"}, lambda r: r["id"] >= "p5" and r["sex"] == "M"),
        ({"id": Condition("lt", "p5")}, lambda r: r["id"] < "p5"),
    ],
)
def test_conditions(people: Any, where: dict[str, Any], fits: Any) -> None:
    every = people.page("Person", limit=1_000)
    expected = [row for row in every if fits(row)]
    assert people.page("Person", where=where, limit=1_000) == expected
    assert _paged(people, "Person", 3, where=where) == expected
    scanned = [
        row for b in people.scan("Person", where=where, batch_rows=7) for row in b.to_pylist()
    ]
    assert [{"label": "Person", **row} for row in scanned] == expected


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"where": {"colour": "red"}}, "Person has no property 'colour'; it has: id, name"),
        ({"sort": "key"}, "Person has no property 'key'"),
        ({"where": {"name": Condition("like", "x")}}, "no condition 'like'; there are: eq, ne"),
        ({"where": {"sex": "X"}}, "Person: sex must be a code Sex, not 'X'"),
        ({"where": {"birth_date": "yesterday"}}, "birth_date must be a date of birth"),
        ({"where": {"name": 5}}, "name must be a text, not 5"),
        ({"sort": "birth_date", "after": (7, "p1")}, "birth_date must be a date of birth, not 7"),
        ({"limit": 0}, "limit must be 1 or more, not 0"),
    ],
)
def test_what_is_refused(people: Any, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(graphcrm.UsageError, match=said):
        people.page("Person", **asked)


def test_scans(people: Any) -> None:
    with pytest.raises(graphcrm.UsageError, match="no label 'Dog'; there are: Person, "):
        people.scan("Dog")
    with pytest.raises(graphcrm.UsageError, match="no property 'tail'"):
        people.scan("Person", columns=["tail"])
    (none,) = people.scan("Claim", columns=["id", "loss_on", "reserve"])
    assert (none.num_rows, none.schema.names) == (0, ["id", "loss_on", "reserve"])
    assert [str(t) for t in none.schema.types] == ["string", "string", "double"]
    sizes = [batch.num_rows for batch in people.scan("Policy", columns=["premium"], batch_rows=8)]
    assert sizes == [8, 8, 8, 6]


def test_a_scan_shows_one_moment(book: Any) -> None:
    rows = "\n".join(f"P{n},名" for n in range(9))
    book.load(persons=f"id,name\n{rows}")
    with book.open() as graph:
        scan = graph.store.scan("Person", columns=["name"], batch_rows=2)
        begun = next(scan)["name"].to_pylist()
        book.load({"complete": True}, persons="id,name\nP0,另\nP1,另\nP9,另")
        assert graph.store.page("Person", limit=1)[0]["name"] == "另"
        assert begun + [n for b in scan for n in b["name"].to_pylist()] == ["名"] * 9
        graph.store.scan("Person").close()

"""Duplicates over HTTP: listed, explained, and searched before somebody is entered."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

import graphcrm
from graphcrm.duplicates.customers import PROPERTIES, explain
from graphcrm.ledger import audit
from graphcrm_api.http.duplicates.service import _to_call
from graphcrm_api.http.duplicates.standing import mark_of, standing_of
from graphcrm_api.http.privacy.sight import Sight
from tests.http.conftest import Service

Row = dict[str, Any]


@pytest.fixture(scope="module")
def found(make_service: Callable[..., Service], found_sample: graphcrm.Graph) -> Service:
    """A service over a graph in which customers were found."""
    return make_service(of=found_sample)


@pytest.fixture(scope="module")
def several(found: Service) -> dict[str, list[Row]]:
    """The customers with several records."""
    customers: dict[str, list[Row]] = {}
    with found.backend.store() as store:
        for row in store.query("duplicates_found").to_pylist():
            customers.setdefault(row["customer_id"], []).append(row)
    return customers


def _seen(service: Service, branch: str, ids: list[str]) -> set[str]:
    with service.backend.store() as store:
        below = sorted(store.branches_below([branch]))
        return {id for _, id in store.visible([("Person", id) for id in ids], below)}


def _all(client: httpx.Client, **asked: Any) -> list[Row]:
    rows: list[Row] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get("/v1/duplicates", params={"limit": 7, **asked, **cursor}).json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


def _person(service: Service, id: str) -> Row:
    with service.backend.store() as store:
        node = store.node("Person", id)
    assert node is not None
    return {name: str(node[name]) for name in PROPERTIES if node.get(name)}


def _phone(service: Service, branch: str) -> Any:
    """A branch's phone, else the company's."""
    with service.backend.store() as store:
        around = store.neighbourhood([("Department", branch)], 1, 500, types=["PART_OF"])
        (own,) = (n for n, d in around.nodes(data=True) if d["label"] == "Institution")
        return around.nodes["Department", branch].get("phone") or around.nodes[own].get("phone")


def test_it_asks_who_it_is_and_whether_they_may(found: Service) -> None:
    asks: list[tuple[str, str, Row]] = [
        ("GET", "/v1/duplicates", {}),
        ("GET", "/v1/duplicates/explain?one=a&other=b", {}),
        ("POST", "/v1/duplicates/search", {"json": {"name": "张伟"}}),
    ]
    with found.anonymous() as nobody, found.client("reader") as reader:
        for method, path, more in asks:
            assert nobody.request(method, path, **more).status_code == 401
            assert reader.request(method, path, **more).status_code == 403
    with found.client("service", found.branch) as clerk:
        path = "/v1/duplicates/explain"
        beyond = clerk.get(path, params={"one": found.inside, "other": found.beyond})
        absent = clerk.get(path, params={"one": found.inside, "other": "nobody"})
        assert (beyond.status_code, absent.status_code) == (404, 404)
        assert beyond.json()["detail"].replace(found.beyond, "nobody") == absent.json()["detail"]
        assert clerk.get("/v1/duplicates", params={"cursor": "AAAA"}).status_code == 422


@pytest.mark.parametrize("order", ["doubt", "size"])
def test_customers_with_several_records(
    found: Service, several: dict[str, list[Row]], order: str
) -> None:
    with found.client("steward", purpose="checking") as steward:
        rows = _all(steward, order=order)
    assert {row["customer_id"] for row in rows} == several.keys()
    assert len(rows) == len(several)
    for row in rows:
        expected = several[row["customer_id"]]
        assert [r["id"] for r in row["records"]] == [r["id"] for r in expected]
        assert row["records"][0]["name"] == expected[0]["name"]
        assert row["probability"] == min(r["probability"] for r in expected)
    values = [row["probability"] if order == "doubt" else -len(row["records"]) for row in rows]
    assert values == sorted(values)


def test_a_branch_hears_of_its_own_records_only(
    found: Service, several: dict[str, list[Row]]
) -> None:
    ids = [record["id"] for records in several.values() for record in records]
    seen = _seen(found, found.branch, ids)
    with found.client("service", found.branch) as clerk:
        rows = _all(clerk)
    assert {r["id"] for row in rows for r in row["records"]} == seen
    for row in rows:
        assert row["records"]
        assert all(r["name"].endswith("*") for r in row["records"])
        assert row["outside"] == (len(row["records"]) < len(several[row["customer_id"]]))
    assert any(row["outside"] for row in rows)


def test_an_explanation_is_that_of_the_library_and_masked(
    found: Service, several: dict[str, list[Row]]
) -> None:
    pairs = [[r["id"] for r in records[:2]] for records in several.values()][:5]
    with (
        graphcrm.connect(found.backend.address) as graph,
        found.client("steward", purpose="checking") as steward,
        found.client("analyst") as analyst,
    ):
        for one, other in pairs:
            expected = explain(graph.store, one, other)
            asked = {"one": other, "other": one}
            told = steward.get("/v1/duplicates/explain", params=asked).json()
            assert (told["left"]["id"], told["right"]["id"]) == (expected.left, expected.right)
            assert (told["same"], told["apart"]) == (expected.same, expected.apart)
            assert told["weight"] == pytest.approx(expected.weight)
            names = ("column", "level", "left", "right", "weight")
            steps = [{n: step[n] for n in names} for step in told["evidence"]]
            assert steps == [pytest.approx(step.model_dump()) for step in expected.steps]
            assert told["evidence"][-1]["after"] == pytest.approx(sum(s["weight"] for s in steps))
            masked = analyst.get("/v1/duplicates/explain", params=asked).json()
            for plain, shown in zip(told["evidence"], masked["evidence"], strict=True):
                assert shown["level"] == plain["level"]
                if plain["column"] and "region" not in plain["column"] and plain["left"]:
                    assert plain["column"].startswith("works_") or shown["left"] != plain["left"]
        same = {"one": pairs[0][0], "other": pairs[0][0]}
        assert steward.get("/v1/duplicates/explain", params=same).status_code == 422


def test_who_is_there_already_is_found_in_all_of_the_company(found: Service) -> None:
    person = _person(found, found.beyond)
    name = person["name"]
    with found.client("service", found.other, purpose="at the desk") as theirs:
        told = theirs.post("/v1/duplicates/search", json=person).json()
    best = told["candidates"][0]
    assert (best["id"], best["name"], best["band"]) == (found.beyond, name, "sure")
    assert best["evidence"][0]["level"] == "start"
    with found.client("service", found.branch, purpose="at the desk") as clerk:
        said = clerk.post("/v1/duplicates/search", json=person)
        outside = said.json()["outside"]
        assert found.beyond not in said.text
        assert outside[0]["band"] == "sure"
        assert outside[0]["name"] == f"{name[0]}*"
        with found.backend.store() as store:
            branches = store.query("customer_branches", label="Person", id=found.beyond)
        serving = branches.to_pylist()[0]
        assert outside[0]["branch"] == {
            "id": serving["branch_id"], "name": serving["branch_name"],
            "phone": _phone(found, serving["branch_id"]),
        }  # fmt: skip
        assert outside[0].keys() == {"band", "name", "branch"}
    with found.backend.state.reading() as connection:
        noted = audit.page(connection, limit=1, action="search before create")[0]
    assert (noted.detail or {})["by"] == sorted(person)
    assert not any(person[known] in str(noted) for known in ("name", "birth_date"))


def test_a_branch_without_a_phone_is_called_at_the_company_s(found: Service) -> None:
    with found.backend.store() as store:
        names = {row["id"]: row["name"] for row in store.page("Department", limit=500)}
        sight = Sight(store, [], unmasked=False)
        told = [_to_call(sight, {"branch_id": id, "branch_name": names[id]}) for id in names]
        own = [row["phone"] for row in store.page("Institution", where={"own": "yes"})]
        above = {
            id: store.neighbourhood([("Department", id)], 1, 500, types=["PART_OF"]) for id in names
        }
    ours = {
        id
        for id, around in above.items()
        if any(data.get("own") == "yes" for _, data in around.nodes(data=True))
    }
    assert 0 < len(ours) < len(names), "the sample has departments of others too"
    for branch in told:
        assert branch is not None
        id = branch["id"]
        assert branch == {
            "id": id,
            "name": names[id],
            "phone": _phone(found, id) if id in ours else None,
        }
    assert any(branch and branch["phone"] in own for branch in told)


def test_threads_search_at_once_and_hear_the_same(found: Service) -> None:
    with found.backend.store() as store:
        ids = [row["id"] for row in store.page("Person", limit=4)]
        search = standing_of(found.backend).search(store)
    records = [_person(found, id) for id in ids]
    alone = [search.candidates(record) for record in records]
    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(search.candidates, records * 4)) == alone * 4


@pytest.mark.parametrize(
    "wrong",
    [{}, {"name": " "}, {"sex": "?"}, {"email": "nobody"}, {"birth_date": "x"}, {"colour": "red"},
     {"name": 5}, {"name": "x" * 501}],
    ids=str,
)  # fmt: skip
def test_what_makes_no_sense_is_refused(found: Service, wrong: Row) -> None:
    with found.client("service", purpose="at the desk") as clerk:
        assert clerk.post("/v1/duplicates/search", json=wrong).status_code == 422
        odd = b'{"name": "\\ud800"}'
        clerk.headers["Content-Type"] = "application/json"
        assert clerk.post("/v1/duplicates/search", content=odd).status_code == 422


def test_masked_callers_search_no_faster_than_they_may_look_up(
    make_service: Callable[..., Service],
) -> None:
    slow = make_service(lookup_limit=2)
    with slow.client("service") as clerk:
        sent = [clerk.post("/v1/duplicates/search", json={"name": "张伟"}) for _ in range(3)]
    assert [answer.status_code for answer in sent] == [409, 409, 429]
    assert "graphcrm duplicates find" in sent[0].json()["detail"]


def test_it_is_renewed_by_a_load_and_not_by_a_contact(found: Service, tmp_path: Any) -> None:
    standing = standing_of(found.backend)
    with found.backend.store() as store:
        before, mark = standing.search(store), mark_of(store)
    contact = {
        "customer_id": found.inside, "contacted_at": "2026-06-30T10:15:00", "direction": "in",
        "channel": "phone", "topic": "service",
    }  # fmt: skip
    with found.client("service", found.branch) as clerk:
        assert clerk.post("/v1/contacts", json=contact).status_code == 201
    with found.backend.store() as store:
        assert mark_of(store) == mark
    (tmp_path / "persons.csv").write_text("id,name,birth_date\nNEW1,欧阳锶睿,1999-09-09\n", "utf-8")
    with graphcrm.connect(found.backend.address) as graph:
        assert graph.load(tmp_path / "persons.csv").refused == 0
    asked = {"name": "欧阳锶睿", "birth_date": "1999-09-09"}
    with found.backend.store() as store:
        assert standing.search(store) is before
        with standing._guard:
            assert standing._guard.wait_for(lambda: not standing._at_work, timeout=60)
        renewed = standing.search(store)
    assert renewed is not before
    assert [c.id for c in renewed.candidates(asked)] == ["NEW1"]
    assert not before.candidates(asked)

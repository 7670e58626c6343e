"""Referrals over HTTP: who brought whom, as far as the caller may see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from graphcrm.referrals import loops
from graphcrm_api.http.referrals.schemas import OUTSIDE
from graphcrm_api.http.referrals.service import _brought
from tests.http.conftest import Service

PATHS = ("/v1/referrals", "/v1/referrals/tree?id=x", "/v1/referrals/loops")

Node = tuple[str, str]
Row = dict[str, Any]


def _all(client: httpx.Client, path: str) -> list[Row]:
    rows: list[Row] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, params={"limit": 90, **cursor}).json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


@pytest.fixture(scope="module")
def referrals(service: Service) -> list[tuple[Node, Node]]:
    """Every referral of the sample, from whom to whom."""
    with service.backend.store() as store:
        rows = store.query("referrals").to_pylist()
    return [
        ((row["referrer_label"], row["referrer_id"]), (row["referred_label"], row["referred_id"]))
        for row in rows
    ]


@pytest.fixture(scope="module")
def seen(service: Service, referrals: list[tuple[Node, Node]]) -> Iterator[set[Node]]:
    """Of their ends those that the branch may see."""
    with service.backend.store() as store:
        below = sorted(store.branches_below([service.branch]))
        yield store.visible([node for both in referrals for node in both], below)


def test_it_asks_who_it_is_and_whether_they_may(service: Service) -> None:
    with service.anonymous() as nobody, service.client("reader") as reader:
        for path in PATHS:
            assert nobody.get(path).status_code == 401
            assert reader.get(path).status_code == 403
    with service.client("service", service.branch) as clerk:
        beyond = clerk.get("/v1/referrals/tree", params={"id": service.beyond})
        absent = clerk.get("/v1/referrals/tree", params={"id": "nobody\x00"})
        assert (beyond.status_code, absent.status_code) == (404, 404)
        assert clerk.get("/v1/referrals", params={"cursor": "AAAA"}).status_code == 422


def test_the_list_tells_of_the_other_end_only_that_it_is_outside(
    service: Service, referrals: list[tuple[Node, Node]], seen: set[Node]
) -> None:
    with service.client("analyst") as analyst:
        assert len(_all(analyst, "/v1/referrals")) == len(referrals)
    with service.client("service", service.branch, purpose="a visit") as clerk:
        rows = _all(clerk, "/v1/referrals")
    told = [tuple((row[end]["label"], row[end]["id"]) for end in ("referrer", "referred"))
            for row in rows]  # fmt: skip
    outside = (OUTSIDE, None)
    expected = {
        tuple(node if node in seen else outside for node in both)
        for both in referrals
        if seen.intersection(both)
    }
    assert set(told) == expected
    assert any(outside in both for both in told)
    assert len(told) < len(referrals)
    for row in rows:
        if OUTSIDE in (row["referrer"]["label"], row["referred"]["label"]):
            assert row["policy_id"] is None
            assert row["referred_on"] is None


def test_a_tree_ends_where_the_branches_do(
    service: Service, referrals: list[tuple[Node, Node]], seen: set[Node]
) -> None:
    def whom(node: Node) -> set[Node]:
        return {there for here, there in referrals if here == node} - {node}

    roots = sorted(seen, key=lambda node: (len(whom(node)) == len(whom(node) & seen), node))[:5]
    with service.client("service", service.branch, purpose="a visit") as clerk:
        trees = [
            clerk.get("/v1/referrals/tree", params={"label": label, "id": id}).json()
            for label, id in roots
        ]
    for root, tree in zip(roots, trees, strict=True):
        nodes = [root, *((entry["label"], entry["id"]) for entry in tree["brought"])]
        assert set(nodes) <= seen | {(OUTSIDE, None)}
        for place, node in enumerate(nodes):
            below = [nodes[n] for n, e in enumerate(tree["brought"], 1) if e["parent"] == place]
            assert len(below) == len(set(below))
            if node[0] == OUTSIDE:
                assert not below
            elif whom(node) - seen - {root}:
                assert (OUTSIDE, None) in below
        bringers = {here for here, there in referrals if there == root}
        told = {(entry["label"], entry["id"]) for entry in tree["brought_by"]}
        assert told == {node if node in seen else (OUTSIDE, None) for node in bringers}
    assert any(entry["label"] == OUTSIDE for tree in trees for entry in tree["brought"])


def test_what_lies_behind_somebody_outside_is_not_told() -> None:
    ways = [(1, "A", "R"), (1, "B", "R"), (1, "C", "R"), (2, "D", "A"), (2, "E", "B")]
    chain = [
        {"steps": steps, "label": "Person", "id": id, "name": id, "referred_on": None,
         "referrer_label": "Person", "referrer_id": by, "referrer_name": by}
        for steps, id, by in ways
    ]  # fmt: skip
    visible = {("Person", id) for id in "RADE"}
    brought, complete = _brought(("Person", "R"), chain, visible, 10)
    assert complete
    assert [(e["label"], e.get("id"), e["parent"], e["level"]) for e in brought] == [
        ("Person", "A", 0, 1),
        (OUTSIDE, None, 0, 1),
        ("Person", "D", 1, 2),
    ]
    few, complete = _brought(("Person", "R"), chain, visible, 2)
    assert (len(few), complete) == (2, False)


def test_loops(service: Service) -> None:
    with service.backend.store() as store:
        expected = loops(store).to_pylist()
    with service.client("steward", purpose="checking") as steward:
        found = _all(steward, "/v1/referrals/loops")
    members = [member for loop in found for member in loop["members"]]
    assert sorted(m["id"] for m in members) == sorted(row["id"] for row in expected)
    assert not any(loop["outside"] for loop in found)
    assert len(found) == max((row["loop"] for row in expected), default=0)
    with service.backend.store() as store:
        below = sorted(store.branches_below([service.branch]))
        mine = store.visible([(row["label"], row["id"]) for row in expected], below)
    with service.client("service", service.branch) as clerk:
        limited = _all(clerk, "/v1/referrals/loops")
    assert {(m["label"], m["id"]) for loop in limited for m in loop["members"]} == mine

"""Orphans over HTTP: limited to branches, in pages that stand still, counted, and as files."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from graphcrm.orphans import by_customer, find_orphans, summary
from tests.conftest import SAMPLE_DAY
from tests.http.conftest import Service

DAY = {"as_of": SAMPLE_DAY.isoformat()}
PATHS = ("/v1/orphans", "/v1/orphans/summary", "/v1/orphans/customers")


@pytest.fixture(scope="module")
def whole(service: Service) -> pa.Table:
    """All orphans of the sample."""
    with service.backend.store() as store:
        return find_orphans(store, SAMPLE_DAY)


def _all(client: httpx.Client, path: str, **asked: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(path, params={**DAY, **asked, **cursor}).json()
        assert len(page["items"]) <= asked.get("limit", 50)
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


def test_it_asks_who_it_is_and_whether_they_may(service: Service) -> None:
    with service.anonymous() as nobody, service.client("reader") as reader:
        for path in PATHS:
            assert nobody.get(path).status_code == 401
            assert reader.get(path).status_code == 403


def test_a_branch_hears_of_its_own_policies_only(service: Service, whole: pa.Table) -> None:
    policies = whole["policy_id"].to_pylist()
    own: dict[str, set[str]] = {}
    for branch in (service.branch, service.other):
        with service.backend.store() as store:
            below = sorted(store.branches_below([branch]))
            seen = {id for _, id in store.visible([("Policy", id) for id in policies], below)}
            agents = [("Agent", id) for id in set(whole["agent_id"].to_pylist()) - {None}]
            theirs = {id for _, id in store.visible(agents, below)}
        with service.client("service", branch) as clerk:
            rows = _all(clerk, "/v1/orphans", limit=500)
            numbers = clerk.get("/v1/orphans/summary", params=DAY).json()
            customers = _all(clerk, "/v1/orphans/customers", limit=500)
            beyond = next(id for _, id in agents if id not in theirs)
            refused = clerk.get("/v1/orphans", params={**DAY, "agent": beyond})
            absent = clerk.get("/v1/orphans", params={**DAY, "agent": "nobody"})
        assert {row["policy_id"] for row in rows} == seen
        assert {row["agent_id"] for row in rows} - {None} <= theirs
        assert all(row["agent_name"] is None for row in rows if row["agent_id"] is None)
        assert numbers["policies"] == len(rows)
        assert numbers["outside"]
        assert {name: n["policies"] for name, n in numbers["reasons"].items()} == Counter(
            row["reason"] for row in rows
        )
        assert sum(row["policies"] for row in customers) == len(rows)
        assert (refused.status_code, absent.status_code) == (404, 404)
        assert refused.json()["detail"].replace(beyond, "nobody") == absent.json()["detail"]
        own[branch] = seen
    assert own[service.branch] != own[service.other]


@pytest.mark.parametrize(
    "sort", ["policy_id", "premium", "-premium", "next_due_on", "-days_since_contact"]
)
def test_pages_in_any_order_lose_and_double_nothing(
    service: Service, whole: pa.Table, sort: str
) -> None:
    with service.client("analyst") as analyst:
        rows = _all(analyst, "/v1/orphans", sort=sort, limit=37)
    keys = ("policy_id", "customer_id")
    expected = whole.select(keys).to_pylist()
    assert sorted(map(str, expected)) == sorted(str({k: row[k] for k in keys}) for row in rows)
    name = sort.lstrip("-")
    values = [row[name] for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=sort.startswith("-"))
    assert values == known + [None] * (len(values) - len(known))


def test_reasons_agents_and_customers(service: Service, whole: pa.Table) -> None:
    rows = whole.to_pylist()
    agent = next(row["agent_id"] for row in rows if row["reason"] == "departed")
    with service.client("steward", purpose="handing over") as steward:
        gone = _all(steward, "/v1/orphans", reason="departed", limit=500)
        theirs = _all(steward, "/v1/orphans", agent=agent, limit=500)
        assert _all(steward, "/v1/orphans/customers", limit=41) == by_customer(whole).to_pylist()
        told = steward.get("/v1/orphans/summary", params=DAY).json()
    assert gone == [row for row in rows if row["reason"] == "departed"]
    assert theirs == [row for row in rows if row["agent_id"] == agent]
    assert told == summary(whole).model_dump() | {"outside": False}
    with service.client("analyst") as analyst:
        masked = _all(analyst, "/v1/orphans", agent=agent)
    assert {row["customer_name"] for row in masked if row["customer_label"] == "Person"} <= {
        f"{row['customer_name'][0]}*" for row in theirs
    }


def test_all_of_them_as_a_file(service: Service, whole: pa.Table) -> None:
    with service.client("service") as clerk:
        csv = {"Accept": "text/csv"}
        assert clerk.get("/v1/orphans", params=DAY, headers=csv).status_code == 403
    with service.client("approver", purpose="a list for the branch") as approver:
        forms = [
            approver.get(
                "/v1/orphans", params=DAY, headers={"Accept": f"application/vnd.apache.{f}"}
            )
            for f in ("arrow.stream", "parquet")
        ]
        assert pa.ipc.open_stream(forms[0].content).read_all().equals(whole)
        assert pq.read_table(io.BytesIO(forms[1].content)).equals(whole)
        asked = {**DAY, "sort": "-premium", "reason": "none"}
        lines = approver.get("/v1/orphans", params=asked, headers=csv).content
        table = pyarrow.csv.read_csv(io.BytesIO(lines))
        assert len(table) == Counter(whole["reason"].to_pylist())["none"]
        customers = approver.get("/v1/orphans/customers", params=DAY, headers=csv)
        assert len(pyarrow.csv.read_csv(io.BytesIO(customers.content))) == len(by_customer(whole))


@pytest.mark.parametrize(
    "wrong",
    [
        {"as_of": "yesterday"},
        {"as_of": "10000-01-01"},
        {"as_of": "0"},
        {"leave_days": -1},
        {"leave_days": 10**30},
        {"sort": "customer_name"},
        {"reason": "x"},
        {"limit": 0},
        {"cursor": "x"},
        {"cursor": "bm90IGpzb24"},
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(service: Service, wrong: dict[str, Any]) -> None:
    with service.client("analyst") as analyst:
        assert analyst.get("/v1/orphans", params=wrong).status_code == 422

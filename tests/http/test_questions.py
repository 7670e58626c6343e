"""Named questions over HTTP: described, answered in pages or whole, limited to branches."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.csv
import pytest

from graphcrm.store import questions
from tests.http.conftest import Service

PUBLIC = sorted(name for name, asked in questions().items() if asked.public)


def _given(name: str, id: str) -> dict[str, str]:
    return {"id": id} if any(p.name == "id" for p in questions()[name].parameters) else {}


def _rows(client: httpx.Client, name: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = client.get(f"/v1/questions/{name}", params={**given, "limit": 400, **cursor}).json()
        rows += page["items"]
        if page["next"] is None:
            return rows
        cursor = {"cursor": page["next"]}


def test_it_asks_who_it_is_and_whether_they_may(service: Service) -> None:
    paths = ["/v1/questions", "/v1/questions/no_such", *(f"/v1/questions/{n}" for n in PUBLIC)]
    with service.anonymous() as nobody, service.client("service") as clerk:
        for path in paths:
            assert nobody.get(path).status_code == 401
            assert clerk.get(path).status_code == 403


def test_they_are_told_with_all_that_they_take(service: Service) -> None:
    with service.client("analyst") as analyst:
        listed = analyst.get("/v1/questions").json()["items"]
        assert [entry["name"] for entry in listed] == PUBLIC
        assert all(entry["purpose_zh"] and entry["columns"] for entry in listed)
        unknown = analyst.get("/v1/questions/customer_branches")
        assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/not-found")


@pytest.fixture(scope="module")
def beyond(service: Service) -> set[str]:
    """The ids of all that the service's branch may not see."""
    labels = ("Person", "Institution", "Department", "Agent", "Policy", "Claim", "Contact")
    with service.backend.store() as store:
        below = sorted(store.branches_below([service.branch]))
        nodes = [(n, row["id"]) for n in labels for b in store.scan(n, columns=["id"])
                 for row in b.to_pylist()]  # fmt: skip
        return {id for _, id in set(nodes) - store.visible(nodes, below)}


@pytest.mark.parametrize("name", PUBLIC)
def test_answers_are_those_of_the_library_masked(service: Service, name: str) -> None:
    given = _given(name, service.inside)
    with service.backend.store() as store:
        expected = store.query(name, **given).to_pylist()
    with service.client("analyst") as analyst:
        shown = _rows(analyst, name, given)
    assert len(shown) == len(expected)
    for column in questions()[name].columns:
        if column.of in (None, "company") or column.of.endswith(".id"):
            assert [row[column.name] for row in shown] == [row[column.name] for row in expected]


@pytest.mark.parametrize("name", PUBLIC)
def test_a_branch_hears_nothing_of_nodes_outside(
    service: Service, beyond: set[str], name: str
) -> None:
    asked = questions()[name]
    given = _given(name, service.inside)
    with service.backend.store() as store:
        whole = store.query(name, **given).num_rows
    with service.client("investigator", service.branch, purpose="checking") as limited:
        rows = _rows(limited, name, given)
        absent = limited.get(f"/v1/questions/{name}", params=_given(name, "nobody"))
        other = limited.get(f"/v1/questions/{name}", params=_given(name, service.beyond))
    told = {str(value) for row in rows for value in row.values() if value is not None}
    assert not told & beyond
    for column in asked.columns:
        if column.of == "company":
            assert {row[column.name] for row in rows} <= {None}
    if given:
        assert (absent.status_code, other.status_code) == (404, 404)
        words = absent.json()["detail"]
        assert other.json()["detail"].replace(service.beyond, "nobody") == words
    else:
        assert len(rows) < whole or not whole


def test_whole_answers_as_files(service: Service) -> None:
    with service.backend.store() as store:
        expected = store.query("referrals")
    with service.client("steward", purpose="checking") as steward:
        arrow = steward.get(
            "/v1/questions/referrals", headers={"Accept": "application/vnd.apache.arrow.stream"}
        )
        assert pa.ipc.open_stream(arrow.content).read_all().equals(expected)
        csv = steward.get("/v1/questions/referrals", headers={"Accept": "text/csv"})
        assert len(pyarrow.csv.read_csv(io.BytesIO(csv.content))) == len(expected)
        assert steward.get("/v1/questions/referrals", headers={"Accept": "a/b"}).status_code == 406


@pytest.mark.parametrize(
    ("name", "given", "status"),
    [
        ("orphan_policies", {"as_of": "x"}, 422),
        ("orphan_policies", {"leave_days": str(2**63)}, 422),
        ("orphan_policies", {"nonsense": "1"}, 422),
        ("orphan_policies", {"agent_id": "\x00"}, 200),
        ("customer_policies", {}, 422),
        ("customer_policies", {"id": "x\x00", "label": "Person"}, 200),
        ("customer_policies", {"id": "x", "label": "Nobody"}, 422),
        ("referrals", {"cursor": "AAAA"}, 422),
    ],
)
def test_odd_values(service: Service, name: str, given: dict[str, str], status: int) -> None:
    with service.client("analyst") as analyst:
        assert analyst.get(f"/v1/questions/{name}", params=given).status_code == status

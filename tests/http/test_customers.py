"""Customers and nodes over HTTP: who may see whom, pages, filters, entity tags, exports."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

import httpx
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from graphcrm.duplicates.customers import customers_of
from graphcrm.ledger import audit
from graphcrm.store.paging import Condition
from graphcrm_api.http.conventions import paging as pages
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.privacy.sight import Sight
from tests.http.conftest import Service

ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"


def _noted(service: Service) -> audit.AuditEntry:
    with service.backend.state.reading() as connection:
        return audit.page(connection, limit=1)[0]


@pytest.mark.parametrize(
    "path",
    ["/v1/customers", "/v1/customers/Person/{0}", "/v1/nodes/Person", "/v1/nodes/Person/{0}"],
)
def test_it_asks_who_it_is_and_whether_they_may(service: Service, path: str) -> None:
    path = path.format(service.beyond)
    with service.anonymous() as nobody, service.client("reader", service.branch) as reader:
        assert nobody.get(path).status_code == 401
        if service.beyond in path:
            beyond, absent = reader.get(path), reader.get(path.replace(service.beyond, "none"))
            assert (beyond.status_code, absent.status_code) == (404, 404)
            assert (
                beyond.json()["detail"].replace(service.beyond, "none") == absent.json()["detail"]
            )
            assert "refused" not in beyond.json()
        else:
            found = _all(reader, path)
            assert service.inside in found
            assert service.beyond not in found


def _all(client: httpx.Client, path: str, **asked: Any) -> list[str]:
    """The ids of all pages of a list."""
    ids: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = client.get(path, params={"limit": 500, **asked, **cursor}).json()
        ids += [item["id"] for item in page["items"]]
        if page["next"] is None:
            return ids
        cursor = {"cursor": page["next"]}


GUESSES = (
    "/v1/nodes/Person/{}", "/v1/customers/Person/{}", "/v1/history?label=Person&id={}",
    "/v1/nodes?id={}", "/v1/neighbourhood?label=Person&id={}", "/v1/degrees?label=Person&id={}",
)  # fmt: skip


@pytest.mark.parametrize("path", GUESSES)
def test_a_guess_is_logged_whether_it_hits_another_branch_or_nothing(
    service: Service, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same is done for both, so that the time tells neither from the other."""
    asked: list[list[tuple[str, str]]] = []
    visible = Sight.visible

    def listen(sight: Sight, nodes: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
        asked.append(list(nodes))
        return visible(sight, asked[-1])

    monkeypatch.setattr(Sight, "visible", listen)
    with service.client("reader", service.branch) as reader:
        for id, there in ((service.beyond, True), ("nobody", False)):
            asked.clear()
            assert reader.get(path.format(id)).status_code == 404
            assert [len(nodes) for nodes in asked] == [1]
            entry = _noted(service)
            assert (entry.outcome, entry.resource.partition(":")[2]) == ("refused", id)
            assert entry.detail == {"problem": "not-found"} | ({} if there else {"there": False})


def test_personal_data_are_shown_with_the_scope_and_a_purpose_alone(service: Service) -> None:
    path = f"/v1/customers/Person/{service.inside}"
    with (
        service.client("reader", purpose="call") as reader,
        service.client("service") as aimless,
        service.client("service", purpose="call") as clerk,
    ):
        masked = [reader.get(path).json(), aimless.get(path).json()]
        assert masked[0] == masked[1]
        shown = clerk.get(path).json()
    entry = _noted(service)
    assert (entry.action, entry.resource) == ("view", f"Person:{service.inside}")
    assert entry.purpose == "call"
    with service.backend.store() as store:
        record = store.node("Person", service.inside)
    assert record is not None
    assert shown["record"]["name"] == record["name"]
    assert masked[0]["record"]["name"] == record["name"][0] + "*"
    for value in (record["name"], record["phone"], record["id_number"], record["address"]):
        assert value is None or value not in str(masked[0])


def test_the_whole_customer_is_for_who_serves_them_and_says_why(service: Service) -> None:
    with service.backend.store() as store:
        below = sorted(store.branches_below([service.branch]))
        persons = [("Person", row["id"]) for row in store.page("Person", limit=500)]
        mine = sorted(store.visible(persons, below))
        both = next(
            id_
            for _, id_ in mine
            if len(policies := _policies(store, id_)) > len(store.visible(policies, below))
        )
        held = {id_ for _, id_ in _policies(store, both)}
    path = f"/v1/customers/Person/{both}"
    with service.client("service", service.branch, purpose="renewal") as clerk:
        part, whole = clerk.get(path).json(), clerk.get(path, params={"whole": True}).json()
        beyond = clerk.get(f"/v1/customers/Person/{service.beyond}", params={"whole": True})
    assert {row["policy_id"] for row in part["policies"]} < held
    assert "policies" in part["outside"]
    assert {row["policy_id"] for row in whole["policies"]} == held
    assert whole["outside"] == []
    assert beyond.status_code == 404
    with service.client("service", service.branch) as aimless:
        assert (
            aimless.get(path, params={"whole": True}).json()["type"] == "/problems/purpose-needed"
        )
    with service.client("reader", service.branch, purpose="renewal") as reader:
        assert reader.get(path, params={"whole": True}).status_code == 403


def _policies(store: Any, person: str) -> list[tuple[str, str]]:
    rows = store.query("customer_policies", label="Person", id=person).to_pylist()
    return [("Policy", row["policy_id"]) for row in rows]


def test_pages_filters_order_and_fields(service: Service) -> None:
    with service.client("analyst", service.branch) as analyst:
        everybody = _all(analyst, "/v1/customers")
        assert everybody == sorted(set(everybody))
        assert _all(analyst, "/v1/customers", limit=7) == everybody
        page = analyst.get("/v1/nodes/Policy", params={
            "filter": ["premium:ge:1000", "status:eq:in_force"], "sort": "-premium",
            "fields": "premium,status", "limit": 20,
        }).json()["items"]  # fmt: skip
        premiums = [item["premium"] for item in page]
        assert premiums == sorted(premiums, reverse=True)
        assert min(premiums) >= 1000
        assert {tuple(item) for item in page} == {("label", "id", "premium", "status")}
        cursor = analyst.get("/v1/customers", params={"limit": 1}).json()["next"]
        for wrong in (
            {"limit": 0}, {"limit": 501}, {"cursor": "x"}, {"cursor": cursor, "filter": "sex:eq:F"},
            {"filter": "sex"}, {"filter": "sex:like:F"}, {"filter": ["sex:eq:F", "sex:eq:M"]},
            {"sort": "nothing"}, {"fields": "nothing"}, {"filter": "nothing:eq:1"},
            {"filter": "created_on:ge:soon"}, {"label": "Agent"},
        ):  # fmt: skip
            answer = analyst.get("/v1/customers", params=wrong)
            assert answer.status_code == 422, (wrong, answer.text)
            assert answer.headers["Content-Type"] == "application/problem+json"


def test_of_masked_values_only_whole_ones_can_be_asked(service: Service) -> None:
    with service.backend.store() as store:
        known = store.page("Person", where={"phone": Condition("null", False)}, limit=1)[0]
        id_, phone = known["id"], known["phone"]
    with service.client("analyst") as analyst, service.client("steward", purpose="work") as steward:
        found = analyst.get("/v1/customers", params={"filter": f"phone:eq:{phone}"}).json()["items"]
        assert id_ in [item["id"] for item in found]
        entry = _noted(service)
        assert entry.action == "look up"
        assert phone not in repr(entry)
        for asked in (
            {"filter": f"phone:prefix:{phone[:5]}"},
            {"filter": "birth_date:ge:1990-01-01"},
            {"sort": "name"},
        ):
            refused = analyst.get("/v1/customers", params=asked)
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/masked")
            assert steward.get("/v1/customers", params=asked).status_code == 200


def test_what_has_not_changed_is_not_sent_again(service: Service) -> None:
    path = f"/v1/customers/Person/{quote(service.inside)}"
    with service.client("reader") as reader:
        first = reader.get(path)
        again = reader.get(path, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert reader.get(path, headers={"If-None-Match": '"other"'}).status_code == 200


def test_a_list_comes_as_a_file_masked_and_limited(service: Service) -> None:
    asked = {"fields": "name,phone,sex"}
    with service.client("analyst", service.branch) as analyst:
        arrow, parquet, csv = (
            analyst.get("/v1/customers", params=asked, headers={"Accept": form})
            for form in (ARROW, PARQUET, "text/csv")
        )
        table = pa.ipc.open_stream(arrow.content).read_all()
        assert table.column_names == ["id", "name", "phone", "sex"]
        assert table["id"].to_pylist() == _all(analyst, "/v1/customers")
        assert all(name.endswith("*") for name in table["name"].to_pylist() if name)
        assert pq.read_table(io.BytesIO(parquet.content)).equals(table)
        read = pyarrow.csv.read_csv(io.BytesIO(csv.content))
        assert read["id"].to_pylist() == table["id"].to_pylist()
        assert csv.headers["Content-Disposition"] == 'attachment; filename="person.csv"'
        assert analyst.get("/v1/customers", headers={"Accept": "image/png"}).status_code == 406
    with service.backend.state.reading() as connection:
        assert audit.page(connection, limit=1, action="export")[0].resource == "Person"
    with service.client("reader") as reader:
        assert reader.get("/v1/customers", headers={"Accept": ARROW}).status_code == 403


ODD_CURSORS = (
    "5", "[]", '["x"]', "[null, null]", '[{"a": 1}, "x"]', '[[1], "x", 0]', '["x", "y", -1]',
    '"text"', '{"a": 1, "b": 2}', '["\\ud800", "x"]', "[" * 900 + "]" * 900, "1" + "0" * 30,
    '[1, "x", 99999999999999999999]', "true",
)  # fmt: skip


def test_cursors_that_callers_write_are_refused(make_service: Any, found_sample: Any) -> None:
    own = make_service(of=found_sample)
    lists = (
        "/v1/customers?", "/v1/nodes/Policy?sort=-premium&", "/v1/duplicates?",
        "/v1/duplicates?order=size&", "/v1/orphans?", "/v1/orphans?sort=premium&",
        "/v1/orphans?sort=-next_due_on&", "/v1/orphans/customers?",
        "/v1/questions/orphan_policies?", "/v1/audit?",
    )  # fmt: skip
    with own.client("analyst") as analyst, own.client("admin") as admin:
        for path in lists:
            client = admin if "audit" in path else analyst
            for _ in range(3):  # each is an entry of the log
                first = client.get(f"{path}limit=1")
            cursor = first.json()["next"]
            mark, after = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            second = client.get(f"{path}limit=1&cursor={cursor}")
            assert second.status_code == 200, (path, second.text)
            assert second.json()["items"] != first.json()["items"], path
            shown = str(first.json()["items"])
            if isinstance(after, list):  # it says nothing that is masked
                assert isinstance(after[0], int) or all(
                    str(value) in shown for value in after[:2]
                ), (path, after)
            for odd in ODD_CURSORS:
                text = f'["{mark}",{odd}]'.encode()
                cursor = base64.urlsafe_b64encode(text).decode().rstrip("=")
                answer = client.get(f"{path}limit=1&cursor={cursor}")
                number = odd in ("5", "true") and "audit" in path  # fits: true counts as 1
                assert answer.status_code == (200 if number else 422), (path, odd, answer.text)


def test_a_cursor_proves_no_guess_at_what_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    table = pa.table({"id": ["a", "b"], "phone": ["13800000000", "13900000000"]})
    first = pages.Paging(limit=1)
    _, cursor = first.by_row(table, ["list"])
    second = pages.Paging(limit=1, cursor=cursor)
    page, _ = second.by_row(table, ["list"])
    assert page["id"].to_pylist() == ["b"]
    monkeypatch.setattr(pages, "_SECRET", b"of another service")
    assert first.by_row(table, ["list"])[1] != cursor
    with pytest.raises(Problem, match="gone"):
        second.by_row(table, ["list"])


def test_a_record_says_what_further_records_its_customer_has(
    make_service: Any, found_sample: Any
) -> None:
    own = make_service(of=found_sample)
    found = customers_of(found_sample.store).to_pylist()
    alone = set()
    with own.client("reader") as reader, own.client("reader", own.branch) as clerk:
        for row in found[:60]:
            record = reader.get(f"/v1/customers/Person/{row['id']}").json()
            further = record["further"]
            assert (further["customer_id"], further["records"]) == (
                row["customer_id"], row["records"] - 1,
            )  # fmt: skip
            whole = reader.get(further["href"]).json()
            assert whole["further"] is None
            mine, all_ = ({p["policy_id"] for p in one["policies"]} for one in (record, whole))
            assert mine <= all_
            alone.add(len(all_ - mine))
            limited = clerk.get(f"/v1/customers/Person/{row['id']}")
            if limited.status_code == 200:
                told = limited.json()
                seen = len(told["records"]) - 1
                assert (told["further"] or {"records": 0})["records"] == seen
                assert (seen < row["records"] - 1) == ("records" in told["outside"])
                if seen:
                    assert clerk.get(told["further"]["href"]).status_code == 200
        assert max(alone) > 0
        local = found_sample.customer(found[0]["id"])
        assert local.further.model_dump() == {
            "customer_id": found[0]["customer_id"], "records": found[0]["records"] - 1,
        }  # fmt: skip

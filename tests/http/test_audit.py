"""The audit log over HTTP: who reads it, its pages, and a broken chain."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from graphcrm.ledger.tables import AUDIT
from tests.http.conftest import Service

ADDRESSES = ("/v1/audit", "/v1/audit/verify")


@pytest.fixture(scope="module")
def own(make_service: Callable[..., Service]) -> Service:
    return make_service()


def test_only_the_whole_companys_administrators_read_it(own: Service) -> None:
    with (
        own.anonymous() as nobody,
        own.client("steward") as steward,
        own.client("admin", own.branch) as limited,
        own.client("admin") as admin,
    ):
        for address in ADDRESSES:
            assert nobody.get(address).status_code == 401
            assert steward.get(address).status_code == 403
            assert limited.get(address).status_code == 403
            assert admin.get(address).status_code == 200


def test_entries_come_in_pages_newest_first_and_by_filters(own: Service) -> None:
    address = ADDRESSES[0]
    with own.client("service", purpose="call") as clerk, own.client("admin") as admin:
        for _ in range(3):
            clerk.get(f"/v1/nodes/Person/{own.inside}")
        who = "key:" + clerk.headers["Authorization"].split("_")[1]
        asked: dict[str, Any] = {"who": who, "action": "view", "limit": 2}
        first = admin.get(address, params=asked).json()
        rest = admin.get(address, params={**asked, "cursor": first["next"]}).json()
        entries = first["items"] + rest["items"]
        assert (len(entries), rest["next"]) == (3, None)
        assert [e["seq"] for e in entries] == sorted((e["seq"] for e in entries), reverse=True)
        assert {(e["purpose"], e["resource"]) for e in entries} == {
            ("call", f"Person:{own.inside}")
        }
        at = entries[1]["at"]
        since = admin.get(address, params={**asked, "since": at}).json()["items"]
        until = admin.get(address, params={**asked, "until": at}).json()["items"]
        assert [since, until] == [entries[:2], entries[2:]]
        other = {"who": "x", "limit": 2, "cursor": first["next"]}
        for wrong in (
            other, {"since": "2026-06-30T00:00:00"}, {"since": "0001-01-01T00:00:00+14:00"},
            {"since": "9999-12-31T23:59:59-14:00"}, {"who": "\x00"}, {"cursor": "😀"},
        ):  # fmt: skip
            assert admin.get(address, params=wrong).status_code == 422, wrong
        newest = admin.get(address, params={"limit": 1}).json()["items"][0]
        assert newest["action"] == "read audit"


def test_a_changed_entry_and_a_lost_head_are_found(own: Service) -> None:
    address = ADDRESSES[1]
    with own.client("admin") as admin:
        found = admin.get(address).json()
        assert (found["whole"], [c["chain"] for c in found["chains"]]) == (
            True, ["audit", "decisions"],
        )  # fmt: skip
        head = found["chains"][0]["head"]
        assert admin.get(address, params={"head": head}).json()["heads_not_found"] == []
        lost = admin.get(address, params={"head": ["0" * 63 + "1", head]}).json()
        assert (lost["whole"], lost["heads_not_found"]) == (False, ["0" * 63 + "1"])
        assert admin.get(address, params={"head": "x"}).status_code == 422
        with own.backend.state.writing() as connection:
            for (trigger,) in connection.execute(
                sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            ).all():
                connection.execute(sa.text(f"DROP TRIGGER {trigger}"))
            connection.execute(sa.update(AUDIT).where(AUDIT.c.seq == 2).values(who="nobody"))
        broken = admin.get(address).json()
        assert (broken["whole"], broken["chains"][0]["broken"]) == (False, 2)

"""Orphan policies: each way to lose one's agent, and each way not to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import duckdb
import pytest

import graphcrm
from graphcrm.errors import UsageError
from graphcrm.orphans import by_customer, find_orphans, summary

GraphOf = Callable[..., graphcrm.Graph]
DAY = dt.date(2026, 6, 30)

BASE = {
    "institutions": "id,name,own\nOWN,大海保险,yes",
    "departments": "id,institution_id,name\nDEP,OWN,一部",
    "persons": "id,name\nP1,王芳\nP2,李强\nP3,赵六",
    "products": "code,name,line\nL,长寿,life\nM,车险,motor",
    "agents": """id,name,branch_id,status,status_since,departed_on,product_lines,licence_until,\
deleted_on
        AT_WORK,甲,DEP,active,2020-01-01,,life;motor,2030-01-01,
        LEFT,乙,DEP,departed,2026-05-01,2026-05-01,life,,
        LEFT_SOMEHOW,丙,DEP,departed,,,life,,
        WILL_LEAVE,丁,DEP,active,2020-01-01,2026-08-01,life,,
        CAME_BACK,戊,DEP,active,2025-01-01,2022-01-01,life,,
        SUSPENDED,己,DEP,suspended,2026-06-01,,life,,
        ON_LEAVE,庚,DEP,on_leave,2026-06-01,,life,,
        ON_LEAVE_SOMEHOW,辛,DEP,on_leave,,,life,,
        CLOSED,壬,DEP,active,2020-01-01,,life,,2026-04-01
        LIFE_ONLY,癸,DEP,active,2020-01-01,,life,,
        EXPIRED,子,DEP,active,2020-01-01,,life;motor,2026-06-29,
        ANY_LINE,丑,DEP,active,2020-01-01,,,,""",
}  # fmt: skip


def policies(*served_by: str, product: str = "L") -> dict[str, str]:
    """A policy in force of P1 for each agent, named after the agent."""
    rows = [f"{a or 'NOBODY'},{product},P1,100,2020-02-02,in_force,{a}" for a in served_by]
    return {
        "policies": "id,product_code,holder_id,premium,issued_on,status,served_by\n"
        + "\n".join(rows)
    }


def reasons(graph: graphcrm.Graph, as_of: dt.date = DAY, **options: Any) -> dict[str, str]:
    """Policy -> reason."""
    table = find_orphans(graph.store, as_of, **options)
    return {row["policy_id"]: row["reason"] for row in table.to_pylist()}


def test_reasons_on_a_day(graph_of: GraphOf) -> None:
    served = ["AT_WORK", "LEFT", "LEFT_SOMEHOW", "WILL_LEAVE", "CAME_BACK", "SUSPENDED", "ON_LEAVE",
              "ON_LEAVE_SOMEHOW", "CLOSED", "IN_NO_FILE", ""]  # fmt: skip
    graph = graph_of(BASE | policies(*served), as_of=DAY)
    always = {"LEFT_SOMEHOW": "departed", "ON_LEAVE_SOMEHOW": "on_leave", "IN_NO_FILE": "unknown",
              "NOBODY": "none"}  # fmt: skip
    gone = {"LEFT": "departed", "SUSPENDED": "suspended", "CLOSED": "departed"}
    assert reasons(graph) == always | gone | {"ON_LEAVE": "on_leave"}
    assert reasons(graph, leave_days=29) == always | gone
    assert reasons(graph, leave_days=28) == always | gone | {"ON_LEAVE": "on_leave"}
    assert "ON_LEAVE" not in reasons(graph, dt.date(2026, 6, 1))
    assert reasons(graph, dt.date(2026, 6, 2))["ON_LEAVE"] == "on_leave"
    assert reasons(graph, dt.date(2026, 5, 31)) == always | {
        "LEFT": "departed",
        "CLOSED": "departed",
    }
    assert reasons(graph, dt.date(2026, 3, 31)) == always
    assert reasons(graph, dt.date(2026, 8, 1))["WILL_LEAVE"] == "departed"
    with pytest.raises(UsageError, match="leave_days"):
        find_orphans(graph.store, DAY, leave_days=-1)


def test_only_policies_in_force(graph_of: GraphOf) -> None:
    text = """id,product_code,holder_id,premium,issued_on,status,served_by,deleted_on
        A,L,P1,1,2020-02-02,in_force,LEFT,
        B,L,P1,1,2020-02-02,lapsed,LEFT,
        C,L,P1,1,2020-02-02,in_force,,2026-01-01
        D,L,P1,1,2062-02-02,in_force,,"""
    graph = graph_of(BASE | {"policies": text}, as_of=DAY)
    assert reasons(graph) == {"A": "departed", "D": "none"}


def test_of_several_serving_agents_one_at_work_is_enough(graph_of: GraphOf) -> None:
    servings = """policy_id,agent_id,role,valid_from,valid_to
        LEFT,AT_WORK,serves,2026-01-01,
        SUSPENDED,AT_WORK,serves,2026-01-01,2026-06-29
        ON_LEAVE,AT_WORK,serves,2026-07-01,
        LEFT_SOMEHOW,AT_WORK,sold,2020-02-02,
        NOBODY,ON_LEAVE,serves,2020-02-02,2026-06-30
        NOBODY,SUSPENDED,serves,2026-01-01,2026-06-30"""
    served = policies("LEFT", "SUSPENDED", "ON_LEAVE", "LEFT_SOMEHOW", "")
    graph = graph_of(BASE | served | {"servings": servings}, as_of=DAY)
    assert reasons(graph) == {
        "SUSPENDED": "suspended",
        "ON_LEAVE": "on_leave",
        "LEFT_SOMEHOW": "departed",
        "NOBODY": "suspended",
    }
    rows = find_orphans(graph.store, DAY).to_pylist()
    shown = [(r["agent_id"], r["agent_name"]) for r in rows if r["policy_id"] == "NOBODY"]
    assert shown == [("SUSPENDED", "己")]
    assert reasons(graph, dt.date(2026, 7, 1))["NOBODY"] == "none"


def test_an_unknown_agent_of_the_past_is_not_awaited(graph_of: GraphOf) -> None:
    servings = """policy_id,agent_id,role,valid_from,valid_to
        NOBODY,GONE_LONG_AGO,serves,2020-02-02,2021-01-01"""
    graph = graph_of(BASE | policies("") | {"servings": servings}, as_of=DAY)
    assert reasons(graph) == {"NOBODY": "none"}
    assert reasons(graph, dt.date(2020, 6, 1)) == {"NOBODY": "unknown"}


def test_the_past_is_seen_as_it_was(graph_of: GraphOf) -> None:
    graph = graph_of(BASE | policies("AT_WORK", "LEFT"), as_of=dt.date(2026, 4, 1))
    moved = """id,product_code,holder_id,premium,issued_on,status,served_by
        AT_WORK,L,P1,100,2020-02-02,in_force,
        LEFT,L,P1,100,2020-02-02,in_force,AT_WORK
        YOUNG,L,P1,100,2026-05-15,in_force,"""
    graph_of({"policies": moved}, into=graph, as_of=dt.date(2026, 6, 1))
    assert reasons(graph) == {"AT_WORK": "none", "YOUNG": "none"}
    assert reasons(graph, dt.date(2026, 6, 1)) == {"AT_WORK": "none", "YOUNG": "none"}
    assert reasons(graph, dt.date(2026, 5, 20)) == {"LEFT": "departed", "YOUNG": "none"}
    assert reasons(graph, dt.date(2026, 4, 1)) == {}


def test_a_serving_without_a_start_begins_with_its_dated_twin(graph_of: GraphOf) -> None:
    servings = """policy_id,agent_id,role,valid_from,valid_to
        AT_WORK,LEFT,serves,2020-02-02,2026-06-10
        AT_WORK,AT_WORK,serves,2026-06-10,"""
    graph = graph_of(BASE | policies("AT_WORK") | {"servings": servings}, as_of=DAY)
    assert reasons(graph) == {}
    assert reasons(graph, dt.date(2026, 5, 15)) == {"AT_WORK": "departed"}
    assert reasons(graph, dt.date(2026, 4, 15)) == {}


def test_a_first_period_stands_when_the_agent_has_come_back(graph_of: GraphOf) -> None:
    graph = graph_of(BASE | policies("AT_WORK"), as_of=dt.date(2026, 1, 1))
    served = policies("AT_WORK")["policies"]
    for month, state in ((2, served.removesuffix("AT_WORK")), (4, served)):
        graph_of({"policies": state}, into=graph, as_of=dt.date(2026, month, 1))
    found = [bool(reasons(graph, dt.date(2026, month, 15))) for month in (1, 3, 5)]
    assert found == [False, True, False]


def test_unauthorised_when_asked_for(graph_of: GraphOf) -> None:
    authorities = """agent_id,line,valid_from,valid_to
        AT_WORK,motor,2020-01-01,2026-01-01
        CAME_BACK,motor,2020-01-01,"""
    served = policies("AT_WORK", "LIFE_ONLY", "EXPIRED", "ANY_LINE", "CAME_BACK", product="M")
    graph = graph_of(BASE | served | {"authorities": authorities}, as_of=DAY)
    assert reasons(graph) == {}
    found = reasons(graph, unauthorised=True)
    assert found == dict.fromkeys(("AT_WORK", "LIFE_ONLY", "EXPIRED"), "unauthorised")
    before = reasons(graph, dt.date(2025, 12, 31), unauthorised=True)
    assert before == {"LIFE_ONLY": "unauthorised"}


def test_what_is_told_of_a_policy(graph_of: GraphOf) -> None:
    tables = {
        "policies": """id,product_code,holder_id,holder_kind,premium,currency,issued_on,status,\
served_by,paid_to
            A,L,P1,person,100.5,,2020-02-02,in_force,LEFT,2026-12-31
            B,L,OWN,institution,7,USD,2020-02-02,in_force,,2026-12-31
            C,L,P99,person,7,CNY,2020-02-02,in_force,,""",
        "premiums": """policy_id,due_on,amount,paid_on
            A,2026-02-02,1,2026-07-05
            A,2026-08-02,1,
            A,2025-02-02,1,2025-02-02""",
        "claims": """id,policy_id,loss_on,reported_on,settled_on,status
            C1,A,2026-06-01,2026-06-02,,open
            C2,A,2026-06-01,2026-06-02,2026-07-01,paid
            C3,A,2026-06-01,2026-07-02,,open
            C4,A,2026-05-01,2026-05-02,2026-06-01,paid""",
        "contacts": """id,customer_id,contacted_at,direction,channel
            T1,P1,2026-06-20T23:59:00,in,phone
            T2,P1,2026-07-20T08:00:00,in,phone""",
    }
    graph = graph_of(BASE | tables, as_of=DAY)
    a, b, c = find_orphans(graph.store, DAY).to_pylist()
    assert a == {
        "policy_id": "A", "customer_label": "Person", "customer_id": "P1", "customer_name": "王芳",
        "agent_id": "LEFT", "agent_name": "乙", "reason": "departed", "premium": 100.5,
        "premium_per_year": 100.5, "currency": "CNY", "next_due_on": "2026-02-02",
        "open_claims": 2, "days_since_contact": 10,
    }  # fmt: skip
    assert (b["customer_label"], b["customer_id"], b["currency"]) == ("Institution", "OWN", "USD")
    assert (b["next_due_on"], b["open_claims"], b["days_since_contact"]) == ("2026-12-31", 0, None)
    assert (c["customer_label"], c["customer_id"], c["customer_name"]) == (None, "P99", None)


def test_customers_by_urgency_with_currencies_apart(graph_of: GraphOf) -> None:
    text = """id,product_code,holder_id,premium,currency,issued_on,status,served_by,paid_to
        A,L,P1,100,CNY,2020-02-02,in_force,LEFT,2026-12-31
        B,L,P1,100,CNY,2020-02-02,in_force,,2026-09-30
        C,L,P1,900,USD,2020-02-02,in_force,ON_LEAVE,
        D,L,P2,200,CNY,2020-02-02,in_force,,2026-08-31
        E,L,P3,999,HKD,2020-02-02,in_force,,
        F,L,P98,1,CNY,2020-02-02,in_force,,"""
    table = find_orphans(graph_of(BASE | {"policies": text}, as_of=DAY).store, DAY)
    rows = by_customer(table).to_pylist()
    assert [row["customer_id"] for row in rows] == ["P2", "P1", "P98", "P3"]
    assert rows[1] == {
        "customer_label": "Person", "customer_id": "P1", "customer_name": "王芳", "policies": 3,
        "reasons": "departed;on_leave;none", "premium": 200.0, "currency": "CNY",
        "other_premiums": "USD 900.00", "next_due_on": "2026-09-30", "open_claims": 0,
        "days_since_contact": None,
    }  # fmt: skip
    told = summary(table)
    assert (told.policies, told.customers) == (6, 4)
    assert {r: n.policies for r, n in told.reasons.items()} == {
        "departed": 1, "on_leave": 1, "none": 4
    }  # fmt: skip
    assert told.reasons["none"].premium == {"CNY": 301.0, "HKD": 999.0}
    assert told.premium == {"CNY": 401.0, "HKD": 999.0, "USD": 900.0}


def test_the_sample_against_its_truth(sample_graph: Any) -> None:
    query = f"SELECT policy_id, customer_id, reason FROM '{sample_graph.truth}/orphans.csv'"
    expected = set(duckdb.execute(query).fetchall())
    table = find_orphans(sample_graph.graph.store, DAY)
    rows = table.select(["policy_id", "customer_id", "reason"]).to_pylist()
    assert {tuple(row.values()) for row in rows} == expected
    assert table.num_rows == len(expected) > 0
    customers = by_customer(table)
    assert sum(customers["policies"].to_pylist()) == table.num_rows
    assert summary(table).customers == customers.num_rows


def test_no_orphans(graph_of: GraphOf) -> None:
    table = find_orphans(graph_of(BASE | policies("AT_WORK"), as_of=DAY).store, DAY)
    assert table.num_rows == by_customer(table).num_rows == 0
    assert summary(table).model_dump() == {
        "policies": 0,
        "customers": 0,
        "reasons": {},
        "premium": {},
    }

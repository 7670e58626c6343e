"""The orphan policies of one agent are the rows of the whole answer that name the agent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest

import graphcrm
from graphcrm.errors import UnknownNodeError
from graphcrm.orphans import find_orphans

GraphOf = Callable[..., graphcrm.Graph]
DAY = dt.date(2026, 6, 30)

BASE = {
    "institutions": "id,name,own\nOWN,大海保险,yes",
    "departments": "id,institution_id,name\nDEP,OWN,一部",
    "persons": "id,name\nP1,王芳",
    "products": "code,name,line\nL,长寿,life",
    "agents": """id,name,branch_id,status,status_since,departed_on
        AT_WORK,甲,DEP,active,2020-01-01,
        LEFT,乙,DEP,departed,2026-05-01,2026-05-01
        LEFT_TOO,丙,DEP,departed,2026-04-01,2026-04-01
        AWAY,丁,DEP,on_leave,2026-06-01,
        IDLE,戊,DEP,departed,2026-05-01,2026-05-01""",
    "policies": """id,product_code,holder_id,premium,issued_on,status,served_by
        A,L,P1,1,2020-02-02,in_force,LEFT
        B,L,P1,1,2020-02-02,in_force,AT_WORK
        C,L,P1,1,2020-02-02,lapsed,LEFT
        D,L,P1,1,2020-02-02,in_force,IN_NO_FILE
        E,L,P1,1,2020-02-02,in_force,
        F,L,P1,1,2020-02-02,in_force,AWAY
        G,L,P1,1,2020-02-02,in_force,
        H,L,P1,1,2020-02-02,in_force,
        I,L,P1,1,2020-02-02,in_force,""",
    "servings": """policy_id,agent_id,role,valid_from,valid_to
        G,LEFT,serves,2026-02-01,
        G,LEFT_TOO,serves,2026-01-01,
        H,LEFT,serves,2026-02-01,
        H,AT_WORK,serves,2026-01-01,
        H,IN_NO_FILE,serves,2026-01-01,
        I,Z_IN_NO_FILE,serves,2026-01-01,
        I,IN_NO_FILE,serves,2026-01-01,
        E,LEFT,serves,2020-02-02,2021-01-01""",
}


def of(graph: graphcrm.Graph, agent: str, **options: Any) -> list[str]:
    """The orphan policies of an agent; their rows must be those of the whole answer."""
    whole = find_orphans(graph.store, **({"as_of": DAY} | options)).to_pylist()
    found = find_orphans(graph.store, agent=agent, **({"as_of": DAY} | options)).to_pylist()
    assert found == [row for row in whole if row["agent_id"] == agent]
    return [row["policy_id"] for row in found]


def test_each_kind_of_agent(graph_of: GraphOf) -> None:
    graph = graph_of(BASE, as_of=DAY)
    assert of(graph, "LEFT") == ["A", "G"]  # H has one who is at work
    assert of(graph, "LEFT_TOO") == []  # who came to G before the last one
    assert of(graph, "AT_WORK") == []
    assert of(graph, "IDLE") == []
    assert of(graph, "AWAY") == ["F"]
    assert of(graph, "AWAY", leave_days=100) == []
    assert of(graph, "IN_NO_FILE") == ["D", "I"]
    assert graph.query("orphan_policies", as_of=DAY, agent_id="Z_IN_NO_FILE").num_rows == 0
    assert graph.query("orphan_policies", as_of=DAY, agent_id="NOBODY").num_rows == 0
    for unknown in ("NOBODY", "Z_IN_NO_FILE"):
        with pytest.raises(UnknownNodeError, match=f"there is no Agent with the id '{unknown}'"):
            find_orphans(graph.store, DAY, agent=unknown)


def test_the_past(graph_of: GraphOf) -> None:
    graph = graph_of(BASE, as_of=dt.date(2026, 5, 10))
    graph_of(
        {"policies": BASE["policies"].replace("in_force,LEFT", "in_force,AT_WORK")},
        into=graph,
        as_of=DAY,
    )
    assert of(graph, "LEFT") == ["G"]
    assert of(graph, "LEFT", as_of=dt.date(2026, 5, 15)) == ["A", "G"]
    assert of(graph, "LEFT", as_of=dt.date(2026, 4, 15)) == []


def test_a_search_begins_with_the_agent(graph_of: GraphOf) -> None:
    """No statement of the plan that runs reads all policies or servings."""
    graph = graph_of(BASE, as_of=DAY)
    store: Any = graph.store
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    many = "id,product_code,holder_id,premium,issued_on,status,served_by\n" + "\n".join(
        f"N{n},L,P1,1,2020-02-02,in_force,LEFT_TOO" for n in range(3_000)
    )
    spent = []
    for tables in ({}, {"policies": many}):
        if tables:
            graph_of(tables, into=graph, as_of=DAY)
        steps = 0
        store._db.set_progress_handler(count, 10)
        assert of_query(graph, "LEFT") == ["A", "G"]
        store._db.set_progress_handler(None, 0)
        spent.append(steps)
    assert spent[1] < 2 * spent[0]


def of_query(graph: graphcrm.Graph, agent: str) -> list[str]:
    """The policies that the question tells of an agent."""
    table = graph.query("orphan_policies", as_of=DAY, agent_id=agent)
    ids: list[str] = table["policy_id"].to_pylist()
    return ids

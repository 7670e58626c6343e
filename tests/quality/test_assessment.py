"""What is counted as missing, invalid, suspicious and not in form, and by what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.errors import StoreError, UsageError
from graphcrm.quality import GROUPS, Assessment, assess
from graphcrm.quality.defaults import threshold

GraphOf = Callable[..., graphcrm.Graph]

OFFICE = {
    "institutions": "id,name\nO1,华安保险股份有限公司",
    "departments": "id,institution_id,name\nD1,O1,杭州分公司\nD2,O1,宁波分公司",
    "agents": "id,name,branch_id,status\nA1,李明,D1,active\nA2,赵强,D2,active",
}


def persons(*rows: str, columns: str = "id,name,phone") -> dict[str, str]:
    return {"persons": "\n".join((columns, *rows))}


def of(found: Assessment, label: str, name: str) -> dict[str, Any]:
    rows = found.fields.to_pylist()
    return next(r for r in rows if (r["label"], r["property"]) == (label, name))


def groups(found: Assessment, by: Any, label: str = "Person") -> dict[str | None, dict[str, Any]]:
    return {r["id"]: r for r in found.groups[by].to_pylist() if r["label"] == label}


def test_each_value_has_one_problem_at_most(graph_of: GraphOf) -> None:
    found = assess(graph_of(persons(
        "P1,王芳,13800138001", "P2,李强,138-0013-8002", "P3,赵六,13800138000", "P4,孙八,1380",
        "P5,周九,11111111111", "P6,吴十,", "P7,郑一,13800138000",
    )).snapshot())  # fmt: skip
    phone = of(found, "Person", "phone")
    assert (phone["rows"], phone["filled"], phone["expected"]) == (7, 6 / 7, True)
    assert (phone["suspicious"], phone["invalid"], phone["nonconforming"]) == (3, 1, 1)
    assert (phone["reason"], phone["form"]) == ("too_short", "separators")
    assert phone["sound"] == pytest.approx(2 / 7)
    values = {(r["value"], r["how"], r["records"]) for r in found.defaults.to_pylist()}
    # What one record holds may be somebody's own, and is not shown.
    assert values == {("13800138000", "known", 2), (None, "known", 1)}


@pytest.mark.parametrize(
    ("column", "value", "form"),
    [
        ("id_number", "110105491231002", "fifteen_digits"),
        ("id_number", "11010519491231002x", "lower_case"),
        ("id_number", "１１０１０５１９４９１２３１００２Ｘ", "full_width"),
        ("id_number", "110105 19491231 002X", "separators"),
        ("id_number", "11010519491231002X", None),
        ("phone", "8613812345670", "country_code"),
        ("phone", "+8613812345670", None),
        ("phone", "0571-88880001转8001", "extension"),
        ("phone", "0571-88880001", None),
        ("phone", "１３８１２３４５６７０", "full_width"),
        ("name", "王芳女士", "honorific"),
        ("name", "張偉", "traditional"),
        ("name", "王 芳", "spaces"),
        ("name", "王芳（旧）", "notes"),
        ("name", "ＤＡＶＩＤ Ｌｉ", "full_width"),
        ("name", "阿依古丽·买买提", None),
        ("name", "José Müller", None),
        ("name", "Mr. John Smith", "honorific"),
        ("email", "Wang.Fang@example.com", "capitals"),
        ("account", "6222 0260 3204 5678", "separators"),
        ("address", "杭州市西湖区文三路１号", "full_width"),
        ("address", "杭州市西湖區文三路1號", "traditional"),
    ],
)
def test_what_is_in_form(graph_of: GraphOf, column: str, value: str, form: str | None) -> None:
    given = {"name": "王芳", column: value}
    found = assess(graph_of({"persons": f"id,{','.join(given)}\nP1,{','.join(given.values())}"})
                   .snapshot())  # fmt: skip
    field = of(found, "Person", column)
    assert (field["form"], field["nonconforming"]) == (form, int(form is not None))
    assert (field["invalid"], field["suspicious"]) == (0, 0)


def test_a_credit_code_in_lower_case(graph_of: GraphOf) -> None:
    text = "id,name,uscc\nO1,甲公司,91350100m000100y43\nO2,乙公司,91350100M000100Y43"
    code = of(assess(graph_of({"institutions": text}).snapshot()), "Institution", "uscc")
    assert (code["nonconforming"], code["form"]) == (1, "lower_case")


@pytest.mark.parametrize(
    ("holders", "expected"),
    [
        ([], (20, 0)),
        ([(5000, 1)], (20, 0)),  # one value only: nothing usual to compare it with
        ([(500, 1), (1, 99)], (20, 1)),
        ([(900, 5), (40, 95)], (120, 40)),
        ([(40, 100)], (120, 40)),
    ],
)
def test_the_threshold(holders: list[tuple[int, int]], expected: tuple[int, int]) -> None:
    assert threshold(holders) == expected


@pytest.mark.parametrize(("shared", "found"), [(19, 0), (20, 20)])
def test_a_value_that_too_many_hold(graph_of: GraphOf, shared: int, found: int) -> None:
    same = [f"S{n},王{n:03},13912345670" for n in range(shared)]
    other = [f"T{n},李{n:03},137{n:08}" for n in range(1_001, 1_101)]
    assessed = assess(graph_of(persons(*same, *other)).snapshot())
    assert of(assessed, "Person", "phone")["suspicious"] == found
    rows = [(r["value"], r["how"], r["records"], r["usual"]) for r in assessed.defaults.to_pylist()]
    assert rows == ([("13912345670", "frequent", 20, 1)] if found else [])


def test_a_popular_name_is_no_default(graph_of: GraphOf) -> None:
    same = [f"S{n},王伟,137{n:08}" for n in range(1_001, 1_101)]
    assert assess(graph_of(persons(*same)).snapshot()).defaults.num_rows == 0


def test_known_dates_words_and_numbers(graph_of: GraphOf) -> None:
    columns = "id,name,birth_date,id_number,email,address"
    found = assess(graph_of(persons(
        "P1,测试,1900-01-01,123456,test@test.com,不详", "P2,王芳,1970-01-01,N/A,无,无",
        columns=columns,
    )).snapshot())  # fmt: skip
    for name in columns.split(",")[2:]:
        assert of(found, "Person", name)["suspicious"] == 2, name
    assert of(found, "Person", "name")["suspicious"] == 1


def test_fillers_of_few_records_are_not_shown(graph_of: GraphOf) -> None:
    rows = [f"P{n},测试{n}号张三,1370000{n:04}" for n in range(1_001, 1_010)]
    found = assess(graph_of(persons(*rows)).snapshot())
    name = [r for r in found.defaults.to_pylist() if r["property"] == "name"]
    assert [(r["value"], r["how"], r["records"]) for r in name] == [(None, "placeholder", 9)]


def test_by_branch_agent_and_month(graph_of: GraphOf) -> None:
    columns = "id,name,phone,created_on,entered_by,entered_branch_id"
    found = assess(graph_of(OFFICE | persons(
        "P1,王芳,13800138001,2026-01-05,A1,D1", "P2,李强,1380,2026-01-31,A1,D1",
        "P3,赵六,13800138000,2026-02-01,A2,D2", "P4,孙八,13700000001,,,", columns=columns,
    )).snapshot())  # fmt: skip
    branches = groups(found, "branch")
    assert set(branches) == {"D1", "D2", None}
    assert branches["D1"]["name"] == "杭州分公司"
    assert (branches["D1"]["records"], branches["D1"]["invalid"]) == (2, 1)
    assert (branches["D2"]["suspicious"], branches["D2"]["affected"]) == (1, 1)
    assert groups(found, "agent")["A2"]["name"] == "赵强"
    assert {k: r["records"] for k, r in groups(found, "month").items()} == {
        "2026-01": 2, "2026-02": 1, None: 1,
    }  # fmt: skip


def test_the_groups_of_each_kind_add_up_to_all(sample_graph: Any) -> None:
    found = assess(sample_graph.graph.snapshot())
    totals = {r["label"]: r for r in found.totals.to_pylist()}
    assert set(totals) == {r["label"] for r in found.fields.to_pylist()}
    for by in GROUPS:
        for label in {r["label"] for r in found.groups[by].to_pylist()}:
            rows = groups(found, by, label).values()
            for name in ("records", "missing", "invalid", "suspicious", "references", "affected"):
                assert sum(r[name] for r in rows) == totals[label][name], (by, label, name)
    person = totals["Person"]
    fields = [r for r in found.fields.to_pylist() if r["label"] == "Person"]
    assert person["invalid"] == sum(r["invalid"] for r in fields)
    assert 0 < person["affected"] < person["records"]
    assert 0 < person["nonconforming"] < person["records"]


def test_the_clearest_excess_comes_first(graph_of: GraphOf) -> None:
    """Neither one bad record of one, nor the largest branch, but many bad ones of many."""
    bad = [f"B{n},王{n:03},1380,D1" for n in range(30)]
    good = [f"G{n},李{n:03},137{n:08},D2" for n in range(1_001, 1_201)]
    one = ["O1,赵六,1380,D3"]
    tables = OFFICE | {"departments": OFFICE["departments"] + "\nD3,O1,温州分公司"}
    tables |= persons(*good, *one, *bad, columns="id,name,phone,entered_branch_id")
    found = assess(graph_of(tables).snapshot(), "Person")
    order = [r["id"] for r in found.groups["branch"].to_pylist()]
    assert order == ["D1", "D3", "D2"]


def test_by_source(graph_of: GraphOf) -> None:
    graph = graph_of(persons("P1,王芳,13800138000"), source="crm:old")
    graph_of(persons("P1,李强,13800138000", "P2,赵六,13700000001"), into=graph, source="core")
    found = assess(graph.snapshot())
    rows = groups(found, "source")
    assert {name: row["records"] for name, row in rows.items()} == {"crm:old": 1, "core": 2}
    assert found.defaults.to_pylist()[0]["sources"] == "core: 1; crm:old: 1"


def test_references_that_lead_nowhere(graph_of: GraphOf) -> None:
    text = {"persons": "id,name,institution_id\nP1,王芳,X1\nP2,李强,X1\nP3,赵六,"}
    found = assess(graph_of(text).snapshot())
    (total,) = found.totals.to_pylist()
    assert (total["references"], total["records"]) == (2, 3)
    assert found.references["pending"].to_pylist() == [2]


def test_closed_records_do_not_count(graph_of: GraphOf) -> None:
    found = assess(graph_of(persons(
        "P1,王芳,1380,2020-01-01", "P2,李强,13700000001,", columns="id,name,phone,deleted_on",
    )).snapshot())  # fmt: skip
    (total,) = found.totals.to_pylist()
    assert (total["records"], total["invalid"]) == (1, 0)


def test_one_label(graph_of: GraphOf) -> None:
    graph = graph_of(OFFICE | persons("P1,王芳,1380"))
    found = assess(graph.snapshot(), "Person")
    assert {r["label"] for r in found.fields.to_pylist()} == {"Person"}
    assert [r["label"] for r in found.totals.to_pylist()] == ["Person"]
    for wrong in ("Nobody", "Phone"):
        with pytest.raises(UsageError, match=wrong):
            assess(graph.snapshot(), wrong)


def test_an_empty_graph(tmp_path: Path) -> None:
    with graphcrm.connect(tmp_path / "empty.graph") as graph:
        found = assess(graph.snapshot())
    tables = (found.fields, found.totals, found.defaults, found.references, *found.groups.values())
    assert [table.num_rows for table in tables] == [0] * 8


def test_no_snapshot(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="snapshot"):
        assess(tmp_path / "none.snapshot")

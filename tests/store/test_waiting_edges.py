"""References to what is not there yet: they wait, and heal when it arrives."""

from __future__ import annotations

from typing import Any

POLICY = "id,product_code,holder_id,premium,issued_on,status,served_by\n"


def _waiting(book: Any) -> list[tuple[Any, ...]]:
    with book.open() as graph:
        rows = graph.quarantine().to_pylist()
        assert graph.status().pending == len([r for r in rows if r["kind"] == "edge"])
    return [(r["table"], r["line"], r["column"], r["value"], r["detail"]) for r in rows]


def test_a_node_s_reference_waits_and_heals(book: Any) -> None:
    report = book.load(policies=POLICY + "Q1,L1,P1,1000,2020-01-01,in_force,A1")
    assert report.files[0].edges_pending == 3
    assert _waiting(book) == [
        ("policies", 2, "holder_id", "P1", None),
        ("policies", 2, "product_code", "L1", None),
        ("policies", 2, "served_by", "A1", None),
    ]
    report = book.load(persons="id,name\nP1,王丽", products="code,name,line\nL1,寿险,life")
    assert report.healed == 2
    assert book.edges("HOLDS") == {("P1", "Q1")}
    assert [column for _, _, column, *_ in _waiting(book)] == ["served_by"]


def test_both_ends_of_an_edge_row_may_arrive_later(book: Any) -> None:
    book.load(relations="from_id,to_id,kind\nP1,P2,spouse\nP2,P3,parent")
    assert len(_waiting(book)) == 2
    book.load(persons="id,name\nP2,李明")
    assert book.edges("RELATED_TO") == set()
    book.load(persons="id,name\nP1,王丽")
    assert book.edges("RELATED_TO", "kind") == {("P1", "P2", "spouse")}
    book.load(persons="id,name\nP3,赵强")
    assert book.edges("RELATED_TO", "kind") == {("P1", "P2", "spouse"), ("P2", "P3", "parent")}
    assert _waiting(book) == []


def test_a_healed_edge_changes_like_any_other(book: Any) -> None:
    policies = POLICY + "Q1,L1,P1,1000,2020-01-01,in_force,A1"
    agents = "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active"
    book.load(policies=policies)
    book.load(agents=agents)
    assert book.edges("SERVES") == {("A1", "Q1")}
    book.load(policies=policies)
    assert book.edges("SERVES") == {("A1", "Q1")}
    book.load({"as_of": "2026-02-01"}, policies=policies.replace("A1", "A2"))
    assert book.edges("SERVES", "valid_from") == {("A2", "Q1", "2026-02-01")}
    assert book.closed("SERVES", "valid_to") == {("A1", "Q1", "2026-02-01")}


def test_a_row_that_changes_while_it_waits_forgets_what_it_said(book: Any) -> None:
    policies = POLICY + "Q1,L1,P1,1000,2020-01-01,in_force,{}"
    book.load(policies=policies.format("A8"))
    book.load(policies=policies.format("A9"))
    assert [value for *_, column, value, _ in _waiting(book) if column == "served_by"] == ["A9"]
    book.load(policies=policies.format(""))
    book.load(agents="id,name,branch_id,status\nA8,张三,D1,active\nA9,李四,D1,active")
    assert book.edges("SERVES") == set()


def test_the_same_load_again_keeps_what_waits(book: Any) -> None:
    tables = {
        "persons": "id,name\nP1,王丽",
        "relations": "from_id,to_id,kind\nP1,P2,spouse",
        "policies": POLICY + "Q1,L1,P1,1000,2020-01-01,in_force,A1",
    }
    book.load(**tables)
    before = _waiting(book)
    book.load(**tables)
    assert _waiting(book) == before


def test_a_waiting_edge_row_that_is_closed_waits_no_more(book: Any) -> None:
    book.load(relations="from_id,to_id,kind,deleted_on\nP1,P2,spouse,")
    book.load(relations="from_id,to_id,kind,deleted_on\nP1,P2,spouse,2024-01-01")
    assert _waiting(book) == []
    book.load(persons="id,name\nP1,王丽\nP2,李明")
    assert book.edges("RELATED_TO") == set()


def test_lost_leading_zeros_are_explained(book: Any) -> None:
    persons = "id,name\n00123,王丽"
    book.load(persons=persons, policies=POLICY + "Q1,L1,123,1,2020-01-01,in_force,")
    assert ("policies", 2, "holder_id", "123", "leading_zeros:00123") in _waiting(book)
    book.load(
        {"source": "life"}, persons=persons, policies=POLICY + "Q2,L1,123,1,2020-01-01,in_force,"
    )
    assert _waiting(book).count(("policies", 2, "holder_id", "123", "leading_zeros:00123")) == 2
    assert book.edges("HOLDS") == set()


def test_references_within_one_load_need_no_order(book: Any) -> None:
    report = book.load(
        institutions="id,name,entered_by\nI1,甲公司,A1",
        departments="id,institution_id,name,parent_id\nD2,I1,二部,D1\nD1,I1,一部,",
        agents="id,name,branch_id,status,upline_id,person_id\nA1,张三,D2,active,A2,P1\n"
        "A2,李四,D1,active,,",
        persons="id,name\nP1,张三",
    )
    assert report.healed == 2  # the agent who keyed the institution, and the agent's person
    assert _waiting(book) == []
    assert book.edges("REPORTS_TO") == {("A1", "A2")}
    assert book.edges("PART_OF") == {("D1", "I1"), ("D2", "I1"), ("D2", "D1")}
    assert book.edges("ENTERED_BY") == {("I1", "A1")}

"""Edges that follow their rows: who serves, who shares what, rows that repeat."""

from __future__ import annotations

from typing import Any

import pytest

AGENTS = "id,name,branch_id,status\nA1,张三,D1,active\nA2,李四,D1,active\nA3,王五,D1,departed"
POLICY = "id,product_code,holder_id,premium,issued_on,status,served_by\n"


def _served(agent: str, also: str = "") -> dict[str, str]:
    return {"policies": f"{POLICY}Q1,L1,P1,1000,2020-01-01,in_force,{agent}\n{also}"}


def _on(day: str) -> dict[str, Any]:
    return {"as_of": f"2026-{day}"}


def test_another_agent_serves_from_the_day_it_was_seen(book: Any) -> None:
    book.load(_on("01-01"), agents=AGENTS, **_served("A1"))
    served = ("valid_from", "valid_to")
    assert book.edges("SERVES", *served) == {("A1", "Q1", None, None)}
    report = book.load(_on("02-01"), **_served("A2"))
    assert (report.files[0].edges_new, report.files[0].edges_closed) == (1, 1)
    assert book.edges("SERVES", *served) == {("A2", "Q1", "2026-02-01", None)}
    assert book.closed("SERVES", *served) == {("A1", "Q1", None, "2026-02-01")}
    book.load(_on("03-01"), **_served(""))
    assert book.edges("SERVES") == set()
    book.load(_on("04-01"), **_served("A3"))
    assert book.edges("SERVES", *served) == {("A3", "Q1", "2026-04-01", None)}
    book.load(_on("05-01"), **_served("A1"))
    assert book.edges("SERVES", *served) == {("A1", "Q1", "2026-05-01", None)}
    assert book.closed("SERVES", *served) == {
        ("A1", "Q1", None, "2026-02-01"), ("A2", "Q1", "2026-02-01", "2026-03-01"),
        ("A3", "Q1", "2026-04-01", "2026-05-01"),
    }  # fmt: skip
    past = book.rows("SELECT type, previous FROM edge_history ORDER BY load")
    assert {type_ for type_, _ in past} == {"SERVES"}
    assert len(past) == 3


def test_an_agent_who_comes_back_has_two_periods(book: Any) -> None:
    for day, agent in (("01-01", "A1"), ("02-01", "A2"), ("03-01", "A1"), ("03-01", "A2")):
        book.load(_on(day), agents=AGENTS, **_served(agent))
    served = ("valid_from", "valid_to")
    assert book.edges("SERVES", *served) == {("A2", "Q1", "2026-03-01", None)}
    assert book.closed("SERVES", *served) == {
        ("A1", "Q1", None, "2026-02-01"), ("A2", "Q1", "2026-02-01", "2026-03-01"),
        ("A1", "Q1", "2026-03-01", "2026-03-01"),
    }  # fmt: skip
    report = book.load(_on("04-01"), **_served("A2"))
    assert (report.files[0].edges_new, report.files[0].edges_changed) == (0, 0)
    assert (book.load(_on("03-01"), **_served("A1")).files[0]).edges_changed == 1


def test_a_successor_that_is_not_known_yet_serves_from_the_day_it_was_named(book: Any) -> None:
    book.load(_on("01-01"), agents=AGENTS, **_served("A1", "Q2,L1,P1,1,2020-01-01,in_force,A1"))
    book.load(_on("02-01"), **_served("A9", "Q2,L1,P1,1,2020-01-01,in_force,A2"))
    assert book.edges("SERVES", "valid_from") == {("A2", "Q2", "2026-02-01")}
    book.load(_on("03-01"), agents="id,name,branch_id,status\nA9,新人,D1,active")
    assert book.edges("SERVES", "valid_from") == {
        ("A2", "Q2", "2026-02-01"), ("A9", "Q1", "2026-02-01")
    }  # fmt: skip


def test_the_seller_s_date_is_that_of_the_policy(book: Any) -> None:
    policies = (
        "id,product_code,holder_id,premium,issued_on,status,sold_by\n"
        "Q1,L1,P1,1000,2020-01-01,in_force,A1"
    )
    book.load(agents=AGENTS, policies=policies)
    assert book.edges("SOLD", "valid_from") == {("A1", "Q1", "2020-01-01")}
    book.load(policies=policies.replace("2020-01-01", "2020-02-01"))
    assert book.edges("SOLD", "valid_from") == {("A1", "Q1", "2020-02-01")}


def test_equal_identifiers_are_one_node_however_written(book: Any) -> None:
    book.load(
        persons="""
            id,name,phone,phone_2,id_type,id_number
            P1,王丽,138 0013 8000,,resident_id,11010519491231002x
            P2,李明,+86-13800138000,010-65121234,resident_id,11010519491231002X
            """,
        agents=AGENTS.replace("status", "status,phone").replace("active", "active,13800138000"),
    )
    assert len(book.rows("SELECT 1 FROM phone")) == 2
    assert len(book.rows("SELECT 1 FROM document")) == 1
    assert {a for a, b in book.edges("HAS_PHONE") if b == "+8613800138000"} == {
        "P1", "P2", "A1", "A2"
    }  # fmt: skip
    ids = [id_ for (id_,) in book.rows("SELECT id FROM phone UNION ALL SELECT id FROM document")]
    assert all(len(id_) == 24 and id_[:3] != "138" for id_ in ids)


def test_another_phone_closes_the_edge_to_the_old_one(book: Any) -> None:
    persons = "id,name,phone\nP1,王丽,{}\nP2,李明,13800138000"
    book.load(persons=persons.format("13800138000"))
    report = book.load(persons=persons.format("13900139000"))
    assert (report.files[0].edges_new, report.files[0].edges_closed) == (1, 1)
    assert book.edges("HAS_PHONE") == {("P1", "+8613900139000"), ("P2", "+8613800138000")}
    assert book.closed("HAS_PHONE") == {("P1", "+8613800138000")}
    book.load(persons=persons.format("138-0013-8000"))
    assert book.edges("HAS_PHONE") == {("P1", "+8613800138000"), ("P2", "+8613800138000")}


PARTIES = {
    "persons": "id,name\nP1,王丽\nP2,李明",
    "policies": f"{POLICY}Q1,L1,P1,1000,2020-01-01,in_force,\n",
    "claims": "id,policy_id,loss_on,status\nC1,Q1,2023-05-01,paid",
}
PAYMENTS = "claim_id,payee_id,account,amount,paid_on\n"


@pytest.mark.parametrize("rows", [2, 3])
def test_payments_that_repeat_are_several(book: Any, rows: int) -> None:
    payments = PAYMENTS + "C1,P1,6222020200112233,500,2023-06-01\n" * rows
    for _ in range(2):
        book.load(**PARTIES, claim_payments=payments)
        assert book.rows("SELECT count(*), sum(amount) FROM paid_to") == [(rows, 500.0 * rows)]
        assert book.rows("SELECT count(*) FROM paid_into") == [(rows,)]


def test_payments_that_repeat_wait_together(book: Any) -> None:
    book.load(claim_payments=PAYMENTS + "C1,P1,,500,2023-06-01\n" * 2 + "C1,P1,,9,2023-06-01")
    report = book.load(**PARTIES)
    assert report.healed == 3
    assert book.rows("SELECT count(*), sum(amount) FROM paid_to") == [(3, 1009.0)]


def test_edge_rows_that_repeat_are_one(book: Any) -> None:
    relations = "from_id,to_id,kind\nP1,P2,spouse\nP1,P2,spouse\nP1,P2,sibling"
    for _ in range(2):
        book.load(persons=PARTIES["persons"], relations=relations)
        assert book.edges("RELATED_TO", "kind") == {("P1", "P2", "spouse"), ("P1", "P2", "sibling")}


def test_an_edge_row_changes_closes_and_comes_back(book: Any) -> None:
    header = "policy_id,party_id,role,valid_from,valid_to,deleted_on\n"
    row = "Q1,P2,insured,2020-01-01,{},{}"
    held = ("valid_from", "valid_to")
    book.load(**PARTIES, policy_parties=header + row.format("", ""))
    report = book.load(policy_parties=header + row.format("2030-01-01", ""))
    assert report.files[0].edges_changed == 1
    assert book.edges("INSURED_UNDER", *held) == {("P2", "Q1", "2020-01-01", "2030-01-01")}
    book.load(policy_parties=header + row.format("", "2025-05-05"))
    assert book.edges("INSURED_UNDER") == set()
    book.load(policy_parties=header + row.format("", ""))
    assert book.edges("INSURED_UNDER", *held) == {("P2", "Q1", "2020-01-01", None)}


def test_a_row_with_fewer_columns_is_the_same_edge(book: Any) -> None:
    book.load(**PARTIES, policy_parties="policy_id,party_id,role\nQ1,P2,insured")
    report = book.load(
        policy_parties="policy_id,party_id,role,certificate_no,valid_from\nQ1,P2,insured,,"
    )
    assert report.files[0].edges_new == 0
    assert len(book.edges("INSURED_UNDER")) == 1


def test_kinds_of_parties_and_roles_decide_the_edge(book: Any) -> None:
    book.load(
        **PARTIES,
        institutions="id,name\nP1,甲公司",
        policy_parties="""
            policy_id,party_id,party_kind,role
            Q1,P1,institution,payer
            Q1,P1,person,insured
            Q1,P1,,beneficiary
            """,
    )
    with book.open() as graph:
        found = graph.neighbourhood([("Policy", "Q1")], hops=1)
    assert {(start, edge) for start, _, edge in found.edges(data="type")} >= {
        (("Institution", "P1"), "PAYS_FOR"),
        (("Person", "P1"), "INSURED_UNDER"),
        (("Person", "P1"), "BENEFITS_FROM"),
    }


def test_status_counts_edges_between_open_nodes(book: Any) -> None:
    """The edges of a closed node stay open, so that they are there again when it comes back."""
    persons = "id,name,phone\nP1,王丽,13800138001\nP2,李明,13800138001\nP3,赵强,\n"
    relations = "from_id,to_id,kind\nP1,P2,spouse\nP2,P3,sibling\nP3,P9,sibling\n"

    def counted() -> tuple[int, int, int]:
        with book.open() as graph:
            found = graph.status()
        edges = found.edges
        return (
            found.nodes["Person"], edges.get("RELATED_TO", 0), edges.get("HAS_PHONE", 0)
        )  # fmt: skip

    book.load(persons=persons, relations=relations)
    assert counted() == (3, 2, 2)
    closed = "id,name,deleted_on\nP2,李明,2026-01-01\n"
    book.load(persons=closed)
    assert counted() == (2, 0, 1)
    book.load(persons=closed + "P3,赵强,2026-01-01\n")
    assert counted() == (1, 0, 1)
    book.load(relations="from_id,to_id,kind\nP1,P3,friend\n")
    book.load(persons="id,name,deleted_on\nP9,周杰,2026-01-01\n")  # heals an edge of closed nodes
    assert counted() == (1, 0, 1)
    book.load(persons="id,name,deleted_on\nP2,李明,\n")
    assert counted() == (2, 1, 2)
    book.load({"complete": True}, persons="id,name\nP1,王丽\n")
    assert counted() == (1, 0, 1)
    book.load(persons=persons)  # P3 was closed by its source, and stays so
    assert counted() == (2, 1, 2)

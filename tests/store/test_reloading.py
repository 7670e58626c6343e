"""The same load again, rows in another order, changed rows, closed rows, complete loads."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from graphcrm import UsageError

PERSONS = """
    id,name,phone,address,entered_by,policy_hint
    P1,王丽,13800138000,北京市海淀区中关村大街1号,A1,x
    P2,李明,13800138000,,A1,
    P3,赵强,,,A9,y
    """
AGENTS = """
    id,name,branch_id,status
    A1,张三,D1,active
    """
BOOK = {
    "institutions": "id,name,own\nI1,平安保险有限公司,yes",
    "departments": "id,institution_id,name\nD1,I1,北京分公司",
    "agents": AGENTS,
    "persons": PERSONS,
    "products": "code,name,line\nL1,终身寿险,life",
    "policies": """
        id,product_code,holder_id,premium,issued_on,status,sold_by,served_by
        Q1,L1,P1,1000,2020-01-01,in_force,A1,A1
        Q2,L1,P2,2000,2021-01-01,in_force,A1,
        Q3,L1,P8,3000,2022-01-01,lapsed,A1,A7
        """,
    "policy_parties": """
        policy_id,party_id,role,certificate_no,valid_from
        Q1,P2,insured,C1,2020-01-01
        Q1,P2,insured,C2,2020-01-01
        Q1,P3,beneficiary,,
        Q9,P3,payer,,
        """,
    "premiums": "policy_id,due_on,amount,paid_on\nQ1,2021-01-01,1000,\nQ1,2022-01-01,1000,",
    "claims": "id,policy_id,loss_on,status\nC1,Q1,2023-05-01,paid",
    "claim_payments": """
        claim_id,payee_id,account,amount,paid_on
        C1,P1,6222020200112233,500,2023-06-01
        C1,P1,6222020200112233,500,2023-06-01
        C1,P2,,20.5,2023-06-01
        """,
    "relations": "from_id,to_id,kind\nP1,P2,spouse\nP2,P1,spouse",
}


UNCHANGED = (0, 0, 0, 0, 0, 0)


def _changes(report: Any) -> dict[str, tuple[int, ...]]:
    return {
        Path(f.path).stem: (
            f.new, f.changed, f.closed, f.edges_new, f.edges_changed, f.edges_closed
        )
        for f in report.files
    }  # fmt: skip


def test_the_same_load_again_changes_nothing(book: Any) -> None:
    first = book.load(**BOOK)
    assert {Path(f.path).stem: f.rows for f in first.files} == {
        name: len([line for line in text.strip().splitlines() if line.strip()]) - 1
        for name, text in BOOK.items()
    }
    before = book.contents()
    again = book.load(**BOOK)
    assert before == book.contents()
    assert _changes(again) == dict.fromkeys(BOOK, UNCHANGED)
    assert {Path(f.path).stem: f.same for f in again.files if f.table in ("persons", "policies")} \
        == {"persons": 3, "policies": 3}  # fmt: skip
    assert again.healed == 0
    assert before["history"] == {}


def test_rows_in_another_order_change_nothing(book: Any) -> None:
    book.load(**BOOK)
    before = book.contents()
    for seed in range(2):
        shuffled = {}
        for name, text in BOOK.items():
            header, *rows = [line.strip() for line in text.strip().splitlines()]
            random.Random(seed).shuffle(rows)
            shuffled[name] = "\n".join([header, *rows])
        report = book.load(**shuffled)
        assert _changes(report) == dict.fromkeys(BOOK, UNCHANGED)
        assert before == book.contents()


def test_a_changed_row_keeps_its_past(book: Any) -> None:
    book.load(persons=PERSONS)
    report = book.load({"confirmed": True}, persons=PERSONS.replace("王丽", "王莉"))
    assert (report.files[0].changed, report.files[0].same) == (1, 2)
    assert book.node("P1")["name"] == "王莉"
    with book.open() as graph:
        (past,) = graph.history("P1")
    assert (past["name"], past["replaced_by_load"]) == ("王丽", report.load)
    assert past["extra"] == '{"policy_hint":"x"}'
    assert book.node("P1")["load"] == report.load
    assert book.node("P2")["load"] == 1


def test_an_absent_column_leaves_a_value_and_an_empty_cell_clears_it(book: Any) -> None:
    book.load(persons="id,name,occupation,phone\nP1,王丽,医生,13800138000")
    book.load(persons="id,name\nP1,王丽")
    assert book.node("P1")["occupation"] == "医生"
    assert len(book.edges("HAS_PHONE")) == 1
    book.load(persons="id,name,occupation,phone\nP1,王丽,,")
    assert book.node("P1")["occupation"] is None
    assert book.edges("HAS_PHONE") == set()


def test_deleted_on_closes_and_the_row_reopens(book: Any) -> None:
    book.load(persons="id,name,deleted_on\nP1,王丽,\nP2,李明,2024-02-29")
    assert book.node("P2")["deleted_on"] == "2024-02-29"
    book.load(persons="id,name,deleted_on\nP1,王丽,2025-01-01\nP2,李明,2024-02-29")
    assert book.node("P1")["deleted_on"] == "2025-01-01"
    with book.open() as graph:
        assert graph.status().nodes == {}
    report = book.load(persons="id,name,deleted_on\nP1,王丽,\nP2,李明,2024-02-29")
    assert (report.files[0].changed, report.files[0].same) == (1, 1)
    assert book.node("P1")["deleted_on"] is None
    book.load(persons="id,name,deleted_on\nP2,李明,")
    assert book.node("P2")["deleted_on"] is None


def test_a_complete_load_closes_what_is_missing_of_its_source_only(book: Any) -> None:
    for source in ("life", "motor"):
        book.load({"source": source}, persons="id,name\n1,王丽\n2,李明\n3,赵强")
    plan = {"source": "life", "complete": True, "as_of": "2026-03-01"}
    report = book.load(plan, persons="id,name\n1,王丽\n3,赵强")
    assert report.files[0].closed == 1
    assert book.node("life:2")["deleted_on"] == "2026-03-01"
    assert book.node("motor:2")["deleted_on"] is None
    again = book.load(plan, persons="id,name\n1,王丽\n3,赵强")
    assert (again.files[0].closed, again.files[0].same) == (0, 2)
    back = book.load(plan, persons="id,name\n1,王丽\n2,李明\n3,赵强")
    assert back.files[0].changed == 1
    assert book.node("life:2")["deleted_on"] is None


def test_a_complete_load_closes_missing_edge_rows(book: Any) -> None:
    book.load(**BOOK)
    held = book.edges("INSURED_UNDER", "certificate_no")
    assert held == {("P2", "Q1", "C1"), ("P2", "Q1", "C2")}
    header = "policy_id,party_id,role,certificate_no,valid_from\n"
    plan = {"complete": True, "as_of": "2026-03-01"}
    report = book.load(plan, policy_parties=header + "Q1,P2,insured,C2,2020-01-01")
    assert report.files[0].edges_closed == 2
    assert book.edges("INSURED_UNDER", "certificate_no") == {("P2", "Q1", "C2")}
    assert book.closed("INSURED_UNDER", "valid_to") == {("P2", "Q1", "2026-03-01")}
    assert book.edges("BENEFITS_FROM") == set()
    assert book.rows("SELECT count(*) FROM pending WHERE type = 'PAYS_FOR'") == [(0,)]


def test_a_complete_load_does_not_close_a_row_that_it_refused(book: Any) -> None:
    book.load(persons="id,name,birth_date\nP1,王丽,\nP2,李明,\nP3,赵强,")
    report = book.load({"complete": True}, persons="id,name,birth_date\nP1,王丽,\nP2,李明,1.1.1980")
    assert (report.files[0].refused, report.files[0].closed) == (1, 1)
    assert book.node("P2")["deleted_on"] is None
    assert book.node("P3")["deleted_on"] is not None


def test_a_complete_load_wants_each_table_in_one_file(
    book: Any, load_apart: Any, tmp_path: Path
) -> None:
    for name in ("persons.csv", "persons.jsonl"):
        (tmp_path / name).write_text("id,name\nP1,王丽\n")
    with pytest.raises(UsageError, match=r"persons is in .*persons.csv, .*persons.jsonl"):
        load_apart(book.path, tmp_path / "persons.csv", tmp_path / "persons.jsonl", complete=True)


def test_two_files_of_a_table_in_one_load_are_two_loads(
    book: Any, load_apart: Any, recounted: Any, tmp_path: Path
) -> None:
    (tmp_path / "persons.a.csv").write_text("id,name,language\nP1,王丽,zh\n", encoding="utf-8")
    (tmp_path / "persons.b.csv").write_text("id,name,language\nP1,王丽,en\n", encoding="utf-8")
    for _ in range(2):
        load_apart(book.path, tmp_path / "persons.a.csv", tmp_path / "persons.b.csv")
        recounted(book.path)
        assert book.node("P1")["language"] == "en"
    load_apart(book.path, tmp_path / "persons.b.csv", tmp_path / "persons.a.csv")
    assert book.node("P1")["language"] == "zh"

"""Files with a part of the columns or of the rows leave alone what they don't speak of."""

from pathlib import Path
from typing import Any

import duckdb

AGENTS = "id,name,branch_id,status\nA1,甲,D1,active\nA2,乙,D1,active"
POLICY = "id,product_code,holder_id,premium,issued_on,status"
ROW = "L1,T,{holder},100,2020-01-01,in_force"


def test_a_file_without_the_kind_finds_the_holder_again(book: Any) -> None:
    policies = f"{POLICY},holder_kind\n{ROW.format(holder='I1')},institution"
    book.load(institutions="id,name\nI1,中南机械", policies=policies)
    book.load(policies=f"{POLICY}\n{ROW.format(holder='I1').replace('100', '200')}")
    assert book.edges("HOLDS") == {("I1", "L1")}


def test_flaws_of_columns_that_are_not_there_stay(book: Any) -> None:
    book.load(persons="id,name,phone\nP1,王丽,12")
    assert book.node("P1")["flaws"] == "phone:too_short"
    book.load(persons="id,name,email\nP1,王丽,nowhere")
    assert book.node("P1")["flaws"] == "email:no_at;phone:too_short"
    book.load(persons="id,name,phone\nP1,王丽,13812345678")
    assert book.node("P1")["flaws"] == "email:no_at"


def test_the_region_of_an_institution_stays(book: Any) -> None:
    book.load(institutions="id,name,region_code\nI1,云大计算机有限公司,110000")
    book.load({"confirmed": True}, institutions="id,name\nI1,云大计算机 有限公司")
    assert book.node("I1")["core_region"] == "1100"


def test_a_payment_to_nobody_is_refused(book: Any) -> None:
    report = book.load(
        claims="id,policy_id,loss_on,status\nC1,L1,2020-01-01,paid",
        claim_payments="claim_id,payee_id,account,amount,paid_on\n"
        "C1,,,100,2020-03-01\nC1,,12,200,2020-03-02\nC1,P1,,300,2020-03-03",
    )
    (payments,) = [file for file in report.files if file.table == "claim_payments"]
    assert (payments.rows, payments.refused, payments.edges_pending) == (1, 2, 1)


def test_nothing_closes_on_a_file_that_can_not_be_read_whole(book: Any) -> None:
    persons = "id,name\nP1,Ann\nP2,Bob\nP3,Cal\nP4,Dan\nP5,Eve"
    book.load({"complete": True}, persons=persons)
    broken = 'id,name\nP1,Ann\nP2,"Bob\nP3,Cal\nP4,"Dan"\nP5,Eve'
    report = book.load({"complete": True}, persons=broken)
    assert report.files[0].closed == 0
    assert len(book.rows("SELECT 1 FROM person WHERE deleted_on IS NULL")) == 5


def test_a_refused_edge_row_closes_nothing(book: Any) -> None:
    persons = "id,name\nP1,王丽\nP2,李明"
    book.load(persons=persons, relations="from_id,to_id,kind\nP1,P2,spouse\nP1,P9,child")
    book.load(
        {"complete": True},
        persons=persons,
        relations="from_id,to_id,kind,deleted_on\nP1,P2,spouse,soon\nP1,P9,child,soon",
    )
    assert book.edges("RELATED_TO") == {("P1", "P2")}
    assert book.rows("SELECT other_ref FROM pending") == [("P9",)]


def test_two_files_of_one_load_are_both_heard(book: Any) -> None:
    agents = AGENTS + "\nA3,丙,D1,active"
    served = f"{POLICY},served_by\n{ROW.format(holder='P1')}"
    book.load(agents=agents, policies=f"{served},A1")
    folder = book.folder / "both"
    folder.mkdir()
    (folder / "policies.1.csv").write_text(f"{served},A2\n", encoding="utf-8")
    (folder / "policies.2.csv").write_text(f"{served},A1\n", encoding="utf-8")
    with book.open() as graph:
        graph.load(folder)
    assert book.edges("SERVES") == {("A1", "L1")}


def test_a_bare_reference_means_its_own_source(book: Any) -> None:
    book.load(persons="id,name\nP1,Ann")
    book.load({"source": "A"}, policies=f"{POLICY}\n{ROW.format(holder='P1')}")
    assert book.edges("HOLDS") == set()
    book.load({"source": "A"}, persons="id,name\nP1,Cyd")
    assert book.edges("HOLDS") == {("A:P1", "A:L1")}


def test_what_is_closed_waits_for_nothing(book: Any) -> None:
    book.load(persons="id,name,institution_id\nP1,王丽,I9\nP2,李明,I9\nP3,赵敏,")
    book.load({"complete": True}, persons="id,name,institution_id\nP1,王丽,I9\nP3,赵敏,")
    book.load(
        persons="id,name,institution_id,deleted_on\nP1,王丽,I9,2024-01-01",
        institutions="id,name\nI9,中南机械",
    )
    assert book.rows("SELECT count(*) FROM pending") == [(0,)]
    assert book.edges("WORKS_AT") <= {("P1", "I9")}


def test_a_snapshot_is_of_its_own_graph(book: Any) -> None:
    def persons_in(snapshot: Path) -> set[str]:
        with duckdb.connect(str(snapshot), read_only=True) as db:
            return {row[0] for row in db.execute("SELECT id FROM person").fetchall()}

    book.load(persons="id,name\nP1,王丽")
    with book.open() as graph:
        assert persons_in(graph.snapshot()) == {"P1"}
    for file in book.folder.glob("book.graph*"):
        if not file.name.endswith(".snapshot"):
            file.unlink()
    book.load(persons="id,name\nZ1,王丽")
    with book.open() as graph:
        assert persons_in(graph.snapshot()) == {"Z1"}


def test_who_brought_a_customer_may_be_an_institution(book: Any) -> None:
    book.load(
        persons="id,name\nP1,王丽",
        institutions="id,name\nI1,中南机械",
        referrals="referrer_id,referrer_kind,referred_id\nI1,institution,P1",
    )
    with book.open() as graph:
        (tie,) = graph.customer("P1").ties
    assert (tie["tie"], tie["label"], tie["id"]) == ("REFERRED_BY", "Institution", "I1")

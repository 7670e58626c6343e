"""Rows of several systems: their ids, their references, and loads that forgot to name them."""

from __future__ import annotations

from typing import Any

import pytest

from graphcrm import ConfirmationNeeded

POLICIES = "id,product_code,holder_id,premium,issued_on,status,served_by\n"


def test_two_systems_with_the_same_ids_stay_apart(book: Any) -> None:
    book.load({"source": "life"}, persons="id,name\n1,王丽")
    book.load({"source": "motor"}, persons="id,name\n1,李明")
    book.load(persons="id,name\n1,赵强")
    assert [book.node(i)["name"] for i in ("life:1", "motor:1", "1")] == ["王丽", "李明", "赵强"]
    assert [book.node(i)["source"] for i in ("life:1", "motor:1", "1")] == ["life", "motor", None]


def test_the_row_s_own_source_goes_before_that_of_the_load(book: Any) -> None:
    book.load({"source": "life"}, persons="id,name,source\n1,王丽,motor\n2,李明,")
    assert {book.node("motor:1")["name"], book.node("life:2")["name"]} == {"王丽", "李明"}


def test_a_blank_source_is_none(book: Any) -> None:
    book.load({"source": " "}, persons="id,name\n1,王丽")
    assert book.node("1")["source"] is None


def test_colons_in_ids_are_escaped(book: Any) -> None:
    book.load(
        persons="id,name\na:1,王丽",
        relations="from_id,to_id,kind\na:1,a:1,other",
    )
    book.load({"source": "x:y"}, persons="id,name\na:1,李明")
    assert book.node("a%3A1")["name"] == "王丽"
    assert book.node("x%3Ay:a%3A1")["name"] == "李明"
    assert book.edges("RELATED_TO") == {("a%3A1", "a%3A1")}


def test_references_are_looked_up_in_their_own_source_first(book: Any) -> None:
    book.load({"source": "life"}, persons="id,name\n1,王丽\n2,李明")
    book.load(persons="id,name\n1,赵强")
    book.load({"source": "motor"}, persons="id,name\n1,周杰")
    relations = "from_id,to_id,kind\n1,life:2,spouse\nlife:1,motor:1,sibling\n1,2,other"
    book.load({"source": "motor"}, relations=relations)
    assert book.edges("RELATED_TO", "kind") == {
        ("motor:1", "life:2", "spouse"), ("life:1", "motor:1", "sibling")
    }  # fmt: skip
    with book.open() as graph:
        (waiting,) = graph.quarantine().to_pylist()
    assert (waiting["reason"], waiting["value"]) == ("unknown_reference", "2")


def test_two_ways_to_write_one_reference_are_one_edge(book: Any) -> None:
    book.load({"source": "life"}, persons="id,name\n1,王丽\n2,李明")
    for _ in range(2):
        book.load({"source": "life"}, relations="from_id,to_id,kind\n1,2,spouse\nlife:1,2,spouse")
        assert book.edges("RELATED_TO", "kind") == {("life:1", "life:2", "spouse")}


def _names(first: str, renamed: int, of: int = 40) -> str:
    rows = [f"{n},{'改' if n < renamed else first}名{n}" for n in range(of)]
    return "\n".join(["id,name", *rows])


def test_a_load_that_renames_many_asks(book: Any) -> None:
    book.load(persons=_names("原", 0))
    before = book.contents()
    with pytest.raises(ConfirmationNeeded, match=r"3 of 40 known ids.*'原名0'.*'改名0'"):
        book.load(persons=_names("原", 3))
    assert book.contents() == before
    with book.open() as graph:
        assert graph.status().loads[0]["state"] == "failed"
    book.load(persons=_names("原", 2))  # 5 % may be
    book.load({"confirmed": True}, persons=_names("别", 0))
    assert book.node("7")["name"] == "别名7"


def test_a_correction_of_one_name_or_two_does_not_ask(book: Any) -> None:
    book.load(persons="id,name\n1,王丽\n2,李明\n3,赵强")
    assert book.load(persons="id,name\n1,王莉").files[0].changed == 1
    assert book.load(persons="id,name\n1,王俐\n2,李铭").files[0].changed == 2
    with pytest.raises(ConfirmationNeeded, match="3 of 3"):
        book.load(persons="id,name\n1,张三\n2,张四\n3,张五")


def test_a_load_that_asks_about_its_last_file_has_written_none(book: Any) -> None:
    agents = "id,name,branch_id,status\nA1,张三,D1,active"
    book.load(agents=agents, persons=_names("原", 0))
    before = book.contents()
    with pytest.raises(ConfirmationNeeded, match="40 of 40"):
        book.load(institutions="id,name\nI1,甲公司", agents=agents, persons=_names("别", 0))
    assert book.contents() == before


def test_a_load_that_names_its_source_does_not_ask(book: Any) -> None:
    book.load({"source": "life"}, persons=_names("原", 0))
    book.load({"source": "life"}, persons=_names("别", 0))
    book.load(persons=_names("新", 0).replace("id,name", "source,id,name").replace("\n", "\nlife,"))
    assert book.node("life:7")["name"] == "新名7"


def test_two_sources_that_state_the_same_edge_keep_one_each(book: Any) -> None:
    book.load({"source": "crm"}, persons="id,name\nP1,王丽\nP2,李明")
    relation = "source,from_id,to_id,kind\n"
    book.load(relations=relation + "life,crm:P1,crm:P2,spouse\nmotor,crm:P1,crm:P2,spouse")
    everything = {"as_of": "2026-03-01", "complete": True}
    report = book.load(everything, relations=relation + "life,crm:P2,crm:P1,spouse").files[0]
    assert (report.edges_new, report.edges_closed) == (1, 1)
    sources = "SELECT s.name, r.closed IS NULL FROM related_to r JOIN source s USING (source)"
    assert set(book.rows(sources)) == {
        ("life", True), ("life", False), ("motor", True)
    }  # fmt: skip

"""The type of a document and its number are one statement, also where a file brings one of them."""

from __future__ import annotations

from typing import Any

import pytest

BOTH = "id,name,id_type,id_number\nP1,王丽,hk_macau_permit,H12345678\nP2,李明,hk_macau_permit,"
PERMITS = {("P1", "H12345678")}


def _documents(book: Any) -> set[tuple[str, str]]:
    rows = book.rows(
        "SELECT p.id, d.value FROM has_document e JOIN person p ON p.key = e.src "
        "JOIN document d ON d.key = e.dst WHERE e.closed IS NULL"
    )
    return set(rows)


@pytest.mark.parametrize("others", [0, 300])
def test_a_number_without_its_type_has_the_type_that_is_known(book: Any, others: int) -> None:
    """H1234567802 is a permit with its renewal count, but a whole number of any other document."""
    more = "".join(f"\nQ{n},甲{n},," for n in range(others))
    book.load(persons=BOTH + more)
    report = book.load(persons="id,name,id_number\nP1,王丽,H1234567802\nP2,李明,H8765432101")
    assert report.files[0].changed == 2
    assert _documents(book) == {*PERMITS, ("P2", "H87654321")}
    assert book.node("P1")["id_type"] == "hk_macau_permit"


def test_a_number_whose_type_nobody_knows_stands_as_it_is(book: Any) -> None:
    book.load(persons="id,name,id_number\nP1,王丽,H1234567802\nP2,李明,11010519491231002X")
    assert _documents(book) == {("P1", "H1234567802"), ("P2", "11010519491231002X")}
    assert book.rows("SELECT kind FROM document ORDER BY value") == [("resident_id",), (None,)]
    assert book.node("P1")["id_type"] is None


def test_a_resident_id_is_one_whatever_type_was_known(book: Any) -> None:
    book.load(persons=BOTH)
    book.load(persons="id,name,id_number\nP1,王丽,11010519491231002X")
    assert _documents(book) == {("P1", "11010519491231002X")}


def test_a_type_that_arrives_later_reads_the_number_anew(book: Any) -> None:
    book.load(persons="id,name,id_number\nP1,王丽,H1234567802\nP2,李明,")
    assert _documents(book) == {("P1", "H1234567802")}
    later = "id,name,id_type\nP1,王丽,hk_macau_permit\nP2,李明,passport\nP3,赵强,passport"
    report = book.load(persons=later)
    assert (report.files[0].new, report.files[0].changed, report.files[0].refused) == (1, 2, 0)
    assert _documents(book) == PERMITS
    assert book.node("P1")["id_number"] == "H1234567802"
    assert book.load(persons=later).files[0].same == 3


def test_a_number_that_fits_no_longer_is_told(book: Any) -> None:
    book.load(persons="id,name,id_number\nP1,王丽,H1234567802")
    book.load(persons="id,name,id_type\nP1,王丽,resident_id")
    assert _documents(book) == set()
    assert book.node("P1")["flaws"] == "id_number:characters"

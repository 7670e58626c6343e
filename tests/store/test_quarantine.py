"""Refused rows: listed with the reason, ticked off when they come right, never listed twice."""

from __future__ import annotations

import json
from typing import Any

HEADER = "id,name,sex,birth_date\n"
BAD = HEADER + "P1,王丽,F,1980-02-30\nP2,李明,X,x\nP3,赵强\nP4,周杰,M,\n"
POLICY = "id,product_code,holder_id,premium,issued_on,status\n"


def _listed(book: Any) -> list[tuple[Any, ...]]:
    with book.open() as graph:
        rows = [row for row in graph.quarantine().to_pylist() if row["kind"] == "row"]
        assert graph.status().refused == len({(r["load"], r["file"], r["line"]) for r in rows})
    return [(r["table"], r["line"], r["column"], r["value"], r["reason"]) for r in rows]


LISTED = [
    ("persons", 2, "birth_date", "1980-02-30", "not_a_date"),
    ("persons", 3, "birth_date", "x", "not_a_date"),
    ("persons", 3, "sex", "X", "unknown_code"),
    ("persons", 4, None, None, "too_few_columns"),
]


def test_refused_rows_are_listed_with_the_reason(book: Any) -> None:
    report = book.load(persons=BAD)
    assert (report.files[0].rows, report.files[0].refused) == (1, 3)
    assert _listed(book) == LISTED
    with book.open() as graph:
        first, *_, broken = graph.quarantine().to_pylist()
    assert json.loads(first["record"]) == {
        "id": "P1", "name": "王丽", "sex": "F", "birth_date": "1980-02-30"
    }  # fmt: skip
    assert broken["record"].strip() == "P3,赵强"


def test_the_same_bad_file_again_is_listed_once(book: Any) -> None:
    for _ in range(3):
        book.load(persons=BAD)
        assert _listed(book) == LISTED


def test_mended_rows_are_ticked_off(book: Any) -> None:
    book.load(persons=BAD)
    book.load(persons=HEADER + "P1,王丽,F,1980-02-28\n")
    assert _listed(book) == LISTED[1:]
    book.load(persons=HEADER + "P2,李明,M,x\nP3,赵强,M,\n")
    assert _listed(book) == [("persons", 2, "birth_date", "x", "not_a_date")]
    book.load(persons=HEADER + "P2,李明,M,\n")
    assert _listed(book) == []


def test_mended_rows_of_another_source_are_others(book: Any) -> None:
    book.load({"source": "life"}, persons=BAD)
    book.load({"source": "motor"}, persons=HEADER + "P1,王丽,F,\n")
    assert _listed(book) == LISTED
    book.load({"source": "life"}, persons=HEADER + "P1,王丽,F,\nP2,李明,,\nP3,赵强,,\n")
    assert _listed(book) == []


def test_the_same_id_in_another_table_is_another(book: Any) -> None:
    book.load(persons=HEADER + "P1,王丽,X,\nP2,李明,,\n")
    book.load(institutions="id,name\nP1,甲公司")
    assert len(_listed(book)) == 1


def test_mended_edge_rows_are_ticked_off(book: Any) -> None:
    header = "policy_id,party_id,role,valid_from\n"
    bad = header + "Q1,P1,insurd,\nQ1,P2,insured,1.1.2020\nQ1,P3\nQ1,P4,payer,\n"
    for _ in range(2):
        book.load(policy_parties=bad)
        assert [(line, column) for _, line, column, *_ in _listed(book)] == [
            (2, "role"), (3, "valid_from"), (4, None)
        ]  # fmt: skip
    book.load(policy_parties=header + "Q1,P1,insured,\n")
    assert [line for _, line, *_ in _listed(book)] == [3, 4]
    book.load(policy_parties=header + "Q1,P2,insured,2020-01-01\nQ1,P3,payer,\n")
    assert _listed(book) == []


def test_a_repeated_id_is_ticked_off_once_it_is_there_once(book: Any) -> None:
    book.load(persons=HEADER + "P1,王丽,F,\nP1,王莉,F,\n")
    assert _listed(book) == [("persons", 3, "id", "P1", "repeated_id")]
    book.load(persons=HEADER + "P1,王丽,F,\nP1,王莉,F,\n")
    assert _listed(book) == [("persons", 3, "id", "P1", "repeated_id")]
    book.load(persons=HEADER + "P1,王丽,F,\n")
    assert _listed(book) == []


def test_a_row_refused_for_another_reason_is_listed_with_that(book: Any) -> None:
    book.load(persons=HEADER + "P1,王丽,X,\nP2,李明,,\n")
    book.load(persons=HEADER + "P1,王丽,F,x\nP2,李明,,\n")
    assert _listed(book) == [("persons", 2, "birth_date", "x", "not_a_date")]

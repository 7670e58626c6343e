"""Refusals that a later file makes void, though no row of it can be recognised as theirs."""

from __future__ import annotations

from typing import Any

import pytest

HEADER = "id,name,sex\n"
EDGE = "policy_id,party_id,role,valid_from\n"


def _lines(book: Any) -> list[tuple[str, int, str | None]]:
    with book.open() as graph:
        rows = graph.quarantine().to_pylist()
    return [(r["table"], r["line"], r["column"]) for r in rows if r["kind"] == "row"]


def test_a_whole_file_replaces_what_was_refused_of_its_source(book: Any) -> None:
    bad = HEADER + "P1,王丽,X\n,李明,M\nP3,赵强\nP4,周杰,M"
    book.load({"source": "core"}, persons=bad)
    book.load({"source": "life"}, persons=bad)
    assert len(_lines(book)) == 6
    book.load({"source": "core", "complete": True}, persons=HEADER + "P4,周杰,M\nP5,吴磊,Y")
    assert _lines(book) == [
        ("persons", 2, "sex"), ("persons", 3, "id"), ("persons", 4, None), ("persons", 3, "sex")
    ]  # fmt: skip
    book.load({"source": "life", "complete": True}, persons=HEADER + "P4,周杰,M")
    assert _lines(book) == [("persons", 3, "sex")]


def test_a_whole_file_knows_the_sources_of_its_rows(book: Any) -> None:
    header = "id,name,sex,source\n"
    book.load(persons=header + "P1,王丽,X,core\nP1,王丽,X,life\nP2,李明,M,core")
    book.load({"complete": True}, persons=header + "P2,李明,M,core")
    assert _lines(book) == [("persons", 3, "sex")]


def test_rows_without_an_id_go_with_the_file_they_stood_in(book: Any) -> None:
    book.load(persons=HEADER + ",李明,M\n4.3E+17,赵强,M\nP3,周杰,X")
    book.load(agents="id,name,branch_id,status\nA1,甲,D1,active")
    assert [line for _, line, _ in _lines(book)] == [2, 3, 4]
    book.load({"source": "life"}, persons=HEADER + "P9,李明,M")
    assert [line for _, line, _ in _lines(book)] == [2, 3, 4]
    book.load(persons=HEADER + "P2,李明,M\n430111,赵强,M\n,吴磊,M")
    assert _lines(book) == [("persons", 4, "sex"), ("persons", 4, "id")]


def test_edge_rows_without_an_id_go_with_the_file_they_stood_in(book: Any) -> None:
    book.load(policy_parties=EDGE + "Q1,,insured,\nQ1,P2,insurd,")
    book.load(policy_parties=EDGE + "Q1,P1,insured,")
    assert _lines(book) == [("policy_parties", 3, "role")]


@pytest.mark.parametrize(
    ("refused", "other", "mended"),
    [
        ("Q1,P1,insured,soon", "Q1,P1,payer,2020-01-01", "Q1,P1,insured,2020-01-01"),
        ("Q1,P1,insurd,2020-01-01", "Q1,P1,payer,2021-01-01", "Q1,P1,insured,2020-01-01"),
        ("Q1,P1,insurd,2020-01-01", "Q1,P1,insured,", "Q1,P1,payer,2020-01-01"),
    ],
)
def test_another_role_or_time_is_another_row(
    book: Any, refused: str, other: str, mended: str
) -> None:
    book.load(policy_parties=EDGE + refused)
    book.load(policy_parties=EDGE + other)
    assert len(_lines(book)) == 1
    book.load(policy_parties=EDGE + mended)
    assert _lines(book) == []


def test_another_amount_or_kind_is_another_row(book: Any) -> None:
    header = "claim_id,payee_id,payee_kind,amount,paid_on\n"
    book.load(claim_payments=header + "C1,P1,,100.50,soon\nC1,P2,persn,7,2020-01-01")
    book.load(claim_payments=header + "C1,P1,,99,2020-01-01\nC1,P1,institution,100.5,2020-01-01")
    assert [line for _, line, _ in _lines(book)] == [2, 3]
    book.load(
        claim_payments=header + "C1,P1,person,100.5,2020-01-01\nC1,P2,institution,7,2020-01-01"
    )
    assert _lines(book) == []


def test_an_edge_row_refused_for_another_reason_is_listed_with_that(book: Any) -> None:
    book.load(policy_parties=EDGE + "Q1,P1,insurd,2020-01-01\nQ1,P1,payer,soon")
    book.load(policy_parties=EDGE + "Q1,P1,insured,2020-01-01\nQ1,P1,payer,later")
    assert _lines(book) == [("policy_parties", 3, "valid_from")]

"""A rehearsal tells what the load would do, to the row, and leaves the graph as it was."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from graphcrm import ConfirmationNeeded

PERSONS = "id,name,sex,phone\n" + "".join(f"P{n},甲{n:03},M,\n" for n in range(40))
LATER = (
    PERSONS.replace("P0,甲000,M,", "P0,甲000,M,13800138000").replace("P39,甲039,M,\n", "")
    + "P40,乙,M,\nP41,丙,X,\nP42\n"
)
POLICIES = "id,product_code,holder_id,premium,issued_on,status\n"
HELD = POLICIES + "L1,T1,P1,100,2020-01-01,in_force\nL2,T1,P40,100,2020-01-01,in_force\n"
COUNTS = {"path", "seconds", "load", "examples", "refusals"}


def _told(report: Any) -> Any:
    return [file.model_dump(exclude=COUNTS) for file in report.files], report.healed


def _dump(path: Path) -> list[str]:
    db = sqlite3.connect(path)
    try:
        return list(db.iterdump())
    finally:
        db.close()


@pytest.mark.parametrize("plan", [{}, {"complete": True}, {"source": "core"}])
def test_a_rehearsal_tells_what_the_load_then_does(book: Any, plan: dict[str, Any]) -> None:
    book.load(persons=PERSONS, policies=HELD)
    before = _dump(book.path)
    later = {"persons": LATER, "policies": HELD, "products": "code,name,line\nT1,定期寿险,life"}
    foretold = book.load(plan | {"dry_run": True}, **later)
    assert _dump(book.path) == before
    assert foretold.load == 0
    done = book.load(plan, **later)
    assert _told(foretold) == _told(done)
    assert _dump(book.path) != before


def test_a_rehearsal_counts_what_is_new_changed_same_closed_and_waits(book: Any) -> None:
    book.load(persons=PERSONS)
    whole = {"complete": True, "dry_run": True}
    (persons, policies) = book.load(whole, persons=LATER.replace("P42\n", ""), policies=HELD).files
    assert (persons.new, persons.changed, persons.same, persons.closed) == (1, 1, 38, 1)
    assert (persons.rows, persons.refused) == (40, 1)
    assert (policies.edges_new, policies.edges_pending) == (2, 2)  # nobody knows the product
    with book.open() as graph:
        assert graph.status().nodes == {"Person": 40}


def test_a_rehearsal_of_the_first_load(book: Any) -> None:
    report = book.load({"dry_run": True}, persons=PERSONS, policies=HELD)
    assert [(f.table, f.new) for f in report.files] == [("persons", 40), ("policies", 2)]
    with book.open() as graph:
        assert graph.status().nodes == {}
        assert graph.status().loads == []


def test_a_rehearsal_asks_what_the_load_would_ask(book: Any) -> None:
    book.load(persons=PERSONS)
    before = _dump(book.path)
    other = PERSONS.replace("甲", "乙")
    with pytest.raises(ConfirmationNeeded, match="40 of 40"):
        book.load({"dry_run": True}, persons=other)
    assert book.load({"dry_run": True, "confirmed": True}, persons=other).files[0].changed == 40
    assert _dump(book.path) == before

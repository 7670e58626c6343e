"""An absent column says nothing: of a row's end as little as of its unknown columns."""

from __future__ import annotations

import json
from typing import Any

FOUR = "id,name\nP1,王丽\nP2,李明\nP3,赵强\nP4,周杰"


def _ended(book: Any) -> dict[str, str]:
    return dict(book.rows("SELECT id, deleted_on FROM person WHERE deleted_on IS NOT NULL"))


def test_what_a_source_has_closed_stays_closed_until_it_says_otherwise(book: Any) -> None:
    book.load(persons="id,name,deleted_on\nP1,王丽,2024-02-29\nP2,李明,2024-02-29\nP3,赵强,")
    report = book.load(persons="id,name,phone\nP1,王丽,13800138000\nP3,赵强,")
    assert (report.files[0].changed, report.files[0].same) == (1, 1)
    assert _ended(book) == {"P1": "2024-02-29", "P2": "2024-02-29"}
    assert book.node("P1")["phone"] == "13800138000"
    book.load({"complete": True}, persons=FOUR)
    assert _ended(book) == {"P1": "2024-02-29", "P2": "2024-02-29"}
    book.load(persons="id,name,deleted_on\nP1,王丽,\nP2,李明,2024-03-01")
    assert _ended(book) == {"P2": "2024-03-01"}


def test_what_was_closed_for_being_missing_is_open_when_it_is_there_again(book: Any) -> None:
    book.load(persons=FOUR)
    whole = {"complete": True, "as_of": "2026-03-01"}
    book.load(whole, persons="id,name\nP1,王丽")
    assert set(_ended(book)) == {"P2", "P3", "P4"}
    book.load(persons="id,name\nP2,李明")
    assert set(_ended(book)) == {"P3", "P4"}
    book.load(persons="id,name,deleted_on\nP3,赵强,2025-01-01")
    book.load(whole, persons=FOUR)
    assert _ended(book) == {"P3": "2025-01-01"}


def _extra(book: Any, id_: str = "P1") -> dict[str, str] | None:
    text = book.node(id_)["extra"]
    assert text == json.dumps(
        json.loads(text), ensure_ascii=False, separators=(",", ":"), sort_keys=True
    )
    values: dict[str, str] = json.loads(text)
    return values


def test_unknown_columns_are_merged_by_name(book: Any) -> None:
    book.load(persons="id,name,VIP,note,等级\nP1,王丽,金,it's,一\nP2,李明,银,,")
    report = book.load(persons="id,name,note,code\nP1,王丽,new,7\nP2,李明,,")
    assert (report.files[0].changed, report.files[0].same) == (1, 1)
    assert _extra(book) == {"VIP": "金", "code": "7", "note": "new", "等级": "一"}
    assert _extra(book, "P2") == {"VIP": "银"}
    again = book.load(persons="name,id,code,note\n王丽,P1,7,new\n李明,P2,,")
    assert again.files[0].same == 2
    book.load(persons="id,name,VIP,note\nP1,王丽,,\nP2,李明,,")
    assert _extra(book) == {"code": "7", "等级": "一"}
    assert book.node("P2")["extra"] is None
    book.load(persons="id,name\nP1,王丽")
    assert _extra(book) == {"code": "7", "等级": "一"}


def test_unknown_columns_of_edges_are_merged_by_name(book: Any) -> None:
    book.load(persons=FOUR, relations="from_id,to_id,kind,a,b\nP1,P2,spouse,1,2")
    book.load(relations="from_id,to_id,kind,b,c\nP1,P2,spouse,,3")
    assert book.rows("SELECT extra FROM related_to") == [('{"a":"1","c":"3"}',)]
    report = book.load(relations="from_id,to_id,kind,c\nP1,P2,spouse,3")
    assert report.files[0].edges_changed == 0

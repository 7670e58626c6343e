"""Ids that contain what the graph writes ids with stay apart."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from graphcrm.store.staging import escaped_id

PARTS = st.lists(st.sampled_from(["%", "25", "3A", ":", "%3A", "%25", "a", "2", "5"]), max_size=6)


def _source_id(written: str) -> str:
    """What an escaped id was: the proof that no two ids are written alike."""
    out, at = "", 0
    while at < len(written):
        if written.startswith("%3A", at):
            out, at = out + ":", at + 3
        elif written.startswith(("%2525", "%253A"), at):
            out, at = out + "%" + written[at + 3 : at + 5], at + 5
        else:
            out, at = out + written[at], at + 1
    return out


@given(PARTS.map("".join))
def test_every_id_is_written_in_a_way_of_its_own(id_: str) -> None:
    written = escaped_id(id_)
    assert ":" not in written
    assert _source_id(written) == id_


def test_an_id_that_looks_escaped_is_another(book: Any) -> None:
    book.load(
        persons="id,name\na:b,王丽\na%3Ab,李明\n100%,赵强",
        relations="from_id,to_id,kind\na:b,a%3Ab,spouse\n100%,a:b,child",
    )
    names = dict(book.rows("SELECT id, name FROM person"))
    assert names == {"a%3Ab": "王丽", "a%253Ab": "李明", "100%": "赵强"}
    assert book.edges("RELATED_TO") == {("a%3Ab", "a%253Ab"), ("100%", "a%3Ab")}
    for id_, name in {"a:b": "王丽", "a%3Ab": "王丽", "a%253Ab": "李明", "100%": "赵强"}.items():
        assert book.node(id_)["name"] == name

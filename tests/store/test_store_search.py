"""Search: by characters, pinyin, initials, numbers and ids, and in step with the graph."""

from __future__ import annotations

from typing import Any

import pytest

TABLES = {
    "persons": """
        id,name,phone,id_number
        P1,欧阳娜娜,13800138000,
        P2,王丽,13900139000,11010519491231002X
        P3,王丽华,,
        P4,O'Brien Mary,,
        P5,Müller AND (x) "y*,,
        """,
    "institutions": "id,name,uscc\nI1,北京甲骨文软件有限公司,91110108700000000X",
    "departments": "id,institution_id,name\nD1,I1,北京分公司",
    "agents": "id,name,branch_id,status,licence_no\nA1,张三丰,D1,active,L-778899",
    "vehicles": "id,plate,vin\nV1,京A·12345,LSVAA4187E2184841",
}


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("欧阳", "P1"), ("娜娜", "P1"), ("欧阳娜娜", "P1"), ("王丽", "P2"), ("丽华", "P3"),
        ("ouyang", "P1"), ("ouyangnana", "P1"), ("oynn", "P1"), ("wang li hua", "P3"),
        ("WLH", "P3"), ("138001", "P1"), ("13800138000", "P1"), ("11010519491231002x", "P2"),
        ("P4", "P4"), ("brien", None), ("mary obrien", "P4"), ("o'brien", "P4"), ("müller", "P5"),
        ("甲骨文", "I1"), ("91110108700000000X", "I1"), ("北京分公司", "D1"),
        ("zhangsanfeng", "A1"),
        ("778899", None), ("L778899", "A1"), ("京A12345", "V1"), ("LSVAA4187E2184841", "V1"),
        ("不存在", None), ("", None), ("  ", None), ('"', None), ("*", None), ("AND", "P5"),
        ("NEAR(", None), ("！？", None), (".", None), ("_", None), ("@", None),
        ("京A·12345", "V1"), ("x" * 5_000, None), ("'; DROP TABLE person; --", None),
        ("\x00", None),
    ],
)  # fmt: skip
def test_what_is_found_first(searched: Any, text: str, first: str | None) -> None:
    found = searched.search(text)
    assert (found[0]["id"] if found else None) == first
    assert [hit["score"] for hit in found] == sorted((h["score"] for h in found), reverse=True)


@pytest.fixture(scope="module")
def searched(tmp_path_factory: pytest.TempPathFactory, load_apart: Any) -> Any:
    import textwrap

    import graphcrm

    folder = tmp_path_factory.mktemp("search")
    for name, text in TABLES.items():
        (folder / f"{name}.csv").write_text(textwrap.dedent(text).strip() + "\n", "utf-8")
    load_apart(folder / "s.graph", folder)
    with graphcrm.connect(folder / "s.graph") as graph:
        yield graph


def _ids(book: Any, text: str) -> list[str]:
    with book.open() as graph:
        return [hit["id"] for hit in graph.search(text)]


def test_the_index_follows_the_graph(book: Any) -> None:
    book.load(persons="id,name,phone\nP1,王丽,13800138000\nP2,李明,")
    assert _ids(book, "王丽") == ["P1"]
    book.load({"confirmed": True}, persons="id,name\nP1,赵敏\nP2,李明")
    assert _ids(book, "王丽") == []
    assert _ids(book, "wangli") == []
    assert _ids(book, "赵敏") == ["P1"]
    assert _ids(book, "138001") == ["P1"]
    book.load(persons="id,phone,name\nP1,13900139000,赵敏")
    assert _ids(book, "138001") == []
    assert _ids(book, "139001") == ["P1"]
    book.load(persons="id,name,deleted_on\nP1,赵敏,2024-01-01")
    assert _ids(book, "赵敏") == []
    book.load(persons="id,name,deleted_on\nP1,赵敏,")
    assert _ids(book, "赵敏") == ["P1"]


def test_ids_of_sources_are_found(book: Any) -> None:
    book.load({"source": "life"}, persons="id,name\nP1,王丽")
    assert _ids(book, "life:P1") == ["life:P1"]

"""Search: by characters, pinyin, initials, numbers and ids, and in step with the graph."""

from __future__ import annotations

from typing import Any

import pytest

from graphcrm.store.sought import forms_of_number

TABLES = {
    "persons": """
        id,name,phone,id_number,email
        P1,欧阳娜娜,13800138000,,
        P2,王丽,13900139000,11010519491231002X,
        P3,王丽华,,,
        P4,O'Brien Mary,,,mary@home.cn
        P5,Müller AND (x) "y*,,,
        P6,张伟,,,
        P7,Jürgen Größler,,,
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
        ("P4", "P4"), ("brien", "P4"), ("mary obrien", "P4"), ("o'brien", "P4"), ("müller", "P5"),
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


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("欧阳哪娜", ["P1"]), ("欧羊娜娜", ["P1"]), ("阳欧娜娜", ["P1"]), ("欧阳娜那娜", ["P1"]),
        ("王丽花", ["P3", "P2"]), ("王华丽", ["P3", "P2"]), ("华王", ["P3"]),
        ("oyuangnana", ["P1"]), ("ouyangnan", ["P1"]), ("ouyangnanna", ["P1"]),
        ("obrein mary", ["P4"]), ("muelller", []),
        ("甲骨文软见", ["I1"]), ("13800138001", []), ("138001380000", []), ("京A12346", []),
    ],
)  # fmt: skip
def test_a_slip_in_a_name_is_forgiven_and_none_in_a_number(
    searched: Any, text: str, found: list[str]
) -> None:
    assert [hit["id"] for hit in searched.search(text)] == found


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Müller", "P5"), ("Muller", "P5"), ("Mueller", "P5"), ("MU\u0308LLER", "P5"),
        ("Größler", "P7"), ("Groessler", "P7"), ("Grossler juergen", "P7"), ("Jürgen", "P7"),
        ("張偉", "P6"), ("张伟", "P6"), ("張", "A1"), ("歐陽", "P1"), ("歐陽娜娜", "P1"),
        ("張三豐", "A1"), ("甲骨文軟件", "I1"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("whole", [False, True])
def test_a_name_is_found_with_and_without_marks_and_in_either_script(
    searched: Any, text: str, first: str, whole: bool
) -> None:
    assert searched.store.search(text, whole_numbers=whole)[0]["id"] == first


@pytest.mark.parametrize(
    "text",
    ["+8613800138000", "0086 138 0013 8000", "(86) 138-0013-8000", "１３８００１３８０００"],
)
def test_a_phone_is_found_however_it_is_written(searched: Any, text: str) -> None:
    assert [hit["id"] for hit in searched.search(text)] == ["P1"]
    assert [hit["id"] for hit in searched.store.search(text, whole_numbers=True)] == ["P1"]


def test_forms_of_numbers() -> None:
    id_18 = ["11010519491231002x", "110105491231002"]
    assert forms_of_number(id_18[0]) == id_18
    assert forms_of_number(id_18[1]) == id_18[::-1]
    assert forms_of_number("00864113121943") == [
        "00864113121943", "04113121943", "864113121943", "8604113121943",
    ]  # fmt: skip
    assert forms_of_number("e12345678") == ["e12345678"]


MASKED = {  # what is sought → what is found where numbers must be whole, and where not
    "13800138000": (["P1"], ["P1"]), "1380013800": ([], ["P1"]), "138": ([], ["P1"]),
    "11010519491231002x": (["P2"], ["P2"]), "110105491231002": (["P2"], ["P2"]),
    "1101051949": ([], ["P2"]), "lsv": ([], ["V1"]), "LSVAA4187E2184841": (["V1"], ["V1"]),
    "京A·12345": (["V1"], ["V1"]), "京A1": ([], ["V1"]), "jing a12345": ([], ["V1"]),
    "l778899": (["A1"], ["A1"]), "L-778899": (["A1"], ["A1"]), "l77": ([], ["A1"]),
    "欧阳 13800138000": (["P1"], ["P1"]), "欧阳 138": ([], ["P1"]), "王 138": ([], []),
    "911101": ([], ["I1"]), "甲骨": (["I1"], ["I1"]), "ouy": (["P1"], ["P1"]),
    "mary@home.cn": (["P4"], ["P4"]), "mary@home": ([], ["P4"]), "home": ([], ["P4"]),
    "homee": ([], []), "P4": (["P4"], ["P4"]), "p2": (["P2"], ["P2"]),
}  # fmt: skip


@pytest.mark.parametrize("text", MASKED)
def test_numbers_that_must_be_whole(searched: Any, text: str) -> None:
    found = [
        [hit["id"] for hit in searched.store.search(text, whole_numbers=whole)]
        for whole in (True, False)
    ]
    assert found == list(MASKED[text])


def test_what_lies_outside_changes_nothing(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same is found in a branch, whether there are hundreds of others that fit or none."""
    monkeypatch.setattr("graphcrm.store.sqlite.finding.CANDIDATES", 40)
    company = {
        "institutions": "id,name,own\nI1,本公司,yes",
        "departments": "id,institution_id,name\nD1,I1,一部\nD2,I1,二部",
        "products": "code,name,line\nX,寿险,life",
    }
    names = ["王丽", "王丽华", "王莉", "李王"]
    persons = [f"P{n},{name},138001380{n:02}" for n, name in enumerate(names)]
    policies = [f"L{n},X,P{n},100,2024-01-01,in_force,D1" for n in range(len(names))]
    head = "id,product_code,holder_id,premium,issued_on,status,branch_id"
    told = (
        "王丽",
        "王",
        "wangli",
        "wangil",
        "王力",
        "丽王",
        "138",
        "13800138001",
        "P1",
        "L1",
        "P9",
    )

    def search(**given: Any) -> list[list[dict[str, Any]]]:
        with book.open() as graph:
            return [graph.store.search(text, 3, branches=["D1"], **given) for text in told]

    book.load(**company, persons="\n".join(["id,name,phone", *persons]))
    book.load(policies="\n".join([head, *policies]))
    alone = search()
    found = [[hit["id"] for hit in hits] for hits in alone[:2]]
    assert found == [["P0", "P1", "P2"], ["P3", "P0", "P1"]]
    others = [f"Q{n},{names[n % 4]},138001380{n % 100:02}" for n in range(200)]
    policies = [f"M{n},X,Q{n},100,2024-01-01,in_force,D2" for n in range(200)]
    book.load(persons="\n".join(["id,name,phone", *others, "P9,王丽,13800138001"]))
    book.load(policies="\n".join([head, *policies]))
    assert search() == alone
    with book.open() as graph:
        assert len(graph.search("王丽", 100)) == 40
        assert graph.store.search("Q1", branches=["D1"]) == []


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

"""Every named question: its header, and that it answers what the header says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import graphcrm
from graphcrm.model import VOCABULARY
from graphcrm.model.declare import Sensitivity
from graphcrm.store import Question, question, questions
from graphcrm.store.questions import parse

ALL = questions()
FOLDER = Path(graphcrm.__file__).parent / "store" / "sql"


def _given(asked: Question) -> dict[str, Any]:
    return {p.name: "P1" if p.type == "text" else 1 for p in asked.parameters if p.default is None}


def test_every_file_is_a_question_of_its_name() -> None:
    files = sorted(FOLDER.rglob("*.sql"))
    assert len(files) >= 10
    assert {(path.parent.name, path.stem) for path in files} == {
        (asked.topic, asked.name) for asked in ALL.values()
    }


@pytest.mark.parametrize("name", sorted(ALL))
def test_a_header_says_all_that_the_text_uses(name: str) -> None:
    asked = ALL[name]
    body = re.sub(r"(--[^\n]*|'[^']*')", "", asked.text)
    assert {p.name for p in asked.parameters} == set(re.findall(r":(\w+)", body))
    assert asked.purpose.endswith(".")
    assert all(c.description for c in asked.columns)
    assert len({c.name for c in asked.columns}) == len(asked.columns)


@pytest.mark.parametrize("name", sorted(ALL))
def test_it_runs_on_an_empty_graph(name: str, empty: graphcrm.Graph) -> None:
    asked = ALL[name]
    answer = empty.query(name, **_given(asked))
    assert answer.schema == asked.schema
    cursor = empty.store._db.execute(asked.text, asked.bind(_given(asked)))  # type: ignore[attr-defined]
    assert [d[0] for d in cursor.description] == [c.name for c in asked.columns]


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with graphcrm.connect(tmp_path_factory.mktemp("empty") / "a.graph") as graph:
        yield graph


@pytest.mark.parametrize("name", sorted(ALL))
def test_it_runs_on_the_sample(name: str, sample_graph: Any) -> None:
    asked = ALL[name]
    given = _given(asked)
    if "id" in given:
        rows = sample_graph.graph.store._db.execute(
            "SELECT p.id FROM person p JOIN holds h ON h.src = p.key GROUP BY 1 "
            "ORDER BY count(*) DESC, 1 LIMIT 1"
        )
        given["id"] = rows.fetchone()[0]
    answer = sample_graph.graph.query(name, **given)
    assert answer.schema == asked.schema
    for column in asked.columns:
        if column.type == "date":
            values = answer[column.name].drop_null().to_pylist()
            assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", value) for value in values)


def test_wrong_use() -> None:
    with pytest.raises(graphcrm.UnknownQuestionError, match=r"no question is named 'x'; there are"):
        question("x")
    asked = parse(
        "-- name: a\n-- purpose: B.\n-- public: yes\n-- parameter: d date = today | day\n"
        "-- parameter: n integer | number\n-- column: c text | c\nSELECT 1",
        "t",
    )
    assert asked.bind({"n": "7", "d": "2024-02-29"}) == {"n": 7, "d": "2024-02-29"}
    for given, message in (
        ({}, "a needs a value for n"),
        ({"n": 1, "m": 2}, "a has no parameter 'm'"),
        ({"n": "x"}, "n must be a integer, not 'x'"),
        ({"n": [1]}, "n must be a integer"),
        ({"n": 1, "d": "29.2.2024"}, "d must be a date"),
    ):
        with pytest.raises(graphcrm.UsageError, match=re.escape(message)):
            asked.bind(given)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1",
        "-- name: a\n-- purpose: B.\n-- public: yes\nSELECT 1",
        "-- name: a\n-- purpose: B.\n-- public: yes\n-- column: c\nSELECT 1",
        "-- name: a\n-- purpose: B.\n-- public: yes\n-- column: c number | c\nSELECT 1",
        "-- name: a\n-- purpose: B.\n-- public: yes\n-- parameter: d\n-- column: c text | c",
    ],
)
def test_a_wrong_header_is_an_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"header|line"):
        parse(text, "t")


@pytest.mark.parametrize("name", sorted(ALL))
def test_columns_that_tell_of_persons_or_name_nodes_say_so(name: str, sample_graph: Any) -> None:
    """Else the service could neither mask them nor keep them to the branches that may see them."""
    asked, store = ALL[name], sample_graph.graph.store
    declared = {c.name: c.of for c in asked.columns if c.of}
    assert any(of.endswith(".id") for of in declared.values()), "name the node of the row"
    for of in declared.values():
        label, _, part = of.partition(".")
        named = re.fullmatch(r"\{(\w+)\}", label)
        if named:
            assert named.group(1) in {c.name for c in asked.columns}
            assert part in ("id", "title", "birth_date")
        elif part:
            assert part in {"id", *(p.name for p in VOCABULARY.nodes[label].properties)}
        else:
            assert of in ("personal", "company")
    if asked.way is not None:
        assert declared[asked.way].endswith(".id")
    known = {p.name for p in asked.parameters}
    assert all(n == "label" or n == "agent_id" or not n.endswith("id") for n in known - {"id"})
    assert ("id" in known) <= ("label" in known), "the service asks whether the node may be seen"
    private = _private(store)
    for given in _given_of_many(asked, store):
        answer = store.query(name, **given)
        for column in asked.columns:
            if column.name not in declared and column.type == "text":
                told = set(answer[column.name].drop_null().to_pylist())
                assert not told & private, f"say of {column.name} what it is: = Label.property"


@cache
def _private(store: Any) -> set[str]:
    """All ids in the sample, and all names, numbers, addresses and texts about persons."""
    found: set[str] = set()
    for label, type_ in VOCABULARY.nodes.items():
        names = [
            p.name
            for p in type_.properties
            if p.traits.sensitivity != Sensitivity.GENERAL and p.kind.sqlite == "TEXT"
            and not p.kind.name.startswith("code ")
        ]  # fmt: skip
        if label in ("Product", "Line"):
            continue
        for batch in store.scan(label, columns=["id", *names]):
            for column in batch.columns:
                found.update(value for value in column.to_pylist() if value and len(value) > 1)
    return found


def _given_of_many(asked: Question, store: Any) -> list[dict[str, Any]]:
    given = _given(asked)
    if "id" not in given:
        return [given]
    return [given | {"id": row["id"]} for row in store.page("Person", limit=60)]

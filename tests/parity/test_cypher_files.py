"""Every named question is there in both dialects, under one header, and runs well in Cypher.

The plans are those of the sample insurer, since the server plans by what it holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from graphcrm.store import questions
from graphcrm.store.questions import Question, parse
from tests.parity.answers import ANSWERS, EMPTY_ANSWERS
from tests.parity.history import DAYS
from tests.parity.insurer import Insurer
from tests.parity.parameters import settings_of
from tests.parity.stores import Pair

CYPHER = Path(__file__).parents[2] / "cypher"
FILES = sorted(path.relative_to(CYPHER).as_posix() for path in CYPHER.rglob("*.cypher"))
SLOW = ("CartesianProduct", "AllNodesScan")
EXCUSE = "// plan:"


@pytest.mark.parametrize("name", sorted({*questions(), *questions("cypher"), *ANSWERS}))
def test_a_question_is_asked_alike_in_both_dialects(name: str) -> None:
    sql, cypher = questions().get(name), questions("cypher").get(name)
    assert sql is not None, f"write {name}.sql in graphcrm/store/sql/<topic>/, or drop the rest"
    assert cypher is not None, f"write {name}.cypher in cypher/{sql.topic}/, the twin of the SQL"
    for field in fields(Question):
        if field.name != "text":
            assert getattr(cypher, field.name) == getattr(sql, field.name), (
                f"the headers of {name}.sql and {name}.cypher differ in {field.name}: "
                "write the same lines in both"
            )


@pytest.mark.parametrize("file", FILES)
def test_a_file_is_called_as_its_question(file: str) -> None:
    path = CYPHER / file
    assert parse(path.read_text(encoding="utf-8"), path.parent.name).name == path.stem


def _operators(plan: dict[str, Any]) -> Iterator[str]:
    yield plan["operatorType"].partition("@")[0]
    for child in plan.get("children", ()):
        yield from _operators(child)


@pytest.mark.parametrize("file", FILES)
def test_no_plan_multiplies_or_looks_at_everything(file: str, sample_pair: Pair) -> None:
    text = (CYPHER / file).read_text(encoding="utf-8")
    for language in sample_pair.server.languages:
        with sample_pair.server.driver.session() as session:
            plan = session.run(f"CYPHER {language} EXPLAIN\n{text}").consume().plan
        assert plan is not None
        slow = [name for name in _operators(plan) if name.endswith(SLOW)]
        excused = any(line.startswith(EXCUSE) for line in text.splitlines())
        assert not slow or excused, (
            f"{file} (CYPHER {language}, {sample_pair.server}): the plan has {', '.join(slow)}; "
            f"mend the query, or give the reason in a line of the header: {EXCUSE} …"
        )


@pytest.mark.parametrize("file", FILES)
def test_a_file_runs_under_each_version_of_cypher(
    file: str, sample_pair: Pair, insurer: Insurer
) -> None:
    asked = questions("cypher")[Path(file).stem]
    customer = max(
        insurer.nodes("Person"),
        key=lambda n: (
            len(list(insurer.out(("Person", n[0]), "REFERRED")))
            if asked.topic == "referrals"
            else insurer.graph.degree(("Person", n[0]))
        ),
    )
    for given in settings_of(asked, DAYS[1:2], [("Person", customer[0])], ()):
        expected = sample_pair.neo4j.query(asked.name, **given).to_pylist()
        assert expected or asked.name in EMPTY_ANSWERS, "nothing was compared"
        for language in sample_pair.server.languages:
            with sample_pair.server.driver.session() as session:
                result = session.run(f"CYPHER {language}\n{asked.text}", asked.bind(given))
                assert list(result.keys()) == [column.name for column in asked.columns]
                rows = asked.answer(map(tuple, result.values())).to_pylist()
            assert rows == expected

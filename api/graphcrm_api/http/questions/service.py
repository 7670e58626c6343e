"""Answers of named questions as a caller may see them."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

import pyarrow as pa

from graphcrm.errors import UsageError
from graphcrm.model import VOCABULARY
from graphcrm.store import Question, questions
from graphcrm_api.http.conventions.answering import Answers, masked, masked_batches
from graphcrm_api.http.conventions.exporting import Export
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.customers.service import absent
from graphcrm_api.http.identity.caller import Caller

PUBLIC = {name: asked for name, asked in sorted(questions().items()) if asked.public}
"""The questions that can be asked here."""


def list_questions() -> dict[str, Any]:
    """What they ask, take and answer."""
    return {
        "items": [
            {
                "name": question.name,
                "topic": question.topic,
                "purpose": question.purpose,
                "purpose_zh": question.purpose_zh,
                "parameters": [vars(p) for p in question.parameters],
                "columns": [vars(c) for c in question.columns],
            }
            for question in PUBLIC.values()
        ]
    }


def ask(
    caller: Caller, question: Question, given: dict[str, Any], paging: Paging
) -> dict[str, Any]:
    """A page of the answer."""
    values = _bound(question, given)
    table = _answer(caller, question, values)
    page, following = paging.by_row(table, [question.name, values])
    caller.note_view("ask", f"question:{question.name}", rows=page.num_rows)
    return {"items": masked(caller, question, page), "next": following}


def export(caller: Caller, question: Question, given: dict[str, Any]) -> Export:
    """The whole answer."""
    values = _bound(question, given)

    def batches() -> Generator[pa.RecordBatch]:
        yield from masked_batches(caller, question, _answer(caller, question, values))

    return Export(f"question:{question.name}", batches)


def _bound(question: Question, given: dict[str, Any]) -> dict[str, Any]:
    try:
        return question.bind({k: v for k, v in given.items() if v is not None})
    except UsageError as error:
        raise Problem("invalid", str(error)) from None


def _answer(caller: Caller, question: Question, values: dict[str, Any]) -> pa.Table:
    """The answer in the caller's branches; of a node only where the caller may see it."""
    nodes = named_nodes(question, values)
    if not nodes:
        return Answers(caller).limited(question, values).table
    with caller.sight() as sight:
        if caller.branches is not None:
            seen = sight.visible(nodes)
            for label, id in nodes:
                there = sight.store.node(label, id) is not None
                if not there or (label, id) not in seen:
                    raise absent(label, id, refused=True, there=there)
        given = {name: value for name, value in values.items() if value is not None}
        return sight.limited(question, sight.store.query(question.name, **given)).table


def named_nodes(question: Question, values: dict[str, Any]) -> list[tuple[str, str]]:
    """The nodes that parameters name: `label` with `id`, and `agent_id` an Agent."""
    found: list[tuple[str, str]] = []
    for parameter in question.parameters:
        name, value = parameter.name, values[parameter.name]
        if value is None or not (name == "id" or name.endswith("_id")):
            continue
        label = values["label"] if name == "id" else name.removesuffix("_id").capitalize()
        if label not in VOCABULARY.nodes:
            raise Problem("invalid", f"there is no node of the type {label!r}")
        found.append((label, value))
    return found

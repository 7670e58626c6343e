"""Values for the parameters of questions, chosen by their names and types.

Of a parameter with another name its default is taken; one without a default needs values here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from graphcrm.store import Question
from tests.parity.insurer import Node

VALUES: dict[str, tuple[Any, ...]] = {
    "leave_days": (0, 45),
    "unauthorised": (0, 1),
}
"""Values by a parameter's name. `as_of`, `agent_id` and the pair `label`, `id` are given by the
tests."""


def settings_of(
    question: Question, days: Sequence[str], customers: Iterable[Node], agents: Iterable[str]
) -> list[dict[str, Any]]:
    """Every combination of values with which a question is asked."""
    names = [p.name for p in question.parameters]
    choices: list[list[dict[str, Any]]] = []
    if {"label", "id"} <= set(names):
        choices.append([{"label": label, "id": id_} for label, id_ in customers])
    for parameter in question.parameters:
        name = parameter.name
        if name in ("label", "id"):
            continue
        if name == "as_of":
            choices.append([{name: day} for day in days])
        elif name == "agent_id":
            nobody: list[dict[str, Any]] = [{}] if parameter.default == "null" else []
            choices.append(nobody + [{name: agent} for agent in agents])
        elif name in VALUES:
            choices.append([{name: value} for value in VALUES[name]])
        elif parameter.default is None:
            raise AssertionError(
                f"{question.name} needs a value for {name}: write some in VALUES of {__file__}"
            )
    return [{k: v for part in parts for k, v in part.items()} for parts in product(*choices)]

"""Evidence as it may be shown: values masked as their fields are, nothing of nodes outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphcrm.duplicates.customers import Step
from graphcrm_api.http.privacy.masks import form_of, masked
from graphcrm_api.http.privacy.sight import Sight

_EMPLOYERS = {"works_at": "Institution", "works_in": "Department"}
"""Fields whose values are the ids of nodes."""


def shown(sight: Sight, steps: Sequence[Step]) -> list[dict[str, Any]]:
    """The steps, each with the sums of weights before and after it."""
    seen = sight.visible(
        (_EMPLOYERS[step.column], value)
        for step in steps
        if step.column in _EMPLOYERS
        for value in (step.left, step.right)
        if value is not None
    )
    told: list[dict[str, Any]] = []
    total = 0.0
    for step in steps:
        values = (step.left, step.right)
        if step.column in _EMPLOYERS:
            label = _EMPLOYERS[step.column]
            left, right = (v if v and (label, v) in seen else None for v in values)
        elif sight.unmasked or step.column is None:
            left, right = values
        else:
            left, right = _masked(step.column, values)
        told.append(
            {
                "column": step.column,
                "level": step.level,
                "left": left,
                "right": right,
                "weight": step.weight,
                "before": total,
                "after": total + step.weight,
            }
        )
        total += step.weight
    return told


def _masked(column: str, values: tuple[str | None, ...]) -> list[str | None]:
    """Values of a field as the first personal one of its properties is masked."""
    forms = [form_of("Person", name) for name in column.split(", ")]
    form = next((form for form in forms if form is not None), None)
    return [v if v is None or form is None else masked(form, v) for v in values]

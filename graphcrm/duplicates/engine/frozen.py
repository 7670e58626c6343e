"""A model as text, to be kept with what it found and used again."""

from __future__ import annotations

import hashlib
import json

import numpy as np

from graphcrm.duplicates.engine.fields import Field
from graphcrm.duplicates.engine.model import Model

_DIGITS = 12


def model_text(model: Model, fields: list[Field]) -> str:
    """The model as JSON: the name and kind of each field, and the probabilities of its levels."""
    tables = [[_rounded(table) for table in tables] for tables in model.tables]
    named = [{"name": field.name, "kind": field.kind.value} for field in fields]
    whole = {"fields": named, "shares": _rounded(model.shares), "tables": tables}
    return json.dumps(whole, ensure_ascii=False)


def model_of(text: str, fields: list[Field]) -> Model:
    """The model of such a text. Raises ValueError where it is one of other fields."""
    whole = json.loads(text)
    if whole["fields"] != [{"name": f.name, "kind": f.kind.value} for f in fields]:
        raise ValueError("the model was learned on other fields")
    same, related, strangers = (
        tuple(np.array(table) for table in tables) for tables in whole["tables"]
    )
    return Model((same, related, strangers), np.array(whole["shares"]))


def version_of(text: str) -> str:
    """A name for a model: models that are equal have the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _rounded(values: np.typing.NDArray[np.float64]) -> list[float]:
    return [float(f"{value:.{_DIGITS}g}") for value in values.tolist()]

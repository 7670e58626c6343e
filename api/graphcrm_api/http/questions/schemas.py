"""What is asked with named questions: their parameters as those of an address."""

from __future__ import annotations

from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, create_model

from graphcrm.store import Question
from graphcrm.store.questions import Parameter
from graphcrm_api.http.conventions.days import Day
from graphcrm_api.http.conventions.paging import USUAL_PAGE, Cursor, Limit

_WHOLE = (1 << 31) - 1
_TYPES: dict[str, Any] = {
    "date": Day,
    "integer": Annotated[int, Field(ge=-_WHOLE, le=_WHOLE)],
    "amount": Annotated[float, Field(allow_inf_nan=False)],
    "text": Annotated[str, Field(max_length=500)],
}
_SHOWN_LATER = ("today", "null")
"""Defaults that stand for something else."""


class Asked(BaseModel):
    """Which page of an answer is wanted."""

    model_config = ConfigDict(extra="forbid")

    limit: Limit = USUAL_PAGE
    cursor: Cursor = None


class ParameterView(BaseModel):
    """A parameter of a question."""

    name: str = Field(description="Its name.", examples=["as_of"])
    type: str = Field(description="text, date, integer or amount.", examples=["date"])
    default: str | None = Field(description="What it is if not given; null: it must be given.")
    description: str = Field(description="What it is.")


class ColumnView(BaseModel):
    """A column of an answer."""

    name: str = Field(description="Its name.", examples=["policy_id"])
    type: str = Field(description="text, date, integer or amount.", examples=["text"])
    of: str | None = Field(description="What its values are, such as `Policy.id`.")
    description: str = Field(description="What it is.")


class QuestionView(BaseModel):
    """A named question: what it asks, takes and answers."""

    name: str = Field(description="Its name.", examples=["orphan_policies"])
    topic: str = Field(description="What it is about.", examples=["orphans"])
    purpose: str = Field(description="What it asks.")
    purpose_zh: str = Field(description="The same in Chinese.")
    parameters: list[ParameterView] = Field(description="What it takes.")
    columns: list[ColumnView] = Field(description="What it answers.")


class QuestionList(BaseModel):
    """The questions that can be asked."""

    items: list[QuestionView] = Field(description="The questions, by name.")


@cache
def asked_schema(question: Question) -> type[Asked]:
    """The parameters of a question, and of a page of its answer."""
    fields: dict[str, Any] = {p.name: _field(p) for p in question.parameters}
    name = "".join(part.capitalize() for part in question.name.split("_"))
    return create_model(f"{name}Asked", __base__=Asked, **fields)


def _field(parameter: Parameter) -> tuple[Any, Any]:
    type_, default = _TYPES[parameter.type], parameter.default
    if default is None:
        return type_, Field(description=parameter.description)
    if default in _SHOWN_LATER:
        said = f"{parameter.description}; {'all' if default == 'null' else default} by default"
        return type_ | None, Field(None, description=said)
    return type_, Field(int(default) if parameter.type == "integer" else default,
                        description=parameter.description)  # fmt: skip

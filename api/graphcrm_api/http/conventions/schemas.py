"""The shapes of business data in answers, made from the vocabulary."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal, Self, Union

from pydantic import BaseModel, ConfigDict, Field, create_model

from graphcrm.model import VOCABULARY
from graphcrm.store import Question
from graphcrm_api.http.conventions.problems import ProblemDetails

_TYPES: dict[str, type[Any]] = {"INTEGER": int, "REAL": float}
_ANSWERED = {"text": str, "date": str, "integer": int, "amount": float}


class View(BaseModel):
    """What is shown of a record: those of its attributes that have the names of the fields."""

    model_config = ConfigDict(from_attributes=True)

    @classmethod
    def of(cls, record: object) -> Self:
        """The record as it is shown."""
        return cls.model_validate(record)


class Described(BaseModel):
    """A node in an answer: what is known of it."""

    model_config = ConfigDict(extra="allow")

    label: str = Field(description="The node's type.")
    id: str = Field(description="Its id: `source:id` where a source is named.")


@cache
def node_schema(label: str) -> type[BaseModel]:
    """A node of a label, with its properties; what is not known of it is absent."""
    type_ = VOCABULARY.nodes[label]
    fields: dict[str, Any] = {
        p.name: (
            _TYPES.get(p.kind.sqlite, str) | str | None,
            Field(None, description=f"{p.description} {p.traits.zh}"),
        )
        for p in type_.properties
    }
    named: Any = (Literal[label], Field(description=f"{type_.zh}."))
    return create_model(label, __base__=Described, __doc__=type_.doc, label=named, **fields)


def any_node(*labels: str) -> Any:
    """A node of one of some labels."""
    return Union[tuple(node_schema(label) for label in labels)]  # noqa: UP007 - of a tuple


@cache
def row_schema(question: Question) -> type[BaseModel]:
    """A row of a question's answer."""
    fields: dict[str, Any] = {
        column.name: (_ANSWERED[column.type] | None, Field(None, description=column.description))
        for column in question.columns
    }
    return create_model(_title(question.name), **fields)


def page_of(items: Any, name: str) -> type[BaseModel]:
    """A page of such rows."""
    fields: dict[str, Any] = {
        "items": (list[items], Field(description="The rows.")),
        "next": (
            str | None,
            Field(None, description="The cursor of the next page; null at the end."),
        ),
    }
    return create_model(f"{name}Page", **fields)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that an endpoint answers with, beside those that all have."""
    return {
        status: {
            "model": ProblemDetails,
            "content": {"application/problem+json": {}},
            "description": "A problem (RFC 9457)",
        }
        for status in sorted({401, 403, 422, 429, 503, *statuses})
    }


def _title(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))

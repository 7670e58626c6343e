"""How the vocabulary is declared: node types, edge types, and the rows they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.fields import FieldInfo

from graphcrm.model.kinds import TEXT, Date, Kind, Text, kind_of


class Sensitivity(StrEnum):
    """How carefully a value is to be handled."""

    GENERAL = "general"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


GENERAL, PERSONAL, SENSITIVE = Sensitivity.GENERAL, Sensitivity.PERSONAL, Sensitivity.SENSITIVE


@dataclass(frozen=True)
class Link:
    """A field that names another node, and the edge which that makes.

    `edge` is one edge type, or one for each value of the field `edge_by`; None marks the anchor of
    a row that is itself an edge. The edge runs from the
    row's anchor to the named node, or the other way where `inward`. `to` are the labels the named
    node may have: with `kind_field`, that field says which (default: the first). `shared` marks an
    identifier: its node is made from the value itself; `type_field` says of which type the value
    is, and the two are one statement. `properties` maps properties of the edge to fields of the
    row; rows that are edges themselves give all their fields.
    """

    edge: str | Mapping[str, str] | None
    to: tuple[str, ...]
    edge_by: str | None = None
    inward: bool = False
    kind_field: str | None = None
    shared: bool = False
    properties: Mapping[str, str] | None = None
    type_field: str | None = None

    @property
    def edges(self) -> tuple[str, ...]:
        """The edge types this link can make."""
        if self.edge is None:
            return ()
        return (self.edge,) if isinstance(self.edge, str) else tuple(self.edge.values())


@dataclass(frozen=True)
class Traits:
    """What the vocabulary says of a property beyond its type."""

    zh: str
    sensitivity: Sensitivity
    unit: str | None
    derived: bool
    link: Link | None


def prop(
    description: str,
    zh: str,
    sensitivity: Sensitivity = GENERAL,
    *,
    unit: str | None = None,
    required: bool = False,
    derived: bool = False,
    link: Link | None = None,
    column: str | None = None,
) -> Any:
    """Declare a property: its meaning in English, its Chinese name, its sensitivity.

    `unit` names what it is measured in; `derived` marks what loading computes from other
    properties and no file brings; `link` makes edges of it; `column` is its name in files where
    that is a word of Python.
    """
    field = Field(... if required else None, description=description, alias=column)
    assert isinstance(field, FieldInfo)
    field.metadata.append(Traits(zh, sensitivity, unit, derived, link))
    return field


def traits(field: FieldInfo) -> Traits:
    """What the vocabulary says of a declared field."""
    for item in field.metadata:
        if isinstance(item, Traits):
            return item
    raise TypeError(f"the field {field!r} was not declared with prop()")


class Row(BaseModel):
    """A row of the interchange format, as it comes: strings in, typed values out.

    Blank cells are None. Raises pydantic.ValidationError, whose errors' `type` are refusal codes.
    """

    model_config = ConfigDict(extra="allow", use_enum_values=True, populate_by_name=True)

    table: ClassVar[str]

    source: Text | None = prop("The system the row came from.", "来源系统")
    deleted_on: Date | None = prop("The day the source closed the row.", "删除日期")

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unknown(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        kinds = _kinds(cls)
        cleaned = {
            k: kinds.get(k, TEXT).clean(v) if isinstance(v, str) else v for k, v in data.items()
        }
        return {k: v for k, v in cleaned.items() if v != "" and v is not None}


@cache
def _kinds(model: type[Row]) -> dict[str, Kind]:
    """The kind of each column of a table, by its name there and in Python."""
    kinds = {name: kind_of_field(field) for name, field in model.model_fields.items()}
    named = {f.alias: kinds[name] for name, f in model.model_fields.items() if f.alias}
    return kinds | named


def kind_of_field(field: FieldInfo) -> Kind:
    """The kind that a declared field has. Raises TypeError where it declares none."""
    declared = next((m for m in field.metadata if isinstance(m, Kind)), None)
    return declared or kind_of(field.annotation)


class NodeRow(Row):
    """A row that is a node.

    `number` is the label's lasting number inside graph files; `id_fields` are the fields whose
    values, joined by `|`, are the node's id.
    """

    label: ClassVar[str]
    number: ClassVar[int]
    zh: ClassVar[str]
    id_fields: ClassVar[tuple[str, ...]] = ("id",)


class EdgeRow(Row):
    """A row that is an edge: from the node in the field `anchor` to those its links name.

    `identity` are the fields that tell two edges between the same nodes apart; rows equal even in
    these are one edge, unless `repeatable`.
    """

    anchor: ClassVar[str]
    identity: ClassVar[tuple[str, ...]] = ()
    repeatable: ClassVar[bool] = False


class Identifier(BaseModel):
    """A node made of a value that several parties can share; its id is a keyed hash of it.

    `plain` marks types whose value is itself no secret and serves as the id.
    """

    label: ClassVar[str]
    number: ClassVar[int]
    zh: ClassVar[str]
    plain: ClassVar[bool] = False


class Edge(BaseModel):
    """An edge type, with the properties it carries."""

    type: ClassVar[str]
    start: ClassVar[tuple[str, ...]]
    end: ClassVar[tuple[str, ...]]
    zh: ClassVar[str]


class DerivedNode(BaseModel):
    """A node that an analysis makes of others: no file brings it, and what no longer holds goes."""

    label: ClassVar[str]
    number: ClassVar[int]
    zh: ClassVar[str]


class DerivedEdge(Edge):
    """An edge that an analysis makes.

    `ordered`: it says the same both ways, and so runs from the smaller id to the greater.
    """

    ordered: ClassVar[bool] = False


class TimedEdge(Edge):
    """An edge that holds for a time."""

    valid_from: Date | None = prop("First day on which it holds; empty = unknown.", "生效日期")
    valid_to: Date | None = prop("Last day on which it holds; empty = still holds.", "终止日期")


def refers(
    description: str,
    zh: str,
    edge: str | Mapping[str, str] | None,
    *to: str,
    required: bool = False,
    edge_by: str | None = None,
    inward: bool = False,
    kind_field: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> Any:
    """Declare a field that holds the id of another node."""
    link = Link(edge, to, edge_by, inward, kind_field, False, properties)
    return prop(description, zh, required=required, link=link)


def shares(
    description: str,
    zh: str,
    edge: str,
    to: str,
    sensitivity: Sensitivity = PERSONAL,
    required: bool = False,
    type_field: str | None = None,
) -> Any:
    """Declare a field whose value is an identifier that others may share."""
    link = Link(edge, (to,), shared=True, type_field=type_field)
    return prop(description, zh, sensitivity, required=required, link=link)

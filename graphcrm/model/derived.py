"""What analyses make of the graph: node and edge types that no file brings.

They hold until the analysis that made them is run again. The loads leave them alone.
"""

from dataclasses import replace
from typing import Annotated, ClassVar

from graphcrm.model.declare import PERSONAL, DerivedEdge, DerivedNode, prop
from graphcrm.model.kinds import AMOUNT, Integer, NumberText, Text

_PROBABILITY = replace(
    AMOUNT,
    name="probability",
    sql_limits="CASE WHEN NOT {c} BETWEEN 0 AND 1 THEN 'not_a_number' END",
)
_WEIGHT = replace(
    AMOUNT, name="number", sql_limits="CASE WHEN NOT isfinite({c}) THEN 'not_a_number' END"
)

Probability = Annotated[float, _PROBABILITY]
Weight = Annotated[float, _WEIGHT]


class Customer(DerivedNode):
    """A customer as we take them to be: one for all records of the same person or institution."""

    label: ClassVar[str] = "Customer"
    number: ClassVar[int] = 18
    zh: ClassVar[str] = "归一客户"

    records: Integer = prop("How many records it has.", "记录数", required=True, unit="records")
    member_label: Text = prop("Label of its records.", "记录类型", required=True)
    model_version: NumberText | None = prop("The model that found it.", "模型版本")


class SameAs(DerivedEdge):
    """The two records are of one person. It runs from the smaller id to the greater."""

    type: ClassVar[str] = "SAME_AS"
    zh: ClassVar[str] = "同一人"
    start: ClassVar[tuple[str, ...]] = ("Person",)
    end: ClassVar[tuple[str, ...]] = ("Person",)
    ordered: ClassVar[bool] = True

    probability: Probability = prop("How probable it is.", "概率", required=True, unit="0-1")
    match_weight: Weight | None = prop(
        "What all comparisons together speak for it.", "匹配权重", unit="log2 of the odds"
    )
    evidence: Text | None = prop("What speaks for it and against, as JSON.", "依据", PERSONAL)
    model_version: NumberText | None = prop("The model that found it.", "模型版本")


class IsCustomer(DerivedEdge):
    """The record is one of the customer's."""

    type: ClassVar[str] = "IS_CUSTOMER"
    zh: ClassVar[str] = "归属客户"
    start: ClassVar[tuple[str, ...]] = ("Person",)
    end: ClassVar[tuple[str, ...]] = ("Customer",)

    probability: Probability | None = prop(
        "How probable it is that the record belongs to the others.", "概率", unit="0-1"
    )


DERIVED_NODES: tuple[type[DerivedNode], ...] = (Customer,)
DERIVED_EDGES: tuple[type[DerivedEdge], ...] = (SameAs, IsCustomer)

"""The vocabulary: every node type, edge type and interchange table, declared once."""

from graphcrm.model.declare import Link, Sensitivity
from graphcrm.model.kinds import Kind
from graphcrm.model.refusals import REFUSALS, Refusal
from graphcrm.model.vocabulary import (
    LABEL_BITS,
    VOCABULARY,
    EdgeType,
    NodeType,
    Property,
    Table,
    Vocabulary,
)

__all__ = [
    "LABEL_BITS",
    "REFUSALS",
    "VOCABULARY",
    "EdgeType",
    "Kind",
    "Link",
    "NodeType",
    "Property",
    "Refusal",
    "Sensitivity",
    "Table",
    "Vocabulary",
]

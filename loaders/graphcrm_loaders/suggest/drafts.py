"""Proposed tables and their columns, before they are written."""

from dataclasses import dataclass, field
from typing import Any

from graphcrm_loaders.shape import Shape

SURE = 0.75
"""A proposal less sure than this is marked for the person."""


@dataclass(frozen=True)
class Reason:
    """Why something is proposed: a key of the texts, with its values."""

    key: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Draft:
    """A column of a proposed table: where its values come from, as a mapping says it."""

    column: str
    origin: dict[str, Any]
    sure: float
    reasons: list[Reason]
    made: bool = False

    @property
    def doubtful(self) -> bool:
        """Whether a person should look at it."""
        return self.sure < SURE


@dataclass
class TableDraft:
    """A proposed table; `role` says what its rows are to the main one beside which it lies."""

    table: str
    drafts: list[Draft]
    sure: float
    reasons: list[Reason]
    only_with: str | None = None
    once: bool = False
    ignore: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    maybe: dict[str, str] = field(default_factory=dict)
    notes: list[Reason] = field(default_factory=list)
    role: str = ""

    def column(self, name: str) -> Draft | None:
        """The draft of a column."""
        return next((draft for draft in self.drafts if draft.column == name), None)


@dataclass
class SheetDraft:
    """What is proposed for one file or sheet; `tables` is empty where nothing fits."""

    file: str
    sheet: str | None
    shape: Shape
    tables: list[TableDraft]
    notes: list[Reason] = field(default_factory=list)

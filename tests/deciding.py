"""Decisions as a graph is given them, without a ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2026, 6, 30, 8, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Made:
    """A decision; made a minute after the one before."""

    seq: int
    effects: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"d{self.seq}"

    @property
    def at(self) -> datetime:
        return BEGIN + timedelta(minutes=self.seq)


def contact(
    seq: int, customer: str = "P1", agent: str | None = "A1", of: int | None = None, **values: Any
) -> Made:
    """A decision that makes a contact, or says anew that of the decision `of`."""
    id_ = f"graphcrm:d{of or seq}"
    known = {"contacted_at": "2026-06-30T08:00:00", "direction": "in", "channel": "phone"}
    at = values.get("contacted_at", known["contacted_at"])
    with_ = edge("CONTACT_WITH", id_, ["Person", customer], contacted_at=at)
    return Made(
        seq,
        {
            "nodes": [{"label": "Contact", "id": id_, "values": known | values}],
            "edges": [with_, *([edge("HANDLED_BY", id_, ["Agent", agent])] if agent else [])],
        },
    )


def edge(type_: str, contact_id: str, end: list[str], **values: Any) -> dict[str, Any]:
    return {"type": type_, "start": ["Contact", contact_id], "end": end, "values": values}


def closing(seq: int, *closes: Mapping[str, Any]) -> Made:
    """A decision that closes something."""
    return Made(seq, {"closes": list(closes)})

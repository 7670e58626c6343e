"""Moments in answers: RFC 3339 in UTC, with Z."""

from __future__ import annotations

import datetime as dt


def in_utc(moment: dt.datetime | str | None) -> str | None:
    """A moment as it is told. A text is one that the graph or the ledger keeps, which is in UTC."""
    if moment is None:
        return None
    read = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    utc = read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    return utc.isoformat().replace("+00:00", "Z")

"""Moments as the ledger keeps them: UTC, as text of one length, so that their order is the text's.

The hash of an entry is over its text; a database that gave a moment back in another form would
break it.
"""

from datetime import UTC, datetime, timedelta

from graphcrm.errors import UsageError


def now() -> datetime:
    """This moment."""
    return datetime.now(UTC)


def written(moment: datetime) -> str:
    """A moment as it is kept. Raises UsageError for one without an offset from UTC."""
    if moment.tzinfo is None:
        raise UsageError(f"{moment}: a time needs its offset from UTC")
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def read(kept: str) -> datetime:
    """The moment that was kept."""
    return datetime.fromisoformat(kept)


def read_or_none(kept: str | None) -> datetime | None:
    """The moment that was kept, if any."""
    return None if kept is None else read(kept)


def later(moment: datetime, seconds: float) -> str:
    """A moment so many seconds later, as it is kept."""
    return written(moment + timedelta(seconds=seconds))

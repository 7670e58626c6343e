"""How far an incremental load has read: the greatest value of a column that grows."""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

Value = int | Decimal | float | dt.datetime | dt.date | str
"""What a column that grows may hold."""

_KINDS: dict[str, tuple[type, Callable[[str], Value]]] = {
    "integer": (int, int),
    "number": (Decimal, Decimal),
    "real": (float, float),
    "timestamp": (dt.datetime, dt.datetime.fromisoformat),
    "date": (dt.date, dt.date.fromisoformat),
    "text": (str, str),
}
"""A timestamp goes before a date, which it is too."""


@dataclass(frozen=True)
class Watermark:
    """The greatest value that was read of a column."""

    column: str
    value: Value

    def dumps(self) -> str:
        """As text, for a graph to remember."""
        value = self.value.isoformat() if isinstance(self.value, dt.date) else str(self.value)
        return json.dumps([self.column, kind_of(self.value), value])

    @classmethod
    def loads(cls, text: str) -> "Watermark":
        """From what `dumps` made."""
        column, kind, value = json.loads(text)
        return cls(column, _KINDS[kind][1](value))

    def since(self, late_by: int) -> Value:
        """From which value on to read, where rows may be late by so many minutes (or units)."""
        value = self.value
        if isinstance(value, dt.datetime):
            return value - dt.timedelta(minutes=late_by)
        if isinstance(value, dt.date):
            return value - dt.timedelta(days=-(-late_by // 1440))
        if isinstance(value, str):
            return _earlier(value, late_by)
        return value - late_by

    def require_kind(self, value: Value) -> None:
        """Raise ColumnError where a value that the column holds now can't be compared with it."""
        try:
            _ = value <= self.value  # type: ignore[operator]
        except TypeError:
            raise ColumnError(
                f"the watermark {self.column!r} was {str(self.value)!r} ({kind_of(self.value)}) at "
                f"the last load, and the column now holds values of another kind "
                f"({kind_of(value)}); load the table once without --incremental"
            ) from None


def kind_of(value: Value) -> str:
    """What a value is called: integer, number, real, timestamp, date or text."""
    return next(name for name, (type_, _) in _KINDS.items() if isinstance(value, type_))


class ColumnError(ValueError):
    """A query whose columns can't be used."""


def greatest(values: Iterable[Value | None]) -> Value | None:
    """The greatest of values read, leaving out blank ones and times to come.

    A time to come (9999-12-31) would hide whatever is written until then. Raises ColumnError for
    text that is no ISO date or time: it does not grow in the order in which it sorts; TypeError for
    values of several kinds.
    """
    there = [value for value in values if value is not None]
    if not there:
        return None
    highest = max(there)
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    if isinstance(highest, str):
        for value in (highest, min(there)):
            _require_iso(str(value))
    if not isinstance(highest, dt.date | str) or _day(highest) <= day:
        return highest
    return max((value for value in there if _day(value) <= day), default=None)


def _require_iso(text: str) -> None:
    try:
        dt.datetime.fromisoformat(text)
    except ValueError:
        raise ColumnError(
            f"the watermark holds {text!r}: text must be an ISO date or time, else it does not "
            "grow in the order in which it sorts"
        ) from None


def _day(value: Value) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    return dt.date.fromisoformat(str(value)[:10])


def _earlier(text: str, minutes: int) -> str:
    """The same moment earlier, where the text is an ISO timestamp or date; else the text itself."""
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return text
    earlier = moment - dt.timedelta(minutes=minutes)
    if len(text) == len("2026-01-01"):
        return earlier.date().isoformat()
    separator = text[10]
    precision = "microseconds" if moment.isoformat(separator) != text else "auto"
    if moment.isoformat(separator, timespec=precision) != text:
        return text  # another form would not sort among its like
    return earlier.isoformat(separator, timespec=precision)

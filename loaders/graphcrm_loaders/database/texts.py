"""Rows of Python values as columns of text, in the form in which files give them."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm_loaders.other_files import cell_text


def text_columns(names: list[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    """The rows as a batch with a text column for each name."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    return pa.record_batch([_texts(values) for values in columns], names=names)


def _texts(values: Sequence[Any]) -> pa.Array:
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {str}:
        return pa.array(values, pa.string())
    if kinds == {dt.datetime} and not any(v is not None and v.tzinfo for v in values):
        return _moments(pa.array(values, pa.timestamp("us")))
    if kinds == {dt.date}:
        return pa.array(values, pa.date32()).cast(pa.string())
    return pa.array([_text(value) for value in values], pa.string())


def _moments(values: pa.Array) -> pa.Array:
    """Timestamps as text; those at midnight as dates, which is how Oracle keeps dates."""
    days = values.cast(pa.date32(), safe=False)
    at_midnight = pc.equal(days.cast(pa.timestamp("us")), values)
    return pc.if_else(at_midnight, days.cast(pa.string()), values.cast(pa.string()))


def _text(value: Any) -> str | None:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return cell_text(value)

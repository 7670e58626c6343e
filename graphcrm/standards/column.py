"""A whole column as one text and back, and work done once per distinct value."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.text import as_strings, fold


def join(folded: pa.Array) -> str:
    """Return the values of a folded `string` array as one text, a line each; null is a blank line.

    Python's own string operations then run once over a column instead of once per value. Folded
    values hold no line feed, so that `split` gives back as many as came in.
    """
    filled = pc.fill_null(folded, "")
    lists = pa.ListArray.from_arrays(pa.array([0, len(filled)], pa.int32()), filled)
    text: str = pc.binary_join(lists, "\n")[0].as_py()
    return text


def split(text: str, rows: int) -> pa.Array:
    """Return the lines as a `string` array of `rows` values, blank lines as null.

    Raises ValueError where the text has another number of lines than it must have.
    """
    lines = text.split("\n") if rows else []
    if len(lines) != rows:
        raise ValueError(f"a column of {rows} values came back as {len(lines)}")
    return blank_to_null(pa.array(lines, pa.string()))


def blank_to_null(strings: pa.Array) -> pa.Array:
    """Return the array with null where a value is the empty string."""
    return pc.if_else(pc.equal(strings, ""), pa.scalar(None, pa.string()), strings)


def where(mask: pa.Array, chosen: pa.Array, standing: pa.Array) -> pa.Array:
    """Return `standing` with the rows of `mask` (no nulls) taken from `chosen`, one after another.

    `chosen` has one value per true row of the mask: what came of `standing.filter(mask)`.
    """
    return pc.replace_with_mask(standing, mask, chosen) if len(chosen) else standing


def over_distinct(
    values: pa.Array | pa.ChunkedArray, work: Callable[[pa.Array], pa.Array]
) -> pa.Array:
    """Return what `work` makes of each folded value, calling it once with the distinct ones.

    `work` takes a folded `string` array (null for blank) and returns an array of the same length;
    a struct's rows stay valid and only its fields are null where the value is.

    Raises TypeError and ValueError as `fold` does.
    """
    encoded = as_strings(values).dictionary_encode()
    made = work(fold(encoded.dictionary))
    if not pa.types.is_struct(made.type):
        return made.take(encoded.indices)
    fields = [column.take(encoded.indices) for column in made.flatten()]
    return pa.StructArray.from_arrays(fields, fields=list(made.type))

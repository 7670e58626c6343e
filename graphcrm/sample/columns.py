"""Arrow columns from coded NumPy arrays: ids, digits, words, dates, amounts.

Everything in the sample is computed on whole numbers and turned into text once, at the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Bools: TypeAlias = NDArray[np.bool_]
Bytes: TypeAlias = NDArray[np.uint8]
Rng: TypeAlias = np.random.Generator
Column: TypeAlias = Any  # a pyarrow Array; pyarrow ships no types

NO_DAY = -(2**40)
"""The day number that stands for "unknown"."""


@dataclass(frozen=True)
class IdSpace:
    """The ids of one table: `prefix` and one shuffled number a row, with gaps between them.

    `spare` are numbers of the same range that no row has; `width` is the number of digits.
    """

    prefix: str
    numbers: Ints
    spare: Ints
    width: int

    @classmethod
    def shuffled(cls, rng: Rng, prefix: str, rows: int) -> IdSpace:
        """Return ids for `rows` rows in random order, out of a range 1.3 times as long."""
        pool = rng.permutation(int(rows * 1.3) + 20) + 1
        return cls(prefix, pool[:rows], pool[rows:], max(7, len(str(len(pool)))))

    def of(self, index: Ints) -> Column:
        """Return the ids of rows `index`; a negative index is null."""
        if not len(self.numbers):
            return pa.nulls(len(index), pa.string())
        return self.of_numbers(np.where(index >= 0, self.numbers[np.maximum(index, 0)], -1))

    def of_numbers(self, numbers: Ints) -> Column:
        """Return the ids with these numbers; a negative number is null."""
        head = np.frombuffer(self.prefix.encode(), np.uint8)
        out = np.empty((len(numbers), len(head) + self.width), np.uint8)
        out[:, : len(head)] = head
        out[:, len(head) :] = digits(np.maximum(numbers, 0), self.width)
        return text(out, numbers >= 0)

    def column(self) -> Column:
        """Return the table's own id column, in row order."""
        return self.of_numbers(self.numbers)

    def order(self) -> Ints:
        """Return the rows in order of their ids."""
        return np.argsort(self.numbers)


def digits(numbers: Ints, width: int) -> Bytes:
    """Return the decimal digits as ASCII bytes, shape (rows, width), zeros in front."""
    out = np.empty((len(numbers), width), np.uint8)
    rest = numbers.copy()
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        out[:, place] = digit + 48
    return out


def text(characters: Bytes, valid: Bools | None = None) -> Column:
    """Return rows of UTF-8 bytes (zero bytes are left out) as a string column."""
    rows, width = characters.shape
    if rows == 0:
        return pa.array([], pa.string())
    kept = characters != 0
    if kept.all():
        offsets = np.arange(rows + 1, dtype=np.int32) * width
        data = np.ascontiguousarray(characters).reshape(-1)
    else:
        offsets = np.zeros(rows + 1, np.int32)
        np.cumsum(kept.sum(axis=1), out=offsets[1:])
        data = characters[kept]
    bits = None if valid is None or valid.all() else pa.array(valid).buffers()[1]
    return pa.StringArray.from_buffers(rows, pa.py_buffer(offsets), pa.py_buffer(data), bits)


def words(vocabulary: Sequence[str], index: Ints) -> Column:
    """Return `vocabulary[index]` as strings; a negative index is null."""
    where = pa.array(index, mask=index < 0)
    return pa.array(vocabulary, pa.string()).take(where)


def whole(numbers: Ints) -> Column:
    """Return whole numbers as strings without leading zeros; a negative number is null."""
    return pc.cast(pa.array(numbers, mask=numbers < 0), pa.string())


def joined(*parts: Column | str, by: str = "") -> Column:
    """Return the parts of each row written one after the other; a null part makes a null."""
    return pc.binary_join_element_wise(*parts, by)


def chosen(where: Bools, yes: Column | str | None, no: Column | str | None) -> Column:
    """Return `yes` where `where`, else `no`."""
    return pc.if_else(pa.array(where), _scalar(yes), _scalar(no))


def nulled(column: Column, where: Bools) -> Column:
    """Return the column with nulls where `where`."""
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)


def replaced(column: Column, at: Ints, new: Column) -> Column:
    """Return the column with the values `new` in the rows `at`, which are in order."""
    if not len(at):
        return column
    mask = np.zeros(len(column), np.bool_)
    mask[at] = True
    return pc.replace_with_mask(column, mask, new)


def days(numbers: Ints) -> Column:
    """Return day numbers (days since 1970-01-01) as dates; `NO_DAY` is null."""
    known = numbers > NO_DAY
    plain = np.where(known, numbers, 0).astype(np.int32)
    return pa.array(plain, mask=~known).cast(pa.date32())


def moments(seconds: Ints) -> Column:
    """Return seconds since 1970-01-01 as timestamps without zone; `NO_DAY` is null."""
    known = seconds > NO_DAY
    return pa.array(np.where(known, seconds * 10**6, 0), mask=~known).cast(pa.timestamp("us"))


def amounts(values: Floats) -> Column:
    """Return amounts rounded to two places; NaN is null."""
    return pa.array(np.round(values, 2), mask=np.isnan(values))


def yes_no(flags: Bools, known: Bools | None = None) -> Column:
    """Return "yes" and "no"; null where not `known`."""
    index = np.where(flags, 0, 1)
    return words(["yes", "no"], index if known is None else np.where(known, index, -1))


def _scalar(value: Column | str | None) -> Column:
    return pa.scalar(value, pa.string()) if value is None or isinstance(value, str) else value

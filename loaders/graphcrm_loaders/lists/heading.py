"""Where the header of a list is, if it has one: a list may begin with its first customer."""

import statistics
from collections.abc import Sequence

from graphcrm_loaders.lists.headers import said_by
from graphcrm_loaders.shape import PLAIN, Shape
from graphcrm_loaders.suggest.grid import Grid
from graphcrm_loaders.suggest.profile import profile
from graphcrm_loaders.suggest.reading import Sample

_TELLING = 3
"""So many digits in most cells of a column tell its values from its name."""

_SURE = 0.9


def shape_of_list(sample: Sample, grid: Grid) -> Shape:
    """How the rows of a list lie. No row below the header is passed over: all are written again."""
    if sample.names is not None:
        return PLAIN
    found = grid.shape
    if found.header_row <= 1:
        depth = found.header_rows if found.header_row else 1
        first, rest = sample.first[0], [*sample.first[1:], *sample.spread, *sample.last]
        headed = 1 if is_header(first, rest) else 0
        found = Shape(headed, depth if headed else 1, delimiter=found.delimiter)
    row = sample.lines.index(found.header_row) if found.header_row in sample.lines else None
    above = [] if row is None else sample.first[row : row + found.header_rows]
    names = [name.strip().lower() for name in found.names(above, 0) if name.strip()]
    twice = bool(found.header_row) and len(set(names)) < len(names)
    return Shape(found.header_row, found.header_rows, twice, (), found.delimiter)


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Whether a first row names the columns of the rows below it.

    A name has no digits where the values have; where no column has digits, words that headers are
    made of tell, or that a cell of the first row comes again below it.
    """
    columns = [[r[n] for r in rest if n < len(r) and r[n]] for n in range(len(first))]
    votes = [_vote(cell, values) for cell, values in zip(first, columns, strict=True) if values]
    if sum(votes):
        return sum(votes) > 0
    said = [said_by(cell) for cell in first if cell]
    if any(word and word.sureness >= _SURE for word in said):
        return True
    if any(cell and cell in values for cell, values in zip(first, columns, strict=True)):
        return False
    return not any(_is_name(cell, values) for cell, values in zip(first, columns, strict=True))


def _vote(cell: str, values: list[str]) -> int:
    """1 where a cell is no value of its column, -1 where it is one, 0 where that is open."""
    usual = statistics.median(map(_digits, values))
    marked = sum("@" in value for value in values) > 0.5 * len(values)
    if marked or usual >= _TELLING:
        return -1 if ("@" in cell if marked else _digits(cell) >= 0.5 * usual) else 1
    return 1 if usual and cell and not _digits(cell) else 0


def _digits(text: str) -> int:
    return sum(sign.isdigit() for sign in text)


def _is_name(cell: str, values: list[str]) -> bool:
    """Whether a cell is a person's name over persons' names."""
    return profile(values).person_name > 0.5 and profile([cell]).person_name > 0.5

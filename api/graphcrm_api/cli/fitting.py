"""How wide the columns of a table become, so that it fits the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = 2
"""Blank cells between columns."""

_NARROWEST = 8
_LONGEST_ID = 36


@dataclass(frozen=True)
class Column:
    """A column of a table on the screen.

    `whole`: an id or number that is never cut, it goes on in the next line instead. `number`: to
    the right, never cut. `spare`: left out as a whole where the room is short, the last one first.
    """

    title: str
    whole: bool = False
    number: bool = False
    spare: bool = False


def fit(columns: Sequence[Column], lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column in terminal cells, 0 for one that is left out.

    Columns of text give way first, the widest most; then spare columns go, from the right; then
    ids are broken over several lines.
    """
    natural = [
        max([cell_len(column.title), *(cell_len(line[place]) for line in lines)])
        for place, column in enumerate(columns)
    ]
    widths = [
        min(width, _LONGEST_ID) if column.whole else width
        for width, column in zip(natural, columns, strict=True)
    ]
    least = [_least(column, width) for column, width in zip(columns, widths, strict=True)]
    spare = [place for place, column in enumerate(columns) if column.spare]
    while spare and _total(least) > room:
        place = spare.pop()
        least[place] = widths[place] = 0
    while _total(widths) > room:
        able = [p for p, width in enumerate(widths) if width > least[p]]
        if not able:
            able = [p for p, width in enumerate(widths) if width > 1]
        if not able:
            break
        widths[max(able, key=lambda p: widths[p])] -= 1
    return widths


def _least(column: Column, width: int) -> int:
    if column.whole or column.number:
        return width
    return min(width, _NARROWEST)


def _total(widths: Sequence[int]) -> int:
    kept = [width for width in widths if width]
    return sum(kept) + GAP * max(len(kept) - 1, 0)

"""How wide the columns of a table become, so that it fits the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len

GAP = 2
"""Blank cells between columns."""

_NARROWEST = 8
_LONGEST_ID = 36
_SENTENCE = 24


@dataclass(frozen=True)
class Column:
    """A column of a table on the screen.

    `whole`: an id that is never cut; a very long one goes on in the next line. `number`: to the
    right, never cut. `wraps`: sentences, which go on in the next line. `spare`: left out as a whole
    where the room is short, the last one first. Anything else is cut where the room is short.
    """

    title: str
    whole: bool = False
    number: bool = False
    wraps: bool = False
    spare: bool = False


def fit(columns: Sequence[Column], lines: Sequence[Sequence[str]], room: int) -> list[int]:
    """The width of each column in terminal cells, 0 for one that is left out.

    Sentences give way first, then other text, the widest most; where that can't do, spare columns
    go, from the right; then long ids are broken over lines; then whatever is widest gives way.
    """
    widths = [
        max([cell_len(column.title), *(cell_len(line[place]) for line in lines)])
        for place, column in enumerate(columns)
    ]
    least = [_least(column, width) for column, width in zip(columns, widths, strict=True)]
    spare = [place for place, column in enumerate(columns) if column.spare]
    while spare and _total(least) > room:
        place = spare.pop()
        least[place] = widths[place] = 0
    sentences = [place for place, column in enumerate(columns) if column.wraps]
    texts = [place for place, column in enumerate(columns) if not column.whole]
    while _total(widths) > room:
        able = (
            [place for place in sentences if widths[place] > _SENTENCE]
            or [place for place in texts if widths[place] > least[place]]
            or [place for place, width in enumerate(widths) if width > least[place]]
            or [place for place, width in enumerate(widths) if width > 1]
        )
        if not able:
            break
        widths[max(able, key=lambda place: widths[place])] -= 1
    return widths


def _least(column: Column, width: int) -> int:
    if column.number:
        return width
    return min(width, _LONGEST_ID if column.whole else _NARROWEST)


def _total(widths: Sequence[int]) -> int:
    kept = [width for width in widths if width]
    return sum(kept) + GAP * max(len(kept) - 1, 0)

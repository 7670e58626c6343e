"""Finding the header of a sheet and its records: titles above, totals below, empty columns."""

import re
from dataclasses import dataclass

from graphcrm_loaders.shape import Shape, numbered
from graphcrm_loaders.suggest.reading import Sample
from graphcrm_loaders.suggest.words import words_of

_DEEPEST = 30
"""The header is looked for in so many first rows."""

_DATA = re.compile(
    r"^[+-]?[\d,]+(\.\d+)?%?$|^\d{4}[-/.年]\d{1,2}|^\d{17}[\dXx]$|^[A-Z]{1,4}[-_]?\d{3,}$"
    r"|^\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|@"
)
_SAYS_MORE = re.compile("[:：0-9]")
"""A title says something (机构：北京), a header only what there is."""

_CLOSING = (
    "合计", "总计", "共计", "小计", "总数", "累计", "制表", "审核", "复核", "打印", "备注", "说明",
    "注：", "注:", "填表", "经办", "本页", "以上", "Total", "TOTAL", "Grand", "Sum", "Subtotal",
    "Note", "Printed",
)  # fmt: skip
_LONGEST_CLOSING = 6


@dataclass(frozen=True)
class Grid:
    """A sheet as it is to be read: its shape, the names of its columns, and sampled records.

    `said` are the names as people read them: a header beside a merged cell is not under it.
    `twice` is a header that is there twice, with the places of both, counted from 1.
    """

    shape: Shape
    names: list[str]
    said: list[str]
    records: list[list[str]]
    title: str
    twice: tuple[str, int, int] | None = None

    def column(self, number: int) -> list[str]:
        """The values of a column."""
        return [row[number] if number < len(row) else "" for row in self.records]


def find_grid(sample: Sample) -> Grid | None:
    """The grid of a sample; None where there is nothing like records."""
    if sample.names is not None:
        names = sample.names
        return Grid(Shape(), names, names, sample.spread, "") if sample.spread else None
    rows = sample.first
    width = _width(sample)
    if not width or not rows:
        return None
    at, depth = _header(rows, width)
    title = " ".join(cell for row in rows[:at] for cell in row if cell)
    if at >= 0:
        first = at + depth
        header_row = sample.lines[at]
        depth = sample.lines[first - 1] - header_row + 1
    else:
        first, header_row, depth, title = 0, 0, 1, ""
    below = [*rows[first:], *sample.spread, *sample.last]
    words = _closing(below, width, rows[at] if at >= 0 else None)
    if sample.sheet is not None:  # blank rows of a sheet are none
        words = [word for word in words if word]
    shape = Shape(header_row, depth, False, tuple(words), _unusual(sample.delimiter))
    header = rows[at:first] if at >= 0 else []
    names = [name.strip() for name in shape.names(header, width)]
    twice = _twice(names)
    said = _said(header, names, header_row, sample.merged)
    if twice is not None:
        shape = Shape(header_row, depth, True, tuple(words), shape.delimiter)
        names, said = numbered(names), numbered(said)
    records = [row for row in below if any(row) and not shape.skips(row)]
    if not records:
        return None
    named = [name or f"unnamed_{n}" for n, name in enumerate(names, start=1)]
    return Grid(shape, named, said, records, title, twice)


def _twice(names: list[str]) -> tuple[str, int, int] | None:
    """The first name that was there before, with the places of both."""
    seen: dict[str, int] = {}
    for n, name in enumerate(names, start=1):
        first = seen.setdefault(name.lower(), n)
        if name and first != n:
            return name, first, n
    return None


def _said(
    header: list[list[str]], names: list[str], line: int, merged: frozenset[tuple[int, int, int]]
) -> list[str]:
    """The names, without the words of merged cells that they only stand beside."""
    spans = [(left, right) for top, left, right in merged if top == line and left < right]
    if len(header) < 2 or not spans:  # cells that only look merged can't be told from others
        return names
    upper = {n for n, cell in enumerate(header[0]) if cell}
    upper |= {n for left, right in spans for n in range(left, right + 1)}
    return [
        name if n in upper else "".join(row[n] for row in header[1:] if n < len(row))
        for n, name in enumerate(names)
    ]


def _unusual(delimiter: str | None) -> str | None:
    return delimiter if delimiter == "|" else None


def _filled(row: list[str]) -> int:
    return sum(1 for cell in row if cell)


def _width(sample: Sample) -> int:
    """How many columns the widest of the usual rows fill, counted to the last of them."""
    rows = [*sample.first[1:], *sample.spread, *sample.last] or sample.first
    counts = sorted(len(row) for row in rows if any(row))
    widths = counts or sorted(len(row) for row in sample.first)
    usual = widths[len(widths) // 2] if widths else 0
    return max([usual, *(len(row) for row in sample.first[:_DEEPEST] if _filled(row) > 1)])


def _header(rows: list[list[str]], width: int) -> tuple[int, int]:
    """Place and depth of the header among the first rows; place -1 where there is none."""
    usual = max((_filled(row) for row in rows), default=0)
    for at, row in enumerate(rows[:_DEEPEST]):
        if _filled(row) < max(1, 0.5 * usual):
            upper = _is_upper(rows, at, usual)
            if upper:
                return at, 2
            continue
        if _is_data(row):
            return -1, 1
        if at + 1 < len(rows) and _is_upper(rows, at, usual):
            return at, 2
        return at, 1
    return 0, 1


def _is_data(row: list[str]) -> bool:
    """Whether a row is a record: it has numbers or dates, or says nothing that headers say."""
    cells = [cell for cell in row if cell]
    values = sum(1 for cell in cells if _DATA.search(cell))
    known = sum(1 for cell in cells if _known(cell))
    if values:
        return values >= 0.15 * len(cells) and known <= 0.5 * len(cells)
    return known == 0 and not all(cell.isascii() for cell in cells) and len(cells) > 2


def _known(cell: str) -> bool:
    words = words_of(cell)
    said = sum(w.weight for w in words)
    unknown = sum(w.weight for w in words if w.meaning[0][0].startswith("?"))
    return said > 0 and unknown < 0.5 * said and len(cell) < 24 and not _DATA.search(cell)


def _is_upper(rows: list[list[str]], at: int, usual: int) -> bool:
    """Whether a row is the upper one of two header rows: merged cells over names."""
    row, below = rows[at], rows[at + 1] if at + 1 < len(rows) else []
    if _filled(row) < 2 or not below or _is_data(below) or _filled(below) < 2:
        return False
    if not all(_known(cell) and not _SAYS_MORE.search(cell) for cell in row if cell):
        return False
    gaps = [n for n, cell in enumerate(below) if cell and (n >= len(row) or not row[n])]
    if not gaps:
        return False
    named = sum(1 for cell in below if _known(cell))
    after = rows[at + 2] if at + 2 < len(rows) else []
    both = {n for r in (row, below) for n, cell in enumerate(r) if cell}
    return named >= 0.5 * _filled(below) and len(both) >= 0.6 * usual and _filled(after) > 1


def _closing(rows: list[list[str]], width: int, header: list[str] | None) -> list[str]:
    """Words by which rows that are no records are known, "" for blank ones."""
    words: list[str] = []
    filled = [row for row in rows if any(row)]
    usual = sorted(_filled(row) for row in filled)[len(filled) // 2] if filled else width
    for row in filled:
        lead = next(cell for cell in row if cell)
        word = next((w for w in _CLOSING if lead.startswith(w)), None)
        if word is not None and (_filled(row) <= 0.8 * usual or len(lead) < 12):
            words.append(word)
        elif header is not None and row == header:
            words.append(lead)
    for row in reversed(filled[-6:]):
        lead = next(cell for cell in row if cell)
        if _filled(row) > max(1, 0.25 * usual) or usual < 4 or row.index(lead) > 1:
            break
        short = re.split("[：:]", lead)[0]
        if not short or short == lead or len(short) > _LONGEST_CLOSING:
            continue  # maybe a name: what the mapping shows must not be one
        if not any(lead.startswith(w) for w in words):
            words.append(short)
    blank = any(not any(row) and row for row in rows)
    return list(dict.fromkeys([*words, *([""] if blank else [])]))

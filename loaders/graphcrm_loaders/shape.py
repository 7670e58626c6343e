"""Where in a file its header and its records are: titles above, totals below, two-row headers."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_CSV_LIMIT = 1 << 24


@dataclass(frozen=True)
class Shape:
    """How a file's rows lie.

    `header_row` is the line of the header (0 = the file has none, its columns are then `column_1`,
    `column_2`, …), `header_rows` over how many lines it goes. `number_headers` numbers names that
    are there twice. `skip_rows` are the words by whose first filled cell rows are known that are
    no records, such as a total; the empty word stands for blank rows. `delimiter` is given where
    it is none of the usual ones.
    """

    header_row: int = 1
    header_rows: int = 1
    number_headers: bool = False
    skip_rows: tuple[str, ...] = ()
    delimiter: str | None = None

    @property
    def plain(self) -> bool:
        """Whether the first line is the header and all below are records."""
        return self == PLAIN

    @property
    def first_record(self) -> int:
        """The first line on which a record may lie."""
        return self.header_row + self.header_rows if self.header_row else 1

    def skips(self, cells: Sequence[str]) -> bool:
        """Whether a row below the header is no record."""
        filled = next((cell.strip() for cell in cells if cell and cell.strip()), "")
        return any(filled.startswith(word) if word else not filled for word in self.skip_rows)

    def names(self, rows: Sequence[Sequence[str]], width: int) -> list[str]:
        """The names of the columns, from the rows of the header."""
        if not self.header_row:
            return [f"column_{n}" for n in range(1, width + 1)]
        names = joined_header(rows)
        return numbered(names) if self.number_headers else names


PLAIN = Shape()


def joined_header(rows: Sequence[Sequence[str]]) -> list[str]:
    """One name per column from a header of several rows.

    A cell that is merged over several columns stands in the first of them alone, and counts for
    the others too where the rows below name them.
    """
    width = max((len(row) for row in rows), default=0)
    padded = [[cell.strip() for cell in row] + [""] * (width - len(row)) for row in rows]
    names = []
    above = [""] * len(padded)
    for column in range(width):
        parts: list[str] = []
        for level, row in enumerate(padded):
            lower = any(below[column] for below in padded[level + 1 :])
            if row[column]:
                above[level] = row[column] if lower else ""
                above[level + 1 :] = [""] * (len(padded) - level - 1)
                parts.append(row[column])
            elif lower and above[level]:
                parts.append(above[level])
        names.append(_together(parts))
    return names


def _together(parts: list[str]) -> str:
    name = ""
    for part in parts:
        blank = " " if name and (name[-1].isascii() and part[0].isascii()) else ""
        name += blank + part
    return name


def numbered(names: Sequence[str]) -> list[str]:
    """The names with `_2`, `_3`, … behind those that were there before."""
    seen: dict[str, int] = {}
    made = []
    for name in names:
        folded = name.strip().lower()
        seen[folded] = seen.get(folded, 0) + 1
        made.append(name if seen[folded] == 1 or not folded else f"{name}_{seen[folded]}")
    return made


def tidy_csv(text: Path, target: Path, delimiter: str, shape: Shape) -> list[str] | None:
    """Copy a CSV so that its first line is the header and lines that are no records are blank.

    All lines end in a line feed. Every record stays on its line, one further down where the file
    has no header. Returns the names of the columns, None where the file ends before its header.
    """
    csv.field_size_limit(_CSV_LIMIT)
    above: list[list[str]] = []
    names: list[str] | None = None
    with (
        text.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as copy,
    ):
        for line, raw, cells in _records(source, delimiter):
            if line < shape.first_record:
                if line >= shape.header_row:
                    above.append(cells)
                continue
            if names is None:
                names = shape.names(above, len(cells))
                csv.writer(copy, delimiter=delimiter, lineterminator="\n").writerow(names)
                copy.write("\n" * (line - 2))
            raw = raw.replace("\r\n", "\n")
            copy.write("\n" * max(raw.count("\n"), 1) if shape.skips(cells) else raw)
    return names


def _records(source: Iterator[str], delimiter: str) -> Iterator[tuple[int, str, list[str]]]:
    """The rows with the line they begin on and the text they were read from."""
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in source:
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter, skipinitialspace=True, strict=False)
    for cells in reader:
        yield reader.line_num - len(taken) + 1, "".join(taken), cells
        taken.clear()

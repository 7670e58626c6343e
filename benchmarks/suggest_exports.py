"""Made-up exports of different look, each with the truth about its columns.

The rows are those of the sample insurer; headers, codes, dates and layout are what core systems,
counters, call centres and spreadsheets make of them.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import openpyxl  # type: ignore[import-untyped]

Row = dict[str, str]
Book = dict[str, list[Row]]
Value = Callable[[Row], str]


@dataclass
class Export:
    """A file: its columns as (header, where it belongs, value), and how it is written.

    Where it belongs is `role.column` (a side) or `column`, several by `|`; `-` for a column that is
    to stay an extra property or be left out.
    """

    name: str
    table: str
    rows: list[Row]
    columns: list[tuple[str, str, Value]]
    above: list[list[str]] = field(default_factory=list)
    below: list[list[str]] = field(default_factory=list)
    upper: list[str] | None = None
    header: bool = True
    encoding: str = "utf-8"
    delimiter: str = ","
    more: list[Export] = field(default_factory=list)

    def write(self, folder: Path) -> Path:
        """Write the file and return its path."""
        path = folder / self.name
        lines = list(self.above)
        if self.upper is not None:
            lines.append(self.upper)
        if self.header:
            lines.append([header for header, *_ in self.columns])
        lines += [[value(row) for *_, value in self.columns] for row in self.rows]
        lines += self.below
        if path.suffix == ".xlsx":
            workbook = openpyxl.Workbook()
            for line in lines:
                workbook.active.append([cell or None for cell in line])
            workbook.save(path)
        else:
            with path.open("w", encoding=self.encoding, newline="") as file:
                csv.writer(file, delimiter=self.delimiter).writerows(lines)
        return path


def read_book(folder: Path) -> Book:
    """The tables of a sample book."""
    book = {}
    for path in sorted(folder.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            book[path.stem] = list(csv.DictReader(file))
    return book


def of(name: str) -> Value:
    """The value of a column."""
    return lambda row: row.get(name, "")


def told(name: str, codes: dict[str, str]) -> Value:
    """The value of a column in other codes."""
    return lambda row: codes.get(row.get(name, ""), row.get(name, ""))


def day(name: str, form: str) -> Value:
    """A date in another form: strftime, `serial`, `chinese` or `short` (2020/1/5)."""

    def value(row: Row) -> str:
        text = row.get(name, "")[:10]
        if not text:
            return ""
        date = dt.date.fromisoformat(text)
        if form == "serial":
            return str((date - dt.date(1899, 12, 30)).days)
        if form == "short":
            return f"{date.year}/{date.month}/{date.day}"
        if form == "chinese":
            return _chinese(date)
        return date.strftime(form)

    return value


def _chinese(date: dt.date) -> str:
    digits = "〇一二三四五六七八九"

    def number(n: int) -> str:
        tens, units = divmod(n, 10)
        head = "" if not tens else "十" if tens == 1 else digits[tens] + "十"
        return head + (digits[units] if units else "")

    year = "".join(digits[int(d)] for d in str(date.year))
    return f"{year}年{number(date.month)}月{number(date.day)}日"


def money(name: str, form: str = "{:,.2f}") -> Value:
    """An amount in another form."""

    def value(row: Row) -> str:
        text = row.get(name, "")
        return form.format(float(text)) if text else ""

    return value


def joined(row: Row, others: Sequence[tuple[str, Row | None]]) -> Row:
    """A row with those of others, their columns behind a prefix."""
    made = dict(row)
    for prefix, other in others:
        made |= {f"{prefix}.{name}": value for name, value in (other or {}).items()}
    return made


def numbered(rows: list[Row]) -> list[Row]:
    """The rows with their number."""
    return [row | {"#": str(n)} for n, row in enumerate(rows, start=1)]


def some(rows: list[Row], count: int, seed: int) -> list[Row]:
    """Some of the rows, in their order."""
    picked = random.Random(seed).sample(range(len(rows)), min(count, len(rows)))
    return [rows[n] for n in sorted(picked)]

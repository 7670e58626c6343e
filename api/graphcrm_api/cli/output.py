"""What a command prints: an answer, tables that fit the terminal, or JSON."""

import datetime as dt
import math
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from graphcrm_api.cli.fitting import Column, fit
from graphcrm_api.cli.language import text
from graphcrm_api.cli.streams import json_text
from graphcrm_api.cli.wrapping import wrapped

_BLANKS = re.compile(r"[\t\r\n]+")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def cleaned(value: Any) -> str:
    """A value as one line of text, without the control characters that could steer a terminal.

    Nor is there any half of a character, as in the name of a file that is no text.
    """
    if value is None:
        return ""
    return _CONTROLS.sub("\N{REPLACEMENT CHARACTER}", _BLANKS.sub(" ", str(value)))


def errors_console() -> Console:
    """Where errors and progress go."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def say(console: Console, words: str, style: str = "", indent: str = "") -> None:
    """Print a paragraph in lines that fit the terminal."""
    for line in wrapped(cleaned(words), console.width - len(indent)):
        console.print(Text(indent + line, style=style), soft_wrap=True)


@dataclass(frozen=True)
class Cell:
    """A cell with a style of its own; the style never carries meaning alone."""

    value: Any
    style: str


class Output:
    """The standard output of one command."""

    def __init__(self, *, as_json: bool) -> None:
        """For people, or `as_json` for machines."""
        self.as_json = as_json
        self.console = Console(highlight=False, markup=False, emoji=False)

    def answer(self, words: str) -> None:
        """The answer, which comes first."""
        self.line(words, "bold")

    def line(self, words: str = "", style: str = "") -> None:
        """A paragraph of text."""
        say(self.console, words, style)

    def warning(self, words: str) -> None:
        """A line that must not be missed; it says so in words and in colour."""
        self.line(f"{text('warning')} {words}", "yellow")

    def heading(self, words: str) -> None:
        """The heading of a section, after a blank line."""
        self.line()
        self.line(words, "bold cyan")

    def next(self, *steps: str) -> None:
        """What can be done next."""
        self.console.print()
        for step in steps:
            self.step(step)

    def step(self, words: str) -> None:
        """One way on; not broken into lines, so that a long command can be copied as a whole."""
        self.console.print(Text(f"→ {cleaned(words)}", style="cyan"), soft_wrap=True)

    def table(
        self, columns: Sequence[Column], rows: Iterable[Sequence[Any]], way: str = "--json"
    ) -> bool:
        """A table no wider than the terminal; returns whether all columns are shown.

        Where one had to be left out, a line says which, and the `way` to see it.
        """
        cells = [[c if isinstance(c, Cell) else Cell(c, "") for c in row] for row in rows]
        lines = [[cleaned(c.value) for c in row] for row in cells]
        widths = fit(columns, lines, self.console.width - 1)
        shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
        kept = [place for place, width in enumerate(widths) if width]
        for place in kept:
            column = columns[place]
            shown.add_column(
                Text(column.title, no_wrap=True, overflow="ellipsis"),
                justify="right" if column.number else "left",
                width=widths[place],
                no_wrap=not (column.whole or column.wraps),
                overflow="fold" if column.whole or column.wraps else "ellipsis",
            )
        for line, row in zip(lines, cells, strict=True):
            shown.add_row(*(Text(line[place], style=row[place].style) for place in kept))
        self.console.print(shown)
        left_out = [c.title for c, width in zip(columns, widths, strict=True) if not width]
        if left_out:
            listed = text("list_joint").join(left_out)
            self.line(text("columns_hidden", columns=listed, way=way), "dim")
        return not left_out

    def data(self, value: Any) -> None:
        """A value as JSON: dates are ISO text, what is no number is null."""
        sys.stdout.write(json_text(_plain(value)) + "\n")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(entry) for entry in value]
    if isinstance(value, dt.date | dt.datetime):
        return value.isoformat()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return value if value is None or isinstance(value, bool | int | str) else str(value)

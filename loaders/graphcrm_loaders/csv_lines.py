"""The lines of a CSV file: its line ends, and on which line each of its rows begins."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_CHUNK = 1 << 22
_CSV_LIMIT = 1 << 24


@dataclass(frozen=True)
class LineEnds:
    """How many lines a text has, blank ones at its end not counted, and how they end."""

    lines: int
    last_ended: bool
    mixed: bool


def line_ends(text: Path) -> LineEnds:
    """Count the lines of a text; `mixed` where not all of them end in the same way, or in CR."""
    feeds = pairs = returns = trailing = 0
    last = b""
    with text.open("rb") as file:
        while chunk := file.read(_CHUNK):
            feeds += chunk.count(b"\n")
            if last == b"\r" and chunk.startswith(b"\n"):
                pairs += 1
            if b"\r" in chunk:
                returns += chunk.count(b"\r")
                pairs += chunk.count(b"\r\n")
            bare = chunk.rstrip(b"\r\n")
            trailing = chunk[len(bare) :].count(b"\n") + (0 if bare else trailing)
            last = chunk[-1:]
    mixed = returns > pairs or 0 < pairs < feeds
    ended = last in (b"\n", b"\r")
    return LineEnds(feeds - max(trailing - 1, 0) + (0 if ended else 1), ended, mixed)


def with_line_feeds(text: Path, target: Path) -> Path:
    """A copy of a text in which every line ends in a line feed alone."""
    with (
        text.open(encoding="utf-8", newline=None) as source,
        target.open("w", encoding="utf-8", newline="\n") as copy,
    ):
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
    return target


def lines_at(text: Path, offsets: Sequence[int]) -> list[int]:
    """The lines at byte offsets, which must ascend."""
    lines, seen, position = [], 1, 0
    with text.open("rb") as file:
        for offset in offsets:
            while position < offset:
                chunk = file.read(min(_CHUNK, offset - position))
                if not chunk:
                    break
                seen += chunk.count(b"\n")
                position += len(chunk)
            lines.append(seen)
    return lines


def row_lines(
    text: Path, delimiter: str, broken: dict[int, int]
) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """The line on which each row below the header begins, broken rows left out.

    `broken` tells the lines that broken rows take: first line → how many. One row after another,
    so only for files in which a row is not simply a line.
    """
    csv.field_size_limit(_CSV_LIMIT)
    with text.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(
            _without(file, broken), delimiter=delimiter, skipinitialspace=True, strict=False
        )
        starts: list[int] = []
        before = 0
        for cells in reader:
            if cells:
                starts.append(before + 1)
            before = reader.line_num
    return np.array(starts[1:], dtype=np.int64)


def _without(lines: Iterator[str], broken: dict[int, int]) -> Iterator[str]:
    """The lines, with blank ones for those that broken rows take."""
    until = 0
    for number, line in enumerate(lines, start=1):
        until = max(until, number + broken.get(number, 0))
        yield "\n" if number < until else line

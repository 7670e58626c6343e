"""CSV rows that could not be read: where they begin and end."""

import mmap
from dataclasses import dataclass
from pathlib import Path

_LONGEST_RECORD = 16_000


@dataclass
class BrokenRow:
    """A row that could not be read: its bytes, its lines, and where its first bad quote begins.

    `reported` is the line by which the engine knows it; `faults` says how many it found there.
    """

    start: int
    end: int
    reported: int
    kind: str
    quote: int
    faults: int
    closed: bool = True
    line: int = 0
    last_line: int = 0
    record: str | None = None

    def __post_init__(self) -> None:
        """A row takes one line, as far as is known yet."""
        self.line = self.last_line = self.reported

    def measure(self, text: Path) -> None:
        """Find where it begins and ends: of a bad quote, the engine tells neither for sure."""
        if self.kind == "UNQUOTED VALUE":
            found = _quoted_row(text, self.start if self.faults == 1 else None, self.quote)
            self.start, self.end, self.closed = found.start, found.end, found.closed
            self.record = found.record


@dataclass(frozen=True)
class _QuotedRow:
    """A row with a quote that is wrong: its bytes, whether the quote is closed, and its text."""

    start: int
    end: int
    closed: bool
    record: str


def _quoted_row(text: Path, start: int | None, quote: int) -> _QuotedRow:
    """The row whose last value begins with a quote.

    `start` and `quote` are the byte offsets of the row (None: the quote's line) and of the quote.
    """
    with text.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if start is None:
            start = data.rfind(b"\n", 0, quote) + 1
        if data[quote : quote + 1] != b'"':
            quote = max(data.find(b'"', start), start)
        at = data.find(b'"', quote + 1)
        while at >= 0 and data[at + 1 : at + 2] == b'"':
            at = data.find(b'"', at + 2)
        feed = data.find(b"\n", at) if at >= 0 else -1
        end = len(data) if feed < 0 else feed
        record = data[start : min(end, start + _LONGEST_RECORD)].decode("utf-8", "ignore")
    return _QuotedRow(start, end, at >= 0, record)

"""Reading CSV: delimiter and header are found, broken rows are set apart with their lines."""

import csv
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from graphcrm.errors import SourceError
from graphcrm_loaders.broken_rows import BrokenRow
from graphcrm_loaders.csv_lines import (
    LineEnds,
    line_ends,
    lines_at,
    row_lines,
    with_line_feeds,
)
from graphcrm_loaders.encoding import Step, as_utf8, detect_encoding
from graphcrm_loaders.raw import REJECTED, RawTable, plain_path
from graphcrm_loaders.shape import PLAIN, Shape, tidy_csv

_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1 << 20
_LONGEST_RECORD = 4000

_REASONS = {
    "MISSING COLUMNS": "too_few_columns",
    "TOO MANY COLUMNS": "too_many_columns",
    "UNQUOTED VALUE": "broken_quotes",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
    "INVALID ENCODING": "invalid_encoding",
}


def open_csv(
    work: duckdb.DuckDBPyConnection, path: Path, scratch: Path, step: Step, shape: Shape = PLAIN
) -> RawTable:
    """A CSV file as a raw table. Raises SourceError where it can't be read as one."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    encoding = detect_encoding(path)
    text = as_utf8(path, encoding, scratch / "utf8.csv", step)
    ends = line_ends(text)
    if ends.mixed:
        text = with_line_feeds(text, scratch / "lines.csv")
        ends = line_ends(text)
    if not shape.plain:
        text = _tidied(path, text, scratch, shape)
        ends = line_ends(text)
    text = plain_path(text, scratch)
    delimiter, header = _header(path, text, shape.delimiter)
    columns = dict.fromkeys(header, "VARCHAR")
    declared = "{" + ", ".join(f"{_sql(name)}: 'VARCHAR'" for name in header) + "}"
    for table in ("csv_scans", "csv_errors"):
        work.execute(f"DROP TABLE IF EXISTS {table}")
    relation = (
        f"read_csv({_sql(str(text))}, auto_detect = false, header = true, "
        f"delim = {_sql(delimiter)}, quote = '\"', escape = '\"', columns = {declared}, "
        f"store_rejects = true, rejects_scan = 'csv_scans', rejects_table = 'csv_errors', "
        "rejects_limit = 0)"
    )
    scanned = _Scanned(work, path, text, delimiter, ends)
    if shape.header_row:
        return RawTable(relation, columns, 2, scanned.number_rows)
    return RawTable(relation, columns, 1, lambda rows: _one_up(work, scanned.number_rows(rows)))


def _one_up(work: duckdb.DuckDBPyConnection, numbered: str | None) -> str | None:
    """Undo the line that a header took which the file has not."""
    for table in (REJECTED, numbered):
        if table is not None:
            work.execute(f"UPDATE {table} SET line = line - 1")
    return numbered


def _tidied(path: Path, text: Path, scratch: Path, shape: Shape) -> Path:
    """The text with its header on the first line and blank lines for what is no record."""
    tidy = scratch / "tidy.csv"
    delimiter = shape.delimiter or delimiter_below(text, shape.first_record)
    names = tidy_csv(text, tidy, delimiter, shape)
    if names is None:
        raise SourceError(f"{path}: there are no rows below the header")
    return tidy


def delimiter_below(text: Path, first_record: int) -> str:
    """The delimiter of a text, judged by its header and first record."""
    with text.open(encoding="utf-8-sig", newline="") as file:
        lines = [file.readline(_LONGEST_LINE) for _ in range(first_record)]
    return max(_DELIMITERS, key="".join(lines[-2:]).count)


def _sql(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _header(path: Path, text: Path, given: str | None) -> tuple[str, list[str]]:
    with text.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(_LONGEST_LINE)
        if len(first) >= _LONGEST_LINE:
            raise SourceError(f"{path}: line 1 has over {_LONGEST_LINE:,} characters; is it a CSV?")
        if "\x00" in first:
            raise SourceError(f"{path}: line 1 has NUL characters; is it a CSV?")
        delimiter = given or max(_DELIMITERS, key=first.count)
        file.seek(0)
        if not first.strip():
            raise SourceError(f"{path}: line 1 is blank; the names of the columns belong there")
        try:
            header = next(csv.reader(file, delimiter=delimiter))
        except (StopIteration, csv.Error) as error:
            raise SourceError(f"{path}: line 1 can't be read as a header ({error})") from error
    return delimiter, checked_names(path, header)


def checked_names(path: Path, header: list[str]) -> list[str]:
    """Column names, trimmed, blank ones numbered. Raises SourceError where one is there twice."""
    names = [name.strip() or f"unnamed_{n}" for n, name in enumerate(header, start=1)]
    folded = [name.lower() for name in names]
    for n, name in enumerate(folded):
        if name in folded[:n]:
            raise SourceError(
                f"{path}: line 1: the column {names[n]!r} is there twice "
                f"(columns {folded.index(name) + 1} and {n + 1})"
            )
    return names


class _Scanned:
    """What is to be done once a CSV file was read through."""

    def __init__(
        self,
        work: duckdb.DuckDBPyConnection,
        path: Path,
        text: Path,
        delimiter: str,
        ends: LineEnds,
    ) -> None:
        self._work, self._path, self._text = work, path, text
        self._delimiter, self._ends = delimiter, ends

    def number_rows(self, rows: int) -> str | None:
        """Set the broken rows apart; find the lines of the others where a row is not a line."""
        work = self._work
        work.execute(
            "CREATE OR REPLACE TEMP TABLE broken AS SELECT line, "
            "arg_min(error_type, byte_position)::VARCHAR AS kind, "
            "any_value(error_message) AS detail, any_value(csv_line) AS record, "
            "min(line_byte_position) - 1 AS start, min(byte_position) - 1 AS quote_at, "
            "count(*) AS faults FROM csv_errors GROUP BY line"
        )
        # after CR LF the engine may count the line feed to the next row
        work.execute(
            "UPDATE broken SET record = ltrim(record, chr(13) || chr(10)), start = start + "
            "strlen(record) - strlen(ltrim(record, chr(13) || chr(10)))"
        )
        broken = [
            BrokenRow(*row)
            for row in work.execute(
                "SELECT start, start + strlen(record), line, kind, quote_at, faults FROM broken "
                "ORDER BY start"
            ).fetchall()
        ]
        regular = rows + len(broken) + 1 == self._ends.lines
        if not regular:
            self._measure(broken)
        if broken:
            self._refuse_truncated(broken[-1])
        self._set_apart(broken)
        if regular and not broken:
            return None
        if regular:
            below = np.arange(2, self._ends.lines + 1)
            numbers = below[~np.isin(below, [row.line for row in broken])]
        else:
            taken = {row.line: row.last_line - row.line + 1 for row in broken}
            numbers = row_lines(self._text, self._delimiter, taken)
        work.register("lines", pa.table({"n": np.arange(1, len(numbers) + 1), "line": numbers}))
        work.execute("CREATE OR REPLACE TEMP TABLE line_of AS SELECT n, line FROM lines")
        work.unregister("lines")
        return "line_of"

    def _measure(self, broken: list["BrokenRow"]) -> None:
        """Find the lines that broken rows take."""
        for row in broken:
            row.measure(self._text)
        ends = [offset for row in broken for offset in (row.start, max(row.start, row.end))]
        lines = lines_at(self._text, ends)
        for row, line, last_line in zip(broken, lines[::2], lines[1::2], strict=True):
            row.line, row.last_line = line, last_line

    def _refuse_truncated(self, last: "BrokenRow") -> None:
        """Refuse a file whose last row breaks off, or that has no end to a quoted value."""
        inside = self._ends.lines - last.line
        if not last.closed and inside > 0:
            raise SourceError(
                f"{self._path}: line {last.line}: a quote begins there that is never closed; all "
                f"{inside:,} lines below are inside of it, so nothing of the file was loaded"
            )
        if last.end < self._text.stat().st_size - 2 or self._ends.last_ended:
            return
        if last.kind in ("MISSING COLUMNS", "UNQUOTED VALUE"):
            raise SourceError(
                f"{self._path}: line {last.line}: the file breaks off in its last row; "
                "it was not copied whole"
            )

    def _set_apart(self, broken: list["BrokenRow"]) -> None:
        work = self._work
        placed = [(row.reported, row.line, row.last_line, row.record) for row in broken]
        types = (pa.int64(), pa.int64(), pa.int64(), pa.string())
        columns = zip(*placed, strict=True) if placed else ((),) * len(types)
        names = ("reported", "line", "last_line", "record")
        arrays = [pa.array(column, type_) for column, type_ in zip(columns, types, strict=True)]
        work.register("placed", pa.table(dict(zip(names, arrays, strict=True))))
        cases = " ".join(f"WHEN '{kind}' THEN '{reason}'" for kind, reason in _REASONS.items())
        record = "coalesce(a.record, b.record)"
        cells = f"string_split(split_part({record}, chr(10), 1), {_sql(self._delimiter)})"
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {REJECTED} AS SELECT a.line, "
            f"CASE b.kind {cases} ELSE 'unreadable' END AS reason, CASE WHEN a.last_line > a.line "
            "THEN 'lines ' || a.line || ' to ' || a.last_line ELSE b.detail END AS detail, "
            f"left({record}, {_LONGEST_RECORD}) AS record, "
            f"list_transform({cells}, lambda c: trim(c, ' \"' || chr(13))) AS cells "
            "FROM broken b JOIN placed a ON a.reported = b.line ORDER BY a.line"
        )
        work.unregister("placed")

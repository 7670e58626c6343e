"""Reading CSV: delimiter and header are found, broken rows are set apart with their lines."""

import csv
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from graphcrm.errors import SourceError
from graphcrm_loaders.encoding import Step, as_utf8, detect_encoding
from graphcrm_loaders.raw import REJECTED, RawTable

_DELIMITERS = (",", ";", "\t")
_LONGEST_LINE = 1 << 20
_CHUNK = 1 << 22

_REASONS = {
    "MISSING COLUMNS": "too_few_columns",
    "TOO MANY COLUMNS": "too_many_columns",
    "UNQUOTED VALUE": "broken_quotes",
    "LINE SIZE OVER MAXIMUM": "line_too_long",
    "INVALID ENCODING": "invalid_encoding",
}


def open_csv(work: duckdb.DuckDBPyConnection, path: Path, scratch: Path, step: Step) -> RawTable:
    """A CSV file as a raw table. Raises SourceError where it can't be read as one."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    encoding = detect_encoding(path)
    text = as_utf8(path, encoding, scratch / f"{path.name}.utf8", step)
    delimiter, header = _header(path, text)
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
    return RawTable(
        relation, columns, 2, lambda rows: _after_scan(work, path, text, rows, len(header))
    )


def _sql(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _header(path: Path, text: Path) -> tuple[str, list[str]]:
    with text.open(encoding="utf-8-sig", newline="") as file:
        first = file.readline(_LONGEST_LINE)
        if len(first) >= _LONGEST_LINE:
            raise SourceError(f"{path}: line 1 has over {_LONGEST_LINE:,} characters; is it a CSV?")
        if "\x00" in first:
            raise SourceError(f"{path}: line 1 has NUL characters; is it a CSV?")
        delimiter = max(_DELIMITERS, key=first.count)
        file.seek(0)
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


def _after_scan(
    work: duckdb.DuckDBPyConnection, path: Path, text: Path, rows: int, width: int
) -> str | None:
    """Set the broken rows apart; find the lines of the others where it isn't one row a line."""
    work.execute(
        "CREATE OR REPLACE TEMP TABLE broken AS SELECT line, any_value(error_type)::VARCHAR AS kind, "
        "any_value(error_message) AS detail, left(any_value(csv_line), 4000) AS record, "
        "min(line_byte_position) AS start FROM csv_errors GROUP BY line"
    )
    broken = work.execute("SELECT line, kind, start FROM broken ORDER BY line").fetchall()
    newlines, ends = _count_newlines(text)
    _refuse_truncated(path, broken, newlines, ends, width)
    plain = rows + len(broken) + 1 == newlines + (0 if ends else 1)
    cases = " ".join(f"WHEN '{kind}' THEN '{reason}'" for kind, reason in _REASONS.items())
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {REJECTED} AS SELECT line::BIGINT AS line, "
        f"CASE kind {cases} ELSE 'unreadable' END AS reason, detail, record, start FROM broken"
    )
    if not plain:
        offsets = [int(start) - 1 for _, _, start in broken]
        for offset, line in zip(offsets, _lines_of(text, offsets), strict=True):
            work.execute(f"UPDATE {REJECTED} SET line = ? WHERE start = ?", [line, offset + 1])
        return _irregular_lines(work, text, set(offsets))
    if not broken:
        return None
    work.execute(
        "CREATE OR REPLACE TEMP TABLE line_of AS SELECT row_number() OVER (ORDER BY line) AS n, line "
        f"FROM range(2, {rows + len(broken) + 2}) t(line) "
        "WHERE line NOT IN (SELECT line FROM broken)"
    )
    return "line_of"


def _refuse_truncated(
    path: Path, broken: list[tuple[int, str, int]], newlines: int, ends: bool, width: int
) -> None:
    if broken and not ends and broken[-1][0] >= newlines + 1:
        line, kind, _ = broken[-1]
        if kind in ("MISSING COLUMNS", "UNQUOTED VALUE"):
            raise SourceError(
                f"{path}: line {line}: the file breaks off in its last row "
                f"(of {width} columns); it was not copied whole"
            )


def _count_newlines(text: Path) -> tuple[int, bool]:
    """The number of line feeds, and whether the file ends with one."""
    count, last = 0, b""
    with text.open("rb") as file:
        while chunk := file.read(_CHUNK):
            count += chunk.count(b"\n")
            last = chunk[-1:]
    return count, last == b"\n"


def _lines_of(text: Path, offsets: list[int]) -> list[int]:
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


def _irregular_lines(work: duckdb.DuckDBPyConnection, text: Path, broken: set[int]) -> str:
    """The table (n, line) for a file with blank lines or with line feeds inside quotes.

    A row begins after each line feed outside quotes; blank rows are none.
    """
    data = np.memmap(text, dtype=np.uint8, mode="r")
    feeds = np.flatnonzero(data == ord("\n"))
    quotes = np.searchsorted(np.flatnonzero(data == ord('"')), feeds)
    row_ends = quotes % 2 == 0
    start = feeds[row_ends] + 1
    line = np.flatnonzero(row_ends) + 2
    end = np.append(start[1:] - 1, len(data))
    follows = data[np.minimum(start, len(data) - 1)]
    blank = (end <= start) | ((end == start + 1) & (follows == ord("\r")))
    skipped = np.fromiter(sorted(broken), dtype=np.int64, count=len(broken))
    lines = line[~blank & ~np.isin(start, skipped)]
    work.register("lines", pa.table({"n": np.arange(1, len(lines) + 1), "line": lines}))
    work.execute("CREATE OR REPLACE TEMP TABLE line_of AS SELECT n, line FROM lines")
    work.unregister("lines")
    return "line_of"

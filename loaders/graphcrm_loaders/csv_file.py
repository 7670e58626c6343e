"""Reading CSV: delimiter and header are found, broken rows are set apart with their lines."""

import csv
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from graphcrm.errors import SourceError
from graphcrm_loaders.csv_lines import LineEnds, line_ends, lines_at, row_lines, with_line_feeds
from graphcrm_loaders.encoding import Step, as_utf8, detect_encoding
from graphcrm_loaders.raw import REJECTED, RawTable, plain_path

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


def open_csv(work: duckdb.DuckDBPyConnection, path: Path, scratch: Path, step: Step) -> RawTable:
    """A CSV file as a raw table. Raises SourceError where it can't be read as one."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    encoding = detect_encoding(path)
    text = as_utf8(path, encoding, scratch / "utf8.csv", step)
    ends = line_ends(text)
    if ends.mixed:
        text = with_line_feeds(text, scratch / "lines.csv")
        ends = line_ends(text)
    text = plain_path(text, scratch)
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
    scanned = _Scanned(work, path, text, delimiter, ends)
    return RawTable(relation, columns, 2, scanned.number_rows)


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
            "any_value(error_type)::VARCHAR AS kind, any_value(error_message) AS detail, "
            "any_value(csv_line) AS record, min(line_byte_position) - 1 AS start "
            "FROM csv_errors GROUP BY line"
        )
        # after CR LF the engine may count the line feed to the next row
        work.execute(
            "UPDATE broken SET record = ltrim(record, chr(13) || chr(10)), start = start + "
            "strlen(record) - strlen(ltrim(record, chr(13) || chr(10)))"
        )
        broken = work.execute(
            "SELECT start, strlen(record), line, kind FROM broken ORDER BY start"
        ).fetchall()
        regular = rows + len(broken) + 1 == self._ends.lines
        starts = [start for start, *_ in broken]
        lines = [n for _, _, n, _ in broken] if regular else lines_at(self._text, starts)
        if broken:
            self._refuse_truncated(lines[-1], *broken[-1])
        self._set_apart(starts, lines)
        if regular and not broken:
            return None
        if regular:
            below = np.arange(2, self._ends.lines + 1)
            numbers = below[~np.isin(below, lines)]
        else:
            after = lines_at(self._text, [start + length for start, length, *_ in broken])
            taken = {n: end - n + 1 for n, end in zip(lines, after, strict=True)}
            numbers = row_lines(self._text, self._delimiter, taken)
        work.register("lines", pa.table({"n": np.arange(1, len(numbers) + 1), "line": numbers}))
        work.execute("CREATE OR REPLACE TEMP TABLE line_of AS SELECT n, line FROM lines")
        work.unregister("lines")
        return "line_of"

    def _refuse_truncated(self, at: int, start: int, length: int, _: int, kind: str) -> None:
        """Refuse a file whose last row breaks off, or that has no end to a quoted value."""
        size = self._text.stat().st_size
        if start + length < size - 2:
            return
        if kind == "UNQUOTED VALUE" and at < self._ends.lines:
            raise SourceError(f"{self._path}: line {at}: a quote begins there that has no end")
        if kind in ("MISSING COLUMNS", "UNQUOTED VALUE") and not self._ends.last_ended:
            raise SourceError(
                f"{self._path}: line {at}: the file breaks off in its last row; "
                "it was not copied whole"
            )

    def _set_apart(self, starts: list[int], lines: list[int]) -> None:
        work = self._work
        work.register(
            "placed",
            pa.table({"start": pa.array(starts, pa.int64()), "line": pa.array(lines, pa.int64())}),
        )
        cases = " ".join(f"WHEN '{kind}' THEN '{reason}'" for kind, reason in _REASONS.items())
        cells = f"string_split(split_part(b.record, chr(10), 1), {_sql(self._delimiter)})"
        work.execute(
            f"CREATE OR REPLACE TEMP TABLE {REJECTED} AS SELECT a.line, "
            f"CASE b.kind {cases} ELSE 'unreadable' END AS reason, b.detail, "
            f"left(b.record, {_LONGEST_RECORD}) AS record, "
            f"list_transform({cells}, lambda c: trim(c, ' \"' || chr(13))) AS cells "
            "FROM broken b JOIN placed a ON a.start = b.start ORDER BY a.line"
        )
        work.unregister("placed")

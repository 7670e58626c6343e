"""Reading Parquet, Excel and JSON Lines."""

import datetime as dt
import math
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import python_calamine

from graphcrm.errors import SourceError
from graphcrm_loaders.csv_file import checked_names
from graphcrm_loaders.encoding import Step, as_utf8, detect_encoding
from graphcrm_loaders.raw import REJECTED, RawTable

_EXACT_DIGITS = 15
"""A spreadsheet keeps 15 significant digits of a number."""


def open_parquet(work: duckdb.DuckDBPyConnection, path: Path) -> RawTable:
    """A Parquet file as a raw table; its row 1 counts as line 1."""
    relation = f"read_parquet('{str(path).replace(chr(39), chr(39) * 2)}')"
    try:
        described = work.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise SourceError(f"{path}: can't be read as Parquet ({_first_line(error)})") from error
    return RawTable(relation, {row[0]: row[1] for row in described}, 1)


def open_jsonl(work: duckdb.DuckDBPyConnection, path: Path, scratch: Path, step: Step) -> RawTable:
    """A JSON Lines file as a raw table: one object a line; nested values stay JSON text."""
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty")
    text = as_utf8(path, detect_encoding(path), scratch / f"{path.name}.utf8", step)
    quoted = str(text).replace("'", "''")
    work.execute(
        "CREATE OR REPLACE TEMP TABLE json_lines AS SELECT row_number() OVER () AS line, "
        "ltrim(content, chr(65279)) AS content "
        f"FROM read_csv('{quoted}', auto_detect = false, header = false, delim = chr(1), "
        "quote = '', escape = '', columns = {'content': 'VARCHAR'}, null_padding = true, "
        "max_line_size = 16777216)"
    )
    work.execute(
        f"CREATE OR REPLACE TEMP TABLE {REJECTED} AS SELECT line, 'not_json' AS reason, "
        "NULL::VARCHAR AS detail, left(content, 4000) AS record FROM json_lines "
        "WHERE trim(coalesce(content, '')) <> '' "
        "AND (NOT json_valid(content) OR json_type(content) <> 'OBJECT')"
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE json_rows AS SELECT line, content FROM json_lines "
        f"WHERE trim(coalesce(content, '')) <> '' AND line NOT IN (SELECT line FROM {REJECTED})"
    )
    keys = work.execute(
        "SELECT DISTINCT unnest(json_keys(content)) AS key FROM json_rows ORDER BY key"
    ).fetchall()
    names = checked_names(path, [key for (key,) in keys])
    if not names:
        raise SourceError(f"{path}: no line holds a JSON object")
    columns = ", ".join(
        'content->>\'$."{0}"\' AS "{1}"'.format(name.replace("'", "''"), name.replace('"', '""'))
        for name in names
    )
    work.execute(
        "CREATE OR REPLACE TEMP TABLE line_of AS "
        "SELECT row_number() OVER (ORDER BY line) AS n, line FROM json_rows"
    )
    relation = f"(SELECT {columns} FROM json_rows ORDER BY line)"
    return RawTable(relation, dict.fromkeys(names, "VARCHAR"), 1, lambda rows: "line_of")


def open_excel(work: duckdb.DuckDBPyConnection, path: Path, sheet: str) -> RawTable:
    """A sheet of a workbook as a raw table; the first row is the header."""
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path}[{sheet}]: can't be read ({_first_line(error)})") from error
    if not cells:
        raise SourceError(f"{path}[{sheet}]: the sheet is empty")
    names = checked_names(path, [_cell(value) or "" for value in cells[0]])
    table = pa.table(
        {
            name: pa.array([_cell(row[n]) for row in cells[1:]], pa.string())
            for n, name in enumerate(names)
        }
    )
    work.execute("DROP VIEW IF EXISTS excel_sheet")
    work.register("excel_sheet", table)
    work.execute("CREATE OR REPLACE TEMP TABLE excel_rows AS SELECT * FROM excel_sheet")
    work.unregister("excel_sheet")
    return RawTable("excel_rows", dict.fromkeys(names, "VARCHAR"), 2)


def _cell(value: Any) -> str | None:
    """A cell as text. A number with more digits than a spreadsheet keeps shows that it lost some."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not math.isfinite(value):
            return str(value)
        if value.is_integer():
            exact = abs(value) < 10**_EXACT_DIGITS
            return str(int(value)) if exact else f"{value:.5E}".replace("E+0", "E+")
        return repr(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__

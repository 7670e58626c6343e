"""Reading Parquet and Excel."""

import datetime as dt
import math
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import python_calamine

from graphcrm.errors import SourceError
from graphcrm_loaders.csv_file import checked_names
from graphcrm_loaders.raw import RawTable, plain_path
from graphcrm_loaders.shape import PLAIN, Shape

_MOST_CELLS = 100_000_000
_EXACT_DIGITS = 15
"""A spreadsheet keeps 15 significant digits of a number."""


def open_parquet(work: duckdb.DuckDBPyConnection, path: Path, scratch: Path) -> RawTable:
    """A Parquet file as a raw table; its row 1 counts as line 1."""
    quoted = str(plain_path(path, scratch)).replace("'", "''")
    relation = f"read_parquet('{quoted}')"
    try:
        described = work.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise SourceError(f"{path}: can't be read as Parquet ({_first_line(error)})") from error
    return RawTable(relation, {row[0]: row[1] for row in described}, 1)


def open_excel(
    work: duckdb.DuckDBPyConnection, path: Path, sheet: str, shape: Shape = PLAIN
) -> RawTable:
    """A sheet of a workbook as a raw table; blank rows are none."""
    _refuse_sprawling(path)
    try:
        workbook = python_calamine.CalamineWorkbook.from_path(path)
        cells = workbook.get_sheet_by_name(sheet).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, zipfile.BadZipFile, OSError) as error:
        raise SourceError(f"{path}[{sheet}]: can't be read ({_first_line(error)})") from error
    if not cells:
        raise SourceError(f"{path}[{sheet}]: the sheet is empty")
    above = [[cell_text(v) or "" for v in row] for row in cells[: shape.first_record - 1]]
    if len(above) < shape.first_record - 1:
        raise SourceError(f"{path}[{sheet}]: there are no rows below the header")
    names = checked_names(path, shape.names(above[max(shape.header_row - 1, 0) :], len(cells[0])))
    lines = [
        n
        for n, row in enumerate(cells, start=1)
        if n >= shape.first_record
        and any(v not in (None, "") for v in row)
        and not (shape.skip_rows and shape.skips([cell_text(v) or "" for v in row]))
    ]
    table = pa.table(
        {
            name: pa.array([cell_text(cells[line - 1][n]) for line in lines], pa.string())
            for n, name in enumerate(names)
        }
    )
    _keep(work, "excel_rows", table)
    columns = dict.fromkeys(names, "VARCHAR")
    if len(lines) == len(cells) - shape.first_record + 1:
        return RawTable("excel_rows", columns, shape.first_record)
    _keep(work, "line_of", pa.table({"n": range(1, len(lines) + 1), "line": lines}))
    return RawTable("excel_rows", columns, shape.first_record, lambda rows: "line_of")


def _keep(work: duckdb.DuckDBPyConnection, name: str, table: pa.Table) -> None:
    work.register("arriving", table)
    work.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM arriving")
    work.unregister("arriving")


def _refuse_sprawling(path: Path) -> None:
    """Refuse a workbook with a sheet whose outermost cells span more than can be held.

    The reader makes room for the whole rectangle, and ends the process where there is none.
    """
    try:
        with zipfile.ZipFile(path) as parts:
            sheets = [n for n in parts.namelist() if n.startswith("xl/worksheets/sheet")]
            heads = [parts.open(name).read(4096).decode("utf-8", "replace") for name in sheets]
    except (zipfile.BadZipFile, OSError):
        return  # the reader says what is wrong
    for head in heads:
        span = re.search(r'<dimension ref="[A-Z]+[0-9]+:([A-Z]+)([0-9]+)"', head)
        if span is None:
            continue
        columns = 0
        for letter in span.group(1):
            columns = columns * 26 + ord(letter) - ord("A") + 1
        if columns * int(span.group(2)) > _MOST_CELLS:
            raise SourceError(
                f"{path}: a sheet spans {int(span.group(2)):,} rows and {columns:,} columns; "
                "remove the stray cells, or save it as CSV"
            )


def cell_text(value: Any) -> str | None:
    """A cell as text; a number with more digits than a spreadsheet keeps shows its loss."""
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

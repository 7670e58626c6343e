"""Excel files: one sheet, its header frozen, with a filter."""

import datetime as dt
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.errors import UsageError
from graphcrm.export.values import flat, is_text, readable

ROWS_OF_A_SHEET = 1_048_575
"""Rows of an Excel sheet, less the header."""

_LONGEST_CELL = 32_767
_EXACT_INTEGER = 10**15
_FIRST_DATE = dt.date(1900, 3, 1)
"""Excel believes in a 29 February 1900; dates from the day after it on are right."""

_BATCH = 65_536
_MEASURED = 200


def write_xlsx(table: pa.Table, draft: Path) -> None:
    """Write an Excel file. Raises UsageError for more than a sheet or a cell can hold."""
    # Other formats need not wait for this import.
    import xlsxwriter  # type: ignore[import-untyped]

    if table.num_rows > ROWS_OF_A_SHEET:
        raise UsageError(
            f"an Excel sheet holds {ROWS_OF_A_SHEET:,} rows, not {table.num_rows:,}: "
            "write .parquet or .csv instead"
        )
    table = flat(table)
    columns = [_excel_column(name, table.column(name)) for name in table.column_names]
    options = {
        "constant_memory": True,
        "strings_to_numbers": False,
        "strings_to_formulas": False,
        "strings_to_urls": False,
    }
    book = xlsxwriter.Workbook(str(draft), options)
    try:
        sheet = book.add_worksheet()
        formats: dict[type, Any] = {
            dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
            dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        head = book.add_format({"bold": True, "bottom": 1})
        for place, (name, column) in enumerate(zip(table.column_names, columns, strict=True)):
            sheet.set_column(place, place, _width(name, column))
            sheet.write_string(0, place, name, head)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, table.num_rows, len(columns) - 1)
        row = 0
        for batch in pa.table(columns, names=table.column_names).to_batches(_BATCH):
            for values in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                row += 1
                for place, value in enumerate(values):
                    _write_cell(sheet, row, place, value, formats)
    finally:
        try:
            book.close()
        except xlsxwriter.exceptions.FileCreateError as error:
            raise OSError(str(error)) from error


def _write_cell(sheet: Any, row: int, place: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None:
        return
    if isinstance(value, str):
        sheet.write_string(row, place, value)
    elif isinstance(value, bool):
        sheet.write_boolean(row, place, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(row, place, value, formats[type(value)])
    elif isinstance(value, int | float | Decimal) and abs(float(value)) < _EXACT_INTEGER:
        sheet.write_number(row, place, float(value))
    else:
        # Excel keeps 15 digits of a number and all of a text.
        sheet.write_string(row, place, value.hex() if isinstance(value, bytes) else str(value))


def _excel_column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with dates as dates, as far as Excel has them, and text that fits its cells."""
    if pa.types.is_timestamp(column.type):
        # Excel knows no time zones and no years before 1900.
        column = column.cast(pa.timestamp("us"), safe=False)
        early = (pc.min(column).as_py() or dt.datetime.max).date() < _FIRST_DATE
        return readable(column) if early else column
    column = readable(column)
    if is_text(column.type):
        column = pc.replace_substring_regex(column.cast(pa.string()), "[\ufffe\uffff]", "\ufffd")
        if (pc.max(pc.utf8_length(column)).as_py() or 0) > _LONGEST_CELL:
            raise UsageError(
                f"a cell of an Excel sheet holds {_LONGEST_CELL:,} characters, and the column "
                f"{name} has longer ones: write .parquet or .csv instead"
            )
        column = _as_dates(column)
    if pa.types.is_date(column.type):
        early = (pc.min(column).as_py() or dt.date.max) < _FIRST_DATE
        return column.cast(pa.string()) if early else column
    return column


def _as_dates(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column as dates, if every cell of it is an ISO date: named questions answer with such."""
    iso = pc.match_substring_regex(text, "^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$")
    if text.null_count == len(text) or not pc.all(iso).as_py():
        return text
    try:
        return text.cast(pa.date32())
    except pa.ArrowInvalid:
        return text


def _width(name: str, column: pa.ChunkedArray) -> int:
    """A width in characters that fits the first rows; wide characters count as two."""
    values = column.slice(0, _MEASURED).to_pylist()
    texts = [name + "  ", *(str(value) for value in values if value is not None)]
    longest = max(
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text) for text in texts
    )
    return min(max(longest + 2, 8), 60)

"""Tables as files, for people (CSV, Excel) and for programs (Parquet, JSON, JSON Lines).

Parquet, JSON and JSON Lines hold every value as it is. CSV is written for spreadsheets, which
change what they open, so two kinds of text get a character in front:

- an apostrophe before what a spreadsheet could run as a formula (beginning with = + - @ in either
  width, a tab or a line end), as OWASP advises against CSV injection, and before text that already
  has apostrophes followed by such a beginning, so that taking one away always restores the cell;
- a tab before what it would read as another number: 12 digits and more (with or without +), digits
  with a leading zero, digits with an E. Spreadsheets then keep every digit. Loading such a file
  into a graph takes the tab away, as it trims every cell.
"""

import datetime as dt
import os
import shutil
import unicodedata
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from graphcrm.errors import UsageError

ROWS_OF_A_SHEET = 1_048_575
"""Rows of an Excel sheet, less the header."""

_LONGEST_CELL = 32_767
_EXACT_INTEGER = 10**15
_FIRST_EXCEL_DATE = dt.date(1900, 3, 1)
_BATCH = 65_536
_FORMULA = "^('*[=+\\-@\t\r\n＝＋－＠])"
_RESHAPED = r"^(\+?[0-9]{12,}|0[0-9]+|[0-9]+[eE][0-9]+)$"
_NEEDS_QUOTES = '[",;\t\r\n]|^ | $'


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table in the form that the path's ending names; the file appears whole or not at all.

    `.csv`: UTF-8 with a byte order mark and CRLF, see the module for what is changed. `.xlsx`: one
    sheet with a filter; text columns of ISO dates become dates. `.json`: an array of objects.
    `.jsonl`: an object a line. `.parquet`: types as they are. Raises UsageError for another
    ending, a place that can't be written, and what doesn't fit into an Excel sheet.
    """
    writers: dict[str, Callable[[pa.Table, Path], None]] = {
        ".csv": _write_csv,
        ".parquet": _write_parquet,
        ".xlsx": _write_xlsx,
        ".json": lambda table, draft: _write_json(table, draft, "true"),
        ".jsonl": lambda table, draft: _write_json(table, draft, "false"),
    }
    writer = writers.get(path.suffix.lower())
    if writer is None:
        raise UsageError(f"{path}: a table ends in {', '.join(writers)}")
    if not table.column_names:
        raise UsageError(f"{path}: there are no columns to write")
    with replacing(path) as draft:
        writer(table, draft)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A sibling to write to, which takes the path's place at the end and is gone after an error.

    A file that was there keeps its access rights. Raises UsageError where nothing can be written.
    """
    target = path.resolve()
    if target.is_dir() or not target.parent.is_dir():
        problem = "it is a folder" if target.is_dir() else f"there is no folder {target.parent}"
        raise UsageError(f"{path}: can't be written ({problem})")
    draft = target.with_name(f".{uuid.uuid4().hex}.part")
    try:
        yield draft
        if target.exists():
            shutil.copymode(target, draft)
        os.replace(draft, target)
    except OSError as error:
        raise UsageError(f"{path}: can't be written ({error.strerror or error})") from error
    finally:
        draft.unlink(missing_ok=True)


def _write_parquet(table: pa.Table, draft: Path) -> None:
    pq.write_table(table, draft)


def _write_json(table: pa.Table, draft: Path, array: str) -> None:
    # Importing DuckDB takes a while that other formats need not wait for.
    import duckdb

    columns = [_readable(column) for column in table.columns]
    readable = pa.table(columns, names=table.column_names)
    quoted = str(draft).replace("'", "''")
    with duckdb.connect() as work:
        work.register("answer", readable)
        try:
            work.execute(f"COPY (FROM answer) TO '{quoted}' (FORMAT json, ARRAY {array})")
        except duckdb.IOException as error:
            raise OSError(str(error)) from error


def _readable(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as ISO text, no NaN (JSON has none), no dictionaries; all else as it is."""
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    if pa.types.is_timestamp(column.type):
        zone = "Z" if column.type.tz else ""
        instant = column.cast(pa.timestamp(column.type.unit))
        text = pc.replace_substring_regex(instant.cast(pa.string()), r"\.0+$", "")
        return pc.binary_join_element_wise(text, zone, "")
    if pa.types.is_time(column.type) or pa.types.is_date64(column.type):
        return column.cast(pa.date32() if pa.types.is_date64(column.type) else pa.string())
    if pa.types.is_floating(column.type):
        return pc.if_else(pc.is_finite(column), column, pa.scalar(None, column.type))
    return column


def _flat(table: pa.Table) -> pa.Table:
    """The table with lists of text joined by `;` and other nested values as JSON."""
    nested = [field for field in table.schema if pa.types.is_nested(field.type)]
    if not nested:
        return table
    import duckdb

    with duckdb.connect() as work:
        work.register("answer", table)
        for field in nested:
            name = field.name.replace('"', '""')
            simple = pa.types.is_list(field.type) and pa.types.is_string(field.type.value_type)
            text = f"array_to_string(\"{name}\", ';')" if simple else f'to_json("{name}")::VARCHAR'
            flat = work.execute(f"SELECT {text} AS flat FROM answer").to_arrow_table()
            place = table.column_names.index(field.name)
            table = table.set_column(place, field.name, flat.column("flat"))
    return table


def _write_csv(table: pa.Table, draft: Path) -> None:
    table = _flat(table)
    header = _quoted(_guarded(pa.array(table.column_names, pa.string())))
    with draft.open("wb") as file:
        file.write(b"\xef\xbb\xbf" + ",".join(header.to_pylist()).encode() + b"\r\n")
        # By batches: Arrow's text arrays end at 2 GB.
        for batch in table.to_batches(max_chunksize=_BATCH):
            if batch.num_rows:
                file.write(_lines(batch))


def _lines(batch: pa.RecordBatch) -> pa.Buffer:
    cells = [_csv_cells(pa.chunked_array([column])).combine_chunks() for column in batch.columns]
    if len(cells) == 1:
        # A blank line would not count as a row.
        cells[0] = pc.if_else(pc.equal(cells[0], ""), '""', cells[0])
    rows = pc.binary_join_element_wise(*cells, ",")
    rows = pc.binary_join_element_wise(rows, "", "\r\n")
    whole = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
    return pc.binary_join(whole, "")[0].as_buffer()


def _csv_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    column = _readable(column)
    if _is_text(column.type):
        column = _quoted(_guarded(column.cast(pa.string())))
    elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = pa.chunked_array([[v and v.hex() for v in column.to_pylist()]], pa.string())
    return pc.fill_null(column.cast(pa.string()), "")


def _is_text(type_: pa.DataType) -> bool:
    return bool(
        pa.types.is_string(type_) or pa.types.is_large_string(type_) or pa.types.is_null(type_)
    )


def _guarded(text: Any) -> Any:
    """Text that no spreadsheet runs or reads as another number, see the module."""
    number = pc.match_substring_regex(text, _RESHAPED)
    safe = pc.replace_substring_regex(text, _FORMULA, r"'\1")
    return pc.if_else(number, pc.binary_join_element_wise("\t", text, ""), safe)


def _quoted(text: Any) -> Any:
    """Text as CSV cells: quoted where it must be, empty text as "" and unknown as nothing."""
    doubled = pc.replace_substring(text, '"', '""')
    quoted = pc.binary_join_element_wise('"', doubled, '"', "")
    needed = pc.or_(pc.match_substring_regex(text, _NEEDS_QUOTES), pc.equal(text, ""))
    return pc.if_else(needed, quoted, text)


def _write_xlsx(table: pa.Table, draft: Path) -> None:
    import xlsxwriter

    if table.num_rows > ROWS_OF_A_SHEET:
        raise UsageError(
            f"an Excel sheet holds {ROWS_OF_A_SHEET:,} rows, not {table.num_rows:,}: "
            "write .parquet or .csv instead"
        )
    table = _flat(table)
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
        formats = {
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
    elif isinstance(value, int | float | Decimal) and abs(value) < _EXACT_INTEGER:
        sheet.write_number(row, place, float(value))
    else:
        # Excel keeps 15 digits of a number and all of a text.
        sheet.write_string(row, place, value.hex() if isinstance(value, bytes) else str(value))


def _excel_column(name: str, column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The column with dates as dates, as far as Excel has them, and text that fits its cells."""
    if pa.types.is_timestamp(column.type):
        # Excel knows no time zones and no years before 1900.
        column = column.cast(pa.timestamp("us"), safe=False)
        early = (pc.min(column).as_py() or dt.datetime.max).date() < _FIRST_EXCEL_DATE
        return _readable(column) if early else column
    column = _readable(column)
    if _is_text(column.type):
        column = pc.replace_substring_regex(column.cast(pa.string()), "[\ufffe\uffff]", "\ufffd")
        if (pc.max(pc.utf8_length(column)).as_py() or 0) > _LONGEST_CELL:
            raise UsageError(
                f"a cell of an Excel sheet holds {_LONGEST_CELL:,} characters, and the column "
                f"{name} has longer ones: write .parquet or .csv instead"
            )
        column = _as_dates(column)
    if pa.types.is_date(column.type):
        early = (pc.min(column).as_py() or dt.date.max) < _FIRST_EXCEL_DATE
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
    texts = [name + "  ", *(str(value) for value in column.slice(0, 200).to_pylist() if value)]
    longest = max(
        sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text) for text in texts
    )
    return min(max(longest + 2, 8), 60)

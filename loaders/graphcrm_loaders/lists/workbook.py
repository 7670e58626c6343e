"""Writing a workbook's sheet again: its cells with their values, and a column beside them."""

import datetime as dt
import math
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import python_calamine

from graphcrm_loaders.lists.reading import CustomerList


def write_workbook(given: CustomerList, name: str, ids: npt.NDArray[np.int64], draft: Path) -> None:
    """Write a sheet's cells as they are, text as text and numbers as numbers, and the new column.

    What stands above the header and between the rows stays in its place. Formulas become their
    values, and formats are the plain ones.
    """
    # Other formats need not wait for this import.
    import xlsxwriter  # type: ignore[import-untyped]

    assert given.sheet is not None
    workbook = python_calamine.CalamineWorkbook.from_path(given.path)
    cells = workbook.get_sheet_by_name(given.sheet).to_python(skip_empty_area=False)
    beside: dict[int, int | str] = dict(zip(given.lines.tolist(), ids.tolist(), strict=True))
    if given.shape.header_row:
        beside[given.shape.header_row] = name
    place = max(map(len, cells), default=0)
    book = xlsxwriter.Workbook(
        str(draft),
        {
            "constant_memory": True,
            "strings_to_numbers": False,
            "strings_to_formulas": False,
            "strings_to_urls": False,
        },
    )
    try:
        written = book.add_worksheet(given.sheet)
        formats = {
            dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
            dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            dt.time: book.add_format({"num_format": "hh:mm:ss"}),
        }
        for line, row in enumerate(cells, start=1):
            for column, value in enumerate(row):
                _write(written, line - 1, column, value, formats)
            if line in beside:
                _write(written, line - 1, place, beside[line], formats)
    finally:
        book.close()


def _write(sheet: Any, row: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        sheet.write_boolean(row, column, value)
    elif isinstance(value, str):
        sheet.write_string(row, column, value)
    elif isinstance(value, dt.datetime | dt.date | dt.time):
        sheet.write_datetime(row, column, value, formats[type(value)])
    elif isinstance(value, int | float) and math.isfinite(value):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, str(value))

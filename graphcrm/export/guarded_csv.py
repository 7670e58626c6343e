"""CSV for people: it goes through spreadsheets, which change what they open.

So two kinds of text get a character in front:

- an apostrophe before what a spreadsheet could run as a formula (beginning with = + - @ in either
  width, a tab or a line end), as OWASP advises against CSV injection, and before text that already
  has apostrophes followed by such a beginning, so that taking one away always restores the cell;
- a tab before what it would read as another number: 12 digits and more (with or without +), digits
  with a leading zero, digits with an E. Spreadsheets then keep every digit. Loading such a file
  into a graph takes the tab away, as it trims every cell.

Whoever wants every cell as it is takes Parquet or JSON Lines; loading reads these too.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.export.values import flat, is_text, readable

_BATCH = 65_536
_FORMULA = "^('*[=+\\-@\t\r\n＝＋－＠])"
_RESHAPED = r"^(\+?[0-9]{12,}|0[0-9]+|[0-9]+[eE][0-9]+)$"
_NEEDS_QUOTES = '[",;\t\r\n]|^ | $'


def write_csv(table: pa.Table, draft: Path) -> None:
    """Write UTF-8 with a byte order mark and CRLF; unknown is an empty cell, empty text is `""`."""
    table = flat(table)
    with draft.open("wb") as file:
        file.write(csv_header(table.column_names))
        # By batches: Arrow's text arrays end at 2 GB.
        for batch in table.to_batches(max_chunksize=_BATCH):
            if batch.num_rows:
                file.write(csv_lines(batch))


def csv_header(names: Sequence[str]) -> bytes:
    """The byte order mark and the line of the columns' names."""
    header = _quoted(_guarded(pa.array(names, pa.string())))
    return b"\xef\xbb\xbf" + ",".join(header.to_pylist()).encode() + b"\r\n"


def csv_lines(batch: pa.RecordBatch) -> pa.Buffer:
    """The lines of a batch, which has rows and no nested columns."""
    cells = [_csv_cells(pa.chunked_array([column])).combine_chunks() for column in batch.columns]
    if len(cells) == 1:
        # A blank line would not count as a row.
        cells[0] = pc.if_else(pc.equal(cells[0], ""), '""', cells[0])
    rows = pc.binary_join_element_wise(*cells, ",")
    rows = pc.binary_join_element_wise(rows, "", "\r\n")
    whole = pa.ListArray.from_arrays(pa.array([0, len(rows)], pa.int32()), rows)
    return pc.binary_join(whole, "")[0].as_buffer()


def _csv_cells(column: pa.ChunkedArray) -> pa.ChunkedArray:
    column = readable(column)
    if is_text(column.type):
        column = _quoted(_guarded(column.cast(pa.string())))
    elif pa.types.is_binary(column.type) or pa.types.is_large_binary(column.type):
        column = pa.chunked_array([[v and v.hex() for v in column.to_pylist()]], pa.string())
    return pc.fill_null(column.cast(pa.string()), "")


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

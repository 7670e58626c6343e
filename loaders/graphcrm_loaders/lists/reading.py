"""Reading a list of customers: all rows in their order, as they are and as texts to compare."""

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duck import engine, has_table
from graphcrm.errors import SourceError, UsageError
from graphcrm_loaders.encoding import detect_encoding
from graphcrm_loaders.lists.heading import shape_of_list
from graphcrm_loaders.opening import open_raw
from graphcrm_loaders.raw import REJECTED, RawTable
from graphcrm_loaders.scratch import scratch_folder
from graphcrm_loaders.shape import PLAIN, Shape
from graphcrm_loaders.sources import FORMATS
from graphcrm_loaders.suggest.grid import find_grid
from graphcrm_loaders.suggest.reading import Sample, samples

_SHOWN = 60
_LONGEST_HEADER = 200
_BLANK = r"^[\s\p{Z}]+|[\s\p{Z}]+$"

_BROKEN = {
    "too_few_columns": "it has too few columns",
    "too_many_columns": "it has too many columns",
    "broken_quotes": "its quotes don't match",
    "line_too_long": "it is too long",
    "invalid_encoding": "it is not valid text",
    "not_json": "it is no JSON object",
}
"""Why a line is no row, by the codes of the readers."""


@dataclass(frozen=True)
class CustomerList:
    """A list as it was read.

    `rows` has the columns as they stand in the file (of Parquet with their types, else as text),
    `texts` the same as text without blanks around it, null where there is nothing. `titles` are
    the names as the file writes them, `lines` the line (or row) of each row in the file. `marked`
    says that a CSV is to begin with a byte order mark, `sheets` what else a workbook holds.
    """

    path: Path
    form: str
    rows: pa.Table
    texts: pa.Table
    titles: tuple[str, ...]
    lines: npt.NDArray[np.int64]
    shape: Shape = PLAIN
    sheet: str | None = None
    sheets: tuple[str, ...] = ()
    marked: bool = False
    delimiter: str = ","


def read_list(path: Path, sheet: str | None = None) -> CustomerList:
    """Read CSV, Excel, Parquet or JSON Lines, whatever the encoding, titles and header.

    Raises SourceError, naming the line, where the file can't be read whole, and UsageError for a
    sheet that is not there.
    """
    if not path.exists():
        raise SourceError(f"{path}: there is no such file or folder")
    if path.is_dir():
        raise SourceError(f"{path}: is a folder, not a file")
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise SourceError(f"{path}: not a kind of file that can be read ({', '.join(FORMATS)})")
    if sheet is not None and form != "excel":
        raise UsageError(f"{path}: only an Excel workbook has sheets")
    sample, others = _sample(path, sheet)
    grid = find_grid(_cut(sample))
    if grid is None:
        raise SourceError(f"{path}: there are no rows below the header")
    shape = shape_of_list(sample, grid)
    encoding = detect_encoding(path) if form == "csv" else "utf-8"
    with scratch_folder() as scratch, engine() as work:
        try:
            raw = open_raw(work, path, form, sample.sheet, scratch, shape=shape)
            found = _read(work, path, form, raw)
        except duckdb.Error as error:
            raise SourceError(f"{path}: {str(error).splitlines()[0]}") from error
    titled = replace(found, shape=shape, sheet=sample.sheet, sheets=others)
    return replace(
        titled,
        titles=_titles(sample, shape, found.rows.column_names),
        marked=encoding != "utf-8",
        delimiter=sample.delimiter or ",",
    )


def _sample(path: Path, sheet: str | None) -> tuple[Sample, tuple[str, ...]]:
    """The sample of the sheet that was named, else of the first with rows; the other sheets."""
    found = samples(path)
    if not found:
        raise SourceError(f"{path}: there are no rows below the header")
    names = [str(sample.sheet) for sample in found]
    if sheet is not None and sheet not in names:
        raise UsageError(f"{path}: there is no sheet {sheet!r} with rows ({', '.join(names)})")
    chosen = found[names.index(sheet)] if sheet is not None else found[0]
    return chosen, tuple(name for name in names if name != str(chosen.sheet))


def _cut(sample: Sample) -> Sample:
    """The sample with cells of a length whose words can be looked up."""

    def cut(rows: list[list[str]]) -> list[list[str]]:
        return [[cell[:_LONGEST_HEADER] for cell in row] for row in rows]

    first, spread, last = cut(sample.first), cut(sample.spread), cut(sample.last)
    return replace(sample, first=first, spread=spread, last=last)


def _titles(sample: Sample, shape: Shape, names: list[str]) -> tuple[str, ...]:
    """The names of the columns as the file has them: one that is there twice or blank stays so."""
    if shape.header_row not in sample.lines:
        return tuple(names)
    row = sample.lines.index(shape.header_row)
    plain = replace(shape, number_headers=False)
    written = plain.names(sample.first[row : row + shape.header_rows], len(names))
    return tuple(written) if len(written) == len(names) else tuple(names)


def _read(work: duckdb.DuckDBPyConnection, path: Path, form: str, raw: RawTable) -> CustomerList:
    rows: pa.Table = work.sql(f"SELECT * FROM {raw.relation}").to_arrow_table()
    numbered = raw.after_scan(rows.num_rows)
    _refuse_broken(work, path)
    if not rows.num_rows:
        raise SourceError(f"{path}: there are no rows below the header")
    lines = np.arange(raw.first_line, raw.first_line + rows.num_rows, dtype=np.int64)
    if numbered:
        ordered = work.sql(f"SELECT line FROM {numbered} ORDER BY n").to_arrow_table()
        lines = ordered.column("line").to_numpy().astype(np.int64)
    work.register("rows_as_read", rows)
    cells = ", ".join(_text(name, kind) for name, kind in raw.columns.items())
    plain: pa.Table = work.sql(f"SELECT {cells} FROM rows_as_read").to_arrow_table()
    texts = pa.table([_trimmed(column) for column in plain.columns], names=plain.column_names)
    return CustomerList(path, form, rows, texts, tuple(rows.column_names), lines)


def _text(name: str, kind: str) -> str:
    """A cell as text: a number that only became a fraction for its column's blanks is whole."""
    cell = '"{}"'.format(name.replace('"', '""'))
    if kind in ("DOUBLE", "FLOAT"):
        text = f"CASE WHEN {cell} = trunc({cell}) AND abs({cell}) < 1e15 THEN {cell}::BIGINT"
        return f"{text}::VARCHAR ELSE {cell}::VARCHAR END AS {cell}"
    if kind.startswith("TIMESTAMP"):
        return f"regexp_replace({cell}::VARCHAR, ' 00:00:00$', '') AS {cell}"
    return f"{cell}::VARCHAR AS {cell}"


def _trimmed(column: pa.ChunkedArray) -> pa.ChunkedArray:
    text = pc.replace_substring_regex(column.cast(pa.string()), _BLANK, "")
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _refuse_broken(work: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Raise SourceError where rows can't be read as rows: left out, they would be lost."""
    if not has_table(work, REJECTED):
        return
    broken = work.execute(f"SELECT line, reason, record FROM {REJECTED} ORDER BY line").fetchall()
    for line, reason, record in broken:
        why, shown = _BROKEN.get(reason, "unreadable"), str(record or "").strip()[:_SHOWN]
        if len(broken) == 1:
            raise SourceError(f"{path}: line {line} can't be read as a row ({why}): {shown}")
        raise SourceError(
            f"{path}: line {line} can't be read as a row ({why}): {shown} "
            f"(the first of {len(broken):,} such lines)"
        )

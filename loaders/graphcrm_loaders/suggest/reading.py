"""Reading some rows of a file: the first, the last, and a few thousand spread over it."""

import codecs
import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import python_calamine

from graphcrm.errors import SourceError
from graphcrm_loaders.other_files import cell_text
from graphcrm_loaders.sources import FORMATS

_WHOLE = 4 << 20
"""A file of up to so many bytes is read whole."""

_CHUNK, _CHUNKS = 96 << 10, 24
_DELIMITERS = (",", "\t", ";", "|")
_ROWS = 6_000


@dataclass(frozen=True)
class Sample:
    """Rows of one file or sheet, as cells of text.

    `first` are the first rows and `last` the last ones, in order, blank ones too; `spread` rows
    between them. `lines` are the line numbers of `first`. Files that name their columns in
    themselves have `names`, and no header among their rows. `whole` says that nothing was left out.
    `merged` are merged cells as (line, first column, last column), columns counted from 0.
    """

    path: Path
    sheet: str | None
    first: list[list[str]]
    spread: list[list[str]]
    last: list[list[str]]
    lines: list[int] = field(default_factory=list)
    names: list[str] | None = None
    delimiter: str | None = None
    whole: bool = True
    merged: frozenset[tuple[int, int, int]] = frozenset()


def samples(path: Path) -> list[Sample]:
    """The samples of a file, one for each sheet. Raises SourceError where it can't be read."""
    form = FORMATS.get(path.suffix.lower())
    try:
        if form == "csv":
            return [_csv(path)]
        if form == "excel":
            return _excel(path)
        if form == "parquet":
            return [_parquet(path)]
        if form == "jsonl":
            return [_jsonl(path)]
    except (OSError, ValueError, csv.Error, python_calamine.CalamineError) as error:
        raise SourceError(f"{path}: can't be read ({error})") from error
    raise SourceError(f"{path}: not a kind of file that can be read ({', '.join(FORMATS)})")


def _parted(
    path: Path, sheet: str | None, rows: list[tuple[int, list[str]]], **more: Any
) -> Sample:
    """A sample of rows with their lines that are all there is."""
    first, rest = rows[:60], rows[60:]
    last = rest[-30:]
    between = rest[: len(rest) - len(last)]
    step = max(1, -(-len(between) // _ROWS))
    return Sample(
        path,
        sheet,
        [cells for _, cells in first],
        [cells for _, cells in between[::step]],
        [cells for _, cells in last],
        [line for line, _ in first],
        whole=step == 1,
        **more,
    )


def _csv(path: Path) -> Sample:
    pieces = _pieces(path)
    delimiter = _delimiter(pieces[0])
    rows = [list(_cells(piece, delimiter)) for piece in pieces]
    if len(rows) == 1:
        return _parted(path, None, rows[0], delimiter=delimiter)
    head, tail = rows[0], rows[-1]
    width = max(len(cells) for _, cells in head)
    between = [head[60:], *rows[1:-1], tail[:-30]]
    spread = [cells for piece in between for _, cells in piece if len(cells) == width]
    step = max(1, -(-len(spread) // _ROWS))
    return Sample(
        path,
        None,
        [cells for _, cells in head[:60]],
        spread[::step],
        [cells for _, cells in tail[-30:]],
        [line for line, _ in head[:60]],
        delimiter=delimiter,
        whole=False,
    )


def _cells(text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(_WHOLE * 2)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True)
    before = 0
    try:
        for cells in reader:
            yield before + 1, [cell.strip() for cell in cells]
            before = reader.line_num
    except csv.Error:
        return  # what was read so far is enough to go by


def _delimiter(text: str) -> str:
    """That which most lines have the same number of."""
    lines = [line for line in text.splitlines()[:80] if line.strip()]

    def evenness(delimiter: str) -> int:
        counts = [line.count(delimiter) for line in lines]
        usual = max(set(counts), key=lambda n: (counts.count(n), n), default=0)
        return usual * counts.count(usual)

    return max(_DELIMITERS, key=evenness)


def _pieces(path: Path) -> list[str]:
    """The text of a file, or pieces of it that end with their lines."""
    size = path.stat().st_size
    if size == 0:
        raise SourceError(f"{path}: the file is empty")
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        if size <= _WHOLE:
            return [_decoded(file.read())]
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return [file.read(_WHOLE).decode("utf-16", "ignore").rpartition("\n")[0]]
        pieces = []
        for n in range(_CHUNKS):
            file.seek(n * (size - _CHUNK) // (_CHUNKS - 1))
            data = file.read(_CHUNK)
            if n:
                data = data.partition(b"\n")[2]
            if n < _CHUNKS - 1:
                data = data.rpartition(b"\n")[0] + b"\n"
            pieces.append(_decoded(data))
        return pieces


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")


def _excel(path: Path) -> list[Sample]:
    workbook = python_calamine.CalamineWorkbook.from_path(path)
    found = []
    for name in workbook.sheet_names:
        sheet = workbook.get_sheet_by_name(name)
        cells = sheet.to_python(skip_empty_area=False)
        rows = [
            (line, [(cell_text(value) or "").strip() for value in row])
            for line, row in enumerate(cells, start=1)
        ]
        if any(any(row) for _, row in rows):
            ranges = sheet.merged_cell_ranges or []
            merged = frozenset((top + 1, left, right) for (top, left), (_, right) in ranges)
            found.append(_parted(path, name, rows, merged=merged))
    return found


def _parquet(path: Path) -> Sample:
    file = pq.ParquetFile(path)
    names = [str(name) for name in file.schema_arrow.names]
    rows: list[list[str]] = []
    groups = sorted({0, file.num_row_groups // 2, file.num_row_groups - 1})
    for group in groups if file.num_row_groups else []:
        for batch in file.iter_batches(_ROWS // 4, row_groups=[group]):
            columns = [[_text(v) for v in column.to_pylist()] for column in batch.columns]
            rows += [list(cells) for cells in zip(*columns, strict=True)]
            break
    whole = len(rows) == file.metadata.num_rows
    return Sample(path, None, [], rows, [], names=names, whole=whole)


def _jsonl(path: Path) -> Sample:
    objects = []
    fault: ValueError | None = None
    for line in filter(str.strip, "".join(_pieces(path)).splitlines()):
        try:
            objects.append(json.loads(line))
        except ValueError as error:
            fault = error
    if fault is not None and not objects:
        raise fault
    objects = [made for made in objects if isinstance(made, dict)][:_ROWS]
    names = sorted({str(key) for made in objects for key in made})
    rows = [[_text(made.get(name)) for name in names] for made in objects]
    return Sample(path, None, [], rows, [], names=names, whole=path.stat().st_size <= _WHOLE)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(str, value))
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return (cell_text(value) or "").strip()

"""Writing a list of customers again: every row and column as it was, with one column more."""

import csv
import io
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from graphcrm.duck import engine
from graphcrm.errors import UsageError
from graphcrm.export import replacing, write_table
from graphcrm.export.values import is_text
from graphcrm.store.loads import DEDUPED
from graphcrm_loaders.encoding import as_utf8, detect_encoding
from graphcrm_loaders.lists.reading import CustomerList
from graphcrm_loaders.lists.workbook import write_workbook
from graphcrm_loaders.scratch import scratch_folder

CLUSTER_ID = "cluster_id"
_MARK = b"\xef\xbb\xbf"
_LINES = (".jsonl", ".ndjson")

Ids = npt.NDArray[np.int64]


def column_for_clusters(given: CustomerList) -> str:
    """The name of the new column: `cluster_id`, or with a number where the list has that."""
    taken = {title.strip().lower() for title in (*given.titles, *given.rows.column_names)}
    name, number = CLUSTER_ID, 1
    while name in taken:
        number += 1
        name = f"{CLUSTER_ID}_{number}"
    return name


def place_beside(path: Path) -> Path:
    """Where a list goes unless a place is named: customers.csv → customers.deduped.csv."""
    ending = ".csv" if path.suffix.lower() in (".tsv", ".txt") else path.suffix.lower()
    return path.with_name(f"{path.stem}{DEDUPED}{ending}")


def check_place(path: Path, given: Path, endings: tuple[str, ...] | None = None) -> None:
    """Raise UsageError where nothing can be written to a place: best asked before the work."""
    known = tuple(_WRITERS) if endings is None else endings
    if path.suffix.lower() not in known:
        raise UsageError(f"{path}: a table ends in {', '.join(known)}")
    if path.exists() and given.exists() and path.samefile(given):
        raise UsageError(f"{path}: is the list itself, which is never overwritten")
    target = path.resolve()
    if target.is_dir():
        raise UsageError(f"{path}: can't be written (it is a folder)")
    if not target.parent.is_dir():
        raise UsageError(f"{path}: can't be written (there is no folder {target.parent})")
    if not os.access(target.parent, os.W_OK):
        raise UsageError(f"{path}: can't be written (Permission denied)")


def write_list(given: CustomerList, ids: Ids, path: Path) -> None:
    """Write all rows of a list with the clusters they belong to, in the form of the path's ending.

    `.csv` keeps every value and the delimiter, in UTF-8; it begins with a byte order mark where the
    list did or was in another encoding, so that it opens in a spreadsheet as the list did.
    `.parquet` keeps the types, `.xlsx` of a workbook its cells, `.jsonl` of JSON Lines its lines.
    The file appears whole or not at all. Raises UsageError for another ending, a place that can't
    be written, and the list itself.
    """
    check_place(path, given.path)
    _WRITERS[path.suffix.lower()](given, ids, path)


def _with_clusters(given: CustomerList, ids: Ids) -> pa.Table:
    return given.rows.append_column(column_for_clusters(given), pa.array(ids, pa.int64()))


def _write_csv(given: CustomerList, ids: Ids, path: Path) -> None:
    delimiter = given.delimiter if given.form == "csv" else ","
    header = io.StringIO()
    titles = [*given.titles, column_for_clusters(given)]
    csv.writer(header, delimiter=delimiter, lineterminator="\n").writerow(titles)
    table = _as_text(given, _with_clusters(given, ids))
    with replacing(path) as draft, scratch_folder() as scratch, engine() as work:
        body = scratch / "rows.csv"
        work.register("list_rows", table)
        place, cut = (str(text).replace("'", "''") for text in (body, delimiter))
        try:
            work.execute(
                f"COPY (FROM list_rows) TO '{place}' "
                f"(FORMAT csv, HEADER false, DELIMITER '{cut}', QUOTE '\"', ESCAPE '\"')"
            )
        except duckdb.IOException as error:
            raise OSError(str(error)) from error
        with draft.open("wb") as whole, body.open("rb") as rows:
            whole.write((_MARK if given.marked else b"") + header.getvalue().encode())
            shutil.copyfileobj(rows, whole, 1 << 22)


def _as_text(given: CustomerList, table: pa.Table) -> pa.Table:
    """The table with what is no text as it was compared: 13800138000, not 13800138000.0."""
    for place, name in enumerate(given.texts.column_names):
        if not is_text(table.schema.field(place).type):
            table = table.set_column(place, name, given.texts.column(place))
    return table


def _write_parquet(given: CustomerList, ids: Ids, path: Path) -> None:
    table = _with_clusters(given, ids)
    if given.form == "parquet":
        kept = pq.read_table(given.path)
        table = kept.append_column(table.column_names[-1], table.column(table.num_columns - 1))
    with replacing(path) as draft:
        pq.write_table(table, draft)


def _write_excel(given: CustomerList, ids: Ids, path: Path) -> None:
    if given.form != "excel":
        write_table(_with_clusters(given, ids), path)
        return
    with replacing(path) as draft:
        write_workbook(given, column_for_clusters(given), ids, draft)


def _write_lines(given: CustomerList, ids: Ids, path: Path) -> None:
    if given.form != "jsonl":
        write_table(_with_clusters(given, ids), path)
        return
    name = column_for_clusters(given)
    numbers = dict(zip(given.lines.tolist(), ids.tolist(), strict=True))
    with replacing(path) as draft, scratch_folder() as scratch:
        encoding = detect_encoding(given.path)
        text = as_utf8(given.path, encoding, scratch / "utf8.jsonl", lambda done: None)
        with (
            text.open(encoding="utf-8-sig", newline="\n") as source,
            draft.open("w", encoding="utf-8", newline="") as target,
        ):
            for line, written in enumerate(source, start=1):
                if line in numbers:
                    members = written.rstrip()[:-1].rstrip()
                    comma = "" if members.endswith("{") else ", "
                    target.write(f'{members}{comma}"{name}": {numbers[line]}}}\n')


_WRITERS: dict[str, Callable[[CustomerList, Ids, Path], None]] = {
    ".csv": _write_csv,
    ".parquet": _write_parquet,
    ".xlsx": _write_excel,
    **dict.fromkeys(_LINES, _write_lines),
}

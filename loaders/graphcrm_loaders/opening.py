"""From a file to a raw table, whatever its format."""

from collections.abc import Callable
from pathlib import Path

import duckdb

from graphcrm_loaders.csv_file import open_csv
from graphcrm_loaders.jsonl_file import open_jsonl
from graphcrm_loaders.other_files import open_excel, open_parquet
from graphcrm_loaders.raw import REJECTED, RawTable
from graphcrm_loaders.shape import PLAIN, Shape


def open_raw(
    work: duckdb.DuckDBPyConnection,
    path: Path,
    form: str,
    sheet: str | None,
    scratch: Path,
    step: Callable[[int], None] = lambda done: None,
    shape: Shape = PLAIN,
) -> RawTable:
    """A file (and sheet) of a format as a raw table. Raises SourceError where it is none.

    `step` is called with the bytes that were decoded so far. `shape` says where header and records
    lie in a CSV file or a sheet.
    """
    work.execute(f"DROP TABLE IF EXISTS {REJECTED}")
    if form == "csv":
        return open_csv(work, path, scratch, step, shape)
    if form == "parquet":
        return open_parquet(work, path, scratch)
    if form == "excel":
        assert sheet is not None
        return open_excel(work, path, sheet, shape)
    return open_jsonl(work, path, scratch, step)

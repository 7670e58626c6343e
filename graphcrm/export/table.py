"""Writing a table in the form that its file's ending names."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from graphcrm.errors import UsageError
from graphcrm.export.guarded_csv import write_csv
from graphcrm.export.values import readable
from graphcrm.export.whole import replacing
from graphcrm.export.workbook import write_xlsx


def write_table(table: pa.Table, path: Path) -> None:
    """Write a table in the form that the path's ending names; the file appears whole or not at all.

    `.csv`: UTF-8 with a byte order mark and CRLF, guarded against what spreadsheets would make of
    it (see `guarded_csv`). `.xlsx`: one sheet with a filter; text columns of ISO dates become
    dates, times are UTC. `.json`: an array of objects. `.jsonl`: an object a line. `.parquet`:
    types as they are. Raises UsageError for another ending, a place that can't be written, and
    what doesn't fit into an Excel sheet.
    """
    writers: dict[str, Callable[[pa.Table, Path], None]] = {
        ".csv": write_csv,
        ".parquet": _write_parquet,
        ".xlsx": write_xlsx,
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


def _write_parquet(table: pa.Table, draft: Path) -> None:
    pq.write_table(table, draft)


def _write_json(table: pa.Table, draft: Path, array: str) -> None:
    # Importing DuckDB takes a while that other formats need not wait for.
    import duckdb

    from graphcrm.duck import engine

    columns = [readable(column) for column in table.columns]
    quoted = str(draft).replace("'", "''")
    with engine() as work:
        work.register("answer", pa.table(columns, names=table.column_names))
        try:
            work.execute(f"COPY (FROM answer) TO '{quoted}' (FORMAT json, ARRAY {array})")
        except duckdb.IOException as error:
            raise OSError(str(error)) from error

"""Files: one table as CSV or Parquet, and a directory that appears whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq

from graphcrm.duck import engine
from graphcrm.sample.columns import Ints

Format = Literal["csv", "parquet"]

_ROWS_AT_ONCE = 250_000


@contextmanager
def whole_directory(directory: Path) -> Iterator[Path]:
    """Give a temporary sibling to write into, and rename it to `directory` at the end.

    Nothing is left when the body fails. ValueError where `directory` has something in it.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise ValueError(f"{directory} is not empty: a sample needs a new or an empty directory")
    directory.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    work.chmod(0o755)
    try:
        yield work
        if directory.exists():
            directory.rmdir()
        work.rename(directory)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise


def write_table(table: pa.Table, path: Path, form: Format, order: Ints | None = None) -> None:
    """Write the table to `path` with the format's ending: comma-separated UTF-8, or Parquet (zstd).

    `order` gives the rows in the order of the file, all of them in the table's order by default.
    The same table always gives the same bytes.
    """
    path.parent.mkdir(exist_ok=True)
    target = path.with_name(f"{path.name}.{form}")
    if form == "parquet":
        with pq.ParquetWriter(target, table.schema, compression="zstd") as writer:
            for part in _parts(table, order):
                writer.write_table(part)
        return
    batches = (batch for part in _parts(table, order) for batch in part.to_batches())
    reader = pa.RecordBatchReader.from_batches(table.schema, batches)
    name = str(target).replace("'", "''")
    with engine() as work:
        work.register("rows_to_write", reader)
        work.execute(
            f"COPY rows_to_write TO '{name}' (FORMAT csv, HEADER, DELIMITER ',',"
            " TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S')"
        )


def _parts(table: pa.Table, order: Ints | None) -> Iterator[pa.Table]:
    """Give the rows in parts, so that a reordered copy of the whole table is never needed."""
    for start in range(0, max(table.num_rows, 1), _ROWS_AT_ONCE):
        if order is None:
            yield table.slice(start, _ROWS_AT_ONCE)
        else:
            yield table.take(pa.array(order[start : start + _ROWS_AT_ONCE]))

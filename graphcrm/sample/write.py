"""Files: one table as CSV or Parquet, and a directory that appears whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from graphcrm.duck import engine
from graphcrm.errors import UsageError
from graphcrm.sample.columns import Ints

Format = Literal["csv", "parquet"]

_ROWS_AT_ONCE = 250_000


@contextmanager
def whole_directory(directory: Path) -> Iterator[Path]:
    """Give a temporary sibling to write into, and rename it to `directory` at the end.

    Nothing is left when the body fails; what a run left that was killed, the next one for the same
    directory removes. Raises UsageError where `directory` has something in it, where another
    process writes it, and where it can't be written.
    """
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} is not empty: a sample needs a new or an empty directory")
    directory = directory.resolve()
    work = directory.with_name(f".{directory.name}.graphcrm-sample")
    note = work.with_name(f"{work.name}.lock")
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(note, timeout=0):
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir()
            try:
                yield work
                if directory.exists():
                    directory.rmdir()
                work.rename(directory)
            finally:
                shutil.rmtree(work, ignore_errors=True)
                note.unlink(missing_ok=True)
    except Timeout:
        raise UsageError(f"{directory}: another process is writing a sample there") from None
    except (OSError, duckdb.IOException, pa.ArrowException) as error:
        raise UsageError(f"{directory}: can't be written ({_sentence(error)})") from error


class TableFile:
    """The file of one table, which may be written in several parts.

    Its name is `path` with the format's ending: comma-separated UTF-8, or Parquet (zstd). The same
    parts always give the same bytes.
    """

    def __init__(self, path: Path, form: Format) -> None:
        """Take the path without the ending; the folder is made where it isn't there."""
        path.parent.mkdir(exist_ok=True)
        self._target = path.with_name(f"{path.name}.{form}")
        self._form = form
        self._parquet: pq.ParquetWriter | None = None

    def write(self, table: pa.Table, order: Ints | None = None) -> None:
        """Write the table's rows behind those that are there; all of one file have one schema.

        `order` gives the rows in the order of the file, all of them in the table's by default.
        """
        if self._form == "parquet":
            if self._parquet is None:
                self._parquet = pq.ParquetWriter(self._target, table.schema, compression="zstd")
            for part in _parts(table, order):
                self._parquet.write_table(part)
        elif self._target.exists():
            further = self._target.with_name(f"{self._target.name}.part")
            _copy(table, order, further, header=False)
            with further.open("rb") as part, self._target.open("ab") as whole:
                shutil.copyfileobj(part, whole, 2**20)
            further.unlink()
        else:
            _copy(table, order, self._target, header=True)

    def close(self) -> None:
        """Finish the file."""
        if self._parquet is not None:
            self._parquet.close()


def _copy(table: pa.Table, order: Ints | None, target: Path, *, header: bool) -> None:
    batches = (batch for part in _parts(table, order) for batch in part.to_batches())
    reader = pa.RecordBatchReader.from_batches(table.schema, batches)
    name = str(target).replace("'", "''")
    with engine() as work:
        work.register("rows_to_write", reader)
        work.execute(
            f"COPY rows_to_write TO '{name}' (FORMAT csv, HEADER {header}, DELIMITER ',',"
            " TIMESTAMPFORMAT '%Y-%m-%dT%H:%M:%S')"
        )


def _parts(table: pa.Table, order: Ints | None) -> Iterator[pa.Table]:
    """Give the rows in parts, so that a reordered copy of the whole table is never needed."""
    rows = table.num_rows if order is None else len(order)
    for start in range(0, max(rows, 1), _ROWS_AT_ONCE):
        if order is None:
            yield table.slice(start, _ROWS_AT_ONCE)
        else:
            yield table.take(pa.array(order[start : start + _ROWS_AT_ONCE]))


def _sentence(error: Exception) -> str:
    """What went wrong, in the words of the operating system where it was that."""
    number = re.search(r'"errno":"(\d+)"', str(error))  # so DuckDB tells it
    if number:
        return os.strerror(int(number[1]))
    return getattr(error, "strerror", None) or str(error).split("\n", 1)[0]

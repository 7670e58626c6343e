"""Opening a snapshot for measuring."""

from pathlib import Path

import duckdb

from graphcrm.duck import engine
from graphcrm.errors import StoreError

_MEMORY = "1500MB"


def opened(snapshot: Path) -> duckdb.DuckDBPyConnection:
    """A connection that reads the snapshot. Raises StoreError where the file is none."""
    try:
        work = engine(snapshot, read_only=True)
    except duckdb.Error as error:
        raise StoreError(f"{snapshot}: can't be read as a snapshot ({error})") from error
    try:
        work.execute("SELECT state FROM snapshot").fetchall()
        work.execute(f"SET memory_limit = '{_MEMORY}'")
    except duckdb.Error as error:
        work.close()
        raise StoreError(f"{snapshot}: is no snapshot of a graph ({error})") from error
    return work

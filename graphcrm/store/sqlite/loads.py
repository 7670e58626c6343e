"""Reading the record of loads."""

import sqlite3
from pathlib import Path
from typing import Any

from graphcrm.store.loads import SHOWN, told
from graphcrm.store.lock import is_writing

_LOADS = f"""
SELECT load, state, started_at, finished_at, as_of, source, complete, by, request, report
FROM load ORDER BY load DESC LIMIT {SHOWN}
"""


def read_loads(connection: sqlite3.Connection, path: Path) -> list[dict[str, Any]]:
    """The last loads, newest first (see `told`). Raises StoreError where a report is damaged."""
    cursor = connection.execute(_LOADS)
    names = [d[0] for d in cursor.description]
    loads = [dict(zip(names, row, strict=True)) for row in cursor]

    def written(load: int) -> list[tuple[str, str]]:
        files = connection.execute("SELECT path, table_name FROM file WHERE load = ?", (load,))
        return files.fetchall()

    return told(str(path), loads, lambda: is_writing(path), written)

"""Reading the record of loads."""

import sqlite3
from pathlib import Path
from typing import Any

from graphcrm.errors import StoreError
from graphcrm.store.contract import LoadReport
from graphcrm.store.lock import is_writing

_LOADS = """
SELECT load, state, started_at, finished_at, as_of, source, complete, by, report
FROM load ORDER BY load DESC LIMIT 20
"""


def read_loads(connection: sqlite3.Connection, path: Path) -> list[dict[str, Any]]:
    """The last loads, newest first, with their reports.

    `state` is done, running, failed or interrupted; `repeated_by` the later load that made one good
    which did not finish, else None. Raises StoreError where a report is damaged.
    """
    cursor = connection.execute(_LOADS)
    names = [d[0] for d in cursor.description]
    loads = [dict(zip(names, row, strict=True)) for row in cursor]
    if any(entry["state"] == "running" for entry in loads) and not is_writing(path):
        for entry in loads:  # whoever loaded is gone without a word
            entry["state"] = entry["state"].replace("running", "interrupted")
    whole: list[tuple[int, set[tuple[str, str]]]] = []
    for entry in loads:
        report = _report(path, entry)
        entry["report"] = report.model_dump(mode="json") if report else None
        entry["repeated_by"] = None
        written = _written(connection, entry["load"])
        if entry["state"] == "done" and not (report and report.failed):
            whole.append((entry["load"], written))
        elif entry["state"] in ("failed", "interrupted"):
            able = [load for load, files in whole if written <= files]
            entry["repeated_by"] = able[-1] if able else None
    return loads


def _report(path: Path, entry: dict[str, Any]) -> LoadReport | None:
    try:
        return LoadReport.model_validate_json(entry["report"]) if entry["report"] else None
    except ValueError as error:
        raise StoreError(
            f"{path}: is damaged: the report of its load {entry['load']} can't be read. "
            "Use a backup, or load the files anew into another graph."
        ) from error


def _written(connection: sqlite3.Connection, load: int) -> set[tuple[str, str]]:
    """The files of a load that stand, by name and table."""
    files = connection.execute("SELECT path, table_name FROM file WHERE load = ?", (load,))
    return {(Path(path).name, table) for path, table in files}

"""The record of loads, as every store tells it."""

from collections.abc import Callable, Sequence
from pathlib import PurePath
from typing import Any

from graphcrm.errors import StoreError
from graphcrm.store.contract import LoadReport

SHOWN = 20
"""So many loads are told, the last ones."""

DEDUPED = ".deduped"
"""What `graphcrm dedupe` puts behind the name of a list for that of its result."""

Files = Sequence[tuple[str, str]]


def is_result(path: PurePath) -> bool:
    """Whether a file of a folder is a result of `dedupe`: named like a table, and none to load."""
    return path.stem.lower().endswith(DEDUPED)


def told(
    title: str,
    loads: list[dict[str, Any]],
    is_writing: Callable[[], bool],
    written: Callable[[int], Files],
) -> list[dict[str, Any]]:
    """Loads as a store keeps them, newest first, with their reports read.

    `written` gives the files (path, table) of a load that stand. `state` becomes interrupted where
    nobody writes any more; `repeated_by` the later load that made one good which did not finish,
    else None. Raises StoreError where a report is damaged.
    """
    if any(entry["state"] == "running" for entry in loads) and not is_writing():
        for entry in loads:  # whoever loaded is gone without a word
            entry["state"] = entry["state"].replace("running", "interrupted")
    whole: list[tuple[int, set[tuple[str, str]]]] = []
    for entry in loads:
        report = _report(title, entry)
        entry["report"] = report.model_dump(mode="json") if report else None
        entry["repeated_by"] = None
        files = {(PurePath(path).name, table) for path, table in written(entry["load"])}
        if entry["state"] == "done" and not (report and report.failed):
            whole.append((entry["load"], files))
        elif entry["state"] in ("failed", "interrupted"):
            able = [load for load, others in whole if files <= others]
            entry["repeated_by"] = able[-1] if able else None
    return loads


def _report(title: str, entry: dict[str, Any]) -> LoadReport | None:
    try:
        return LoadReport.model_validate_json(entry["report"]) if entry["report"] else None
    except ValueError as error:
        raise StoreError(
            f"{title}: is damaged: the report of its load {entry['load']} can't be read. "
            "Use a backup, or load the files anew into another graph."
        ) from error

"""Starting a copy and listening to it."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import closing

from graphcrm import errors
from graphcrm.store.contract import Store
from graphcrm.store.copying.report import CopyEvent, CopyReport
from graphcrm.store.opening import open_store


def _require_whole(title: str, store: Store) -> None:
    """Raise StoreError where something was broken off, which nothing would tell of in a copy."""
    loads, unfinished = store.loads(), store.unfinished()
    if any(load["state"] == "interrupted" and not load["repeated_by"] for load in loads) or (
        unfinished.files and all(load["state"] != "running" for load in loads)
    ):
        raise errors.StoreError(f"{title}: has an unfinished load; complete it first")
    if unfinished.derived:
        raise errors.StoreError(f"{title}: has a half-written analysis; run it again first")
    if unfinished.copy_of is not None:
        raise errors.StoreError(
            f"{title}: holds only a part of a copy of {unfinished.copy_of}; complete it first, "
            "with `graphcrm copy`"
        )


def copy_graph(
    source: str, target: str, listen: Callable[[CopyEvent], None] = lambda event: None
) -> CopyReport:
    """Copy a graph into an empty one, in a process of its own; one that broke off goes on.

    Both are addresses as `connect` takes them. A target that holds the whole graph already is only
    compared. Raises UsageError where they are the same; StoreError where the source is unfinished
    itself, and where the target holds another graph, or differs from the source in the end.
    """
    with closing(open_store(source, must_exist=True)) as present:
        _require_whole(source, present)
        with closing(open_store(target)) as other:
            if present.place == other.place:
                raise errors.UsageError(f"{target}: a graph can't be copied into itself")
    with subprocess.Popen(
        [sys.executable, "-m", "graphcrm.store.copying.worker", source, target],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        last = CopyEvent()
        try:
            for line in process.stdout:
                last = CopyEvent.model_validate_json(line)
                listen(last)
            complaint = process.stderr.read()
        except BaseException:  # an interrupted copy must not go on by itself
            process.kill()
            raise
    if last.report:
        return last.report
    kind: type[errors.GraphCRMError] = getattr(errors, last.error_type, errors.StoreError)
    raise kind(
        last.error
        or f"the process that copies ended with code {process.returncode} before it was through; "
        f"copy again to complete it. {complaint[-500:]}".strip()
    )

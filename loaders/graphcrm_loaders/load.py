"""Starting a load and listening to it."""

import subprocess
import sys
import tempfile
from collections.abc import Callable
from typing import IO, Any

from graphcrm import errors
from graphcrm.store import LoadReport
from graphcrm_loaders.request import LoadEvent, LoadRequest

Listen = Callable[[LoadEvent], None]


def load(request: LoadRequest, listen: Listen = lambda event: None) -> LoadReport:
    """Run a load in a process of its own and return its report.

    `listen` is called with every event as it happens. Raises the errors of `graphcrm_loaders.run`,
    StoreError where the process died.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        # a file takes what a pipe that nobody reads yet would not
        return _listen(request, listen, complaints)


def _listen(request: LoadRequest, listen: Listen, complaints: IO[str]) -> LoadReport:
    process = subprocess.Popen(
        [sys.executable, "-m", "graphcrm_loaders.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        text=True,
        encoding="utf-8",
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        process.stdin.write(request.model_dump_json())
        process.stdin.close()
        last: LoadEvent | None = None
        for line in process.stdout:
            last = LoadEvent.model_validate_json(line)
            listen(last)
    except BaseException:
        process.kill()
        raise
    finally:
        process.wait()
    if last is not None and last.kind == "report":
        assert last.report is not None
        return last.report
    if last is not None and last.kind == "error":
        kind: type[errors.GraphCRMError] = getattr(errors, last.error_type, errors.StoreError)
        raise kind(last.text)
    complaints.seek(0)
    complaint = complaints.read()
    raise errors.StoreError(
        f"the process that loads ended with code {process.returncode} before it was through; "
        f"what it had committed stands, load again to complete it. {complaint[-500:]}".strip()
    )


def load_from(request: dict[str, Any], listen: Listen) -> LoadReport:
    """The entry point by which `Graph.load` finds this package."""
    return load(LoadRequest.model_validate(request), listen)

"""The process that loads: request on standard input, events on standard output, a line each.

Bulk access to a graph file needs a process of its own (see `graphcrm.store.sqlite.bulk`).
"""

import sys
import traceback

from graphcrm.errors import GraphCRMError, StoreError
from graphcrm_loaders.request import LoadEvent, LoadRequest
from graphcrm_loaders.run import run


def main() -> int:
    """Run the load that standard input describes; returns the exit code."""
    request = LoadRequest.model_validate_json(sys.stdin.read())
    try:
        report = run(request, _tell)
    except GraphCRMError as error:
        _tell(LoadEvent(kind="error", error_type=type(error).__name__, text=str(error)))
        return 1
    except Exception as error:  # the parent must hear of whatever ended the load
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        _tell(LoadEvent(kind="error", error_type=StoreError.__name__, text=text))
        return 1
    _tell(LoadEvent(kind="report", report=report))
    return 0


def _tell(event: LoadEvent) -> None:
    sys.stdout.write(event.model_dump_json() + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

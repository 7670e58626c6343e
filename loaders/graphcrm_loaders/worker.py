"""The process that loads: request on standard input, events on standard output, a line each.

Bulk access to a graph file needs a process of its own (see `graphcrm.store.sqlite.bulk`).
"""

import os
import sys
import traceback

from graphcrm.errors import GraphCRMError, StoreError
from graphcrm_loaders.request import LoadEvent, LoadRequest
from graphcrm_loaders.run import run


def main() -> int:
    """Run the load that standard input describes; returns the exit code."""
    request = LoadRequest.model_validate_json(sys.stdin.read())
    # what libraries print must not get among the events
    events = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())

    def tell(event: LoadEvent) -> None:
        events.write(event.model_dump_json() + "\n")
        events.flush()

    try:
        report = run(request, tell)
    except GraphCRMError as error:
        tell(LoadEvent(kind="error", error_type=type(error).__name__, text=str(error)))
        return 1
    except Exception as error:  # the parent must hear of whatever ended the load
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        tell(LoadEvent(kind="error", error_type=StoreError.__name__, text=text))
        return 1
    tell(LoadEvent(kind="report", report=report))
    return 0


if __name__ == "__main__":
    sys.exit(main())

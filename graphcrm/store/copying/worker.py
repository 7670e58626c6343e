"""The process that copies: from and to in the arguments, events out."""

import sys
import tempfile
import traceback
from contextlib import ExitStack
from pathlib import Path

from graphcrm.duck import engine
from graphcrm.errors import GraphCRMError, StoreError
from graphcrm.store.copying.report import CopyEvent
from graphcrm.store.copying.run import run
from graphcrm.store.opening import full_address, graph_title, open_keeper

_MEMORY = "1200MB"


def main(source: str, target: str) -> int:
    """Copy; returns the exit code."""

    def tell(event: CopyEvent) -> None:
        print(event.model_dump_json(), flush=True)

    def step(text: str, done: int, total: int) -> None:
        tell(CopyEvent(text=text, done=done, total=total))

    try:
        with ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="graphcrm-"))
            work = stack.enter_context(engine(Path(folder) / "copy.duckdb"))
            work.execute(f"SET memory_limit = '{_MEMORY}'")
            old, new = (
                open_keeper(url, stack.enter_context(work.cursor()), lambda text: step(text, 0, 0))
                for url in (source, target)
            )
            report = run(old, new, full_address(source), graph_title(target), step)
    except GraphCRMError as error:
        tell(CopyEvent(error_type=type(error).__name__, error=str(error)))
        return 1
    except Exception as error:  # the parent must hear of whatever ended the copy
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".split("\n", 1)[0]
        tell(CopyEvent(error_type=StoreError.__name__, error=text))
        return 1
    tell(CopyEvent(report=report))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

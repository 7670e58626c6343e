"""The process that writes what was derived: address and folder in the arguments, events out."""

import sys
import tempfile
import traceback
from contextlib import ExitStack
from pathlib import Path

import duckdb

from graphcrm.duck import engine
from graphcrm.errors import GraphCRMError, StoreError
from graphcrm.store.contract import DeriveReport, Say
from graphcrm.store.deriving.request import Derivation, DeriveEvent
from graphcrm.store.deriving.run import run
from graphcrm.store.opening import graph_title, open_keeper

_MEMORY = "1200MB"


def write(url: str, folder: Path, say: Say) -> DeriveReport:
    """Write what the folder holds into the graph at an address. UsageError, StoreError."""
    with ExitStack() as stack:
        scratch = stack.enter_context(tempfile.TemporaryDirectory(prefix="graphcrm-"))
        work = stack.enter_context(engine(Path(scratch) / "derive.duckdb"))
        work.execute(f"SET memory_limit = '{_MEMORY}'")
        keeper = open_keeper(url, work, say)
        expected: tuple[type[Exception], ...] = (duckdb.Error, OSError, *keeper.errors)
        try:
            return run(keeper, Derivation.read(folder))
        except expected as error:
            reason = str(error).partition("\n")[0]
            raise StoreError(
                f"{graph_title(url)}: what was derived could not be written ({reason}); derive it "
                "again to complete it"
            ) from error


def main(url: str, folder: str) -> int:
    """Write, and tell of it; returns the exit code."""

    def tell(event: DeriveEvent) -> None:
        print(event.model_dump_json(), flush=True)

    try:
        report = write(url, Path(folder), lambda text: tell(DeriveEvent(text=text)))
    except GraphCRMError as error:
        tell(DeriveEvent(error_type=type(error).__name__, error=str(error)))
        return 1
    except Exception as error:  # the parent must hear of whatever ended it
        traceback.print_exc()
        text = f"{type(error).__name__}: {error}".partition("\n")[0]
        tell(DeriveEvent(error_type=StoreError.__name__, error=text))
        return 1
    tell(DeriveEvent(report=report))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

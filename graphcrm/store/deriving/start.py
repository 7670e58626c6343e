"""Starting the process that writes what was derived, and listening to it."""

import subprocess
import sys
import tempfile
from pathlib import Path

from graphcrm import errors
from graphcrm.store.contract import DeriveReport, Say
from graphcrm.store.deriving.request import Derivation, DeriveEvent

_WORKER = "graphcrm.store.deriving.worker"


def derive(url: str, derivation: Derivation, say: Say) -> DeriveReport:
    """Write what was derived into the graph at an address, as `Store.derive` describes it.

    It runs in a process of its own, for which the tables are laid into files meanwhile.
    """
    with tempfile.TemporaryDirectory(prefix="graphcrm-") as folder:
        derivation.write(Path(folder))
        command = [sys.executable, "-m", _WORKER, url, folder]
        with subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            last = DeriveEvent()
            try:
                for line in process.stdout:
                    last = DeriveEvent.model_validate_json(line)
                    if last.text:
                        say(last.text)
                complaint = process.stderr.read()
            except BaseException:  # what was interrupted must not go on by itself
                process.kill()
                raise
    if last.report:
        return last.report
    kind: type[errors.GraphCRMError] = getattr(errors, last.error_type, errors.StoreError)
    raise kind(
        last.error
        or f"the process that writes what was derived ended with code {process.returncode} before "
        f"it was through; derive it again to complete it. {complaint[-500:]}".strip()
    )

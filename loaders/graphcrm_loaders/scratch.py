"""A folder for temporary files that does not outlive its process for long."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

_PREFIX = "graphcrm-load-"
_LOCK = "in-use"


@contextmanager
def scratch_folder() -> Iterator[Path]:
    """A new folder, gone at the end; what killed loads left behind goes at the beginning.

    A lock in each folder tells whether its process lives: a process id could not, where several
    machines or containers share the folder of temporary files.
    """
    root = Path(tempfile.gettempdir())
    for old in root.glob(f"{_PREFIX}*"):
        _remove_if_left(old)
    while True:
        folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=root))
        lock = FileLock(folder / _LOCK)
        try:
            lock.acquire()
            break
        except FileNotFoundError:  # another load began just now, and took it for left behind
            continue
    try:
        yield folder
    finally:
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)


def _remove_if_left(folder: Path) -> None:
    lock = folder / _LOCK
    try:
        if not lock.exists():  # made a moment ago, or by somebody else
            return
        with FileLock(lock, timeout=0):
            shutil.rmtree(folder, ignore_errors=True)
    except (Timeout, OSError):
        return

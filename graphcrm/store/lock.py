"""One writer at a time, and a word about who it is to those who wait."""

import getpass
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from graphcrm.errors import StoreError

_PATIENCE = 24 * 3600.0


def current_user() -> str:
    """The operating system's name for the user, or `unknown` where it has none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


@contextmanager
def writing(
    path: Path, what: str, waiting: Callable[[str], None], patience: float = _PATIENCE
) -> Iterator[None]:
    """Hold the write lock of a graph file; the lock goes with the process.

    `waiting` is called once with who writes, if somebody does. Raises StoreError when the other
    one still writes after `patience` seconds.
    """
    note = Path(f"{path}.writer")
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting(_who(note))
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise StoreError(f"{path}: {_who(note)} is still writing") from None
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        entry = {"what": what, "user": current_user(), "process": os.getpid(), "since": since}
        note.write_text(json.dumps(entry), encoding="utf-8")
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def is_writing(path: Path) -> bool:
    """Whether some process holds the write lock of a graph file."""
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def _who(note: Path) -> str:
    try:
        entry = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "another process"
    return "{what} by {user} (process {process}, since {since})".format(**entry)

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


def may_write(path: Path) -> bool:
    """Whether a graph file and its folder, where its log and lock lie, can be written."""
    there = path if path.exists() else path.parent
    return os.access(there, os.W_OK) and os.access(path.parent, os.W_OK)


def require_plain(path: Path) -> None:
    """Raise StoreError for a path with a question mark, behind which DuckDB takes it for options.

    It would put the log of a snapshot into another folder.
    """
    if "?" in str(path.absolute()):
        raise StoreError(f"{path}: the path of a graph must have no question mark")


@contextmanager
def writing(
    path: Path, what: str, waiting: Callable[[str], object], patience: float = _PATIENCE
) -> Iterator[None]:
    """Hold the write lock of a graph file; the lock goes with the process.

    `waiting` is called once with who writes, if somebody does. Raises StoreError when the other
    one still writes after `patience` seconds, and where the graph can only be read.
    """
    path = path.absolute()
    if not may_write(path):
        raise StoreError(
            f"{path}: can only be read here: the file or its folder is protected against writing"
        )
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
    except OSError as error:
        raise StoreError(f"{path}: can't be written ({error.strerror or error})") from error
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
    if not may_write(path.absolute()):  # the lock is not ours to try; a note tells of others
        return Path(f"{path}.writer").exists()
    lock = FileLock(f"{path}.lock")
    try:
        lock.acquire(timeout=0)
    except (Timeout, OSError):
        return True
    lock.release()
    return False


def _who(note: Path) -> str:
    try:
        entry = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "another process"
    return "{what} by {user} (process {process}, since {since})".format(**entry)

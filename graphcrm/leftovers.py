"""What is left behind where a process is killed while it writes a file."""

import glob
import time
from contextlib import suppress
from pathlib import Path

_LONG_AGO = 3600.0
"""Seconds: writing takes a few of them."""


def remove_leftovers(path: Path, ending: str) -> None:
    """Remove what was begun beside a file, long ago, as `<name>.<process><ending>`.

    Use it before beginning the next, for files that nobody takes longer than an hour to write.
    """
    for file in path.parent.glob(f"{glob.escape(path.name)}.*{ending}"):
        with suppress(OSError):
            if time.time() - file.stat().st_mtime > _LONG_AGO:
                file.unlink()

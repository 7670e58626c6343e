"""What takes long to make is made once, even where pytest-xdist runs tests in several processes.

All of it lies in the folder that the processes of one test run have in common. A lock there tells
who is at work, and goes with its process, however that ends.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

T = TypeVar("T")

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
"""The name of this process among those that run the tests."""


def common_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of this test run that all its processes see."""
    base = tmp_path_factory.getbasetemp()
    return base if WORKER == "main" else base.parent


def made_once(
    tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]
) -> Path:
    """A folder that `make` has filled; for reading only, since others read it too.

    Whoever needs it first makes it, the others wait. If `make` fails, the next one tries again.
    """
    made = common_folder(tmp_path_factory) / f"made-{name}"
    with FileLock(made.with_suffix(".lock")):
        if not (made / "folder").exists():
            part = made / f"part-{WORKER}"
            part.mkdir(parents=True, exist_ok=True)
            make(part)
            part.rename(made / "folder")
    return made / "folder"


@contextmanager
def shared_once(
    tmp_path_factory: pytest.TempPathFactory,
    name: str,
    start: Callable[[], AbstractContextManager[T]],
) -> Iterator[T]:
    """What `start` gives, such as the address of a server; for a session's fixture.

    Whoever needs it first enters `start`, which gives something that JSON can hold; the others are
    given the same. At the end, who started it waits for the others before leaving `start`; a
    process that comes later than that starts it anew.
    """
    folder = common_folder(tmp_path_factory) / f"shared-{name}"
    folder.mkdir(exist_ok=True)
    told, turn = folder / "told.json", FileLock(folder / "turn")
    turn.acquire()
    try:
        if told.exists():
            with FileLock(folder / f"user-{WORKER}"):
                answer: T = json.loads(told.read_text("utf-8"))
                turn.release()
                yield answer
            return
        with start() as answer:
            told.write_text(json.dumps(answer), "utf-8")
            turn.release()
            yield answer
            with turn:
                told.unlink()
            for user in folder.glob("user-*"):
                with FileLock(user):  # free once its process has ended, or needs it no more
                    pass
    finally:
        turn.release()

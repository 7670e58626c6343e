"""How many exports run at once: each holds a reading of the graph, and what is not yet sent."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from graphcrm_api.http.conventions.problems import Problem

_AGAIN_SECONDS = "5"


class Places:
    """The places in which exports run, of each identity and in all."""

    def __init__(self, each: int, all_: int) -> None:
        """So many of one identity, and so many together."""
        self._each, self._all = each, all_
        self._taken: Counter[str] = Counter()
        self._guard = threading.Lock()

    @property
    def taken(self) -> int:
        """How many are taken."""
        with self._guard:
            return self._taken.total()

    @contextmanager
    def place(self, name: str, resource: str) -> Iterator[None]:
        """A place for an export of `resource`. Problem where all are taken."""
        with self._guard:
            if self._taken[name] >= self._each:
                raise _full(
                    f"{self._each} of your exports are running; wait for one to end", resource
                )
            if self._taken.total() >= self._all:
                raise _full(f"{self._all} exports are running here; try again", resource)
            self._taken[name] += 1
        try:
            yield
        finally:
            with self._guard:
                self._taken[name] -= 1
                if not self._taken[name]:
                    del self._taken[name]


def _full(detail: str, resource: str) -> Problem:
    return Problem(
        "too-many-exports", detail, headers={"Retry-After": _AGAIN_SECONDS}, refused=resource
    )

"""What takes long to work out, kept while it holds: made once for all who wait for it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_BYTES = 256 << 20
"""So much is kept at most, beside the result that was made last."""

_LEAST = 1 << 10
"""What a result is reckoned with that does not say how large it is."""


@dataclass
class _Kept:
    mark: str
    made: Future[Any]
    size: int = 0


class Memory:
    """The last results, each with the mark of the graph of which it was made."""

    def __init__(self, most: int = _BYTES) -> None:
        """Keep at most so many bytes."""
        self._most = most
        self._kept: OrderedDict[Hashable, _Kept] = OrderedDict()
        self._guard = threading.Lock()

    def get(self, key: Hashable, mark: str, make: Callable[[], T]) -> T:
        """The result that has the key, if it is of this mark; else it is made.

        Whoever asks meanwhile waits for the same. What raises is kept by nobody.
        """
        with self._guard:
            kept = self._kept.get(key)
            known = kept is not None and kept.mark == mark
            if kept is None or not known:
                kept = self._kept[key] = _Kept(mark, Future())
            self._kept.move_to_end(key)
        if known:
            found: T = kept.made.result()
            return found
        try:
            found = make()
        except BaseException as error:
            with self._guard:
                if self._kept.get(key) is kept:
                    del self._kept[key]
            kept.made.set_exception(error)
            raise
        kept.made.set_result(found)
        self._weigh(kept, found)
        return found

    def _weigh(self, kept: _Kept, found: object) -> None:
        """Drop what was not asked for the longest time, where all is too much."""
        with self._guard:
            kept.size = max(getattr(found, "nbytes", 0), _LEAST)
            total = sum(one.size for one in self._kept.values())
            while total > self._most and len(self._kept) > 1:
                total -= self._kept.popitem(last=False)[1].size

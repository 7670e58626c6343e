"""How often somebody may ask: token buckets, in the memory of the process."""

import threading
import time
from collections import OrderedDict

from graphcrm_api.http.conventions.problems import Problem

_REMEMBERED = 100_000
"""Identities; those longest unseen are forgotten first, and begin anew."""


class _Buckets:
    """For each identity a bucket that holds `size` requests and fills with `per_second`."""

    def __init__(self, per_second: float, size: float) -> None:
        self._rate, self._size = per_second, size
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._guard = threading.Lock()

    def take(self, name: str) -> float:
        """Take one; the seconds to wait where there is none, and 0 else."""
        with self._guard:
            now = time.monotonic()
            level, seen = self._levels.get(name, (self._size, now))
            level = min(self._size, level + (now - seen) * self._rate)
            self._levels[name] = (level - 1 if level >= 1 else level, now)
            self._levels.move_to_end(name)
            if len(self._levels) > _REMEMBERED:
                self._levels.popitem(last=False)
        return 0.0 if level >= 1 else (1 - level) / self._rate


class Rates:
    """The limits of a service: requests, look-ups of masked values, searches by masked names, and
    failed identifications."""

    def __init__(self, per_second: float, lookups: float, searches: float, failures: float) -> None:
        """Requests per second and identity (twice as many at once), searches per hour; the others
        per minute."""
        self._requests = _Buckets(per_second, 2 * per_second)
        self._lookups = _Buckets(lookups / 60, lookups)
        self._searches = _Buckets(searches / 3600, searches)
        self._failures = _Buckets(failures / 60, failures)

    def spend(self, name: str) -> None:
        """Count a request. Problem where it is one too many."""
        _refuse(self._requests.take(name), "too many requests")

    def spend_lookup(self, name: str) -> None:
        """Count a look-up of a masked value. Problem where it is one too many."""
        _refuse(self._lookups.take(name), "too many look-ups of masked values")

    def spend_search(self, name: str, resource: str) -> None:
        """Count a search by name of who sees names masked. Problem where it is one too many.

        Each tells whether there is somebody of a name: with all of them a name is guessed whole.
        """
        said = "too many searches while names are masked; state a purpose, or wait"
        _refuse(self._searches.take(name), said, resource)

    def spend_failure(self, address: str) -> None:
        """Count a failed identification from a network address. Problem where it is one too many.

        Who is identified is let in all the same: nobody guesses 256 bits, and others may come from
        the same address. It keeps a flood of failures out of the audit log.
        """
        _refuse(self._failures.take(address), "too many failed identifications")


def _refuse(wait: float, detail: str, resource: str | None = None) -> None:
    if wait > 0:
        seconds = max(1, round(wait + 0.5))
        headers = {"Retry-After": str(seconds)}
        raise Problem("too-many-requests", detail, headers=headers, refused=resource)

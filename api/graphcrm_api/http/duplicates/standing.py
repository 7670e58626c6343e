"""The search of a service: opened once, renewed beside its work when persons have changed."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from graphcrm.duplicates.customers import FINDING, Search
from graphcrm.errors import GraphCRMError
from graphcrm.store import Store, open_store
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.conventions.requests import LOG

_PATIENCE = 4.0
"""Seconds for which a request waits for the first search to be opened."""

_RETRY = {"Retry-After": "5"}

Mark = tuple[str, str | None]


@dataclass(frozen=True)
class _Opened:
    search: Search
    mark: Mark


class Standing:
    """A search that answers while its successor is made.

    Recorded contacts leave it as it is; loads and findings have it renewed, at most half of the
    time.
    """

    def __init__(self, address: str) -> None:
        """Of the graph at an address; nothing is read yet."""
        self._address = address
        self._guard = threading.Condition()
        self._opened: _Opened | None = None
        self._error: GraphCRMError | None = None
        self._at_work = False
        self._not_before = 0.0

    def search(self, store: Store) -> Search:
        """The search, for who has a store to themselves (see `at`)."""
        return self.at(mark_of(store))

    def at(self, mark: Mark) -> Search:
        """The search, as the graph is by this mark or was a short time ago.

        Problem where nobody has looked for duplicates yet, and where it is being opened for longer
        than one waits.
        """
        if mark[1] is None:
            raise not_found()
        until = time.monotonic() + _PATIENCE
        with self._guard:
            if self._opened is None or self._opened.mark != mark:
                self._begin()
            while self._opened is None and self._at_work and time.monotonic() < until:
                self._guard.wait(until - time.monotonic())
            if self._opened is not None:
                return self._opened.search
            if self._error is not None and not self._at_work:
                raise self._error
        raise being_renewed()

    def _begin(self) -> None:
        if not self._at_work and time.monotonic() >= self._not_before:
            self._at_work = True
            threading.Thread(target=self._renew, name="search", daemon=True).start()

    def _renew(self) -> None:
        began = time.monotonic()
        opened, failed = None, None
        try:
            with closing(open_store(self._address, must_exist=True)) as store:
                mark = mark_of(store)
                opened = _Opened(Search(store), mark)
        except GraphCRMError as error:
            failed = error
        except Exception as error:
            LOG.exception("the search could not be opened")
            failed = GraphCRMError(f"the search could not be opened ({type(error).__name__})")
        finally:
            now = time.monotonic()
            with self._guard:
                self._opened = opened or self._opened
                self._error, self._at_work = failed, False
                self._not_before = 2 * now - began
                self._guard.notify_all()


def mark_of(store: Store) -> Mark:
    """What differs where persons have changed, or customers were found anew."""
    return store.marks().loaded, store.kept(FINDING)


def not_found() -> Problem:
    """Nobody has looked for duplicates yet."""
    return Problem(
        "conflict", "customers have not been found in this graph yet; run: graphcrm duplicates find"
    )


def being_renewed() -> Problem:
    """The search is not ready, or doesn't know yet of what is asked."""
    return Problem("busy", "the search is being opened; ask again in a moment", headers=_RETRY)


_STANDING: WeakKeyDictionary[Backend, Standing] = WeakKeyDictionary()
_GUARD = threading.Lock()


def standing_of(backend: Backend) -> Standing:
    """The search of a service."""
    with _GUARD:
        return _STANDING.setdefault(backend, Standing(backend.address))


def search_of(backend: Backend) -> Search:
    """The search of a service (see `Standing.at`); no store is held while it is waited for."""
    with backend.store() as store:
        mark = mark_of(store)
    return standing_of(backend).at(mark)

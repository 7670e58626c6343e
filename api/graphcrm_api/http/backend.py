"""What the service works on: the graph's stores, the ledger and the service's own state."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphcrm.errors import UnknownNodeError
from graphcrm.ledger import Database, audit, idempotency, keys, state_url, times
from graphcrm.ledger.recording import Ledger
from graphcrm.ledger.showing import ledger_of
from graphcrm.settings import Settings
from graphcrm.store import Store, graph_title, is_server, open_store
from graphcrm.store.lock import current_user
from graphcrm_api.http.conventions.places import Places
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.conventions.rates import Rates
from graphcrm_api.http.conventions.remembering import Memory
from graphcrm_api.http.identity.subject import Subject
from graphcrm_api.http.identity.tokens import Tokens

_KEY_BEGINS = "gcrm_"
_OF_KEY = "key:"

_STORES = 8
"""So many requests read the graph at once; more would only wait for Python's own lock."""

_ON_DISK_AT_ONCE = frozenset({"change", "export", "export ended", "view whole"})

_BRANCHES_SECONDS = 30.0
"""How long a branch's place in the company is taken as known."""


class Backend:
    """One graph with its ledger and state, shared by all threads of a service."""

    def __init__(self, address: str, settings: Settings) -> None:
        """Open a graph that is there. NoGraphError, StoreError, UsageError."""
        self.address, self.settings = address, settings
        self.title = graph_title(address)
        self.state = Database(state_url(address))
        self.limits = Rates(
            settings.rate_limit,
            settings.lookup_limit,
            settings.search_limit,
            settings.failure_limit,
        )
        self.exports = Places(settings.exports_each, settings.exports_at_once)
        self.memory = Memory()
        self.tokens = Tokens.of(settings)
        self._identities = self.tokens is not None
        self._stores: queue.LifoQueue[Store] = queue.LifoQueue()
        first = open_store(address, must_exist=True)
        self._shared = is_server(address)
        self._all = [first]
        for _ in range(_STORES - 1):
            self._all.append(first if self._shared else open_store(address, must_exist=True))
        for store in self._all:
            self._stores.put(store)
        self._recording = first if self._shared else open_store(address, must_exist=True)
        self.ledger = Ledger(self._recording, ledger_of(self._recording))
        self._branches: dict[frozenset[str], tuple[float, tuple[str, ...]]] = {}
        self._guard = threading.Lock()

    def close(self) -> None:
        """Release the graph and the databases."""
        self.ledger.database.close()
        for store in dict.fromkeys((*self._all, self._recording)):
            store.close()
        self.state.close()

    @contextmanager
    def store(self, patience: float = 10.0) -> Iterator[Store]:
        """A store of the graph for the time of a request.

        Problem where all are in use for so many seconds. Who has one must not wait for another, nor
        for anything else that takes long.
        """
        try:
            store = self._stores.get(timeout=patience)
        except queue.Empty:
            busy = "the service is busy; try again"
            raise Problem("busy", busy, headers={"Retry-After": "1"}) from None
        try:
            yield store
        finally:
            self._stores.put(store)

    @property
    def asks_for_identity(self) -> bool:
        """Whether anybody must say who they are: an issuer is set, or a key was ever made."""
        if not self._identities:
            with self.state.reading() as connection:
                self._identities = bool(keys.list_keys(connection))
        return self._identities

    def forget_old(self) -> None:
        """Forget the idempotency keys of requests that nobody sends again any more."""
        for database in dict.fromkeys((self.state, self.ledger.database)):
            with database.writing(durable=False) as connection:
                idempotency.forget(connection)

    def identify(self, token: str | None, address: str) -> Subject:
        """Who a token belongs to. Raises Problem for nobody."""
        if token is None:
            if self.asks_for_identity:
                self.limits.spend_failure(address)
                raise Problem(
                    "unauthenticated",
                    "send an API key or a token: Authorization: Bearer …",
                    headers={"WWW-Authenticate": "Bearer"},
                )
            return Subject.at_the_machine(current_user())
        found = self._by_key(token) if token.startswith(_KEY_BEGINS) else self._by_token(token)
        if found is None:
            self.limits.spend_failure(address)
            raise Problem(
                "unauthenticated",
                "the key or token is not valid",
                headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            )
        return found

    def _by_key(self, text: str) -> Subject | None:
        with self.state.reading() as connection:
            key = keys.find(connection, text)
        if key is None:
            return None
        if not keys.noted(key):
            with self.state.writing(durable=False) as connection:
                keys.used(connection, key.prefix)
        return _subject_of(key)

    def stands(self, subject: Subject) -> bool:
        """Whether somebody who was identified may still do what they could then.

        Of a key this is known at any time; a token's holder is who they were until it ends.
        """
        name = subject.name
        if not name.startswith(_OF_KEY):
            return True
        with self.state.reading() as connection:
            key = keys.get(connection, name.removeprefix(_OF_KEY))
        return key is not None and key.opens(times.now().date()) and _subject_of(key) == subject

    def _by_token(self, token: str) -> Subject | None:
        return self.tokens.subject(token) if self.tokens else None

    def branches_of(self, subject: Subject) -> tuple[str, ...] | None:
        """The branches that a subject is limited to, with those below them; sorted."""
        if subject.branches is None:
            return None
        now = time.monotonic()
        known = self._branches.get(subject.branches)
        if known is None or known[0] < now:
            found: set[str] = set()
            with self.store() as store:
                for branch in subject.branches:
                    try:
                        found |= store.branches_below([branch])
                    except UnknownNodeError:
                        continue  # a branch that the graph does not know opens nothing
            known = (now + _BRANCHES_SECONDS, tuple(sorted(found)))
            with self._guard:
                self._branches[subject.branches] = known
        return known[1]

    def note(self, *, action: str, **entry: Any) -> None:
        """Keep an entry in the audit log (see `graphcrm.ledger.audit.append`).

        Of changes and exports it is on the disk before the answer goes out. Of the many reads a
        power cut may cost the last entries (never the chain): waiting for the disk each time would
        take longer than the read.
        """
        with self.state.writing(durable=action in _ON_DISK_AT_ONCE) as connection:
            audit.append(connection, action=action, **entry)


def _subject_of(key: keys.Key) -> Subject:
    """Whose requests a key's are."""
    name = f"{_OF_KEY}{key.prefix}"
    branches = None if key.branches is None else frozenset(key.branches)
    return Subject.of_roles(name, name, frozenset(key.roles), branches)

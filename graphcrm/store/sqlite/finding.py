"""The full-text index of a graph file, as a search asks it."""

import json
import sqlite3
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import ClassVar, NamedTuple
from weakref import WeakValueDictionary

from graphcrm.model import VOCABULARY
from graphcrm.store.finding import Index
from graphcrm.store.forms import quoted
from graphcrm.store.paging import Node
from graphcrm.store.search import CANDIDATES, SEARCHED, Candidate
from graphcrm.store.sought import Sought, query_of
from graphcrm.store.sqlite.reach import reached
from graphcrm.store.sqlite.visibility import Sight
from graphcrm.store.staging import ID_SEPARATOR, escaped_id

_MATCHING = "SELECT rowid, tokens FROM search WHERE search MATCH ? LIMIT ?"
_ALL_MATCHING = "SELECT rowid FROM search WHERE search MATCH ?"
_TEXTS = "SELECT rowid, tokens FROM search WHERE rowid IN (SELECT value FROM json_each(?))"
_SAME_NAME = "SELECT key FROM person WHERE name_key = ? AND deleted_on IS NULL LIMIT ?"
"""Persons of just this name: there may be more that contain it than the index is asked for."""

_REACHED = 50_000
"""Branches that see much more of a label than this are asked node by node."""

_ONE_BY_ONE = 20
"""Of so many nodes it is asked for each whether it may be seen, rather than for all there are."""

_ENOUGH = 100
"""Where each node is asked for, so many are enough to be ranked."""

_KEPT_SECONDS = 60.0
_KEPT_REACHES = 32

Find = Callable[[str], list[Node]]


class Reaches:
    """What branches see of a label, which takes long to gather: kept while a graph is unchanged.

    Where it is being changed, what is kept may be a minute old. All stores of a process that have
    opened a graph file share it, in whatever thread.
    """

    _of_files: ClassVar[WeakValueDictionary[Path, "Reaches"]] = WeakValueDictionary()
    _guard: ClassVar[threading.Lock] = threading.Lock()

    @classmethod
    def of_file(cls, path: Path) -> "Reaches":
        """Those of a graph file."""
        with cls._guard:
            return cls._of_files.setdefault(path.resolve(), cls())

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self._kept: OrderedDict[tuple[str, ...], _Kept] = OrderedDict()
        self._gathering: WeakValueDictionary[tuple[str, ...], threading.Lock] = (
            WeakValueDictionary()
        )
        self._changing = threading.Lock()

    def has(self, branches: Sequence[str], label: str, state: str) -> bool:
        """Whether something is kept, and serves for the present state."""
        kept = self._kept.get((label, *branches))
        return kept is not None and kept.serves(state)

    def of(self, sight: Sight, branches: Sequence[str], label: str, state: str) -> set[int] | None:
        """The keys of the nodes of a label that some branches see; None where they are too many.

        It is gathered once, whoever asks meanwhile waits for it; of other branches, beside it.
        """
        name = (label, *branches)
        with self._changing:
            gathering = self._gathering.setdefault(name, threading.Lock())
        with gathering:
            kept = self._kept.get(name)
            if kept is None or not kept.serves(state):
                found = reached(sight, label, _REACHED)
                kept = _Kept(state, time.monotonic() + _KEPT_SECONDS, found)
            with self._changing:
                self._kept[name] = kept
                self._kept.move_to_end(name)
                if len(self._kept) > _KEPT_REACHES:
                    self._kept.popitem(last=False)
            return kept.keys


class _Kept(NamedTuple):
    """A reach, of which state of the graph it is, and until when it may serve another."""

    state: str
    until: float
    keys: set[int] | None

    def serves(self, state: str) -> bool:
        """Whether it may be used for a state of the graph."""
        return self.state == state or self.until >= time.monotonic()


class SqliteIndex(Index):
    """The index of a graph file; `find` tells the nodes that have an id."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        find: Find,
        reaches: Reaches,
        branches: Sequence[str] | None,
    ) -> None:
        """As those branches see it; None is the whole company."""
        self._db, self._find, self._reaches = connection, find, reaches
        self._branches = branches or ()
        self.limited = branches is not None

    def query(self, sought: Sought) -> str | None:
        """FTS5's query for what is sought."""
        return query_of(sought, _term)

    def matching(self, query: str, sought: Sought) -> list[Candidate]:
        """Open nodes that match; of many those that may be seen."""
        if not self.limited:
            return self._named(dict(self._db.execute(_MATCHING, (query, CANDIDATES))))
        by_label: dict[str, list[int]] = {}
        for (key,) in self._db.execute(_ALL_MATCHING, (query,)):
            by_label.setdefault(VOCABULARY.label_of(key), []).append(key)
        keys = [key for label, some in by_label.items() for key in self._likely(label, some)]
        return self._with_keys(keys)

    def _likely(self, label: str, keys: list[int]) -> Iterable[int]:
        """Those of some nodes that may be seen, or all where they are few."""
        if len(keys) <= _ONE_BY_ONE:
            return keys
        if len(keys) <= CANDIDATES and not self._reaches.has(self._branches, label, self._state):
            return keys
        reach = self._reaches.of(self._sight, self._branches, label, self._state)
        if reach is not None:
            return [key for key in keys if key in reach][:CANDIDATES]
        seen: list[int] = []
        for at in range(0, len(keys), _ONE_BY_ONE):
            if len(seen) >= _ENOUGH:
                break
            seen += self._sight.keys(keys[at : at + _ONE_BY_ONE])
        return seen

    def of_same_name(self, name: str) -> list[Candidate]:
        """Open persons of just this name; of many those that may be seen."""
        most = -1 if self.limited else CANDIDATES
        keys = [key for (key,) in self._db.execute(_SAME_NAME, (name, most))]
        return self._with_keys(self._likely("Person", keys) if self.limited else keys)

    def _with_keys(self, keys: Iterable[int]) -> list[Candidate]:
        return self._named(dict(self._db.execute(_TEXTS, (json.dumps(list(keys)),))))

    def with_id(self, ids: Sequence[str]) -> list[Candidate]:
        """The nodes that have the first of some ids that there is."""
        for id_ in ids:
            found = self._find(id_) or self._find_in_sources(id_)
            if found:
                return [Candidate(label, own, self._title(label, own), "") for label, own in found]
        return []

    def visible(self, nodes: Sequence[Node]) -> set[Node]:
        """Which of some nodes may be seen."""
        return self._sight.nodes(nodes)

    @cached_property
    def _sight(self) -> Sight:
        return Sight(self._db, self._branches)

    @cached_property
    def _state(self) -> str:
        ((state,),) = self._db.execute("SELECT value FROM meta WHERE name = 'state'")
        return str(state)

    def _find_in_sources(self, id: str) -> list[Node]:
        """The nodes that have this id in a source of theirs."""
        sources = self._db.execute("SELECT name FROM source ORDER BY name").fetchall()
        own = escaped_id(id)
        return [
            node
            for (name,) in sources
            for node in self._find(f"{escaped_id(name)}{ID_SEPARATOR}{own}")
        ]

    def _named(self, tokens: dict[int, str]) -> list[Candidate]:
        by_label: dict[str, list[int]] = {}
        for key in tokens:
            by_label.setdefault(VOCABULARY.label_of(key), []).append(key)
        return [
            candidate
            for label, keys in by_label.items()
            for candidate in self._of_label(label, keys, tokens)
        ]

    def _of_label(self, label: str, keys: list[int], tokens: dict[int, str]) -> Iterable[Candidate]:
        columns = ", ".join(map(quoted, SEARCHED[label][1:]))
        rows = self._db.execute(
            f"SELECT key, id, {columns} FROM {quoted(VOCABULARY.nodes[label].table)} "
            "WHERE key IN (SELECT value FROM json_each(?)) AND deleted_on IS NULL",
            (json.dumps(keys),),
        )
        for key, id_, name, *recorded in rows:
            yield Candidate(label, id_, name or "", tokens[key], tuple(recorded))

    def _title(self, label: str, id: str) -> str:
        if "name" not in {p.name for p in VOCABULARY.nodes[label].properties}:
            return ""
        table = quoted(VOCABULARY.nodes[label].table)
        row = self._db.execute(f"SELECT name FROM {table} WHERE id = ?", (id,)).fetchone()
        return row[0] or "" if row else ""


def _term(token: str, whole: bool) -> str:
    escaped = token.replace('"', '""')
    return f'"{escaped}"' if whole else f'"{escaped}"*'

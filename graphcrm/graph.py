"""The graph as a library offers it: `graphcrm.connect(url)`."""

import datetime as dt
import warnings
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from importlib.metadata import entry_points
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from graphcrm.customer import Customer, customer_of
from graphcrm.errors import UnfinishedWarning, UnknownNodeError, UsageError
from graphcrm.model import VOCABULARY
from graphcrm.settings import settings
from graphcrm.store import LoadPlan, LoadReport, Say, Status, Store, open_store
from graphcrm.store.lock import current_user
from graphcrm.store.remote.address import is_service
from graphcrm.store.staging import ID_SEPARATOR, escaped_id

if TYPE_CHECKING:
    import networkx as nx

    from graphcrm.duplicates.customers import Duplicates
    from graphcrm.orphans import Orphans
    from graphcrm.referrals import Referrals

Node = tuple[str, str]
"""A node's identity: its label and its id."""


def connect(url: str | Path | None = None) -> "Graph":
    """Open a graph: a path, `sqlite:///path`, a server's `bolt://…` or a service's `https://…`.

    By default it is the one that the settings name, which also have passwords and keys.

    A graph that isn't there is made. Raises StoreError where the file is something else. The first
    answer comes with an UnfinishedWarning where a load or a copy was broken off.
    """
    return graph_in(open_store(str(url) if url is not None else settings().graph))


def graph_in(store: Store, *, warn: bool = True) -> "Graph":
    """The graph in a store that is open: a Client where it is behind a service."""
    if is_service(store.url):
        from graphcrm.client import Client
        from graphcrm.store.remote.store import RemoteStore

        assert isinstance(store, RemoteStore)
        return Client(store, warn=warn)
    return Graph(store, warn=warn)


class Graph:
    """An insurer's customers, agents, policies and claims as one graph."""

    def __init__(self, store: Store, *, warn: bool = True) -> None:
        """Use `connect` instead. Who says it in words of their own has no need to `warn`."""
        self._store, self._warn = store, warn

    @property
    def store(self) -> Store:
        """What answers; UnfinishedWarning, once, where answers may lack a part."""
        if self._warn:
            self._warn = False
            unfinished = self._store.unfinished()
            if unfinished:
                warnings.warn(f"{self.url}: {unfinished}", UnfinishedWarning, stacklevel=3)
        return self._store

    def __enter__(self) -> Self:
        """Use as a context: closed at its end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self._store.close()

    @property
    def url(self) -> str:
        """The graph's address."""
        return self._store.url

    def load(
        self,
        sources: str | Path | Iterable[str | Path],
        *,
        mapping: str | Path | None = None,
        source: str | None = None,
        full: bool = False,
        incremental: bool = False,
        dry_run: bool = False,
        confirmed: bool = False,
        as_of: dt.date | None = None,
        listen: Callable[[Any], None] = lambda event: None,
    ) -> LoadReport:
        """Load interchange folders, files or databases; each table entirely or not at all.

        A database is given by its URL, such as `postgresql://reader@host/core`, its password by the
        settings; `incremental` reads of it only what has changed since it was read last. `source`
        names the system they come from, `full` says that they are the whole of it (what is missing
        is closed), `dry_run` checks without writing, `confirmed` lets a load rename many known ids,
        `as_of` (default today) is the day on which closed things end. `listen` hears of the
        progress. Raises SourceError, UsageError, ConfirmationNeeded, StoreError.
        """
        listed = [sources] if isinstance(sources, str | Path) else list(sources)
        loaders = list(entry_points(group="graphcrm.loaders", name="files"))
        if not loaders:
            raise UsageError("no loader is installed; install graphcrm as a whole")
        plan = LoadPlan(
            source=source,
            complete=full,
            confirmed=confirmed,
            as_of=as_of or dt.date.today(),
            by=current_user(),
        )
        request = {
            "graph": self.url,
            "sources": [Path(s) for s in listed if "://" not in str(s)],
            "databases": [str(s) for s in listed if "://" in str(s)],
            "incremental": incremental,
            "mapping": Path(mapping) if mapping else None,
            "plan": plan,
            "dry_run": dry_run,
        }
        report: LoadReport = loaders[0].load()(request, listen)
        return report

    def query(self, name: str, **parameters: Any) -> pa.Table:
        """The answer of a named question as an Arrow table; dates are ISO text.

        Raises UnknownQuestionError for the name, UsageError for the parameters.
        """
        return self.store.query(name, **parameters)

    def locate(self, id: str, label: str | None = None) -> Node:
        """The node that an id means; with several labels, the first in the vocabulary's order.

        Raises UnknownNodeError.
        """
        found = [node for node in self.store.find(id) if label in (None, node[0])]
        if not found:
            what = label or "node"
            meant = ", ".join(self.ids_in_sources(id, label))
            if meant:
                raise UnknownNodeError(
                    f"there is no {what} with the id {id!r}; did you mean {meant}?"
                )
            raise UnknownNodeError(f"there is no {what} with the id {id!r}")
        return found[0]

    def ids_in_sources(self, id: str, label: str | None = None) -> list[str]:
        """The ids of the nodes that a source knows by this id: `core:17` for `17`.

        Use it to say what was meant where `locate` finds nothing.
        """
        return [
            hit["id"]
            for hit in self.store.search(id)
            if hit["id"].partition(ID_SEPARATOR)[2] == escaped_id(id)
            and label in (None, hit["label"])
        ]

    def node(self, id: str, label: str | None = None) -> dict[str, Any]:
        """A node with its properties. Raises UnknownNodeError."""
        located = self.locate(id, label)
        values = self.store.node(*located)
        assert values is not None
        return values

    def neighbourhood(
        self,
        ids: str | Node | Sequence[str | Node],
        hops: int = 2,
        limit: int = 500,
        leave_out: Sequence[str] = ("Premium",),
    ) -> "nx.MultiDiGraph[Any]":
        """The surroundings of nodes, nearest first, at most `limit` nodes.

        Nodes of the result are (label, id) with `label`, `id`, `hop` and their properties; edges
        carry `type` and their properties; `graph["complete"]` is False where more was there than
        shown. Premiums are left out unless `leave_out` says otherwise. Raises UnknownNodeError.
        """
        nodes = [
            self.locate(i) if isinstance(i, str) else self.locate(i[1], i[0]) for i in _listed(ids)
        ]
        return self.store.neighbourhood(nodes, hops, limit, leave_out)

    def paths(
        self, start: str | Node, end: str | Node, hops: int = 6, limit: int = 10
    ) -> "nx.MultiDiGraph[Any]":
        """The shortest ways between two nodes, at most `limit`: all their nodes and edges.

        Nodes and edges are those of `neighbourhood`, without `hop`; `graph["paths"]` lists the
        ways, each as its nodes, and `graph["complete"]` is False where there are more, or not
        everything could be looked at. Raises UnknownNodeError, UsageError.
        """
        one, other = (
            self.locate(i) if isinstance(i, str) else self.locate(i[1], i[0]) for i in (start, end)
        )
        return self.store.paths(one, other, hops=hops, limit=limit)

    def customer(self, id: str, label: str | None = None, *, whole: bool = False) -> Customer:
        """One customer with everything that hangs on them. Raises UnknownNodeError.

        Here they are always shown `whole`; behind a service that is to be asked for.
        """
        return customer_of(self.store, *self.locate(id, label))

    def search(self, text: str, limit: int = 20) -> list[dict[str, Any]]:
        """The nodes that fit a name (also pinyin or initials), a number or an id, best first."""
        return self.store.search(text, limit)

    @cached_property
    def orphans(self) -> "Orphans":
        """Policies that nobody serves: `find`, `customers`, `summary`."""
        from graphcrm.orphans import Orphans

        return Orphans(self.store)

    @cached_property
    def referrals(self) -> "Referrals":
        """Who brought whom: `chains`, `loops`, `tree`."""
        from graphcrm.referrals import Referrals

        return Referrals(self.store, self.locate)

    @cached_property
    def duplicates(self) -> "Duplicates":
        """Which records are one customer: `find`, `explain`, and `search` before create."""
        from graphcrm.duplicates.customers import Duplicates

        return Duplicates(self.store)

    def history(self, id: str, label: str | None = None) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first. Raises UnknownNodeError."""
        return self.store.history(*self.locate(id, label))

    def status(self) -> Status:
        """What is in the graph."""
        return self.store.status()

    def quarantine(self) -> pa.Table:
        """The rows that were refused and the edges that wait, with file, line, column, reason."""
        return self.store.quarantine()

    def snapshot(self, say: Say = lambda text: None) -> Path:
        """A DuckDB file with the whole graph as tables, reused while the graph is unchanged."""
        return self.store.snapshot(say)

    def backup(self, target: str | Path, say: Say = lambda text: None) -> None:
        """Copy the graph while it is in use, and the service's state beside it where there is one.

        Raises StoreError if the target exists.
        """
        from graphcrm.ledger import back_up_state

        self._store.backup(Path(target), say)
        back_up_state(self.url, Path(target))


def _listed(ids: str | Node | Sequence[str | Node]) -> list[str | Node]:
    """One id, one (label, id) or several of them as a list: a label is what tells a pair."""
    if isinstance(ids, str):
        return [ids]
    if isinstance(ids, tuple) and len(ids) == 2 and ids[0] in VOCABULARY.nodes:
        return [(str(ids[0]), str(ids[1]))]
    return list(ids)

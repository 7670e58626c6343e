"""The store of a graph that a service keeps: what is read of it is asked over HTTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

import networkx as nx
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ValidationError

from graphcrm.errors import StoreError, UnknownNodeError, UnknownQuestionError
from graphcrm.model import VOCABULARY
from graphcrm.settings import service_key, settings
from graphcrm.store.contract import DeriveReport, Say, Status, Store, Unfinished
from graphcrm.store.marks import Marks
from graphcrm.store.paging import BATCH_ROWS, Node, columns_of
from graphcrm.store.paths import MEANT_NOTHING
from graphcrm.store.projection import PATIENCE, Shown
from graphcrm.store.quarantined import QUARANTINE
from graphcrm.store.questions import question
from graphcrm.store.remote.address import ServiceAddress
from graphcrm.store.remote.connection import Service
from graphcrm.store.remote.forms import (
    described,
    filters_of,
    graph_of,
    in_path,
    known_label,
    load_in_short,
    load_of,
    node_of,
    types_over,
    ways_of,
)
from graphcrm.store.remote.lists import batches, rows

_EXPORT = "export:read"
_PREMIUMS = ("Premium",)
_ORPHANS, _REFERRALS = "orphan_policies", "referrals"
_PREMIUMS_OF = "referral_premiums"


class Me(BaseModel):
    """Who asks, as the service knows them."""

    name: str
    scopes: frozenset[str]
    branches: frozenset[str] | None
    unmasked: bool
    unfinished: bool


class RemoteStore(Store):
    """A graph behind a service, as far as the caller may see it.

    What lies outside of their branches is left out, and personal data are masked, unless their role
    may see them and a purpose is stated. Nothing is written but by `loading` and recorded contacts.
    """

    def __init__(
        self,
        url: str,
        key: str | None = None,
        purpose: str | None = None,
        pause: Callable[[float], None] | None = None,
    ) -> None:
        """Asks nothing yet; key and purpose are by default those of the settings. UsageError."""
        found = settings()
        address = ServiceAddress.parse(url, plain=found.service_http)
        more = {} if pause is None else {"pause": pause}
        key = service_key() if key is None else key
        purpose = found.purpose if purpose is None else purpose
        self.service = Service(address, found, key, purpose, **more)
        self.url = address.url

    @property
    def place(self) -> str:
        """The service's address."""
        return self.url

    @cached_property
    def me(self) -> Me:
        """Who asks; asked once. StoreError for nobody, and where there is no such service."""
        told = self.service.get("/v1/me")
        try:
            return Me.model_validate(told)
        except ValidationError:
            raise StoreError(f"{self.url}: what answers there is no GraphCRM service") from None

    def query(self, name: str, **parameters: Any) -> pa.Table:
        """The answer of a named question that is public; UnknownQuestionError, UsageError.

        Who is limited to branches gets the referrals of which both ends are theirs, and StoreError
        for premiums by customer: these are the whole company's.
        """
        asked = question(name)
        limited = name in (_REFERRALS, _PREMIUMS_OF) and self.me.branches is not None
        if limited and name == _PREMIUMS_OF:
            raise StoreError(
                f"{self.url}: premiums of referred customers concern the whole company, and your "
                "key is of some branches"
            )
        given = {n: v for n, v in asked.bind(parameters).items() if v is not None}
        path = f"/v1/questions/{name}"
        if name == _ORPHANS:  # more roles may ask for these than for all questions
            path = "/v1/orphans"
            given["agent"] = given.pop("agent_id", None)
            given["unauthorised"] = bool(given["unauthorised"])
        absent = UnknownNodeError if asked.public else UnknownQuestionError
        if _EXPORT in self.me.scopes:
            whole = batches(self.service, path, given, absent)
            found = pa.Table.from_batches(whole, asked.schema)
        else:
            listed = list(rows(self.service, path, given, absent))
            found = pa.Table.from_pylist(listed, schema=asked.schema)
        if limited:  # an analysis can follow nobody of whom the service says no more
            found = found.filter(pc.is_valid(found["referrer_id"]))
            found = found.filter(pc.is_valid(found["referred_id"]))
        return found

    def node(self, label: str, id: str) -> dict[str, Any] | None:
        """One node with its properties, or None."""
        try:
            return described(self.service.get(f"/v1/nodes/{in_path(label)}/{in_path(id)}"))
        except UnknownNodeError:
            return None

    def find(self, id: str) -> list[Node]:
        """The (label, id) of all nodes that have this id, in the order of the vocabulary."""
        if not id:
            return []
        try:
            found = self.service.get("/v1/nodes", {"id": id})
        except UnknownNodeError:
            return []
        return [node_of(item) for item in found["items"]]

    def neighbourhood(
        self,
        nodes: Sequence[Node],
        hops: int,
        limit: int,
        leave_out: Sequence[str] = _PREMIUMS,
        types: Sequence[str] | None = None,
        branches: Sequence[str] | None = None,
    ) -> nx.MultiDiGraph[Any]:
        """The surroundings of one node, 1 to 3 hops; StoreError for those of several at once."""
        self._require_whole(branches)
        if len(nodes) != 1:
            raise StoreError(
                f"{self.url}: a service shows the surroundings of one node at a time; ask for each"
            )
        wanted = types_over(self.url, leave_out, types)
        ((label, id_),) = nodes
        asked = {"label": label, "id": id_, "hops": hops, "limit": limit, "types": wanted}
        return graph_of(self.service.get("/v1/neighbourhood", asked))

    def branches_below(self, ids: Sequence[str]) -> set[str]:
        """StoreError: a service limits by who asks."""
        self._refuse_branches()

    def visible(self, nodes: Sequence[Node], branches: Sequence[str] | None) -> set[Node]:
        """All of the nodes: a service has left out what the caller may not see."""
        self._require_whole(branches)
        return set(nodes)

    def page(
        self,
        label: str,
        *,
        where: Mapping[str, Any] | None = None,
        sort: str | None = None,
        descending: bool = False,
        after: tuple[Any, str] | None = None,
        limit: int = 50,
        branches: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Open nodes of a label, at most 500, from the beginning of the list."""
        self._require_whole(branches)
        if after is not None:
            raise StoreError(
                f"{self.url}: a service goes from page to page in its own way; read the list with "
                "scan"
            )
        order = ("-" if descending else "") + (sort or "id")
        asked = {"filter": filters_of(where), "sort": order, "limit": limit}
        found = self.service.get(f"/v1/nodes/{known_label(label)}", asked)
        return [described(item) for item in found["items"]]

    def scan(
        self,
        label: str,
        *,
        columns: Sequence[str] | None = None,
        where: Mapping[str, Any] | None = None,
        branches: Sequence[str] | None = None,
        batch_rows: int = BATCH_ROWS,
    ) -> Iterator[pa.RecordBatch]:
        """All open nodes of a label in the order of their ids (scope `export:read`)."""
        self._require_whole(branches)
        names = list(columns_of(label, columns))
        fields = ",".join(name for name in names if name != "id") if columns else None
        asked = {"filter": filters_of(where), "fields": fields or None}
        found = batches(self.service, f"/v1/nodes/{label}", asked)
        return (batch.select(names) for batch in found)

    def degrees(
        self, label: str, id: str, branches: Sequence[str] | None = None
    ) -> list[dict[str, Any]]:
        """How many open neighbours a node has of each kind."""
        self._require_whole(branches)
        told = self.service.get("/v1/degrees", {"label": label, "id": id})
        found: list[dict[str, Any]] = told["items"]
        return found

    def paths(
        self,
        start: Node,
        end: Node,
        *,
        hops: int = 6,
        limit: int = 10,
        leave_out: Sequence[str] = MEANT_NOTHING,
        branches: Sequence[str] | None = None,
        most: int = 20_000,
    ) -> nx.MultiDiGraph[Any]:
        """The shortest ways between two nodes; the service says what is left out, and how many
        nodes it looks at."""
        self._require_whole(branches)
        asked = {"from_label": start[0], "from_id": start[1], "to_label": end[0], "to_id": end[1]}
        return ways_of(self.service.get("/v1/paths", {**asked, "hops": hops, "limit": limit}))

    def history(self, label: str, id: str) -> list[dict[str, Any]]:
        """Earlier values of a node, newest first, each with the load that replaced it."""
        try:
            told = self.service.get("/v1/history", {"label": label, "id": id})["items"]
        except UnknownNodeError:
            return []
        names = [p.name for p in VOCABULARY.nodes[label].properties]
        empty = dict.fromkeys(("replaced_by_load", *names))
        return [
            {**empty, **{n: v for n, v in state.items() if n not in ("label", "id")}}
            for state in told
        ]

    def search(
        self,
        text: str,
        limit: int = 20,
        *,
        whole_numbers: bool = False,
        branches: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """The nodes that best fit a text, at most 100.

        Numbers count only whole for callers to whom they are masked.
        """
        self._require_whole(branches)
        if not text.strip():
            return []
        told = self.service.get("/v1/search", {"q": text, "limit": limit})
        return [
            {name: hit[name] for name in ("label", "id", "name", "score")} for hit in told["items"]
        ]

    def status(self) -> Status:
        """What is in the graph; StoreError for who is limited to branches."""
        told = self.service.get("/v1/status")
        if told["nodes"] is None:
            raise StoreError(
                f"{self.url}: how much there is concerns the whole company, and your key is of "
                "some branches"
            )
        if "loads:read" in self.me.scopes:
            loads = self.loads()
        else:
            loads = [load_in_short(line) for line in told["loads"]]
        counts = {name: told[name] for name in ("nodes", "edges", "refused", "pending", "change")}
        return Status(url=self.url, loads=loads, **counts)

    def loads(self) -> list[dict[str, Any]]:
        """The last loads, newest first, with what became of their files."""
        told = self.service.get("/v1/loads")["items"]
        return [load_of(entry) for entry in told]

    def marks(self) -> Marks:
        """What tells whether the graph has changed."""
        told = self.service.get("/v1/status")
        return Marks(str(told["change"]), str(told["loaded_at"]))

    def unfinished(self) -> Unfinished:
        """Whether answers may lack a part, as it was when this was asked first."""
        return Unfinished(behind=self.url if self.me.unfinished else None)

    def quarantine(self) -> pa.Table:
        """The rows and edges that were refused or wait; values masked as personal data are."""
        listed = list(rows(self.service, "/v1/loads/quarantine", {}))
        return pa.Table.from_pylist(listed, schema=QUARANTINE)

    def derive(
        self,
        nodes: Mapping[str, pa.Table],
        edges: Mapping[str, pa.Table],
        kept: Mapping[str, str | None] | None = None,
        *,
        only: pa.Table | None = None,
        say: Say = lambda text: None,
    ) -> DeriveReport:
        """StoreError: analyses are done where the graph is."""
        self._refuse_analysis()

    def kept(self, name: str) -> str | None:
        """StoreError: it is for analyses."""
        self._refuse_analysis()

    def project(
        self,
        decisions: Sequence[Shown],
        within: sqlite3.Connection | None = None,
        patience: float = PATIENCE,
    ) -> int:
        """StoreError: the service shows its decisions itself."""
        self._refuse_decisions()

    def projected(self, within: sqlite3.Connection | None = None) -> int:
        """StoreError, as `project`."""
        self._refuse_decisions()

    def snapshot(self, say: Say = lambda text: None) -> Path:
        """StoreError: a service gives no snapshot."""
        raise StoreError(
            f"{self.url}: a service gives no snapshot of a graph; run this on its machine with the "
            "graph's own address"
        )

    def backup(self, target: Path, say: Say = lambda text: None) -> None:
        """StoreError: a service gives no backup."""
        raise StoreError(
            f"{self.url}: a service gives no backup; take it on its machine with the graph's own "
            "address"
        )

    def close(self) -> None:
        """Release the connections."""
        self.service.close()

    def _require_whole(self, branches: Sequence[str] | None) -> None:
        if branches is not None:
            self._refuse_branches()

    def _refuse_branches(self) -> NoReturn:
        raise StoreError(
            f"{self.url}: a service limits to branches by who asks; use a key of these branches"
        )

    def _refuse_analysis(self) -> NoReturn:
        raise StoreError(
            f"{self.url}: analyses are done where the graph is; run this on the service's machine "
            "with the graph's own address"
        )

    def _refuse_decisions(self) -> NoReturn:
        raise StoreError(f"{self.url}: a service shows its decisions in the graph itself")

"""The graph behind a service, with the library's own verbs: `graphcrm.Client(url, key)`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphcrm.customer import Customer
from graphcrm.errors import StoreError, UnknownNodeError
from graphcrm.graph import Graph
from graphcrm.store import LoadReport, Say

if TYPE_CHECKING:
    import pyarrow as pa

    from graphcrm.duplicates.customers import Candidate, Explained, Finding
    from graphcrm.store.remote.store import RemoteStore

_MOST_CANDIDATES = 50
_NO_SAY: Say = lambda text: None  # noqa: E731


class CustomerSeen(Customer):
    """A customer as a service shows them.

    `outside` names the lists of which a part lies outside of the caller's branches.
    """

    outside: list[str]


class Client(Graph):
    """A graph that a service keeps, as far as a key's role and branches go.

    Use it where the graph itself is out of reach. Personal data come unmasked to roles that may see
    them, with a purpose, which the service keeps in its audit log. What can't be done over a
    service raises StoreError that says where it can. Several threads may use one.
    """

    _store: RemoteStore

    def __init__(
        self,
        service: str | RemoteStore,
        key: str | None = None,
        *,
        purpose: str | None = None,
        warn: bool = True,
    ) -> None:
        """By a service's address; key and purpose are by default those of the settings.

        Nothing is asked yet. Raises UsageError for an address that is none, that holds a password,
        or that is not encrypted.
        """
        from graphcrm.store.remote.store import RemoteStore

        opened = RemoteStore(service, key, purpose) if isinstance(service, str) else service
        super().__init__(opened, warn=warn)

    @property
    def scopes(self) -> frozenset[str]:
        """What the key opens, as the service says. Raises StoreError."""
        return self._store.me.scopes

    @property
    def unmasked(self) -> bool:
        """Whether personal data come as they are: with the scope `pii` and a purpose."""
        return self._store.me.unmasked

    def customer(self, id: str, label: str | None = None, *, whole: bool = False) -> CustomerSeen:
        """One customer with everything that hangs on them; UnknownNodeError, UsageError.

        `outside` names the sections of which a part lies outside of the caller's branches; with
        `whole` (scope `customer:whole` and a purpose) these are shown too.
        """
        if label is not None:
            with suppress(UnknownNodeError):  # it may be written otherwise in the graph
                return self._customer(label, id, whole=whole)
        return self._customer(*self.locate(id, label), whole=whole)

    def _customer(self, label: str, id: str, *, whole: bool) -> CustomerSeen:
        from graphcrm.store.remote.forms import in_path

        path = f"/v1/customers/{label}/{in_path(id)}"
        return CustomerSeen.model_validate(self._store.service.get(path, {"whole": whole or None}))

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
        """Let the service load files that are sent to it, each in a job of its own.

        `service:PATH` is a file or folder on its machine, `database:NAME` a database that it knows;
        `mapping` is a file on its machine. See `Graph.load` for the rest. Who breaks off with
        Ctrl-C cancels the job. Raises SourceError, UsageError, StoreError.
        """
        from graphcrm.store.remote.loading import Order, load

        listed = [sources] if isinstance(sources, str | Path) else list(sources)
        named = str(mapping).removeprefix("service:") if mapping else None
        order = Order(source, named, full, incremental, dry_run, confirmed, as_of)
        return load(self._store.service, [str(s) for s in listed], order, listen)

    def record_contact(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Record a contact with a customer: columns of the table `contacts` and their values.

        Returns the `contact` as it stands and its `trace`: what was decided, when and by whom. It
        is recorded once, though the connection breaks. Raises UsageError, UnknownNodeError.
        """
        told = {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in values.items()}
        found: dict[str, Any] = self._store.service.post("/v1/contacts", told)
        return found

    def correct_contact(self, id: str, values: Mapping[str, Any], reason: str) -> dict[str, Any]:
        """Correct a contact that was recorded there, as it stands now.

        `values` are those that change, None takes away what was said. Returns and raises as
        `record_contact`; StoreError where somebody else corrects it meanwhile.
        """
        from graphcrm.store.remote.forms import in_path

        path = f"/v1/contacts/{in_path(id)}"
        told = {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in values.items()}
        tag = self._store.service.tag(path)
        body = {**told, "reason": reason}
        found: dict[str, Any] = self._store.service.post(f"{path}/corrections", body, seen=tag)
        return found

    def backup(self, target: str | Path, say: Say = _NO_SAY) -> None:
        """StoreError: backups are taken where the graph is."""
        self._store.backup(Path(target), say)

    @cached_property
    def duplicates(self) -> RemoteDuplicates:  # type: ignore[override]
        """Which records are one customer: `customers`, `explain`, and `search` before create."""
        return RemoteDuplicates(self._store)


@dataclass(frozen=True)
class Branch:
    """A branch to call; `phone` is its own, else the company's."""

    id: str
    name: str | None
    phone: str | None


@dataclass(frozen=True)
class Elsewhere:
    """Somebody in another branch who may be the customer: whom to call about them.

    `band` is how sure it is: sure, probable or possible; `name` is masked.
    """

    band: str
    name: str | None
    branch: Branch | None


class Candidates(list["Candidate"]):
    """Candidates in the caller's branches, and those `elsewhere`."""

    elsewhere: list[Elsewhere]


class RemoteDuplicates:
    """Which records are one customer, as a service tells it."""

    def __init__(self, store: RemoteStore) -> None:
        """Of the graph behind a service."""
        self._store = store

    def find(self, **_: Any) -> Finding:
        """StoreError: customers are found where the graph is."""
        raise StoreError(
            f"{self._store.url}: analyses are done where the graph is; run this on the service's "
            "machine with the graph's own address"
        )

    def customers(self, say: Say = _NO_SAY) -> pa.Table:
        """The records of customers with several of them (see `customers_of`)."""
        import pyarrow as pa

        from graphcrm.store.remote.lists import rows

        listed = [
            {**record, "customer_id": customer["customer_id"], "records": len(customer["records"])}
            for customer in rows(self._store.service, "/v1/duplicates", {"order": "size"})
            for record in customer["records"]
        ]
        return pa.Table.from_pylist(listed, schema=_customers())

    def samenesses(self, say: Say = _NO_SAY) -> pa.Table:
        """StoreError: a service lists customers, and explains a pair that is named."""
        raise StoreError(
            f"{self._store.url}: a service does not list pairs; ask why two records are one "
            "customer, or list pairs on its machine with the graph's own address"
        )

    def explain(self, one: str, other: str, say: Say = _NO_SAY) -> Explained:
        """Why two persons are one customer, or are not; UnknownNodeError, UsageError, StoreError.

        Values are masked as their properties are.
        """
        from graphcrm.duplicates.customers import Explained
        from graphcrm.errors import UsageError

        if one == other:
            raise UsageError(f"{one!r} can't be compared with itself")
        told = self._store.service.get("/v1/duplicates/explain", {"one": one, "other": other})
        sides = {side: told[side]["id"] for side in ("left", "right")}
        return Explained.model_validate({**told, **sides, "steps": told["evidence"]})

    def search(
        self, record: Mapping[str, Any], limit: int | None = 10, say: Say = _NO_SAY
    ) -> Candidates:
        """The records that may be of the same customer as one about to be entered, at most 50.

        See `Search.candidates`. It looks at the whole company: `elsewhere` says of records outside
        of the caller's branches how sure it is, the masked name, and the branch to call.
        """
        from graphcrm.duplicates.customers import Candidate

        told = self._store.service.post(
            "/v1/duplicates/search",
            {n: v.isoformat() if isinstance(v, dt.date) else v for n, v in record.items()},
            {"limit": _MOST_CANDIDATES if limit is None else limit},
        )
        found = Candidates(
            Candidate.model_validate({**one, "steps": one["evidence"]})
            for one in told["candidates"]
        )
        found.elsewhere = [
            Elsewhere(one["band"], one["name"], one["branch"] and Branch(**one["branch"]))
            for one in told["outside"]
        ]
        return found

    def refresh(self) -> None:
        """Nothing: the service itself knows when persons have changed."""


def _customers() -> pa.Schema:
    import pyarrow as pa

    texts = [(name, pa.string()) for name in ("id", "name", "birth_date")]
    return pa.schema(
        [
            ("customer_id", pa.string()),
            ("records", pa.int32()),
            *texts,
            ("probability", pa.float64()),
        ]
    )

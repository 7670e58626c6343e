"""A real service on a real graph, for all tests of the HTTP API."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn

import graphcrm
from graphcrm.duplicates.customers import find_customers
from graphcrm.ledger import keys
from graphcrm.settings import Settings
from graphcrm.store import Store
from graphcrm_api.http.backend import Backend
from graphcrm_api.http.serving import configured
from tests.sharing import made_once


@dataclass
class Service:
    """A service that runs, and whom it may be asked about.

    `branch` and `other` are two branches of which neither is above the other; `inside` is a person
    whom only the first may see, `beyond` one whom only the second may see.
    """

    url: str
    backend: Backend
    branch: str
    other: str
    inside: str
    beyond: str

    def key(self, role: str, branch: str | None = None) -> str:
        """A new key of a role, for a branch or the whole company."""
        with self.backend.state.writing() as connection:
            _, text = keys.create(
                connection,
                name=f"{role} of {branch}",
                roles=[role],
                branches=None if branch is None else [branch],
                expires_on=None,
                by="test",
            )
        return text

    def client(
        self, role: str, branch: str | None = None, purpose: str | None = None
    ) -> httpx.Client:
        """A client with a new key."""
        headers = {"Authorization": f"Bearer {self.key(role, branch)}"}
        if purpose:
            headers["X-Purpose"] = purpose
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def anonymous(self) -> httpx.Client:
        """A client that doesn't say who it is."""
        return httpx.Client(base_url=self.url, timeout=30)


@contextlib.contextmanager
def serving(backend: Backend, send_buffer: int | None = None) -> Iterator[str]:
    """Run the service on a free port of this machine until the block ends.

    `send_buffer`: so many bytes at most are sent that nobody has read.
    """
    listening = socket.create_server(("127.0.0.1", 0))
    if send_buffer is not None:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
    port = listening.getsockname()[1]
    server = uvicorn.Server(configured(backend, "127.0.0.1", port))
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive()
        assert time.monotonic() < until
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(20)
        listening.close()


@pytest.fixture(scope="session")
def make_service(
    sample_graph: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[..., Service]]:
    """Makes a service over a copy of the sample's graph, with settings: `make(rate_limit=5)`.

    `make(of=graph)` copies another graph of the sample's nodes; `send_buffer`: see `serving`.
    """

    def find_people(folder: Path) -> None:
        people = people_of(sample_graph.graph.store)
        (folder / "people.json").write_text(json.dumps(people), encoding="utf-8")

    found = made_once(tmp_path_factory, "people", find_people)
    people = json.loads((found / "people.json").read_text("utf-8"))
    with contextlib.ExitStack() as stack:

        def make(
            of: graphcrm.Graph = sample_graph.graph, send_buffer: int | None = None, **given: Any
        ) -> Service:
            path = tmp_path_factory.mktemp("http") / "insurer.graph"
            of.backup(path)
            limits: dict[str, Any] = dict.fromkeys(
                ("rate_limit", "lookup_limit", "search_limit", "failure_limit"), 10_000.0
            )
            backend = Backend(str(path), Settings(graph=str(path), **(limits | given)))
            stack.callback(backend.close)
            with backend.state.writing() as connection:
                keys.create(
                    connection, name="first", roles=["reader"], branches=None, expires_on=None,
                    by="test",
                )  # fmt: skip
            url = stack.enter_context(serving(backend, send_buffer))
            return Service(url, backend, *people)

        yield make


def people_of(store: Store) -> tuple[str, str, str, str]:
    """Two branches, and a person whom only the one may see and one whom only the other may."""
    agents = [("Agent", row["id"]) for row in store.page("Agent", limit=500)]
    around = store.neighbourhood(agents, 1, 1_000, types=["BELONGS_TO"])
    homes = Counter(branch[1] for _, branch in sorted(around.edges()))
    largest = [branch for branch, _ in homes.most_common()]
    persons = [("Person", row["id"]) for row in store.page("Person", limit=500)]
    one = largest[0]
    below = store.branches_below([one])
    for other in largest[1:]:
        others = store.branches_below([other])
        mine, theirs = (store.visible(persons, sorted(b)) for b in (below, others))
        if not below & others and mine - theirs and theirs - mine:
            return one, other, min(mine - theirs)[1], min(theirs - mine)[1]
    raise AssertionError("the sample has no two branches")


@pytest.fixture(scope="session")
def found_sample(
    sample_graph: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[graphcrm.Graph]:
    """The sample insurer, with its customers found; for reading only."""

    def find(folder: Path) -> None:
        sample_graph.graph.backup(folder / "found.graph")
        with graphcrm.connect(folder / "found.graph") as graph:
            find_customers(graph.store)

    made = made_once(tmp_path_factory, "found-sample", find)
    with graphcrm.connect(made / "found.graph") as graph:
        yield graph


@pytest.fixture(scope="session")
def service(make_service: Callable[..., Service]) -> Service:
    """The service that tests share, which must leave the graph as it is."""
    return make_service()

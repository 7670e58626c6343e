"""The servers, and graphs that are loaded into both stores alike.

A server is one for all processes of a test run, and has one database: what uses it must not run at
the same time. Where NEO4J_URL is set (bolt://user@host:port, the password in
GRAPHCRM_GRAPH_PASSWORD), that server is used instead, and emptied.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.loading import Load, loading_apart
from tests.parity.history import LOADS, write_history
from tests.parity.insurer import Insurer
from tests.parity.stores import Neo4jServer, Pair
from tests.sharing import WORKER, common_folder

PairOf = Callable[[Neo4jServer], Pair]


@pytest.hookimpl(tryfirst=True)  # pytest itself then brings together what has the same server
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What reads the sample comes before what empties the server: so it is loaded once for each."""
    here = Path(__file__).parent
    places = [place for place, item in enumerate(items) if here in item.path.parents]
    own = [items[place] for place in places]
    own.sort(key=lambda item: "sample_pair" not in getattr(item, "fixturenames", ()))
    for place, item in zip(places, own, strict=True):
        item.add_marker(pytest.mark.xdist_group("neo4j"))
        items[place] = item


@contextmanager
def _server(version: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    reason = "packages that a Neo4j server needs are not installed"
    try:
        import neo4j

        from tests.servers.neo4j import PASSWORD, shared

        url = os.environ.get("NEO4J_URL", "")
        password = os.environ.get("GRAPHCRM_GRAPH_PASSWORD", "")
        if not url:
            parent = os.getpid() if WORKER == "main" else os.getppid()
            home = common_folder(tmp_path_factory) / f"neo4j-{version}"
            server = shared(version, home, keep_for=parent)
            url, password = server.url, PASSWORD
    except ImportError as error:
        told = f"{reason}: {error}"
        pytest.fail(told) if os.environ.get("CI") else pytest.skip(told)
    scheme, _, rest = url.partition("://")
    user, _, place = rest.rpartition("@")
    with (
        pytest.MonkeyPatch.context() as patch,
        neo4j.GraphDatabase.driver(
            f"{scheme}://{place}",
            auth=(user or "neo4j", password),
            notifications_min_severity="OFF",
        ) as driver,
    ):
        patch.setenv("GRAPHCRM_GRAPH_PASSWORD", password)
        patch.setenv("GRAPHCRM_CACHE", str(tmp_path_factory.mktemp("cache")))
        components = "CALL dbms.components() YIELD name, versions RETURN name, versions[0]"
        with driver.session() as session:
            found = dict(session.run(components).values())
        yield Neo4jServer(found["Neo4j Kernel"], url, driver)


@pytest.fixture(scope="session")
def lts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A server of the version with long-term support."""
    with _server("5.26.30", tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="session")
def newest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A server of the newest version."""
    with _server("2026.08.1", tmp_path_factory) as server:
        yield server


@pytest.fixture(scope="session", params=["lts", "newest"])
def server(request: pytest.FixtureRequest) -> Neo4jServer:
    """Each of the servers."""
    found: Neo4jServer = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def load_into_both(lts: Neo4jServer) -> Iterator[Load]:
    """A process that loads, and knows the servers' password."""
    with loading_apart() as load:
        yield load


@pytest.fixture
def pair_on(tmp_path: Path, load_into_both: Load) -> Iterator[PairOf]:
    """Make an empty graph in both stores, on a given server."""
    made: list[Pair] = []

    def make(server: Neo4jServer) -> Pair:
        made.append(Pair(tmp_path, server, load_into_both))
        return made[-1]

    yield make
    for pair in made:
        pair.close()


@pytest.fixture
def pair(pair_on: PairOf, lts: Neo4jServer) -> Pair:
    """An empty graph in both stores."""
    return pair_on(lts)


@pytest.fixture(scope="session")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the sample insurer's loads."""
    folder = tmp_path_factory.mktemp("history")
    write_history(folder)
    return folder


@pytest.fixture(scope="session")
def insurer(history: Path) -> Insurer:
    """The sample insurer as the oracle sees it, after all loads."""
    told = Insurer()
    for name, plan in LOADS:
        told.load(history / name, **plan)
    return told


@pytest.fixture(scope="session")
def loaded_sample(
    server: Neo4jServer, history: Path, load_into_both: Load,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Pair]:  # fmt: skip
    """The sample insurer in both stores."""
    pair = Pair(tmp_path_factory.mktemp("sample"), server, load_into_both)
    _load_history(pair, history)
    yield pair
    pair.close()


def _load_history(pair: Pair, history: Path) -> None:
    for name, plan in LOADS:
        assert pair.load_from([history / name], **plan).failed == []


@pytest.fixture
def sample_pair(loaded_sample: Pair, history: Path) -> Pair:
    """The sample insurer in both stores, after all loads; for reading only."""
    if loaded_sample.server.holds != str(loaded_sample.path):  # another test used the server
        loaded_sample.begin_anew()
        _load_history(loaded_sample, history)
    return loaded_sample

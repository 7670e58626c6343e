"""What tests of several parts share."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from xdist.scheduler import LoadScopeScheduling

import graphcrm
from graphcrm.sample import write_sample
from tests.forked import ForkServer
from tests.loading import loading_apart
from tests.servers.postgres import on_server, postgres
from tests.sharing import made_once

__all__ = ["on_server", "postgres"]

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A shared machine may be slow at any moment; what is tested is the result.
hypothesis.settings.register_profile("graphcrm", deadline=None, print_blob=True)
hypothesis.settings.load_profile("graphcrm")

SAMPLE_DAY = date(2026, 6, 30)
"""The day on which the sample insurer's book stands."""


class Distribution(LoadScopeScheduling):  # type: ignore[misc]
    """Each test goes to the process that is free, but these modules stay whole, and come first."""

    WHOLE = (
        "tests/sample/",
        "tests/http/",
        "tests/servers/",
        "tests/duplicates/test_customers.py",
        "tests/duplicates/test_deduping.py",
        "tests/duplicates/test_searching.py",
        "tests/store/test_concurrency.py",
        "tests/store/test_copying.py",
        "tests/store/test_crash.py",
        "tests/store/test_neo4j_faults.py",
        "tests/loaders/database/test_postgresql",
    )
    """They share what is made once a module, or what belongs to all of a server."""

    TOGETHER = ("tests/parity/",)
    """All modules of these folders share a server whose one database they fill and empty."""

    def _split_scope(self, nodeid: str) -> str:
        for folder in self.TOGETHER:
            if nodeid.startswith(folder):
                return folder
        return nodeid.partition("::")[0] if nodeid.startswith(self.WHOLE) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    return Distribution(config, log)


@pytest.fixture(scope="session", autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Loads clear the folder of temporary files of what was left there: not that of other tests."""
    tmp_path_factory.getbasetemp()  # which is to be where it always is
    with (
        tempfile.TemporaryDirectory(prefix="graphcrm-tests-", ignore_cleanup_errors=True) as folder,
        pytest.MonkeyPatch.context() as patch,
    ):
        Path(folder).chmod(0o755)  # a server may run as another user
        patch.setenv("TMPDIR", folder)
        patch.setattr(tempfile, "tempdir", None)
        yield


@pytest.fixture(scope="session", autouse=True)
def forked_loads(own_temporary_folder: None) -> Iterator[None]:
    """Loads and snapshots run in processes that need not import everything anew."""
    if not hasattr(os, "fork"):
        yield
        return
    with ForkServer() as server, pytest.MonkeyPatch.context() as patch:
        for name in ("graphcrm_loaders.load", "graphcrm.store.sqlite.store"):
            patch.setattr(importlib.import_module(name), "subprocess", server)
        yield


@dataclass(frozen=True)
class SampleGraph:
    """A sample insurer of 2,000 customers: its files, their truth, and the graph of them."""

    folder: Path
    truth: Path
    graph: graphcrm.Graph


@pytest.fixture(scope="session")
def sample_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleGraph]:
    """The sample insurer, loaded once; for reading only."""

    def make(folder: Path) -> None:
        write_sample(folder / "book", customers=2_000, seed=20_260_630, as_of=SAMPLE_DAY)
        with graphcrm.connect(folder / "sample.graph") as graph:
            report = graph.load(folder / "book", as_of=SAMPLE_DAY)
            assert report.failed == []
            graph.snapshot()

    made = made_once(tmp_path_factory, "sample", make)
    with graphcrm.connect(made / "sample.graph") as graph:
        yield SampleGraph(made / "book", made / "book" / "truth", graph)


GraphOf = Callable[..., graphcrm.Graph]


@pytest.fixture
def graph_of(tmp_path: Path) -> Iterator[GraphOf]:
    """Load CSV texts, table name -> text, into a graph of the test's own.

    `graph_of(tables)` makes a new graph; `graph_of(tables, into=graph)` loads into one that is
    there. Further arguments go to Graph.load. Indentation is taken away.
    """
    made: list[graphcrm.Graph] = []
    loads = iter(range(1_000))

    def load(
        tables: dict[str, str], into: graphcrm.Graph | None = None, **options: Any
    ) -> graphcrm.Graph:
        folder = tmp_path / f"load{next(loads)}"
        folder.mkdir()
        for table, text in tables.items():
            lines = [line.strip() for line in text.strip().splitlines()]
            (folder / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        graph = into or graphcrm.connect(tmp_path / f"{folder.name}.graph")
        if into is None:
            made.append(graph)
        report = graph.load(folder, **options)
        assert report.failed == []
        assert report.refused == 0
        return graph

    yield load
    for graph in made:
        graph.store.close()


@pytest.fixture(scope="session")
def load_apart(own_temporary_folder: None) -> Iterator[Callable[..., graphcrm.LoadReport]]:
    """Load in another process that goes on to the next load: `load(graph, *sources, **plan)`."""
    with loading_apart() as load:
        yield load


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The machine's Chromium, cut off from the network. Where CI is set, it has to be there."""
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        reason = "Chromium is not installed"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=found,
            args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP * ~NOTFOUND"],
        )
        yield chromium
        chromium.close()

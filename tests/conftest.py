"""What tests of several parts share."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

import graphcrm
from graphcrm.sample import write_sample

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A shared machine may be slow at any moment; what is tested is the result.
hypothesis.settings.register_profile("graphcrm", deadline=None, print_blob=True)
hypothesis.settings.load_profile("graphcrm")

SAMPLE_DAY = date(2026, 6, 30)
"""The day on which the sample insurer's book stands."""


@dataclass(frozen=True)
class SampleGraph:
    """A sample insurer of 2,000 customers: its files, their truth, and the graph of them."""

    folder: Path
    truth: Path
    graph: graphcrm.Graph


@pytest.fixture(scope="session")
def sample_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SampleGraph]:
    """The sample insurer, loaded once; for reading only."""
    folder = tmp_path_factory.mktemp("sample") / "book"
    write_sample(folder, customers=2_000, seed=20_260_630, as_of=SAMPLE_DAY)
    with graphcrm.connect(folder.parent / "sample.graph") as graph:
        report = graph.load(folder, as_of=SAMPLE_DAY)
        assert report.failed == []
        yield SampleGraph(folder, folder / "truth", graph)


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
def load_apart() -> Iterator[Callable[..., graphcrm.LoadReport]]:
    """Load in another process that goes on to the next load: `load(graph, *sources, **plan)`."""
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("load_server.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def load(graph: Path, *sources: Path, **plan: Any) -> graphcrm.LoadReport:
            graphcrm.connect(graph).store.close()
            asked = {
                "graph": graph, "sources": sources, "mapping": plan.pop("mapping", None),
                "dry_run": plan.pop("dry_run", False), "plan": plan,
            }  # fmt: skip
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(json.dumps(asked, default=str) + "\n")
            process.stdin.flush()
            answer = json.loads(process.stdout.readline())
            if "error" in answer:
                raise getattr(graphcrm, answer["error"])(answer["text"])
            return graphcrm.LoadReport.model_validate(answer)

        yield load
        process.stdin.close()


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

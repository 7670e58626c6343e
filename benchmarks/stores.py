"""Both stores beside one another, and beside the least that could be done on Neo4j.

    python benchmarks/stores.py [--customers 100000] [--folder DIR] [--heap-mb 3000]

A sample insurer is loaded into a graph file, and into a Neo4j server of its own (see
`tests/servers/neo4j.py`) by `graphcrm load`; before that `bare_neo4j.py` writes the same nodes and
edges to the same server, in batches of the same size, without a check. Then the same single
answers are asked of both stores inside a running process.
"""

import argparse
import json
import os
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import graphcrm
from graphcrm.sample import write_sample
from measuring import Measured, remove_graph, run
from tests.servers.neo4j import LTS, Server, running

_CLI = ("-m", "graphcrm_api.cli")
_AS_OF = "2026-06-30"
_ANSWERS = 1000

Ask = Callable[[graphcrm.Graph, str], object]


def main() -> None:
    """Measure and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data"))
    parser.add_argument("--heap-mb", type=int, default=3000)
    parser.add_argument("--version", default=LTS)
    arguments = parser.parse_args()
    folder = arguments.folder / f"stores{arguments.customers}"
    book, graph = folder / "book", folder / "insurer.graph"
    if not book.exists():
        folder.mkdir(parents=True, exist_ok=True)
        write_sample(book, customers=arguments.customers, seed=1, format="parquet")
    remove_graph(graph)
    _line("graphcrm load, graph file", embedded := _load(book, str(graph)))
    with running(
        arguments.version, folder / "neo4j-bare", heap_mb=arguments.heap_mb, quick=False
    ) as server:
        os.environ["NEO4J_PASSWORD"] = server.password
        bare = run("benchmarks/bare_neo4j.py", graph, server.address, server.user)
        _line("bare driver, Neo4j", bare, bare.output.strip())
    with running(
        arguments.version, folder / "neo4j", heap_mb=arguments.heap_mb, quick=False
    ) as server:
        os.environ["GRAPHCRM_GRAPH_PASSWORD"] = server.password
        loaded = _load(book, server.url)
        _line("graphcrm load, Neo4j", loaded, f"{loaded.seconds / bare.seconds:.2f} x bare")
        _require_the_same(embedded, loaded)
        again = _load(book, server.url)
        _line("the same once more", again, f"{again.seconds / loaded.seconds:.2f} x first")
        _line("snapshot", _snapshot(server.url))
        _answers(graph, server)


def _load(source: Path, graph: str) -> Measured:
    return run(*_CLI, "load", source, "--graph", graph, "--as-of", _AS_OF, "--json")


def _snapshot(url: str) -> Measured:
    return run("-c", f"import graphcrm; graphcrm.connect({url!r}).snapshot()")


def _line(title: str, measured: Measured, note: str = "") -> None:
    print(f"{title:28} {measured.seconds:8.1f} s {measured.peak_mb:7,.0f} MB  {note}", flush=True)


def _require_the_same(one: Measured, other: Measured) -> None:
    told = [
        [(f["table"], f["rows"], f["new"], f["edges_new"]) for f in json.loads(m.output)["files"]]
        for m in (one, other)
    ]
    if told[0] != told[1]:
        raise RuntimeError(f"the stores were not loaded alike: {told}")


def _answers(graph: Path, server: Server) -> None:
    """Single answers in a running process: the middle, and what 99 of 100 stay under."""
    with graphcrm.connect(graph) as embedded, graphcrm.connect(server.url) as served:
        chosen = _chosen(embedded)
        print(f"{'ms':28} {'graph file':>18} {'Neo4j':>18}")
        print(f"{'':28} {'median':>9}{'p99':>9} {'median':>9}{'p99':>9}")
        for title, (ids, ask) in chosen.items():
            figures = " ".join(_timed(opened, ids, ask) for opened in (embedded, served))
            print(f"{title:28} {figures}", flush=True)


def _chosen(graph: graphcrm.Graph) -> dict[str, tuple[list[str], Ask]]:
    """What is asked, of whom."""
    draw = random.Random(1)
    with_policies = graph.query("orphan_policies", as_of=_AS_OF).to_pylist()
    customers = [r["customer_id"] for r in with_policies if r["customer_label"] == "Person"]
    agents = sorted({row["agent_id"] for row in with_policies if row["agent_name"]})
    referrals = graph.query("referrals").to_pylist()
    roots = sorted({row["referrer_id"] for row in referrals if row["referrer_label"] == "Person"})

    def some(ids: list[str]) -> list[str]:
        return draw.choices(ids, k=_ANSWERS)

    return {
        "customer": (some(customers), lambda g, id: g.customer(id, "Person")),
        "neighbourhood, 2 hops": (some(customers), lambda g, id: g.neighbourhood(id, 2)),
        "orphans of one agent": (
            some(agents),
            lambda g, id: g.query("orphan_policies", as_of=_AS_OF, agent_id=id),
        ),
        "chain from one root": (some(roots), lambda g, id: g.query("referral_chain", id=id)),
        "search by id": (some(customers), lambda g, id: g.search(id)),
    }


def _timed(graph: graphcrm.Graph, ids: list[str], ask: Ask) -> str:
    for id_ in ids[:50]:
        ask(graph, id_)
    times = []
    for id_ in ids:
        started = time.perf_counter()
        ask(graph, id_)
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    return f"{statistics.median(times):9.2f}{times[int(0.99 * len(times))]:9.2f}"


if __name__ == "__main__":
    main()

"""How quickly the service answers, how much it bears, and what it takes.

    python benchmarks/api.py [--customers 100000] [--graph bolt://…] [--seconds 30] [--folder DIR]

Needs `oha` (https://github.com/hatoo/oha; `cargo install oha`), which sends at a fixed rate and
counts the wait of requests that were due while earlier ones were answered. The service is a process
of its own, on this machine; its memory is read from the operating system. The mix: 4 of 10 requests
read a customer with all that hangs on them, 4 search (names, parts, phones, ids), 2 read a
neighbourhood of two hops, of random customers, by a key limited to a branch. Beside them stands the
framework alone (`/health/live`), which shows what is ours.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import httpx

import graphcrm
from graphcrm.ledger import Database, keys, state_url
from graphcrm.sample import write_sample
from measuring import remove_graph, resident_mb

_URLS = 2_000
_UNLIMITED = tuple(f"GRAPHCRM_{name}_LIMIT" for name in ("RATE", "LOOKUP", "SEARCH"))
_MIX = ("customer",) * 4 + ("search",) * 4 + ("neighbourhood",) * 2
_RATES = (200, 300, 400, 600, 800)
_GOOD_MS = 50.0


@dataclass(frozen=True)
class Answered:
    """What a run of requests came to: times in milliseconds, rate in requests a second."""

    p50: float
    p99: float
    rate: float
    wrong: int


def main() -> None:
    """Measure reads, many clients, an export and reads beside a load, and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--graph", help="a graph that holds such a sample already")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data/api"))
    given = parser.parse_args()
    if shutil.which("oha") is None:
        raise SystemExit("oha is needed: cargo install oha --locked")
    given.folder.mkdir(parents=True, exist_ok=True)
    address = given.graph or _sample(given.folder, given.customers)
    key, branch_key = _keys(address, None), _keys(address, _branch(address))
    with _service(address, given.folder) as (url, process):
        urls = _urls(url, address, given.folder)
        headers = ["-H", f"Authorization: Bearer {branch_key}"]
        print(f"{'':28} {'p50 ms':>8} {'p99 ms':>8} {'req/s':>8} {'wrong':>6} {'MB':>6}")

        def measured(name: str, *options: str, seconds: int = given.seconds) -> Answered:
            done = _oha(*options, "-z", f"{seconds}s")
            memory = resident_mb(process.pid)
            print(
                f"{name:28} {done.p50:8.1f} {done.p99:8.1f} {done.rate:8.0f} {done.wrong:6} "
                f"{memory:6.0f}",
                flush=True,
            )
            return done

        def of(kind: str) -> list[str]:
            return [*headers, "--urls-from-file", str(urls[kind])]

        measured("warm", *of("mix"), "-q", "50", "-c", "16", seconds=5)
        measured("framework alone, 200/s", "-q", "200", "-c", "32", "--latency-correction",
                 f"{url}/health/live")  # fmt: skip
        for kind in ("customer", "search", "neighbourhood"):
            measured(f"{kind}, 200/s", *of(kind), "-q", "200", "-c", "32", "--latency-correction")
        for rate in _RATES:
            done = measured(
                f"mix, {rate}/s", *of("mix"), "-q", str(rate), "-c", "64", "--latency-correction"
            )
            if done.p99 > _GOOD_MS:
                break
        measured("mix, as much as it bears", *of("mix"), "-c", "32")
        measured("2,000 clients at once", *of("mix"), "-q", "200", "-c", "2000")
        _export(url, key, process.pid)
        if not given.graph:
            _beside_a_load(given.folder, given.customers, address, lambda: measured(
                "mix, 100/s beside a load", *of("mix"), "-q", "100", "-c", "32",
                "--latency-correction"))  # fmt: skip


def _sample(folder: Path, customers: int) -> str:
    path = folder / f"{customers}.graph"
    if not path.exists():
        remove_graph(path)
        write_sample(folder / "book", customers=customers, seed=7)
        with graphcrm.connect(path) as graph:
            graph.load(folder / "book")
    return str(path)


def _branch(address: str) -> str:
    """The branch with the most policies."""
    with graphcrm.connect(address) as graph:
        agents = [row["id"] for row in graph.store.page("Agent", limit=200)]
        homes: list[str] = []
        for agent in agents:
            around = graph.neighbourhood(("Agent", agent), hops=1, limit=30)
            homes += [id_ for label, id_ in around if label == "Department"]
        return max(sorted(set(homes)), key=homes.count)


def _keys(address: str, branch: str | None) -> str:
    state = Database(state_url(address))
    with state.writing() as connection:
        _, text = keys.create(
            connection,
            name="benchmark",
            roles=["analyst"],
            branches=None if branch is None else [branch],
            expires_on=None,
            by="benchmark",
        )
    state.close()
    return text


@contextmanager
def _service(address: str, folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "graphcrm_api.cli", "serve", "--graph", address,
             "--port", str(port)],
            stdout=log,
            stderr=log,
            env=os.environ | dict.fromkeys(_UNLIMITED, "1000000"),
        )  # fmt: skip
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{url}/health/ready").status_code == 200:
                    break
            except httpx.TransportError:
                time.sleep(0.1)
        yield url, process
    finally:
        process.terminate()
        process.wait(60)


def _urls(url: str, address: str, folder: Path) -> dict[str, Path]:
    """Files of addresses to ask, by kind, and of the mix."""
    chance = random.Random(7)
    with graphcrm.connect(address) as graph:
        people = [row for batch in graph.store.scan("Person", columns=("id", "name", "phone"))
                  for row in batch.to_pylist()]  # fmt: skip
    made: dict[str, list[str]] = {"customer": [], "search": [], "neighbourhood": [], "mix": []}
    for _ in range(_URLS):
        one = chance.choice(people)
        name = one["name"] or "张"
        asked = chance.choice([name, name[:2], name[:1], one["phone"] or name, one["id"]])
        made["customer"].append(f"{url}/v1/customers/Person/{quote(one['id'])}")
        made["search"].append(f"{url}/v1/search?{urlencode({'q': asked})}")
        around = urlencode({"label": "Person", "id": one["id"], "hops": 2})
        made["neighbourhood"].append(f"{url}/v1/neighbourhood?{around}")
    made["mix"] = [chance.choice(made[chance.choice(_MIX)]) for _ in range(_URLS)]
    files = {}
    for kind, addresses in made.items():
        files[kind] = folder / f"{kind}.txt"
        files[kind].write_text("\n".join(addresses), encoding="utf-8")
    return files


def _oha(*options: str) -> Answered:
    done = subprocess.run(
        ["oha", "--no-tui", "--output-format", "json", *options],
        check=True,
        capture_output=True,
        text=True,
    )
    told = json.loads(done.stdout)
    statuses = told["statusCodeDistribution"]
    wrong = sum(n for status, n in statuses.items() if status not in ("200", "404"))
    wrong += sum(n for why, n in told["errorDistribution"].items() if "deadline" not in why)
    times = told["latencyPercentiles"]
    return Answered(
        1000 * times["p50"], 1000 * times["p99"], told["summary"]["requestsPerSec"], wrong
    )


def _export(url: str, key: str, pid: int) -> None:
    """All policies, as a client that reads as quickly as they come."""
    before, most = resident_mb(pid), [0.0]
    ended = threading.Event()

    def watch() -> None:
        while not ended.wait(0.05):
            most[0] = max(most[0], resident_mb(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    for form in ("text/csv", "application/vnd.apache.arrow.stream"):
        began = time.perf_counter()
        first, size = 0.0, 0
        with httpx.stream(
            "GET", f"{url}/v1/nodes/Policy", timeout=600,
            headers={"Accept": form, "Authorization": f"Bearer {key}"},
        ) as answer:  # fmt: skip
            for part in answer.iter_bytes():
                first = first or time.perf_counter() - began
                size += len(part)
        took = time.perf_counter() - began
        print(f"export as {form.rpartition('.')[2]:18} first byte {1000 * first:.0f} ms, "
              f"{size / 1e6:.0f} MB in {took:.1f} s", flush=True)  # fmt: skip
    ended.set()
    watcher.join()
    print(f"memory during the exports    +{most[0] - before:.0f} MB")


def _beside_a_load(
    folder: Path, customers: int, address: str, measure: Callable[[], object]
) -> None:
    """Reads while another book of the same size is loaded."""
    other = folder / "other"
    if not other.exists():
        write_sample(other, customers=customers, seed=8)
    load = subprocess.Popen(
        [sys.executable, "-m", "graphcrm_api.cli", "load", str(other), "--source", "other",
         "--graph", address],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    measure()
    load.wait()


if __name__ == "__main__":
    main()

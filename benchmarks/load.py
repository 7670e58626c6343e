"""How long loading takes, beside the least that could be done, and how quick the graph answers.

    python benchmarks/load.py [--customers 100000 1000000] [--folder DIR]

For each size: a sample insurer in Parquet and CSV; the bare load (`bare_load.py`) and
`graphcrm load` of the same files in the same run, each in its own process; the same load again
with the rows in another order; a load with 1 % of the persons and policies changed; the snapshot;
the questions; and the times of single answers inside a running process.
"""

import argparse
import itertools
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

import graphcrm
from graphcrm.sample import write_sample
from measuring import Measured, remove_graph, run

_CLI = ("-m", "graphcrm_api.cli")
_AS_OF = "2026-06-30"
_ANSWERS = 1000


def main() -> None:
    """Measure every size and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data"))
    arguments = parser.parse_args()
    first_loads: dict[int, float] = {}
    for customers in arguments.customers:
        folder = arguments.folder / str(customers)
        print(f"\n== {customers:,} customers")
        first_loads[customers] = _measure(customers, folder)
    sizes = sorted(first_loads)
    for small, large in itertools.pairwise(sizes):
        growth = first_loads[large] / first_loads[small]
        print(f"\n{small:,} -> {large:,} customers: the load takes {growth:.1f} times as long")


def _measure(customers: int, folder: Path) -> float:
    book = {form: folder / form for form in ("parquet", "csv")}
    for form, path in book.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            write_sample(path, customers=customers, seed=1, format=form)  # type: ignore[arg-type]
    bare_file, graph = folder / "bare.db", folder / "insurer.graph"
    for path in (bare_file, graph):
        remove_graph(path)

    bare = run("benchmarks/bare_load.py", book["parquet"], bare_file)
    remove_graph(bare_file)
    _line("bare load, Parquet", bare)
    first = _load(book["parquet"], graph)
    _line("graphcrm load, Parquet", first, f"{first.seconds / bare.seconds:.2f} x bare")
    _rows(first)

    shuffled = folder / "shuffled"
    _rewrite(book["parquet"], shuffled, changed=False)
    again = _load(shuffled, graph)
    share = f"{again.seconds / first.seconds:.2f} x first, {_changes(again)}"
    _line("the same in another order", again, share)
    changed = folder / "changed"
    _rewrite(book["parquet"], changed, changed=True)
    _line("1 % of persons and policies changed", delta := _load(changed, graph), _changes(delta))
    _line("snapshot", run("-c", f"import graphcrm; graphcrm.connect({str(graph)!r}).snapshot()"))
    for question in (("orphans", "list", "--as-of", _AS_OF), ("duplicates", "rules")):
        _line(
            f"graphcrm {' '.join(question[:2])}",
            run(*_CLI, *question, "--graph", graph, "--limit", "10"),
        )
    _questions(graph)
    _answers(graph)
    csv_graph = folder / "csv.graph"
    remove_graph(csv_graph)
    from_csv = _load(book["csv"], csv_graph)
    remove_graph(csv_graph)
    _line("graphcrm load, CSV", from_csv, f"{from_csv.seconds / first.seconds:.2f} x Parquet")
    return first.seconds


def _load(source: Path, graph: Path) -> Measured:
    return run(*_CLI, "load", source, "--graph", graph, "--as-of", _AS_OF, "--json")


def _line(title: str, measured: Measured, note: str = "") -> None:
    print(f"{title:38} {measured.seconds:8.1f} s {measured.peak_mb:7,.0f} MB  {note}", flush=True)


def _rows(measured: Measured) -> None:
    report = json.loads(measured.output)
    for file in report["files"]:
        print(f"    {file['table']:16} {file['rows']:>10,} rows {file['edges_new']:>11,} edges")
    edges = sum(file["edges_new"] for file in report["files"]) + report["healed"]
    rows = sum(file["rows"] for file in report["files"])
    print(f"    {'together':16} {rows:>10,} rows {edges:>11,} edges")


def _changes(measured: Measured) -> str:
    files = json.loads(measured.output)["files"]
    rows = sum(f["new"] + f["changed"] + f["closed"] for f in files)
    edges = sum(f["edges_new"] + f["edges_changed"] + f["edges_closed"] for f in files)
    return f"{rows:,} rows and {edges:,} edges changed"


def _rewrite(book: Path, target: Path, *, changed: bool) -> None:
    """The book with its rows in another order, or with 1 % of two tables changed."""
    target.mkdir(exist_ok=True)
    with duckdb.connect() as work:
        for file in sorted(book.glob("*.parquet")):
            columns = "*"
            if changed and file.stem == "persons":
                columns = "* REPLACE (CASE WHEN hash(id) % 100 = 0 THEN 'changed' "
                columns += "ELSE occupation END AS occupation)"
            if changed and file.stem == "policies":
                columns = "* REPLACE (CASE WHEN hash(id) % 100 = 0 THEN premium + 1 "
                columns += "ELSE premium END AS premium)"
            order = "" if changed else "ORDER BY random()"
            work.execute("SELECT setseed(0.5)")
            work.execute(
                f"COPY (SELECT {columns} FROM '{file}' {order}) "
                f"TO '{target / file.name}' (FORMAT parquet)"
            )


def _questions(graph: Path) -> None:
    with graphcrm.connect(graph) as opened:
        for name in (
            "orphan_policies",
            "duplicates_five_fields",
            "duplicates_same_document",
            "duplicates_same_person",
            "duplicates_same_institution",
            "referrals",
        ):
            started = time.monotonic()
            parameters = {"as_of": _AS_OF} if name == "orphan_policies" else {}
            rows = opened.query(name, **parameters).num_rows
            print(f"    {name:34} {time.monotonic() - started:8.2f} s {rows:>10,} rows", flush=True)


def _answers(graph: Path) -> None:
    """Single answers in a running process: the middle, and what 99 of 100 stay under."""
    with sqlite3.connect(graph) as direct:
        persons = direct.execute("SELECT id, name FROM person ORDER BY id").fetchall()
    chosen = random.Random(1).choices(persons, k=_ANSWERS)
    with graphcrm.connect(graph) as opened:
        _timed("customer", chosen, lambda person: opened.customer(person[0]))
        _timed("neighbourhood, 2 hops", chosen, lambda person: opened.neighbourhood(person[0], 2))
        _timed("search by name", chosen, lambda person: opened.search(person[1]))


def _timed(
    title: str, chosen: list[tuple[str, str]], ask: Callable[[tuple[str, str]], object]
) -> None:
    for person in chosen[:20]:
        ask(person)
    times = []
    for person in chosen:
        started = time.perf_counter()
        ask(person)
        times.append(1000 * (time.perf_counter() - started))
    times.sort()
    print(
        f"    {title:34} median {statistics.median(times):6.2f} ms   "
        f"p99 {times[int(0.99 * len(times))]:6.2f} ms",
        flush=True,
    )


if __name__ == "__main__":
    main()

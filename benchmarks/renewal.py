"""How much quicker a finding is that compares only what changed, and a search before create.

    python benchmarks/renewal.py [--customers 100000 1000000] [--folder DIR]

A sample insurer is loaded and its customers are found; then one record in a hundred is new or has
another phone. The finding of these alone stands beside one of all by the same model, which must
change nothing any more. Each is a process of its own; the snapshot, which every analysis needs
after a load, is made before. Searches run in one process, with three quarters of what is known of
persons who are there and a slip in every third phone.
"""

import argparse
import random
import shutil
import time
from pathlib import Path

import duckdb
import numpy as np

import graphcrm
from graphcrm.duplicates.customers import PROPERTIES
from graphcrm.sample import write_sample
from measuring import Measured, remove_graph, run

_SEARCHES = 1_000
_CHANGED = """
COPY (
    SELECT CASE WHEN n % 2 = 0 THEN id ELSE 'N' || id END AS id, name, sex, birth_date, id_type,
           id_number, '139' || lpad((hash(id) % 100000000)::VARCHAR, 8, '0') AS phone, email,
           address, account, occupation
    FROM (SELECT *, row_number() OVER (ORDER BY hash(id)) AS n FROM '{persons}')
    WHERE n <= {count}
) TO '{target}'
"""


def main() -> None:
    """Measure every size and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--customers", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data/renewal"))
    parser.add_argument("--search", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.search:
        _search(arguments.search)
        return
    for customers in arguments.customers:
        _measure(customers, arguments.folder / str(customers))


def _measure(customers: int, folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    book, path = folder / "book", folder / "book.graph"
    remove_graph(path)
    write_sample(book, customers=customers, seed=1, format="parquet")
    print(f"{customers:,} customers")
    with graphcrm.connect(path) as graph:
        graph.load(book, source="core")
        records = graph.status().nodes["Person"]
        graph.snapshot()
    find = ("-m", "graphcrm_api.cli", "duplicates", "find", "--graph", path, "--json")
    _say("first finding", run(*find))
    persons, late = book / "persons.parquet", folder / "persons.parquet"
    duckdb.execute(_CHANGED.format(persons=persons, count=records // 100, target=late))
    with graphcrm.connect(path) as graph:
        graph.load(late, source="core")
        graph.snapshot()
    alone, whole = run(*find, "--since", "last"), run(*find)
    _say("1 % changed", alone)
    _say("all again", whole)
    print(f"{'share':20} {alone.seconds / whole.seconds:7.1%}")
    if '"new":0,"changed":0,"removed":0' not in "".join(whole.output.split()):
        raise SystemExit(f"not the same: {whole.output}")
    print(run(__file__, "--search", path).output.strip(), flush=True)


def _say(name: str, done: Measured) -> None:
    print(f"{name:20} {done.seconds:7.2f} s {done.peak_mb:7.0f} MB", flush=True)


def _search(path: Path) -> None:
    """Time searches for persons who are there."""
    chance = random.Random(1)
    with graphcrm.connect(path) as graph:
        with duckdb.connect(str(graph.snapshot()), read_only=True) as work:
            columns = ", ".join(f"{name}::VARCHAR AS {name}" for name in PROPERTIES)
            known = work.sql(
                f"SELECT id, {columns} FROM person WHERE deleted_on IS NULL "
                f"USING SAMPLE {_SEARCHES} ROWS (reservoir, 1)"
            )
            rows = known.to_arrow_table().to_pylist()
        started = time.perf_counter()
        graph.duplicates.search({"name": "张伟"})
        print(f"{'search: opening':20} {time.perf_counter() - started:7.2f} s")
        took, found = [], 0
        for row in rows:
            id = row.pop("id")
            record = {k: v for k, v in row.items() if v and chance.random() < 0.75}
            if record.get("phone") and chance.random() < 0.3:
                record["phone"] = record["phone"][:-1] + "0"
            started = time.perf_counter()
            hits = graph.duplicates.search(record or {"name": row["name"]})
            took.append(time.perf_counter() - started)
            found += id in {hit.id for hit in hits}
    median, p99 = np.percentile(took, [50, 99]) * 1000
    print(f"{'search':20} {median:7.1f} ms median, {p99:.1f} ms p99, {found / len(rows):.1%} found")


if __name__ == "__main__":
    main()

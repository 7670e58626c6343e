"""How long results of analyses take to be written into a graph file.

    python benchmarks/derived.py [--persons 1000000] [--folder DIR] [--graph ADDRESS]

A customer and an `IS_CUSTOMER` for each person, a `SAME_AS` with evidence for every fifth: into a
graph without any, again unchanged, with another probability on every edge, for 1,000 touched
persons, and half of it taken away. Each step is a process of its own; `--graph` names an empty
graph on a server to measure instead of a file.
"""

import argparse
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa

import graphcrm
from graphcrm.store.deriving.request import Derivation
from measuring import remove_graph, run

_TOUCHED = 1000

_CUSTOMER = """
SELECT 'C-' || substr(md5(n::VARCHAR), 1, 14) AS id, 1 AS records, 'Person' AS member_label,
       'm1' AS model_version
FROM range({persons}) t(n)
"""
_IS_CUSTOMER = """
SELECT 'Person' AS start_label, 'P' || lpad(n::VARCHAR, 8, '0') AS start,
       'Customer' AS end_label, 'C-' || substr(md5(n::VARCHAR), 1, 14) AS "end",
       {probability} AS probability
FROM range({persons}) t(n)
"""
_SAME_AS = """
SELECT 'Person' AS start_label, 'P' || lpad(n::VARCHAR, 8, '0') AS start,
       'Person' AS end_label, 'P' || lpad((n + 1 + n * 31 % 1000)::VARCHAR, 8, '0') AS "end",
       0.9 AS probability, 7.5 + n % 10 AS match_weight, 'm1' AS model_version,
       '[{{"field": "name", "level": "equal"}}, {{"field": "birth_date", "level": "equal"}}]'
           AS evidence
FROM range(0, {persons} - 1100, 5) t(n)
"""


def main() -> None:
    """Measure every step and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data/derived"))
    parser.add_argument("--graph")
    arguments = parser.parse_args()
    persons, folder = arguments.persons, arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    url = arguments.graph or str(folder / "book.graph")
    if not arguments.graph:
        remove_graph(folder / "book.graph")
    with duckdb.connect() as work:

        def table(sql: str, probability: float = 0.9) -> pa.Table:
            return work.sql(sql.format(persons=persons, probability=probability)).to_arrow_table()

        work.execute(
            "COPY (SELECT 'P' || lpad(n::VARCHAR, 8, '0') AS id, 'n' || n AS name "
            f"FROM range({persons}) t(n)) TO '{folder / 'persons.parquet'}'"
        )
        nodes, same = {"Customer": table(_CUSTOMER)}, table(_SAME_AS)
        found = {"SAME_AS": same, "IS_CUSTOMER": table(_IS_CUSTOMER)}
        changed = {"SAME_AS": same, "IS_CUSTOMER": table(_IS_CUSTOMER, 0.8)}
    with graphcrm.connect(url) as graph:
        graph.load(folder / "persons.parquet")
    middle = persons // 2
    one = changed["IS_CUSTOMER"].slice(middle, _TOUCHED)
    touched = pa.table(
        {
            "label": ["Person"] * _TOUCHED + ["Customer"] * _TOUCHED,
            "id": pa.chunked_array([*one["start"].chunks, *one["end"].chunks]),
        }
    )
    steps = {
        "new": Derivation(nodes, found, {"model": "x" * 100_000}),
        "unchanged": Derivation(nodes, found, {}),
        f"{_TOUCHED:,} persons": Derivation(
            {"Customer": nodes["Customer"].slice(middle, _TOUCHED)},
            {"IS_CUSTOMER": one},
            {},
            touched,
        ),
        "all edges changed": Derivation(nodes, changed, {}),
        "half removed": Derivation(
            {"Customer": nodes["Customer"].slice(0, middle)},
            {"SAME_AS": same.slice(0, 0), "IS_CUSTOMER": changed["IS_CUSTOMER"].slice(0, middle)},
            {},
        ),
    }
    print(f"{persons:,} persons, as many customers, {same.num_rows:,} SAME_AS; {url}")
    for name, derivation in steps.items():
        request = folder / "request"
        shutil.rmtree(request, ignore_errors=True)
        request.mkdir()
        derivation.write(request)
        done = run("-m", "graphcrm.store.deriving.worker", url, request)
        if '"error":""' not in done.output.replace(" ", "").splitlines()[-1]:
            raise SystemExit(done.output)
        print(f"{name:20} {done.seconds:7.2f} s {done.peak_mb:7.0f} MB")


if __name__ == "__main__":
    main()

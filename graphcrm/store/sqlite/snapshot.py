"""The whole graph as a DuckDB file, for analyses; runs in a process of its own.

The file has a table per label (its columns as in the graph, dates as DATE), a table per edge type
(src, dst, its properties, valid ones only), `pending`, and `snapshot` (the mark of the graph's
present state: see `graphcrm.store.renewal`). Internal keys hold for this snapshot only.
"""

import glob
import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, Queue

import duckdb

from graphcrm.duck import engine
from graphcrm.model import EdgeType, NodeType
from graphcrm.store.forms import quoted
from graphcrm.store.renewal import Mark, begin_from, mark_of, take_over
from graphcrm.store.sqlite.bulk import BulkConnection

_MEMORY = "1500MB"
_READERS = 2
_PENDING = (
    "SELECT o.name AS origin, p.type, p.anchor_key, p.other_ref FROM pending p "
    "JOIN origin o ON o.origin = p.origin"
)


def make_snapshot(path: Path, target: Path) -> bool:
    """Bring the snapshot up to date; returns whether it had to be made anew."""
    _remove_left_parts(target)
    part = Path(f"{target}.{os.getpid()}.part")
    with ExitStack() as stack:
        nowhere = stack.enter_context(engine())
        readers = [stack.enter_context(BulkConnection(path, nowhere)) for _ in range(_READERS)]
        mark = _begin_together(readers)
        present = mark_of(target)
        if present is not None and present.state == mark.state:
            return False
        stack.callback(part.unlink, missing_ok=True)
        begin_from(target, part, mark)
        work = stack.enter_context(engine(part))
        lacking = take_over(work, mark)
        for reader in readers:
            reader.work = stack.enter_context(work.cursor())
        work.execute(f"SET memory_limit = '{_MEMORY}'")
        work.execute("SET preserve_insertion_order = false")
        _copy_all(readers, lacking)
        mark.write(work)
        work.close()
        shutil.copymode(path, part)
        part.replace(target)
    return True


def _remove_left_parts(target: Path) -> None:
    """Remove what snapshots left behind that were killed; the engine locks what is in use."""
    for part in target.parent.glob(f"{glob.escape(target.name)}.*.part"):
        try:
            engine(part).close()
        except duckdb.Error as error:
            if "lock" in str(error):
                continue
        for file in (part, Path(f"{part}.wal")):
            file.unlink(missing_ok=True)


def _begin_together(readers: list[BulkConnection]) -> Mark:
    """Begin reading on all connections at the same state of the graph; returns its mark."""
    while True:
        marks = set()
        for reader in readers:
            reader.execute("BEGIN")
            meta = dict(reader.rows("SELECT name, value FROM meta"))
            marks.add(Mark(meta["state"], meta["facts"]))
        if len(marks) == 1:
            return marks.pop()
        for reader in readers:  # somebody wrote between the two: once more
            reader.execute("ROLLBACK")


def _copy_all(readers: list[BulkConnection], types: list[NodeType | EdgeType]) -> None:
    """Copy tables, several at a time: reading SQLite is what takes the time."""
    queries: Queue[tuple[str, str, dict[str, str]]] = Queue()
    for type_ in types:
        query = _node_query(type_) if isinstance(type_, NodeType) else _edge_query(type_)
        queries.put((type_.table, *query))
    if any(not type_.derived for type_ in types):
        queries.put(("pending", _PENDING, dict.fromkeys(("origin", "type", "other_ref"), "VARCHAR")
                 | {"anchor_key": "BIGINT"}))  # fmt: skip

    def copy(reader: BulkConnection) -> None:
        while True:
            try:
                table, sql, columns = queries.get_nowait()
            except Empty:
                return
            reader.fetch(quoted(table), sql, columns, temporary=False)
            sys.stdout.write(f"{table}\n")
            sys.stdout.flush()

    with ThreadPoolExecutor(max_workers=len(readers)) as pool:
        list(pool.map(copy, readers))


def _node_query(node: NodeType) -> tuple[str, dict[str, str]]:
    columns = {"key": "BIGINT", "id": "VARCHAR", "source": "BIGINT", "deleted_on": "DATE"}
    columns |= {p.name: p.kind.duckdb for p in node.properties}
    return f"SELECT * FROM {quoted(node.table)}", columns


def _edge_query(edge: EdgeType) -> tuple[str, dict[str, str]]:
    columns = {"src": "BIGINT", "dst": "BIGINT"}
    columns |= {p.name: p.kind.duckdb for p in edge.properties}
    return f"SELECT * FROM {quoted(edge.table)} WHERE closed IS NULL", columns


if __name__ == "__main__":
    make_snapshot(Path(sys.argv[1]), Path(sys.argv[2]))

"""What of an earlier snapshot can be used again.

A snapshot bears two marks of the graph: `state`, which every write changes, and `facts`, which
analyses leave as it is. Where only the former differs, its tables stand, but for the derived ones.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb

from graphcrm.duck import engine
from graphcrm.leftovers import remove_leftovers
from graphcrm.model import VOCABULARY, EdgeType, NodeType
from graphcrm.store.forms import quoted

_COPY = ".copy"


@dataclass(frozen=True)
class Mark:
    """Of which state of a graph a snapshot is."""

    state: str
    facts: str

    def write(self, work: duckdb.DuckDBPyConnection) -> None:
        """Put it into a snapshot that is complete."""
        work.execute(
            "CREATE OR REPLACE TABLE snapshot AS SELECT ?::VARCHAR AS state, ?::VARCHAR AS facts",
            [self.state, self.facts],
        )
        work.execute("CHECKPOINT")


def mark_of(snapshot: Path) -> Mark | None:
    """The mark of a snapshot; None where there is none, or one of an older form."""
    if not snapshot.exists():
        return None
    try:
        with engine(snapshot, read_only=True) as present:
            ((state, facts),) = present.execute("SELECT state, facts FROM snapshot").fetchall()
    except (duckdb.Error, ValueError):
        return None
    return Mark(state, facts)


def begin_from(earlier: Path, part: Path, mark: Mark) -> None:
    """Copy an earlier snapshot to `part`, where that is of the same facts."""
    remove_leftovers(earlier, _COPY)
    present = mark_of(earlier)
    if present is None or present.facts != mark.facts:
        return
    copy = part.with_suffix(_COPY)
    try:
        shutil.copyfile(earlier, copy)
        copy.replace(part)
    finally:
        copy.unlink(missing_ok=True)


def take_over(work: duckdb.DuckDBPyConnection, mark: Mark) -> list[NodeType | EdgeType]:
    """Keep of an open snapshot what stands; returns the types that it lacks, all of a new one."""
    every: list[NodeType | EdgeType] = [*VOCABULARY.nodes.values(), *VOCABULARY.edges.values()]
    tables = {row[0] for row in work.execute("SELECT table_name FROM duckdb_tables()").fetchall()}
    stands = "snapshot" in tables and work.execute("SELECT facts FROM snapshot").fetchall() == [
        (mark.facts,)  # else another process has put a newer one there meanwhile
    ]
    lacking = [type_ for type_ in every if type_.derived] if stands else every
    for table in {type_.table for type_ in lacking} if stands else tables:
        work.execute(f"DROP TABLE {quoted(table)}")
    return lacking

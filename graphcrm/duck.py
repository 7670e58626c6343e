"""DuckDB, as all parts use it: quiet, and free again after each small question."""

from pathlib import Path

import duckdb


def engine(database: Path | None = None, *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to a database file (by default to none, in memory) that prints nothing.

    DuckDB draws a progress bar on standard output, where programs read our answers.
    """
    work = duckdb.connect(str(database) if database else ":memory:", read_only=read_only)
    work.execute("SET enable_progress_bar = false")
    return work


def number(work: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single number that a query returns (0 for NULL or no row)."""
    rows = work.execute(sql).fetchall()
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0


def has_table(work: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether there is a table of that name."""
    return number(work, f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{name}'") > 0

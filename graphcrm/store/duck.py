"""Small questions to DuckDB. Each reads its answer whole, which leaves the connection free."""

import duckdb


def number(work: duckdb.DuckDBPyConnection, sql: str) -> int:
    """The single number that a query returns (0 for NULL or no row)."""
    rows = work.execute(sql).fetchall()
    return int(rows[0][0]) if rows and rows[0][0] is not None else 0


def has_table(work: duckdb.DuckDBPyConnection, name: str) -> bool:
    """Whether there is a table of that name."""
    return number(work, f"SELECT count(*) FROM duckdb_tables() WHERE table_name = '{name}'") > 0

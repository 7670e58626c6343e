"""Bulk access to a graph file through ADBC.

ADBC brings a SQLite library of its own. Two SQLite libraries that open one file in one process can
break its locks (sqlite.org, "How To Corrupt An SQLite Database File", 2.2.1), so this module is
only used in processes of their own (`graphcrm.store.sqlite.connection` refuses the mixture).
"""

from pathlib import Path
from types import TracebackType
from typing import Any

import adbc_driver_sqlite.dbapi as adbc
import duckdb
import pyarrow as pa

from graphcrm.store.forms import quoted
from graphcrm.store.sqlite.connection import MAPPED_BYTES, address, reserve_for_bulk

_BATCH_ROWS = 65_536
_FIRST = "is_first"
_EXAMPLES = {"BIGINT": "0", "INTEGER": "0", "DOUBLE": "0.5"}
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    "PRAGMA cache_size = -262144",
    "PRAGMA temp_store = MEMORY",
    f"PRAGMA mmap_size = {MAPPED_BYTES}",
    "PRAGMA busy_timeout = 60000",
)


class BulkConnection:
    """One ADBC connection to a graph file, beside a DuckDB connection for the work."""

    def __init__(self, path: Path, work: duckdb.DuckDBPyConnection) -> None:
        """Open the file, which must exist and be of the present schema."""
        reserve_for_bulk(path)
        self.work = work
        self.rehearses = False
        self._connection = adbc.connect(address(path), autocommit=True)
        self._cursor = self._connection.cursor()
        self._cursor.adbc_statement.set_options(
            **{"adbc.sqlite.query.batch_rows": str(_BATCH_ROWS)}
        )
        for pragma in _PRAGMAS:
            self.execute(pragma)

    def __enter__(self) -> "BulkConnection":
        """Use as a context: closed at its end."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the connection; an open transaction is rolled back by SQLite."""
        self._cursor.close()
        self._connection.close()

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run one statement."""
        self._cursor.execute(sql, parameters or None)

    def rows(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """The few rows of a small query."""
        self._cursor.execute(sql, parameters or None)
        return self._cursor.fetchall()

    def ingest(self, table: str, sql: str, *, temporary: bool = False) -> int:
        """Write the result of a DuckDB query into a table, by column name; returns the rows.

        A temporary table is made anew; another one must exist.
        """
        if temporary:
            self.execute(f"DROP TABLE IF EXISTS temp.{quoted(table)}")
        reader = self.work.sql(sql).to_arrow_reader(_BATCH_ROWS)
        written = self._cursor.adbc_ingest(
            table, reader, mode="create" if temporary else "append", temporary=temporary
        )
        return int(written)

    def ingest_arrow(self, table: str, reader: pa.RecordBatchReader) -> int:
        """Append Arrow batches to a table, by column name; returns the rows."""
        return int(self._cursor.adbc_ingest(table, reader, mode="append"))

    def fetch(
        self, into: str, sql: str, columns: dict[str, str], *, temporary: bool = True
    ) -> None:
        """Make a DuckDB table of the result of a query.

        `columns` gives name → DuckDB type. ADBC infers types from the first rows, which may all be
        NULL: so a row of its own goes first that shows them, and is taken away again.
        """
        names = ", ".join(quoted(name) for name in columns)
        shown = ", ".join(_EXAMPLES.get(type_, "''") for type_ in columns.values())
        self._cursor.execute(
            f"SELECT 1 AS {_FIRST}, {shown} UNION ALL SELECT 0, {names} FROM ({sql})", None
        )
        reader: pa.RecordBatchReader = self._cursor.fetch_record_batch()
        renamed = f"fetched({_FIRST}, {names})"
        typed = ", ".join(
            f"{quoted(name)}::{type_} AS {quoted(name)}" for name, type_ in columns.items()
        )
        self.work.register("fetched", reader)
        try:
            kind = "TEMP TABLE" if temporary else "TABLE"
            self.work.execute(
                f"CREATE OR REPLACE {kind} {into} AS SELECT {typed} FROM fetched AS {renamed} "
                f"WHERE {_FIRST} = 0"
            )
        finally:
            self.work.unregister("fetched")

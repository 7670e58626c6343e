"""The writing of one file: what every part of it needs to know."""

import datetime as dt
from dataclasses import dataclass, field

import duckdb

from graphcrm.duck import number
from graphcrm.store.forms import code_of
from graphcrm.store.writing.keeper import Keeper
from graphcrm.store.writing.keys import KeyMap

SKIPPED = "skipped"
"""DuckDB table (n, id, key, source) of the rows that the graph holds in the very same form."""


@dataclass
class Transaction:
    """The writing of one file into a graph; all of it or nothing.

    `said_complete`: the user says that the file is the whole of its sources; `complete`: it can be
    taken for that, so that what is missing is closed.
    `scope` lists the codes of the file's sources (0 = none), as SQL.
    """

    keeper: Keeper
    load: int
    file: int
    as_of: dt.date
    source: str | None
    said_complete: bool
    complete: bool
    confirmed: bool
    sources: dict[str, int] = field(default_factory=dict)
    origins: dict[str, int] = field(default_factory=dict)
    scope: str = "0"

    @property
    def work(self) -> duckdb.DuckDBPyConnection:
        """The DuckDB connection in which the file was staged."""
        return self.keeper.work

    @property
    def keys(self) -> KeyMap:
        """The keys of all nodes, by their ids."""
        return self.keeper.keys

    def one(self, sql: str) -> int:
        """The single number that a DuckDB query returns (0 for NULL)."""
        return number(self.work, sql)

    def table(self, name: str, sql: str) -> int:
        """Make a DuckDB table of a query's result; returns its rows."""
        self.work.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
        return self.one(f"SELECT count(*) FROM {name}")

    def source_code(self, expression: str) -> str:
        """SQL for the code of a source's name."""
        return code_of(expression, self.sources)

    def use_sources(self, rows: str) -> None:
        """Register the sources that the rows name, and take them as the scope of the file."""
        named = f"SELECT source FROM {rows} UNION SELECT source FROM {SKIPPED}"
        names = [row[0] for row in self.work.execute(named).fetchall()]
        self.sources = self.keeper.sources(sorted(name for name in names if name is not None))
        codes = {0 if name is None else self.sources[name] for name in names}
        self.scope = ", ".join(str(code) for code in sorted(codes)) or "-1"

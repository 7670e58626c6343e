"""Reading a database in batches, within one transaction that can't write."""

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any, NamedTuple

import adbc_driver_postgresql.dbapi as adbc
import pyarrow as pa
import pyarrow.compute as pc
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from graphcrm_loaders.database.address import Address
from graphcrm_loaders.database.texts import text_columns
from graphcrm_loaders.database.watermark import ColumnError, Value, greatest

BATCH_ROWS = 20_000

_READ_ONLY = {
    "postgresql": "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "oracle": "SET TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}

_KEPT = frozenset(
    ("int2", "int4", "int8", "float4", "float8", "bool", "date", "timestamp", "timestamptz", "text",
     "varchar", "_text", "_varchar")
)  # fmt: skip
"""PostgreSQL's types that arrive as what they are; others are read as the server's text."""


class Part(NamedTuple):
    """Some rows, and the greatest value of the growing column among them."""

    rows: pa.RecordBatch
    greatest: Value | None


class Reader(ABC):
    """An open database."""

    @abstractmethod
    def tables(self) -> list[str]:
        """The names of its tables and views, as SQL takes them."""

    @abstractmethod
    def read(self, asked: sa.TextClause, growing: str | None) -> Iterator[Part]:
        """The rows of a query in parts; at least one, which may be empty.

        `growing` names the column whose greatest value is wanted. Raises ColumnError where it is
        not among the columns, and where two have one name.
        """

    @abstractmethod
    def held(self, told: str, growing: str) -> list[Value]:
        """What a query holds in its growing column: one value, or none where there is none.

        Where a column may hold values of several kinds, the least and the greatest. Raises
        ColumnError where it is not among the columns.
        """

    @abstractmethod
    def close(self) -> None:
        """End the transaction and the connection."""


def open_database(address: Address) -> Reader:
    """The reader that fits the database."""
    return _Postgres(address) if address.native else _Any(address)


class _Postgres(Reader):
    """PostgreSQL through Arrow."""

    def __init__(self, address: Address) -> None:
        self._connection = adbc.connect(address.native_uri(), autocommit=True)
        self._cursor = self._connection.cursor()
        self._cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def tables(self) -> list[str]:
        self._cursor.execute(
            "SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind IN ('r', 'p', 'v', 'm', "
            "'f') AND pg_table_is_visible(c.oid) ORDER BY 1"
        )
        return [name for (name,) in self._cursor.fetchall()]

    def _fields(self, sql: str) -> list[pa.Field]:
        self._cursor.execute(f"SELECT * FROM ({sql}) w LIMIT 0")
        with self._cursor.fetch_record_batch() as nothing:
            return list(nothing.schema)

    def held(self, told: str, growing: str) -> list[Value]:
        _place(growing, [field.name for field in self._fields(_compiled(sa.text(told)))])
        some = f"SELECT {growing} FROM ({told}) w WHERE {growing} IS NOT NULL LIMIT 1"
        parts = self.read(sa.text(some), growing)
        return [part.greatest for part in parts if part.greatest is not None]

    def read(self, asked: sa.TextClause, growing: str | None) -> Iterator[Part]:
        sql = _compiled(asked)
        fields = self._fields(sql)
        place = _place(growing, _single([field.name for field in fields]))
        exact = place is not None and _type(fields[place]) == "numeric"
        columns = ", ".join(_selected(field) for field in fields)
        self._cursor.execute(f"SELECT {columns} FROM ({sql}) w")
        with self._cursor.fetch_record_batch() as found:
            yield Part(pa.RecordBatch.from_pylist([], schema=found.schema), None)
            for batch in found:
                if place is None:
                    yield Part(batch, None)
                    continue
                values = pc.unique(batch.column(place)).to_pylist()
                if exact:  # read as text, lest a digit is lost
                    values = [None if value is None else Decimal(value) for value in values]
                yield Part(batch, greatest(values))

    def close(self) -> None:
        self._cursor.close()
        self._connection.close()


def _compiled(asked: sa.TextClause) -> str:
    """A statement with its parameters written out."""
    return str(
        asked.compile(
            dialect=postgresql.dialect(paramstyle="named"),  # type: ignore[no-untyped-call]
            compile_kwargs={"literal_binds": True},
        )
    )


def _selected(field: pa.Field) -> str:
    name = '"' + field.name.replace('"', '""') + '"'
    return f"w.{name}" if _type(field) in _KEPT else f"w.{name}::text AS {name}"


def _type(field: pa.Field) -> str:
    return str((field.metadata or {}).get(b"POSTGRESQL:type", b"").decode())


def _place(growing: str | None, names: list[str]) -> int | None:
    if growing is None:
        return None
    folded = [name.lower() for name in names]
    if growing.lower() not in folded:
        raise ColumnError(
            f"there is no column {growing!r}, which the mapping names as watermark "
            f"({', '.join(names)})"
        )
    return folded.index(growing.lower())


def _single(names: list[str]) -> list[str]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ColumnError(f"the query gives the column {twice[0]!r} more than once")
    return names


def _may_only_read(action: int, name: str | None, *_: str | None) -> int:
    """What SQLite asks before each statement: ATTACH and VACUUM INTO would make files."""
    shows = str(name).endswith(("_info", "_list", "_version"))
    writes = action == sqlite3.SQLITE_ATTACH or (action == sqlite3.SQLITE_PRAGMA and not shows)
    return sqlite3.SQLITE_DENY if writes else sqlite3.SQLITE_OK


class _Any(Reader):
    """Any database that SQLAlchemy knows, by its driver's own cursor."""

    def __init__(self, address: Address) -> None:
        engine = address.engine()
        if engine.dialect.name == "oracle":
            engine.dialect.dbapi.defaults.fetch_lobs = False  # type: ignore[union-attr]
        self._connection = engine.connect()
        read_only = _READ_ONLY.get(engine.dialect.name)
        if read_only:
            self._connection.exec_driver_sql(read_only)
        if engine.dialect.name == "sqlite":
            self._connection.connection.driver_connection.set_authorizer(_may_only_read)  # type: ignore[union-attr]

    def tables(self) -> list[str]:
        seen = sa.inspect(self._connection)
        quoted = self._connection.dialect.identifier_preparer.quote
        return sorted(quoted(name) for name in [*seen.get_table_names(), *seen.get_view_names()])

    def held(self, told: str, growing: str) -> list[Value]:
        with closing(
            self._connection.execute(sa.text(f"SELECT * FROM ({told}) w WHERE 1 = 0"))
        ) as none:
            _place(growing, list(none.keys()))
        some = f"SELECT {growing} FROM ({told}) w WHERE {growing} IS NOT NULL"
        orders = ("ASC", "DESC") if self._connection.dialect.name == "sqlite" else ()
        values = []
        for asked in [f"{some} ORDER BY 1 {order}" for order in orders] or [some]:
            with closing(self._stream(sa.text(asked))) as found:
                values += list(found.fetchone() or ())
        return values

    def _stream(self, asked: sa.TextClause) -> sa.CursorResult[Any]:
        return self._connection.execute(asked, execution_options={"stream_results": True})

    def read(self, asked: sa.TextClause, growing: str | None) -> Iterator[Part]:
        result = self._stream(asked)
        names = _single(list(result.keys()))
        place = _place(growing, names)
        yield Part(text_columns(names, []), None)
        while rows := result.fetchmany(BATCH_ROWS):
            value = None if place is None else greatest(row[place] for row in rows)
            yield Part(text_columns(names, rows), value)

    def close(self) -> None:
        self._connection.close()

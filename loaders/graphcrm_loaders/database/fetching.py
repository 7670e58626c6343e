"""From databases to files: everything that is to be loaded, as it was at one moment."""

from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import adbc_driver_manager
import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from graphcrm.errors import SourceError, UsageError
from graphcrm.model import VOCABULARY
from graphcrm_loaders.database.address import Address, scrubbed
from graphcrm_loaders.database.reading import Reader, open_database
from graphcrm_loaders.database.statement import statement, told
from graphcrm_loaders.database.watermark import ColumnError, Value, Watermark
from graphcrm_loaders.mapping import DatabaseMapping, Mapping
from graphcrm_loaders.sources import SourceTable

Remembered = Callable[[str], str | None]
"""What was read → how far, as the graph remembers it; None where it never was."""

_DENIED = ("not authorized", "authorization denied")
_ONLY_READ = "a source is only read; ATTACH, VACUUM and PRAGMA are refused"
"""What we say where SQLite says that a statement was denied."""

_ERRORS = (sa.exc.SQLAlchemyError, adbc_driver_manager.Error, pa.ArrowException, OSError)


def fetch(
    address: Address,
    mapping: Mapping | None,
    folder: Path,
    remembered: Remembered | None,
    say: Callable[[str], None],
) -> list[SourceTable]:
    """Read the tables of a database into files in `folder`, all in one transaction.

    Without a mapping those are read that are named after tables of the interchange format.
    `remembered` makes it incremental. Raises SourceError where the database can't be read to the
    end: then nothing of it is loaded.
    """
    try:
        with closing(open_database(address)) as reader:
            entries = list(mapping.database) if mapping else []
            entries = entries or _by_name(address, reader.tables())
            if remembered and not any(entry.watermark for entry in entries):
                raise UsageError(
                    "--incremental needs a watermark column in the mapping, for one table at least"
                )
            return [
                _fetch_table(address, reader, entry, folder / f"{n}.parquet", remembered, say)
                for n, entry in enumerate(entries)
            ]
    except _ERRORS as error:
        raise SourceError(f"{address.title}: {scrubbed(_sentence(error))}") from None


def _by_name(address: Address, names: Iterable[str]) -> list[DatabaseMapping]:
    """The tables of a database that need no mapping."""
    plain = {name: name.split(".")[-1].strip('"`[]').lower() for name in names}
    found = {table: name for name, table in plain.items() if table in VOCABULARY.tables}
    if not found:
        raise SourceError(
            f"{address.title}: no table is named as in the interchange format; a mapping with a "
            f"section `database` says what to read (there are: {', '.join(plain) or 'none'})"
        )
    return [
        DatabaseMapping.model_validate({"table": table, "from": name})
        for table, name in found.items()
    ]


def _fetch_table(
    address: Address,
    reader: Reader,
    entry: DatabaseMapping,
    file: Path,
    remembered: Remembered | None,
    say: Callable[[str], None],
) -> SourceTable:
    title = f"{address.title}[{entry.from_ or entry.table}]"
    known = remembered(title) if remembered and entry.watermark else None
    after = Watermark.loads(known) if known else None
    if after is not None and after.column != entry.watermark:
        after = None  # another column says nothing about this one
    rows, greatest = 0, after
    writer: pq.ParquetWriter | None = None
    try:
        if after is not None:
            for value in reader.held(told(entry), after.column):
                after.require_kind(value)
        for part in reader.read(statement(entry, after), entry.watermark):
            if writer is None:
                writer = pq.ParquetWriter(file, part.rows.schema, compression="zstd")
            writer.write_batch(part.rows)
            rows += part.rows.num_rows
            greatest = _further(entry, greatest, part.greatest)
            say(f"reading {entry.table} ({rows:,} rows)")
    except ColumnError as error:
        raise SourceError(f"{title}: {error}") from None
    except TypeError:
        raise SourceError(
            f"{title}: the column {entry.watermark!r} can't be a watermark: it holds values of "
            "several kinds"
        ) from None
    except _ERRORS as error:
        reason = scrubbed(_sentence(error))
        if entry.query is None:
            raise SourceError(f"{title}: {reason}") from None
        query = " ".join(entry.query.split())
        raise SourceError(f"{title}: {reason} (in the query {query})") from None
    finally:
        if writer is not None:
            writer.close()
    return SourceTable(
        path=file,
        format="parquet",
        table=entry.table,
        mapping=entry if entry.columns else None,
        name=title,
        may_be_empty=True,
        watermark=(title, greatest.dumps()) if greatest else None,
    )


def _further(
    entry: DatabaseMapping, before: Watermark | None, value: Value | None
) -> Watermark | None:
    if entry.watermark is None or value is None:
        return before
    if before is not None and value <= before.value:  # type: ignore[operator]
        return before
    return Watermark(entry.watermark, value)


def _sentence(error: Exception) -> str:
    """What went wrong, without the statement that we made and the links that SQLAlchemy adds."""
    origin = getattr(error, "orig", None) or error
    told_by_postgresql = dict(getattr(origin, "details", None) or ())
    if b"PG_DIAG_MESSAGE_PRIMARY" in told_by_postgresql:
        return bytes(told_by_postgresql[b"PG_DIAG_MESSAGE_PRIMARY"]).decode("utf-8", "replace")
    if origin.args and isinstance(origin.args[0], dict):  # how pg8000 passes it on
        return str(origin.args[0].get("M", origin))
    said = str(origin).split("\n\n", 1)[0].strip()
    return _ONLY_READ if said in _DENIED else said

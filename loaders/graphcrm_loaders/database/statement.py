"""The query that reads one table of a source."""

from typing import Any

import sqlalchemy as sa

from graphcrm_loaders.database.watermark import Watermark
from graphcrm_loaders.mapping import DatabaseMapping


def told(entry: DatabaseMapping) -> str:
    """The query that a mapping tells for a table, in the form in which `sa.text` takes it."""
    # a colon in SQL that a person wrote is no parameter of ours
    return (entry.query or f"SELECT * FROM {entry.from_}").replace(":", r"\:").rstrip().rstrip(";")


def statement(entry: DatabaseMapping, after: Watermark | None) -> sa.TextClause:
    """What to read for a table: all of it, or what has changed since a watermark.

    Rows at the watermark are read again, since others of the same moment may have come later; rows
    without a value can't be told to be old.
    """
    if after is None or entry.watermark is None:
        return sa.text(told(entry))
    since: Any = after.since(entry.late_by)
    return sa.text(
        f"SELECT * FROM ({told(entry)}) w "
        f"WHERE {entry.watermark} >= :since OR {entry.watermark} IS NULL"
    ).bindparams(sa.bindparam("since", since))

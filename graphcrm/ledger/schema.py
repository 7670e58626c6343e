"""The schema of a ledger and its steps, which Alembic takes (`migrations/versions`)."""

import threading

import sqlalchemy as sa
from sqlalchemy import func

from graphcrm.errors import StoreError

HEAD = "0002"
"""The present schema: the last of the steps. Each is called by a number of four digits."""

VERSION_TABLE = "ledger_version"

LOCK = 0x6772_6170_6863_726D  # "graphcrm"
"""PostgreSQL's advisory lock for whatever must be done by one at a time; freed with the end of
its transaction."""

_one_at_a_time = threading.Lock()  # Alembic's context belongs to the whole process


def version(connection: sa.Connection) -> str | None:
    """The schema that a database has; None where it has no ledger yet."""
    if not sa.inspect(connection).has_table(VERSION_TABLE):
        return None
    table = sa.table(VERSION_TABLE, sa.column("version_num"))
    found: str | None = connection.execute(sa.select(table.c.version_num)).scalar()
    return found


def take_turn(connection: sa.Connection) -> None:
    """Wait until no other transaction is past this point; SQLite's writers are alone anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(func.pg_advisory_xact_lock(LOCK)))


def upgrade(connection: sa.Connection, to: str = HEAD) -> None:
    """Take all steps that lack, within the transaction of the connection.

    Raises StoreError for a server that can't keep Chinese.
    """
    take_turn(connection)
    found = version(connection)
    if found is not None and found >= to:  # another process was there first
        return
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(sa.text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            raise StoreError(f"the database keeps text as {encoding}; it must be UTF8")
    from alembic import command
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "graphcrm.ledger:migrations")
    config.set_main_option("path_separator", "os")
    with _one_at_a_time:
        command.upgrade(config, to)

"""Tables whose entries can only be added, each sealed by a hash over itself and the one before.

An entry's hash is the SHA-256 of the previous entry's hash and of its own content as canonical
JSON: columns without a value are left out, so that a column that is added later breaks nothing.
Entries are numbered without a gap from 1. Who changes, removes or moves an entry would have to
compute all later hashes anew, and then the last one, the head, differs from the one that was noted
elsewhere. (Schneier and Kelsey, "Secure Audit Logs to Support Computer Forensics", 1999.)
"""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.ledger.schema import take_turn

GENESIS = "0" * 64
"""What stands for the hash before the first entry."""

_AT_ONCE = 2_000

_JSON = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Verification:
    """What the check of a chain found.

    entries: how many were read and are whole. head: the hash of the last of them. broken: the
    number of the first entry that was changed, or that lacks; None where there is none. sought,
    found: the heads that were noted elsewhere, and those of them that an entry has. If one is not
    found, the end was cut off, or all of it was written anew.
    """

    entries: int
    head: str
    broken: int | None
    sought: frozenset[str] = frozenset()
    found: frozenset[str] = frozenset()

    @property
    def head_known(self) -> bool | None:
        """Whether all that was sought was found; None where nothing was."""
        return self.found == self.sought if self.sought else None

    @property
    def whole(self) -> bool:
        """Whether nothing speaks against the chain."""
        return self.broken is None and self.head_known is not False


def canonical(value: Any) -> str:
    """A value as JSON that is always the same for the same value.

    Raises UsageError for what JSON can't hold, such as infinite numbers.
    """
    try:
        return _JSON.encode(value)
    except (TypeError, ValueError) as error:
        raise UsageError(f"this can't be kept as JSON ({error})") from None


def canonical_or_none(value: Any) -> str | None:
    """The same, for a value that may lack."""
    return None if value is None else canonical(value)


def seal(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of an entry, whose content has its number and no hash."""
    present = {name: value for name, value in content.items() if value is not None}
    try:
        return hashlib.sha256(f"{previous}{canonical(present)}".encode()).hexdigest()
    except UnicodeEncodeError as error:  # half a character
        raise UsageError(f"this can't be kept as JSON ({error})") from None


@cache
def _last(table: sa.Table) -> sa.Select[tuple[int, str]]:
    # made once: an audited read must not spend longer on its entry than on its answer
    return sa.select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)


@cache
def _added(table: sa.Table) -> sa.Insert:
    return sa.insert(table)


def head(connection: sa.Connection, table: sa.Table) -> tuple[int, str]:
    """The number and the hash of the last entry; (0, GENESIS) where there is none."""
    row = connection.execute(_last(table)).first()
    return (0, GENESIS) if row is None else (row.seq, row.hash)


def append(
    connection: sa.Connection, table: sa.Table, content: Mapping[str, Any]
) -> tuple[int, str]:
    """Add an entry to a table of this kind; returns its number and hash.

    Raises UsageError for text with a zero character, which PostgreSQL can't keep.
    """
    for name, value in content.items():
        if isinstance(value, str) and "\0" in value:
            raise UsageError(f"{name}: must have no character of the value zero")
    take_turn(connection)
    seq, previous = head(connection, table)
    entry = {**content, "seq": seq + 1}
    sealed = seal(previous, entry)
    connection.execute(_added(table), {**entry, "hash": sealed})
    return seq + 1, sealed


def verify(
    connection: sa.Connection, table: sa.Table, expected_head: str | Collection[str] | None = None
) -> Verification:
    """Read all entries and compute their hashes; a million take some 10 seconds and little memory.

    Give the head (or heads) that was noted at an earlier check, and it is looked for.
    """
    given = [expected_head] if isinstance(expected_head, str) else expected_head or ()
    sought = frozenset(given)
    count, previous, broken = 0, GENESIS, None
    found = {GENESIS} & sought
    with _whatever_text(connection):
        for row in _entries(connection, table):
            content = dict(row._mapping)
            sealed = content.pop("hash")
            if content["seq"] != count + 1 or not _is_sealed(previous, content, sealed):
                broken = count + 1
                break
            count, previous = count + 1, sealed
            if sealed in sought:
                found.add(sealed)
    return Verification(count, previous, broken, sought, frozenset(found))


def _is_sealed(previous: str, content: Mapping[str, Any], sealed: str) -> bool:
    try:
        return seal(previous, content) == sealed
    except UsageError:  # SQLite lets one put into a column what is no text at all
        return False


@contextmanager
def _whatever_text(connection: sa.Connection) -> Iterator[None]:
    """Read what is no UTF-8, too: it is to break the chain, and not the check."""
    raw = connection.connection.driver_connection
    if not isinstance(raw, sqlite3.Connection):
        yield
        return
    raw.text_factory = lambda kept: kept.decode("utf-8", "surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = str


def _entries(connection: sa.Connection, table: sa.Table) -> Iterator[sa.Row[Any]]:
    """All entries by number, a few at a time whatever the driver."""
    seq: int | None = None
    while True:
        query = sa.select(table).order_by(table.c.seq).limit(_AT_ONCE)
        rows = connection.execute(query if seq is None else query.where(table.c.seq > seq)).all()
        yield from rows
        if len(rows) < _AT_ONCE:
            return
        seq = rows[-1].seq

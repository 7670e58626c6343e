"""What a database says when it fails, in plain words; never with the password."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import sqlalchemy as sa

from graphcrm.errors import PasswordNeededError, StoreError
from graphcrm.ledger.address import Address
from graphcrm.settings import secret

_BUSY = ("55P03", "40P01", "40001")
_WRONG_PASSWORD = ("28P01", "28000")
_NO_DATABASE, _FORBIDDEN, _READ_ONLY = "3D000", "42501", "25006"


@contextmanager
def plain_connecting(address: Address) -> Iterator[None]:
    """The same for what is raised while a connection is made, which may be the network's."""
    try:
        yield
    except OSError as error:
        _of_postgresql(error, address)


@contextmanager
def plain_errors(address: Address) -> Iterator[None]:
    """Turn what the driver raises within into a StoreError that names the database.

    A broken rule of a table (IntegrityError) goes on as it is: who wrote the row knows more of it.
    """
    try:
        yield
    except sa.exc.IntegrityError:
        raise
    except sa.exc.TimeoutError:
        raise StoreError(f"{address.title}: all connections are in use; try again") from None
    except sa.exc.DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            _of_sqlite(error.orig, address)
        _of_postgresql(error.orig or error, address)
    except sqlite3.Error as error:
        _of_sqlite(error, address)
    except ConnectionError as error:
        if address.path is not None:
            raise
        _of_postgresql(error, address)


def _of_sqlite(error: sqlite3.Error, address: Address) -> NoReturn:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        raise StoreError(
            f"{address.title}: is being written by another process; try again"
        ) from error
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        raise StoreError(f"{address.title}: can only be read here ({error})") from error
    if code == sqlite3.SQLITE_NOTADB:
        raise StoreError(f"{address.title}: is not a database of SQLite ({error})") from error
    raise StoreError(f"{address.title}: can't be read or written ({error})") from error


def _said(error: BaseException | None) -> dict[str, str]:
    """What the server itself said; that its connection is closed then may hide it."""
    while error is not None:
        if error.args and isinstance(error.args[0], dict):
            return error.args[0]
        error = error.__cause__ or error.__context__
    return {}


def _of_postgresql(error: BaseException, address: Address) -> NoReturn:
    said = _said(error)
    code, reason = said.get("C", ""), said.get("M", str(error))
    if code in _BUSY:
        raise StoreError(f"{address.title}: is being written by another process; try again")
    if code == "28P01" and secret("state") is None:
        raise PasswordNeededError(
            f"{address.title}: the server wants a password; give it in GRAPHCRM_STATE_PASSWORD, "
            "or in a file that GRAPHCRM_STATE_PASSWORD_FILE names"
        )
    if code in _WRONG_PASSWORD:
        raise StoreError(f"{address.title}: user or password is wrong ({reason})")
    if code == _NO_DATABASE:
        raise StoreError(f"{address.title}: the server has no database {address.url.database}")
    if code == _FORBIDDEN:
        raise StoreError(
            f"{address.title}: the user {address.url.username} may not do this ({reason})"
        ) from error
    if code == _READ_ONLY:
        raise StoreError(f"{address.title}: can only be read here ({reason})") from error
    if code:
        raise StoreError(f"{address.title}: the server refused ({reason})") from error
    raise StoreError(f"{address.title}: the server can't be reached ({reason})") from error

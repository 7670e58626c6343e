"""Where a ledger is, and how it is connected to."""

import sqlite3
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.settings import secret, settings
from graphcrm.store import is_server, store_path
from graphcrm.store.sqlite.connection import address as file_address

_SQLITE = "sqlite:///"
_POSTGRESQL = ("postgresql", "postgres", "postgresql+pg8000")
_CONNECTIONS = 16
"""The most that one process has open; the service's threads and what they keep aside."""

_STATEMENTS = 256


def state_url(graph: str) -> str:
    """Where the service's own state lies for a graph: its file's neighbour, or the setting `state`.

    Raises UsageError for a graph on a server where the setting lacks.
    """
    if not is_server(graph):
        return f"{_SQLITE}{store_path(graph)}.service"
    state = settings().state
    if state is None:
        raise UsageError(
            "a graph on a server wants a database beside it for decisions and the service's state; "
            "name it in GRAPHCRM_STATE (sqlite:///path or postgresql://user@host:port/name)"
        )
    return state


def ledger_url(graph: str) -> str:
    """Where the decisions about a graph lie: in its own file, or in the setting `state`.

    Raises UsageError for a graph on a server where the setting lacks.
    """
    return state_url(graph) if is_server(graph) else f"{_SQLITE}{store_path(graph)}"


@dataclass(frozen=True)
class Address:
    """A database of SQLite (then it has a `path`) or PostgreSQL, without a password."""

    url: sa.URL
    path: Path | None

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read `sqlite:///path` or `postgresql://user@host:port/name?sslmode=verify-full`.

        Raises UsageError where it is neither, or holds a password: settings are seen by others.
        """
        if text.startswith(_SQLITE):
            path = Path(text[len(_SQLITE) :]).expanduser()
            return cls(sa.URL.create("sqlite"), path)
        shown = text.split("@")[-1]
        wrong = UsageError(f"{shown}: write sqlite:///path or postgresql://user@host:port/name")
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError):
            raise wrong from None
        if url.drivername not in _POSTGRESQL or not url.database:
            raise wrong
        if url.password is not None or "password" in url.query:
            raise UsageError(
                f"{cls(url, None).title}: a password does not belong "
                "into an address; give it in GRAPHCRM_STATE_PASSWORD, or in a file that "
                "GRAPHCRM_STATE_PASSWORD_FILE names"
            )
        modes = ("disable", "prefer", "require", "verify-full")
        if url.query.get("sslmode", "prefer") not in modes:
            raise UsageError(f"{shown}: sslmode is one of {', '.join(modes)}")
        return cls(url.set(drivername="postgresql+pg8000"), None)

    @property
    def title(self) -> str:
        """How messages call it."""
        if self.path is not None:
            return str(self.path)
        url = self.url
        return sa.URL.create(
            "postgresql", url.username, None, url.host, url.port, url.database
        ).render_as_string()

    def engine(self, connect: Callable[[], sqlite3.Connection] | None) -> sa.Engine:
        """An engine for it; `connect` opens the file in place of our own way."""
        if self.path is not None:
            return sa.create_engine(
                self.url,
                creator=connect or self._open_file,
                poolclass=sa.pool.QueuePool,
                pool_size=_CONNECTIONS,
                max_overflow=0,
            )
        query = dict(self.url.query)
        mode, root = query.pop("sslmode", "prefer"), query.pop("sslrootcert", None)
        engine = sa.create_engine(
            self.url.set(query=query),
            connect_args={
                # without any, the driver stumbles where it is asked for one; servers say it better
                "password": secret("state") or "",
                "ssl_context": _encryption(str(mode), root),
                "tcp_keepalive": True,
            },
            pool_size=_CONNECTIONS,
            max_overflow=0,
        )

        def ping(raw: Any, *_: object) -> None:
            # as `pool_pre_ping`, which lets pass what the driver lets pass of the network's errors
            try:
                raw.autocommit = True  # a question opens no transaction then
                engine.dialect.do_ping(raw)
                raw.autocommit = False
            except (OSError, engine.dialect.loaded_dbapi.Error):
                raise sa.exc.InvalidatePoolError from None

        sa.event.listen(engine, "checkout", ping)
        return engine

    def _open_file(self) -> sqlite3.Connection:
        assert self.path is not None
        return sqlite3.connect(
            file_address(self.path),
            uri=True,
            isolation_level=None,
            check_same_thread=False,
            cached_statements=_STATEMENTS,
        )


def _encryption(mode: str, root: object) -> ssl.SSLContext | bool | None:
    """What the driver takes for libpq's sslmode; None: encrypted where the server offers it."""
    if mode == "verify-full":
        return ssl.create_default_context(cafile=str(root) if root else None)
    return {"disable": False, "prefer": None, "require": True}[mode]

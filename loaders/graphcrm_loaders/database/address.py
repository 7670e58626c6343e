"""Where a database is, and the password to it, which is kept out of everything that is shown."""

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.settings import secret

_DRIVERS = {
    "mysql": ("pymysql", "pymysql", "mysql"),
    "mariadb": ("pymysql", "pymysql", "mysql"),
    "oracle": ("oracledb", "oracledb", "oracle"),
    "mssql": ("pyodbc", "pyodbc", "sqlserver"),
}
"""For a database without a driver in its URL: the driver, its module, and our extra with it."""

_NATIVE = ("postgresql", "postgres")


@dataclass(frozen=True)
class Address:
    """A database: its SQLAlchemy URL, without a password."""

    url: sa.URL

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read a URL such as `postgresql://reader@host/core`.

        Raises UsageError where it is none, or holds a password: command lines are seen by others.
        """
        try:
            url = sa.make_url(text)
        except (sa.exc.ArgumentError, ValueError):
            shown = text.split("@")[-1]
            raise UsageError(
                f"{shown}: not the address of a database (such as postgresql://user@host/name)"
            ) from None
        if url.password is not None or any("password" in name.lower() for name in url.query):
            raise UsageError(
                f"{cls(url.set(password=None)).title}: a password does not belong "
                "into an address; give it in GRAPHCRM_SOURCE_PASSWORD, or in a file that "
                "GRAPHCRM_SOURCE_PASSWORD_FILE names"
            )
        return cls(url)

    @property
    def native(self) -> bool:
        """Whether it is read through Arrow by PostgreSQL's own driver."""
        return self.url.drivername in _NATIVE

    @property
    def title(self) -> str:
        """How reports name it."""
        return self.url.set(query={}).render_as_string()

    def engine(self) -> sa.Engine:
        """An engine for it. Raises UsageError where its driver isn't installed."""
        url = self.url
        if url.drivername == "sqlite" and not Path(url.database or "").is_file():
            raise UsageError(f"{self.title}: there is no such file")
        driver, module, extra = _DRIVERS.get(url.drivername, ("", "", ""))
        if driver:
            url = url.set(drivername=f"{url.drivername}+{driver}")
        hidden = password()
        try:
            return sa.create_engine(
                url.set(password=hidden) if hidden else url, poolclass=sa.pool.NullPool
            )
        except (sa.exc.NoSuchModuleError, ModuleNotFoundError) as error:
            missing = getattr(error, "name", None) or module or url.drivername
            advice = f" (pip install 'graphcrm[{extra}]')" if extra else ""
            raise UsageError(
                f"{self.title}: the Python package {missing!r} that reads it is not installed"
                f"{advice}"
            ) from None

    def native_uri(self) -> str:
        """The connection URI for PostgreSQL's own driver, password and all: never to be shown."""
        hidden = password()
        url = self.url.set(drivername="postgresql")
        return (url.set(password=hidden) if hidden else url).render_as_string(hide_password=False)


def password() -> str | None:
    """The password for databases, from the settings. Raises UsageError for an unreadable file."""
    return secret("source")


def scrubbed(text: str) -> str:
    """A driver's message without the password, should it be in there."""
    hidden = password()
    return text.replace(hidden, "***") if hidden else text

"""Where a graph is on a server, and the password to it, which is kept out of all that is shown."""

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from graphcrm.errors import UsageError
from graphcrm.settings import secret

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
"""The driver's: one server or a cluster, plain or encrypted (`ssc`: also self-signed)."""

_USER = "neo4j"


@dataclass(frozen=True)
class Address:
    """A database of a server: `bolt://user@host:7687/database`; without one, the user's home."""

    scheme: str
    host: str
    port: int
    user: str
    database: str | None

    @classmethod
    def parse(cls, url: str) -> "Address":
        """Read an address. Raises UsageError where it is none, or holds a password."""
        wrong = UsageError(f"{url.split('@')[-1]}: write bolt://user@host:7687/database")
        try:
            parts = urlsplit(url)
            port = parts.port or 7687
        except ValueError:
            raise wrong from None
        if parts.password is not None:
            raise UsageError(
                f"{parts.scheme}://{parts.hostname}: a password does not belong into an address; "
                "give it in GRAPHCRM_GRAPH_PASSWORD, or in a file that "
                "GRAPHCRM_GRAPH_PASSWORD_FILE names"
            )
        database = unquote(parts.path.strip("/")) or None
        if parts.scheme not in SCHEMES or not parts.hostname or parts.query or parts.fragment:
            raise wrong
        if database and "/" in database:
            raise wrong
        return cls(parts.scheme, parts.hostname, port, unquote(parts.username or _USER), database)

    @property
    def uri(self) -> str:
        """What the driver connects to."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """The whole address, as `parse` reads it."""
        database = f"/{quote(self.database)}" if self.database else ""
        return self.uri.replace("://", f"://{quote(self.user, safe='')}@") + database

    def password(self) -> str | None:
        """The password, from the settings. Raises UsageError where its file can't be read."""
        return secret("graph")


def is_server(url: str) -> bool:
    """Whether an address names a database of a server."""
    return url.partition("://")[0] in SCHEMES and "://" in url

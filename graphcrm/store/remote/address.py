"""Where a service is: `https://host:port`, without anybody's key in it."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from graphcrm.errors import UsageError

_SCHEMES = ("https", "http")


def is_service(url: str) -> bool:
    """Whether an address names a service, rather than a graph itself."""
    return "://" in url and url.partition("://")[0].lower() in _SCHEMES


@dataclass(frozen=True)
class ServiceAddress:
    """The address of a service; `here` says that it is one of this machine."""

    url: str
    here: bool

    @classmethod
    def parse(cls, text: str, *, plain: bool = False) -> ServiceAddress:
        """Read an address; `plain` lets another machine's do without encryption.

        Raises UsageError where it is none, holds a name or password, or is not encrypted.
        """
        try:
            parts = urlsplit(text)
            _ = parts.port
        except ValueError:
            parts = SplitResult("", "", "", "", "")
        if "@" in parts.netloc:
            raise UsageError(
                f"{parts.scheme}://{parts.hostname}: neither a name nor a password belongs into an "
                "address; give the key in GRAPHCRM_KEY, or in a file that GRAPHCRM_KEY_FILE names"
            )
        scheme = parts.scheme.lower()
        if scheme not in _SCHEMES or not parts.hostname or parts.query or parts.fragment:
            raise UsageError(f"{text.split('@')[-1]}: write https://host:port")
        here = is_here(parts.hostname)
        if scheme == "http" and not here and not plain:
            raise UsageError(
                f"{text}: without encryption only a service of this machine is asked; write "
                "https://, or set service_http where the network is a safe one"
            )
        return cls(f"{scheme}://{parts.netloc}{parts.path.rstrip('/')}", here)


def is_here(host: str) -> bool:
    """Whether a host or network address is this machine's own, which no other reaches."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False

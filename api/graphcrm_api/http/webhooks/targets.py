"""Whom a webhook may call: hosts that the settings name, at addresses that are not our own network.

A name that led elsewhere at the moment of the call than when it was checked (DNS rebinding) would
make the service call whatever lies near it: so the very address that was checked is connected to.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit

from graphcrm.settings import Settings

_PORTS = {"https": 443, "http": 80}

_TRANSLATED = tuple(
    ipaddress.ip_network(net) for net in ("64:ff9b::/96", "64:ff9b:1::/48", "::/96")
)
"""IPv6 addresses that lead to an IPv4 address by a translator (RFC 6052, 8215), or once did."""

_LONGEST_NAME = 253


class ForbiddenTargetError(Exception):
    """The settings do not let webhooks call this; the message says why."""


@dataclass(frozen=True)
class Target:
    """Where a webhook calls."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def encrypted(self) -> bool:
        """Whether by https."""
        return self.scheme == "https"


def target_of(settings: Settings, url: str) -> Target:
    """Where a webhook's address leads. Raises ForbiddenTargetError where it may not."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
        host.encode("idna")
    except (ValueError, UnicodeError):
        raise ForbiddenTargetError("the address can't be read") from None
    if parts.scheme not in _PORTS or not host or len(host) > _LONGEST_NAME:
        raise ForbiddenTargetError("the address begins with https:// and a host")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise ForbiddenTargetError("the address has neither user, password nor fragment")
    if not url.isascii() or any(sign <= " " or sign == "\x7f" for sign in url):
        raise ForbiddenTargetError("the address has only ASCII characters and no blanks")
    if parts.scheme == "http" and not settings.webhook_private:
        raise ForbiddenTargetError("the address begins with https:// and a host")
    port = _PORTS[parts.scheme] if port is None else port
    usual = port == _PORTS[parts.scheme]
    allowed = {name.lower() for name in settings.webhook_hosts}
    shown = f"[{host}]" if ":" in host else host
    if f"{shown}:{port}" not in allowed and not (usual and shown in allowed):
        raise ForbiddenTargetError("the setting webhook_hosts does not name this host")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, path)


def address_of(settings: Settings, target: Target) -> str:
    """The network address to connect to now. Raises ForbiddenTargetError, OSError.

    One forbidden address among several makes all of them suspect.
    """
    found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    addresses = [str(entry[4][0]) for entry in found]
    for address in addresses:
        if not settings.webhook_private and not is_public(address):
            raise ForbiddenTargetError("the host's address is a private one")
    return addresses[0]


def is_public(text: str) -> bool:
    """Whether an address is one of the open internet, and of one machine."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or [None])[0]
        if inner is not None:
            return is_public(str(inner))
        if address.scope_id is not None or any(address in network for network in _TRANSLATED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved

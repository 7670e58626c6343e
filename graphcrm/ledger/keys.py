"""API keys: how programs prove who they are to the service.

A key is `gcrm_<prefix>_<secret>`. The prefix names it, in lists and in the audit log. Of the secret
only the SHA-256 is kept: it is 256 random bits, which nobody guesses however fast the hash is, so
the slow hashes that protect short passwords would cost time at each request and protect nothing.
"""

import datetime as dt
import hashlib
import hmac
import json
import re
import secrets
import string
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from graphcrm.errors import UsageError
from graphcrm.ledger import chain, times
from graphcrm.ledger.tables import KEY

ROLES = ("reader", "analyst", "service", "approver", "steward", "investigator", "admin")
"""What a key may be allowed to be."""

_FORM = re.compile(r"gcrm_([A-Za-z0-9]{8})_([A-Za-z0-9_-]{43})")
_ALPHABET = string.ascii_letters + string.digits
_NOTED_EVERY = 60.0


@dataclass(frozen=True)
class Key:
    """A key, without its secret.

    branches: ids of the departments whose customers it may see; None: the whole company.
    expires_on: the last day, in UTC, on which it opens anything; None: it does until revoked.
    used_at: when it was last used, to the minute.
    """

    prefix: str
    name: str
    roles: tuple[str, ...]
    branches: tuple[str, ...] | None
    expires_on: dt.date | None
    created_at: dt.datetime
    created_by: str
    used_at: dt.datetime | None
    revoked_at: dt.datetime | None
    revoked_by: str | None

    def opens(self, day: dt.date) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_on is None or day <= self.expires_on)


def create(
    connection: sa.Connection,
    *,
    name: str,
    roles: Sequence[str],
    branches: Sequence[str] | None,
    expires_on: dt.date | None,
    by: str,
) -> tuple[Key, str]:
    """Make a key; returns it and its text, which can't be had again.

    Raises UsageError for an empty name, an unknown role or none, no branch in a list of them, or a
    day that has passed.
    """
    if not name.strip():
        raise UsageError("a key needs a name that says what uses it")
    if not roles:
        raise UsageError(f"a key needs a role: {', '.join(ROLES)}")
    for role in roles:
        if role not in ROLES:
            raise UsageError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    if branches is not None and not all(branch.strip() for branch in branches or [""]):
        raise UsageError("a key for branches needs the id of at least one, and none is empty")
    if expires_on is not None and expires_on < times.now().date():
        raise UsageError(f"{expires_on}: a key can't expire on a day that has passed")
    prefix = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    values = {
        "prefix": prefix,
        "secret_hash": _hash(secret),
        "name": name.strip(),
        "roles": chain.canonical([role for role in ROLES if role in roles]),
        "branches": None if branches is None else chain.canonical(sorted(set(branches))),
        "expires_on": None if expires_on is None else expires_on.isoformat(),
        "created_at": times.written(times.now()),
        "created_by": by,
    }
    connection.execute(sa.insert(KEY), values)
    made = get(connection, prefix)
    assert made is not None
    return made, f"gcrm_{prefix}_{secret}"


def find(connection: sa.Connection, text: str) -> Key | None:
    """The key that a text is; None where it is unknown, wrong, expired or revoked.

    Only the hash of the secret is compared, and in constant time.
    """
    parts = _FORM.fullmatch(text)
    if parts is None:
        return None
    row = connection.execute(sa.select(KEY).where(KEY.c.prefix == parts[1])).first()
    if row is None or not hmac.compare_digest(row.secret_hash, _hash(parts[2])):
        return None
    key = _key(row)
    return key if key.opens(times.now().date()) else None


def get(connection: sa.Connection, prefix: str) -> Key | None:
    """The key of a prefix, whether it opens anything or not."""
    row = connection.execute(sa.select(KEY).where(KEY.c.prefix == prefix)).first()
    return None if row is None else _key(row)


def list_keys(connection: sa.Connection) -> list[Key]:
    """All keys, newest first."""
    query = sa.select(KEY).order_by(KEY.c.created_at.desc(), KEY.c.prefix)
    return [_key(row) for row in connection.execute(query)]


def revoke(connection: sa.Connection, prefix: str, by: str) -> Key:
    """Let a key open nothing from now on; one that was revoked stays as it was.

    Raises UsageError for an unknown prefix.
    """
    connection.execute(
        sa.update(KEY)
        .where(KEY.c.prefix == prefix, KEY.c.revoked_at.is_(None))
        .values(revoked_at=times.written(times.now()), revoked_by=by)
    )
    key = get(connection, prefix)
    if key is None:
        raise UsageError(f"there is no key {prefix!r}")
    return key


def used(connection: sa.Connection, prefix: str) -> None:
    """Note that a key was used now; writes at most once a minute.

    Look at `Key.used_at` first (`noted`), and spare the transaction.
    """
    now = times.now()
    before = times.later(now, -_NOTED_EVERY)
    connection.execute(
        sa.update(KEY)
        .where(KEY.c.prefix == prefix, KEY.c.used_at.is_(None) | (KEY.c.used_at < before))
        .values(used_at=times.written(now))
    )


def noted(key: Key) -> bool:
    """Whether the last use of a key was noted within the last minute."""
    now = times.now()
    return key.used_at is not None and (now - key.used_at).total_seconds() < _NOTED_EVERY


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _key(row: sa.Row[Any]) -> Key:
    return Key(
        prefix=row.prefix,
        name=row.name,
        roles=tuple(json.loads(row.roles)),
        branches=None if row.branches is None else tuple(json.loads(row.branches)),
        expires_on=None if row.expires_on is None else dt.date.fromisoformat(row.expires_on),
        created_at=times.read(row.created_at),
        created_by=row.created_by,
        used_at=times.read_or_none(row.used_at),
        revoked_at=times.read_or_none(row.revoked_at),
        revoked_by=row.revoked_by,
    )

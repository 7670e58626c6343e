"""Making, listing and revoking keys.

Whoever makes a key can't give what they don't have: not by its roles, its branches, nor by how long
it lasts. Keys of others are seen by whom their branches lie within.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from graphcrm.errors import UnknownNodeError
from graphcrm.ledger import keys
from graphcrm.ledger.keys import Key
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.identity.scopes import ROLE_SCOPES
from graphcrm_api.http.jobs.rights import note_change
from graphcrm_api.http.keys.schemas import KeyOrder, KeyView, MadeKey

_KEY = "key:"


def make(connection: sa.Connection, caller: Caller, order: KeyOrder) -> MadeKey:
    """Make a key for branches that were looked at; its text can't be had again."""
    for role in order.roles:
        lacks = sorted(ROLE_SCOPES[role] - caller.subject.scopes)
        if lacks:
            raise Problem(
                "forbidden", f"the role {role} has scopes that you lack: {', '.join(lacks)}"
            )
    _require_no_longer(connection, caller, order.expires_on)
    made, text = keys.create(
        connection,
        name=order.name,
        roles=order.roles,
        branches=order.branches,
        expires_on=order.expires_on,
        by=caller.subject.name,
    )
    note_change(
        connection,
        caller,
        "keys.create",
        f"key:{made.prefix}",
        roles=list(made.roles),
        branches=made.branches and list(made.branches),
        expires_on=made.expires_on and made.expires_on.isoformat(),
    )
    return MadeKey(**vars(KeyView.of(made)), key=text)


def list_keys(caller: Caller) -> list[KeyView]:
    """The keys of the caller's branches, newest first."""
    with caller.backend.state.reading() as connection:
        found = keys.list_keys(connection)
    return [KeyView.of(key) for key in found if _within(caller, key)]


def revoke(connection: sa.Connection, caller: Caller, prefix: str) -> KeyView:
    """Let a key open nothing from now on. Problem where there is none, or not for the caller."""
    key = keys.get(connection, prefix)
    if key is None:
        raise Problem("not-found", f"there is no key {prefix!r}")
    if not _within(caller, key):
        raise Problem("not-found", f"there is no key {prefix!r}", refused=f"key:{prefix}")
    if key.revoked_at is not None:
        return KeyView.of(key)
    note_change(connection, caller, "keys.revoke", f"key:{prefix}")
    return KeyView.of(keys.revoke(connection, prefix, caller.subject.name))


def require_branches(caller: Caller, wanted: list[str] | None) -> None:
    """Problem for branches of a key that are not there, or not the caller's."""
    if caller.branches is not None:
        if wanted is None or not set(wanted) <= set(caller.branches):
            raise Problem("forbidden", "the branches of a key must lie within your own")
    elif wanted is not None:
        with caller.store() as store:
            try:
                store.branches_below(wanted)
            except UnknownNodeError as error:
                raise Problem("invalid", str(error)) from None


def _require_no_longer(connection: sa.Connection, caller: Caller, wanted: dt.date | None) -> None:
    """A key that outlived the one that made it would give its rights for longer than meant."""
    if not caller.subject.name.startswith(_KEY):
        return
    own = keys.get(connection, caller.subject.name.removeprefix(_KEY))
    end = own.expires_on if own is not None else None
    if end is not None and (wanted is None or wanted > end):
        raise Problem("forbidden", f"a key can't last longer than the one that makes it ({end})")


def _within(caller: Caller, key: Key) -> bool:
    if caller.branches is None:
        return True
    return key.branches is not None and set(key.branches) <= set(caller.branches)

"""Rights beyond scopes: the whole company, one's own things, and what stays of them later."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa

from graphcrm.ledger import audit, keys
from graphcrm.ledger.jobs import Job
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.identity.scopes import scopes_of

_KEY = "key:"


def require_whole_company(caller: Caller) -> None:
    """Refuse who is limited to branches: what is asked for concerns all of them."""
    if caller.branches is not None:
        raise Problem("forbidden", "this concerns the whole company, and you are of some branches")


def sees_all(caller: Caller) -> bool:
    """Whether what others started and made is shown: to an administrator of the whole company."""
    return caller.branches is None and "admin" in caller.subject.roles


def whose(caller: Caller) -> str | None:
    """The name of whom a list is about; None for everybody's."""
    return None if sees_all(caller) else caller.subject.name


def note_change(
    connection: sa.Connection, caller: Caller, action: str, resource: str, **detail: Any
) -> None:
    """Keep in the audit log what is changed, in the transaction that changes it."""
    audit.append(connection, **caller.entry(action, resource, **detail))


def lasting_branches(
    connection: sa.Connection, name: str, scope: str
) -> tuple[bool, tuple[str, ...] | None]:
    """Whether somebody may still do something later on, and the branches that they have.

    Of a key this is known at any time; of others only that they might when they asked, so they are
    let start lasting things for the whole company alone.
    """
    if not name.startswith(_KEY):
        return True, None
    key = keys.get(connection, name.removeprefix(_KEY))
    if key is None or not key.opens(dt.datetime.now(dt.UTC).date()):
        return False, ()
    return scope in scopes_of(frozenset(key.roles)), key.branches


def may_go_on(connection: sa.Connection, job: Job, scope: str) -> bool:
    """Whether who asked for a job may still have it done, of the branches that they had then."""
    allowed, branches = lasting_branches(connection, job.by, scope)
    return allowed and job.branches == branches

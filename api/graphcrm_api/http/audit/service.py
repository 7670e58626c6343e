"""Reading and checking what was recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from graphcrm.ledger import audit, checking
from graphcrm.ledger.audit import AuditEntry
from graphcrm_api.http.conventions.cursors import cursor_of
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.pages import after_number
from graphcrm_api.http.jobs.rights import require_whole_company

_RESOURCE = "audit"


def page(
    caller: Caller,
    *,
    who: str | None,
    action: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    limit: int,
    cursor: str | None,
) -> dict[str, Any]:
    """A page of entries, newest first. That it was read is an entry of its own."""
    require_whole_company(caller)
    asked = [who, action, since and since.isoformat(), until and until.isoformat()]
    after = after_number(asked, cursor)
    with caller.backend.state.reading() as connection:
        found = audit.page(
            connection,
            after=after,
            limit=limit + 1,
            who=who,
            action=action,
            since=since,
            until=until,
        )
    shown = found[:limit]
    caller.note("read audit", _RESOURCE, rows=len(shown))
    following = cursor_of(asked, shown[-1].seq) if len(found) > limit else None
    return {"items": [_entry(entry) for entry in shown], "next": following}


def check(caller: Caller, heads: Sequence[str]) -> dict[str, Any]:
    """Compute all hashes anew: of the audit log and of the decisions."""
    require_whole_company(caller)
    found = checking.check(caller.backend.state, caller.backend.ledger.database, heads)
    caller.note("verify audit", _RESOURCE, whole=found.whole)
    return found.told()


def _entry(entry: AuditEntry) -> dict[str, Any]:
    return {
        "seq": entry.seq,
        "at": entry.at,
        "who": entry.who,
        "via": entry.via,
        "action": entry.action,
        "resource": entry.resource,
        "outcome": entry.outcome,
        "purpose": entry.purpose,
        "detail": entry.detail,
        "request_id": entry.request_id,
    }

"""Reading and checking what was recorded."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from graphcrm.ledger import audit, checking
from graphcrm.ledger.audit import AuditEntry
from graphcrm_api.http.audit.schemas import Entry
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.jobs.rights import require_whole_company

_RESOURCE = "audit"


def page(
    caller: Caller,
    paging: Paging,
    *,
    who: str | None,
    action: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
) -> dict[str, Any]:
    """A page of entries, newest first. That it was read is an entry of its own."""
    require_whole_company(caller)
    asked = [who, action, since and since.isoformat(), until and until.isoformat()]

    def read(after: int | None, limit: int) -> list[AuditEntry]:
        with caller.backend.state.reading() as connection:
            return audit.page(
                connection,
                after=after,
                limit=limit,
                who=who,
                action=action,
                since=since,
                until=until,
            )

    shown, following = paging.by_number(asked, read)
    caller.note("read audit", _RESOURCE, rows=len(shown))
    return {"items": [Entry.of(entry) for entry in shown], "next": following}


def check(caller: Caller, heads: Sequence[str]) -> dict[str, Any]:
    """Compute all hashes anew: of the audit log and of the decisions."""
    require_whole_company(caller)
    found = checking.check(caller.backend.state, caller.backend.ledger.database, heads)
    caller.note("verify audit", _RESOURCE, whole=found.whole)
    return found.told()

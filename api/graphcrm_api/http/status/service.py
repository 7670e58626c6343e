"""The graph's state as a caller may see it."""

from __future__ import annotations

from typing import Any

from graphcrm_api.http.conventions.moments import in_utc
from graphcrm_api.http.identity.caller import Caller


def status(caller: Caller) -> dict[str, Any]:
    """What is in the graph; without counts for who is limited to branches."""
    with caller.store() as store:
        found, unfinished = store.status(), bool(store.unfinished())
    through = [entry["finished_at"] for entry in found.loads if entry["state"] == "done"]
    shared = {
        "change": found.change,
        "loaded_at": in_utc(through[0]) if through else None,
        "unfinished": unfinished,
    }
    if caller.branches is not None:
        company = ("nodes", "edges", "refused", "pending", "loads")
        return {**shared, **dict.fromkeys(company)}
    return {
        **shared,
        "nodes": found.nodes,
        "edges": found.edges,
        "refused": found.refused,
        "pending": found.pending,
        "loads": [_line(entry) for entry in found.loads],
    }


def me(caller: Caller) -> dict[str, Any]:
    """Who asks, and what they may do and see."""
    with caller.store() as store:
        unfinished = bool(store.unfinished())
    branches = caller.subject.branches
    return {
        "name": caller.subject.name,
        "roles": sorted(caller.subject.roles),
        "scopes": sorted(caller.subject.scopes),
        "branches": None if branches is None else sorted(branches),
        "unmasked": caller.unmasked,
        "unfinished": unfinished,
    }


def _line(entry: dict[str, Any]) -> dict[str, Any]:
    files = entry["report"]["files"] if entry["report"] else None
    return {
        **{name: entry[name] for name in ("load", "state", "source")},
        **{name: in_utc(entry[name]) for name in ("started_at", "finished_at")},
        "rows": None if files is None else sum(file["rows"] for file in files),
        "refused": None if files is None else sum(file["refused"] for file in files),
    }

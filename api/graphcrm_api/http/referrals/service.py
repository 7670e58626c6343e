"""Referrals as a caller may see them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from graphcrm.referrals import loops
from graphcrm.store import question
from graphcrm.store.paging import Node
from graphcrm_api.http.conventions.answering import Answers, masked
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.customers.service import require_visible
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.sight import Sight
from graphcrm_api.http.referrals.schemas import OUTSIDE

Row = dict[str, Any]

_REFERRALS, _CHAIN = question("referrals"), question("referral_chain")
_ENDS = ("referrer", "referred")
_STUB: Row = {"label": OUTSIDE, "id": None, "name": None, "referred_on": None}


def list_referrals(caller: Caller, paging: Paging) -> Row:
    """A page of who brought whom; one end at least lies in the caller's branches."""
    answers = Answers(caller)
    table = answers.whole(_REFERRALS, {})
    if caller.branches is not None:
        whole = table

        def limit_to() -> pa.Table:
            with caller.sight() as sight:
                return _within(sight, whole)

        table = answers.kept(("referrals of", caller.branches), limit_to)
    page, following = paging.by_row(table, ["referrals"])
    caller.note_view("list", "referrals", rows=page.num_rows)
    rows = masked(caller, _REFERRALS, page)
    return {"items": [_referral(row) for row in rows], "next": following}


def tree(caller: Caller, label: str, id: str, limit: int) -> Row:
    """Whom a customer brought, directly or through others, and who brought them."""
    with caller.sight() as sight:
        require_visible(sight, label, id)
        root = sight.store.node(label, id)
        assert root is not None
        given = {"label": label, "id": id}
        chain = sight.store.query("referral_chain", **given).to_pylist()
        ties = sight.store.query("customer_ties", **given).to_pylist()
        above = [row for row in ties if row["tie"] == "REFERRED_BY"]
        seen = sight.visible((row["label"], row["id"]) for row in (*chain, *above))
        brought, complete = _brought((label, id), chain, seen, limit)
        shown = _told(sight, [{"label": label, "id": id, "name": root.get("name")}, *brought])
        bringers = _told(sight, _bringers(above, seen))
    caller.note_view("view", f"{label}:{id}", referrals=len(brought))
    return {"root": shown[0], "brought_by": bringers, "brought": shown[1:], "complete": complete}


def list_loops(caller: Caller, paging: Paging) -> Row:
    """A page of the loops with a customer in the caller's branches."""
    answers = Answers(caller)

    def find() -> pa.Table:
        with caller.store() as store:
            return loops(store)

    whole = answers.kept("loops", find)

    def gather() -> pa.Table:
        with caller.sight() as sight:
            return _gathered(sight, whole)

    table = answers.kept(("loops of", caller.branches), gather)
    page, following = paging.by_row(table, ["loops"])
    caller.note_view("list", "referral loops", rows=page.num_rows)
    with caller.sight() as sight:
        items = [
            {"members": _told(sight, row["members"]), "outside": row["outside"]}
            for row in page.to_pylist()
        ]
    return {"items": items, "next": following}


def _within(sight: Sight, table: pa.Table) -> pa.Table:
    """The referrals of which an end is visible; of the other, if it is not, nothing is said."""
    rows: list[Row] = table.to_pylist()
    ends = [[(row[f"{end}_label"], row[f"{end}_id"]) for end in _ENDS] for row in rows]
    policies = [("Policy", row["policy_id"]) for row in rows if row["policy_id"]]
    seen = sight.visible([*(node for both in ends for node in both), *policies])
    kept: dict[tuple[Any, ...], Row] = {}
    for row, both in zip(rows, ends, strict=True):
        if not seen.intersection(both):
            continue
        for end, node in zip(_ENDS, both, strict=True):
            if node not in seen:
                row |= {f"{end}_label": OUTSIDE, f"{end}_id": None, f"{end}_name": None}
                row |= {"referred_on": None, "policy_id": None}
        if ("Policy", row["policy_id"]) not in seen:
            row["policy_id"] = None
        kept.setdefault(tuple(row.values()), row)
    return pa.Table.from_pylist(list(kept.values()), schema=table.schema)


def _referral(row: Mapping[str, Any]) -> Row:
    parties = {
        end: {part: row[f"{end}_{part}"] for part in ("label", "id", "name")} for end in _ENDS
    }
    return parties | {"referred_on": row["referred_on"], "policy_id": row["policy_id"]}


def _brought(
    root: Node, chain: Sequence[Row], seen: set[Node], limit: int
) -> tuple[list[Row], bool]:
    """The chain's rows with the places of who brought them, as far as it keeps within what is seen.

    All that somebody brought and that is not seen is one entry, and nothing lies behind it.
    """
    places = {root: 0}
    stubs: set[int] = set()
    brought: list[Row] = []
    for row in chain:
        parent = places.get((row["referrer_label"], row["referrer_id"]))
        node = (row["label"], row["id"])
        if parent is None or (node not in seen and parent in stubs):
            continue
        if len(brought) == limit:
            return brought, False
        entry: Row = {"level": row["steps"], "parent": parent}
        if node in seen:
            entry |= {part: row[part] for part in ("label", "id", "name", "referred_on")}
            places[node] = len(brought) + 1
        else:
            entry |= _STUB
            stubs.add(parent)
        brought.append(entry)
    return brought, True


def _bringers(ties: Sequence[Row], seen: set[Node]) -> list[Row]:
    """Who brought a customer; those who are not seen as one entry."""
    found = [
        {"label": row["label"], "id": row["id"], "name": row["name"], "referred_on": row["detail"]}
        for row in ties
        if (row["label"], row["id"]) in seen
    ]
    return found if len(found) == len(ties) else [*found, dict(_STUB)]


def _told(sight: Sight, rows: Sequence[Row]) -> list[Row]:
    """Customers, or what stands for them, as they may be shown."""
    named = [{"label": row["label"], "name": row.get("name")} for row in rows]
    known = [place for place, row in enumerate(rows) if row["label"] != OUTSIDE]
    names = sight.nodes([named[place] for place in known])
    told = [dict(row) for row in rows]
    for place, shown in zip(known, names, strict=True):
        told[place]["name"] = shown.get("name")
    return told


def _gathered(sight: Sight, whole: pa.Table) -> pa.Table:
    """A row for each loop: the members that are seen, and whether there are others."""
    rows: list[Row] = whole.to_pylist()
    seen = sight.visible((row["label"], row["id"]) for row in rows)
    found: dict[int, Row] = {}
    for row in rows:
        loop = found.setdefault(row["loop"], {"members": [], "outside": False})
        if (row["label"], row["id"]) in seen:
            loop["members"].append({part: row[part] for part in ("label", "id", "name")})
        else:
            loop["outside"] = True
    member = pa.struct([(part, pa.string()) for part in ("label", "id", "name")])
    schema = pa.schema([("members", pa.list_(member)), ("outside", pa.bool_())])
    listed = [loop for loop in found.values() if loop["members"]]
    listed.sort(key=lambda loop: -len(loop["members"]))
    return pa.Table.from_pylist(listed, schema=schema)

"""Duplicates as a caller may see them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from graphcrm.duplicates.customers import Candidate, Explained
from graphcrm.errors import UnknownNodeError
from graphcrm.model.visibility import OWN
from graphcrm.store import question
from graphcrm_api.http.conventions.answering import Answers, masked
from graphcrm_api.http.conventions.cursors import cursor_of
from graphcrm_api.http.conventions.paging import Paging
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.customers.service import absent, require_visible
from graphcrm_api.http.duplicates.evidence import shown
from graphcrm_api.http.duplicates.schemas import band
from graphcrm_api.http.duplicates.standing import being_renewed, mark_of, not_found, search_of
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.sight import Sight

_PERSON = "Person"
_MOST_BELOW = 5_000
_FOUND = question("duplicates_found")
_OF_A_RECORD = ("label", "id", "name", "birth_date", "probability")
_AFTER = TypeAdapter(tuple[float | None, str])


def list_clusters(caller: Caller, order: str, paging: Paging) -> dict[str, Any]:
    """A page of customers with several records."""
    answers = Answers(caller)
    records = answers.kept(("duplicates in", caller.branches), lambda: _records(answers))
    if not records.num_rows:
        with caller.store() as store:
            if mark_of(store)[1] is None:
                raise not_found()
    clusters = answers.kept(
        ("duplicates in order", order, caller.branches), lambda: _clusters(records, order)
    )
    start = _place_after(clusters, order, paging.after(["duplicates", order], _AFTER))
    page = clusters.slice(start, paging.limit)
    following = None
    if start + paging.limit < clusters.num_rows:
        last = page.slice(page.num_rows - 1).to_pylist()[0]
        following = cursor_of(["duplicates", order], [last[order], last["customer_id"]])
    found = records.filter(pc.is_in(records["customer_id"], page["customer_id"].combine_chunks()))
    caller.note_view("list", "duplicates", rows=page.num_rows)
    by_customer: dict[str, list[dict[str, Any]]] = {}
    for row in masked(caller, _FOUND, found):
        by_customer.setdefault(row["customer_id"], []).append(
            {name: row[name] for name in _OF_A_RECORD}
        )
    items = [
        {
            "customer_id": cluster["customer_id"],
            "probability": cluster["doubt"],
            "records": by_customer[cluster["customer_id"]],
            "outside": cluster["whole"] > cluster["size"],
        }
        for cluster in page.to_pylist()
    ]
    return {"items": items, "next": following}


def explain(caller: Caller, one: str, other: str) -> dict[str, Any]:
    """Why two records are one customer, or are not."""
    with caller.sight() as sight:
        for id in (one, other):
            require_visible(sight, _PERSON, id)
    search = search_of(caller.backend)
    with caller.sight() as sight:
        try:
            found = search.explain(one, other)
        except UnknownNodeError:
            raise _unknown(sight, one, other) from None
        caller.note_view("explain", f"{_PERSON}:{found.left}", other=f"{_PERSON}:{found.right}")
        return _explanation(sight, found)


def search(caller: Caller, record: dict[str, Any], limit: int) -> dict[str, Any]:
    """Who may be the customer that is about to be entered, in all of the company."""
    if not caller.unmasked:
        caller.backend.limits.spend_lookup(caller.subject.name)  # an answer says what it knows
    search = search_of(caller.backend)
    with caller.sight() as sight:
        found = search.candidates(record, limit)
        seen = sight.visible((_PERSON, candidate.id) for candidate in found)
        inside = [c for c in found if (_PERSON, c.id) in seen]
        beyond = [c for c in found if (_PERSON, c.id) not in seen]
        if beyond and caller.unmasked:  # how sure a match is tells what others know, bit by bit
            caller.backend.limits.spend_lookup(caller.subject.name)
        told = {
            "candidates": [_candidate(sight, candidate) for candidate in inside],
            "outside": [_outside(sight, candidate) for candidate in beyond],
        }
    given = sorted(name for name, value in record.items() if value)
    caller.note(
        "search before create", "duplicates", by=given, hits=len(inside), outside=len(beyond)
    )
    return told


def _candidate(sight: Sight, candidate: Candidate) -> dict[str, Any]:
    return {
        **_side(sight, candidate.id),
        "customer_id": candidate.customer_id,
        "probability": candidate.probability,
        "band": band(candidate.probability),
        "weight": candidate.weight,
        "evidence": shown(sight, candidate.steps),
    }


def _outside(sight: Sight, candidate: Candidate) -> dict[str, Any]:
    """No more than whom to call: not even the id."""
    branches = sight.store.query("customer_branches", label=_PERSON, id=candidate.id)
    masking = Sight(sight.store, sight.branches, unmasked=False)
    return {
        "band": band(candidate.probability),
        "name": _side(masking, candidate.id).get("name"),
        "branch": _to_call(sight, *branches.to_pylist()[:1]),
    }


def _to_call(sight: Sight, *serving: dict[str, Any]) -> dict[str, Any] | None:
    """A branch with its phone, else that of the company of ours whose branch it is.

    Our own numbers, which are no personal data, are shown as they are.
    """
    for row in serving:
        branch = ("Department", str(row["branch_id"]))
        around = sight.store.neighbourhood([branch], 1, _MOST_BELOW, types=["PART_OF"])
        above = [node for node in around.successors(branch) if node[0] == OWN[0]]
        own = [node for node in above if around.nodes[node].get(OWN[1]) == OWN[2]]
        phones = [around.nodes[node].get("phone") for node in (branch, *own)] if own else []
        number = next(filter(None, phones), None)
        return {"id": branch[1], "name": row["branch_name"], "phone": number}
    return None


def _side(sight: Sight, id: str) -> dict[str, Any]:
    node = sight.store.node(_PERSON, id) or {}
    (told,) = sight.nodes([{"label": _PERSON, "id": id, "name": node.get("name")}])
    return told


def _explanation(sight: Sight, found: Explained) -> dict[str, Any]:
    told = found.model_dump(include={"same", "apart", "probability", "weight", "model_version"})
    return {
        "left": _side(sight, found.left),
        "right": _side(sight, found.right),
        **told,
        "evidence": shown(sight, found.steps),
    }


def _unknown(sight: Sight, *ids: str) -> Problem:
    """Why the search doesn't know a person who is in the graph: closed, or too new."""
    for id in ids:
        node = sight.store.node(_PERSON, id)
        if node is None or node["deleted_on"] is not None:
            return absent(_PERSON, id)
    return being_renewed()


def _records(answers: Answers) -> pa.Table:
    """The records in the caller's branches, with how many their customers have in all."""
    table = answers.whole(_FOUND, {})
    if answers.caller.branches is None:
        return table
    ids = table["id"].to_pylist()
    with answers.caller.sight() as sight:
        seen = {id for _, id in sight.visible((_PERSON, id) for id in ids)}
    return table.filter(pa.array([id in seen for id in ids], pa.bool_()))


def _clusters(records: pa.Table, order: str) -> pa.Table:
    """A row for each customer: their records here and in all, and the least probability."""
    grouped = records.group_by("customer_id").aggregate(
        [("id", "count"), ("records", "max"), ("probability", "min")]
    )
    named = pa.table(
        {
            "customer_id": grouped["customer_id"],
            "size": grouped["id_count"],
            "whole": grouped["records_max"],
            "doubt": grouped["probability_min"],
        }
    )
    direction = "descending" if order == "size" else "ascending"
    keys = [(order, direction, "at_end"), ("customer_id", "ascending", "at_end")]
    return named.take(pc.sort_indices(named, sort_keys=keys))


def _place_after(clusters: pa.Table, order: str, after: tuple[float | None, str] | None) -> int:
    """How many customers come before or are the one that a cursor names."""
    if after is None:
        return 0
    value, id = after
    values = clusters[order].to_numpy()
    tied = pc.less_equal(clusters["customer_id"], id).to_numpy()
    if value is None:
        return int((~np.isnan(values) | tied).sum())
    earlier = values > value if order == "size" else values < value
    return int((earlier | ((values == value) & tied)).sum())

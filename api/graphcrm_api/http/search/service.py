"""Searches as a caller may do them."""

from typing import Any

from graphcrm.store.sought import Sought
from graphcrm.store.staging import ID_SEPARATOR, escaped_id
from graphcrm_api.http.identity.caller import Caller
from graphcrm_api.http.privacy.masks import title_of
from graphcrm_api.http.privacy.sight import Sight
from graphcrm_api.http.search.telling import told_apart


def search(caller: Caller, text: str, limit: int) -> dict[str, Any]:
    """The nodes that best fit a text, as far as they are the caller's.

    Whoever sees masked data finds numbers only whole, and each such search counts as a look-up, one
    by name as a search; unless the text is an id of what it finds, which tells nothing that is
    masked.
    """
    whole = not caller.unmasked
    with caller.sight() as sight:
        hits = sight.store.search(text, limit, whole_numbers=whole, branches=caller.branches)
        kind = _kind(text, hits)
        if whole and kind == "number":
            caller.backend.limits.spend_lookup(caller.subject.name)
        elif whole and kind == "name":
            caller.backend.limits.spend_search(caller.subject.name, "search")
        items = _shown(sight, hits)
    caller.note("search", "search", kind=kind, hits=len(items))
    return {"items": items}


def _kind(text: str, hits: list[dict[str, Any]]) -> str:
    """What a text was: `id` where it found by id alone, else `number` where one may be meant."""
    if hits and all(_is_id(text.strip(), hit["id"]) for hit in hits):
        return "id"
    return "number" if Sought.of(text).has_numbers else "name"


def _is_id(text: str, id: str) -> bool:
    own = {id.lower(), id.partition(ID_SEPARATOR)[2].lower()}
    return not own.isdisjoint({text.lower(), escaped_id(text).lower()})


def _shown(sight: Sight, hits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Hits with their names, and what tells them apart, as they may be shown."""
    records = [
        {"label": hit["label"], "id": hit["id"], title_of(hit["label"]): hit["name"] or None}
        for hit in hits
    ]
    apart = told_apart(sight, [(hit["label"], hit["id"]) for hit in hits])
    return [
        {
            "label": hit["label"],
            "id": hit["id"],
            "name": shown.get(title_of(hit["label"])),
            "score": hit["score"],
            **more,
        }
        for hit, shown, more in zip(hits, sight.nodes(records), apart, strict=True)
    ]

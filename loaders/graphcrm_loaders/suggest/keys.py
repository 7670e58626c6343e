"""What identifies the rows of a table where a file has no id for them."""

from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm_loaders.suggest.columns import hashed
from graphcrm_loaders.suggest.drafts import Draft, Reason, TableDraft
from graphcrm_loaders.suggest.sheets import Choice

Key = tuple[dict[str, Any], float, list[Reason]]
"""Where an id comes from, how sure that is, and why."""

_BY_NAME = ("institutions", "departments", "products")
"""Tables whose names are no secret, and distinct enough to serve as ids."""

_PERSONAL_KEYS = (("id_number",), ("name", "phone"), ("name", "birth_date"), ("phone",), ("name",))
_KEY_SURENESS = {"id_number": 0.85, "name phone": 0.7, "name birth_date": 0.65, "phone": 0.6}
_EVENT_KEY = (
    "customer_id", "contacted_at", "kind", "requested_on", "done_on", "channel", "topic",
    "agent_id",
)  # fmt: skip
_NAME_AS_KEY = 0.65
_ONLY_A_NAME = 0.45


def key_of(table: str, id_column: str, drafts: dict[str, Draft], gaps: set[str]) -> Key | None:
    """What identifies a side's rows, how sure, and why; None where nothing does."""
    if id_column in drafts:
        own = drafts[id_column]
        return own.origin, own.sure, own.reasons
    if table in _BY_NAME and "name" in drafts:
        name = drafts["name"]
        return name.origin, min(name.sure, _NAME_AS_KEY), [*name.reasons, Reason("name_is_id")]
    if table == "vehicles":
        known = [drafts[c] for c in ("vin", "plate") if c in drafts]
        for own in sorted(known, key=lambda draft: draft.origin["from"] in gaps):
            return own.origin, min(own.sure, 0.8), [*own.reasons, Reason("is_id")]
    return _personal_key(table, drafts, gaps) if table in ("persons", "agents") else None


def _personal_key(table: str, drafts: dict[str, Draft], gaps: set[str]) -> Key | None:
    """A hash of what tells persons apart; `gaps` are columns of the file with blank cells.

    Where some have no ID number, name and phone stand in for it.
    """
    for columns in _PERSONAL_KEYS:
        if all(c in drafts for c in columns) and not (table == "agents" and columns == ("phone",)):
            sure = min(drafts[c].sure for c in columns)
            sure = min(sure, _KEY_SURENESS.get(" ".join(columns), _ONLY_A_NAME))
            parts = list(columns)
            if parts == ["id_number"] and drafts["id_number"].origin["from"] in gaps:
                parts += [c for c in ("name", "phone") if c in drafts]
            origin = hashed(*(str(drafts[c].origin["from"]) for c in parts))
            return origin, sure, [Reason("id_made", {"columns": ", ".join(parts)})]
    return None


def gaps_of(choice: Choice) -> set[str]:
    """The columns with blank cells."""
    named = zip(choice.sheet.grid.names, choice.sheet.profiles, strict=True)
    return {name for name, p in named if p.filled < p.rows}


def own_id(choice: Choice, main: TableDraft) -> None:
    """An id for the main table where its file has none."""
    table = VOCABULARY.tables[main.table]
    if table.node is None or len(table.node.id_fields) > 1:
        return
    id_column = table.node.id_fields[0]
    drafts = {draft.column: draft for draft in main.drafts}
    if id_column in drafts:
        return
    found = key_of(main.table, id_column, drafts, gaps_of(choice))
    if found is None and main.table == "institutions" and "uscc" in drafts:
        found = drafts["uscc"].origin, 0.85, [Reason("is_id")]
    if found is None and main.table in ("contacts", "services"):
        parts = [drafts[c] for c in _EVENT_KEY if c in drafts and "from" in drafts[c].origin]
        columns = ", ".join(part.column for part in parts)
        origin = hashed(*dict.fromkeys(str(part.origin["from"]) for part in parts))
        found = origin, 0.7, [Reason("id_made", {"columns": columns})]
    if found is not None:
        main.drafts.insert(0, Draft(id_column, found[0], found[1], found[2], made=True))

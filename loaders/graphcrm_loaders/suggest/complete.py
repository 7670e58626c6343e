"""From the places of a sheet's columns to tables that can be loaded: ids, links, what lacks."""

from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm_loaders.suggest.columns import draft_of
from graphcrm_loaders.suggest.drafts import Draft, Reason, TableDraft
from graphcrm_loaders.suggest.keys import gaps_of, key_of, own_id
from graphcrm_loaders.suggest.lacking import fill_lacking
from graphcrm_loaders.suggest.layouts import Side
from graphcrm_loaders.suggest.sheets import Choice, Place
from graphcrm_loaders.suggest.words import words_of

_FIXED = 0.95
_MOST_CONFLICTS = 0.05


def complete(choice: Choice, elsewhere: set[str]) -> list[TableDraft]:
    """The tables of a sheet, the main one first.

    `elsewhere` are tables that other sheets hold as their main ones: these know more of their rows,
    so nothing is made of what lies beside here.
    """
    main = TableDraft(
        choice.main.table,
        [draft_of(choice, place) for place in choice.places if not place.slot.role],
        1.0,
        [],
    )
    beside: list[TableDraft] = []
    left: list[Place] = []
    for side in choice.main.sides:
        places = choice.side(side.role)
        if places:
            beside += _side(choice, side, places, main, elsewhere, left)
    _join_names(choice, main)
    own_id(choice, main)
    fill_lacking(choice, main)
    _mark_repeated(choice, main)
    _keep_rest(choice, main, beside, left)
    required = [d.sure for d in main.drafts if not d.made]
    main.sure = min(0.99, max(0.3, 0.5 + choice.margin)) if required else 0.5
    tables = [main, *_merged(beside)]
    for table in tables:
        order = [column.name for column in VOCABULARY.tables[table.table].columns]
        table.drafts.sort(key=lambda draft: order.index(draft.column))
    return tables


def _side(
    choice: Choice, side: Side, places: list[Place], main: TableDraft, elsewhere: set[str],
    left: list[Place],
) -> list[TableDraft]:  # fmt: skip
    """The table of a side and the link to it; `left` gets the columns that nothing is made of."""
    names = choice.sheet.grid.names
    table, link = _holder_table(choice, side, places)
    drafts = {place.slot.column: draft_of(choice, place) for place in places}
    own = VOCABULARY.tables[table].model
    id_column = "code" if table == "products" else "id"
    key = key_of(table, id_column, drafts, gaps_of(choice))
    if key is None:
        left += places
        return []
    origin, sure, why = key
    _link(choice, side, main, origin, sure, why, link)
    made: list[TableDraft] = []
    known = set(own.model_fields)
    if _worth_a_table(table, drafts, id_column) and table not in elsewhere:
        kept = [d for name, d in drafts.items() if name in known and name != id_column]
        made.append(
            TableDraft(
                table, [Draft(id_column, origin, sure, list(why)), *kept], sure, [],
                only_with=id_column, once=True, role=side.role,
            )
        )  # fmt: skip
        fill_lacking(choice, made[0], side.role)
        _check_constant(choice, made[0], origin)
    else:
        used = {origin.get("from"), *origin.get("join", ())}
        left += [p for p in places if names[p.column] not in used]
        if table in elsewhere and len(drafts) > 1:
            main.notes.append(Reason("known_elsewhere", {"table": table}))
    if side.edge:
        made.append(_edge(choice, side, main, origin, sure, link))
    return made


def _holder_table(choice: Choice, side: Side, places: list[Place]) -> tuple[str, str | None]:
    """The table of a side; of a party that is an institution throughout, that and its kind."""
    name = next((p for p in places if p.slot.column == "name"), None)
    if side.table == "persons" and name is not None:
        p = choice.sheet.profiles[name.column]
        if p.organisation > 0.8:
            return "institutions", "institution"
    return side.table, None


def _worth_a_table(table: str, drafts: dict[str, Draft], id_column: str) -> bool:
    if table == "vehicles":
        return bool(drafts.keys() & {"plate", "vin"})
    return "name" in drafts


def _link(
    choice: Choice, side: Side, main: TableDraft, origin: dict[str, Any], sure: float,
    why: list[Reason], kind: str | None,
) -> None:  # fmt: skip
    if side.ref is None:
        return
    main.drafts.append(Draft(side.ref, origin, sure, list(why)))
    link = VOCABULARY.tables[main.table].column(side.ref).link
    if kind and link and link.kind_field and main.column(link.kind_field) is None:
        reason = Reason("all_institutions")
        main.drafts.append(Draft(link.kind_field, {"constant": kind}, 0.8, [reason], made=True))


def _edge(
    choice: Choice, side: Side, main: TableDraft, origin: dict[str, Any], sure: float,
    kind: str | None,
) -> TableDraft:  # fmt: skip
    assert side.edge is not None
    table, own, other, role = side.edge
    main_id = next((p for p in choice.places if p.slot.name == "id"), None)
    name = choice.sheet.grid.names[main_id.column] if main_id else ""
    drafts = [
        Draft(own, {"from": name}, main_id.sureness if main_id else 0.3, [Reason("same_row")]),
        Draft(other, origin, sure, [Reason("same_row")]),
    ]
    if role:
        drafts.append(Draft("role", {"constant": role}, _FIXED, [Reason("by_header")], made=True))
    if kind:
        drafts.append(Draft("party_kind", {"constant": kind}, 0.8, [Reason("all_institutions")]))
    return TableDraft(table, drafts, sure, [], only_with=other, once=True, role=f"{side.role} link")


def _join_names(choice: Choice, table: TableDraft) -> None:
    """Put first and last name together where they stand in two columns."""
    name = table.column("name")
    if name is None or table.table not in ("persons", "agents") or "from" not in name.origin:
        return
    said = {
        header: {concept for word in words_of(header) for concept, _ in word.meaning}
        for header in choice.sheet.grid.names
    }
    first = next((h for h, words in said.items() if "firstname" in words), None)
    last = next((h for h, words in said.items() if "lastname" in words), None)
    if first and last and name.origin["from"] in (first, last):
        western = last.isascii()
        name.origin = {"join": [first, last] if western else [last, first]}
        name.origin |= {"with": " "} if western else {}
        name.sure = min(name.sure, 0.9)
        name.reasons = [Reason("first_and_last")]


def _mark_repeated(choice: Choice, main: TableDraft) -> None:
    """Rows of the main table that are there several times come in once."""
    table = VOCABULARY.tables[main.table]
    if table.node is None:
        return
    origins = [draft.origin for draft in main.drafts if draft.column in table.node.id_fields]
    columns = [name for o in origins for name in [o.get("from"), *o.get("join", ())] if name]
    names = choice.sheet.grid.names
    keys = list(zip(*(choice.sheet.grid.column(names.index(c)) for c in columns), strict=True))
    if keys and len(set(keys)) < len(keys):
        main.once = True
        main.notes.append(Reason("repeated_ids"))


def _check_constant(choice: Choice, draft: TableDraft, origin: dict[str, Any]) -> None:
    """Leave out what is no trait of the side: values that differ between rows of one id."""
    key = str(origin.get("from", ""))
    names = choice.sheet.grid.names
    if key not in names:
        return
    ids = choice.sheet.grid.column(names.index(key))
    for column in list(draft.drafts):
        name = str(column.origin.get("from", ""))
        if name == key or name not in names or column.column == "name":
            continue
        seen: dict[str, str] = {}
        values = choice.sheet.grid.column(names.index(name))
        pairs = [(i, v) for i, v in zip(ids, values, strict=True) if i and v]
        differ = sum(1 for i, v in pairs if seen.setdefault(i, v) != v)
        if differ > _MOST_CONFLICTS * max(len(pairs), 1):
            column.sure = min(column.sure, 0.5)
            column.reasons.append(Reason("differs"))


def _keep_rest(
    choice: Choice, main: TableDraft, beside: list[TableDraft], left: list[Place]
) -> None:
    """Say which columns become extra properties; row numbers are ignored."""
    used = {
        name
        for table in (main, *beside)
        for draft in table.drafts
        for name in [draft.origin.get("from"), *draft.origin.get("join", ())]
    }
    for n, name in enumerate(choice.sheet.grid.names):
        if name in used or not choice.sheet.profiles[n].filled:
            continue
        if n in choice.sheet.serials:
            main.ignore.append(name)
        else:
            main.extra.append(name)
    names = choice.sheet.grid.names
    main.extra.sort(key=names.index)
    main.maybe = {names[n]: slot.name for n, slot in choice.maybe if names[n] in main.extra}


def _merged(tables: list[TableDraft]) -> list[TableDraft]:
    """Load order of what lies beside: tables before the links to them."""
    order = VOCABULARY.load_order
    return sorted(tables, key=lambda table: order.index(table.table))

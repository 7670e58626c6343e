"""What a table needs and a file lacks: from another column, else a constant, always told."""

from typing import Any

from graphcrm.model import VOCABULARY
from graphcrm_loaders.suggest.codes import translate
from graphcrm_loaders.suggest.drafts import Draft, Reason, TableDraft
from graphcrm_loaders.suggest.sheets import Choice

_FROM_OTHER: dict[str, dict[str, tuple[str, ...]]] = {
    "policies": {"issued_on": ("starts_on", "applied_on", "created_on")},
    "claims": {"loss_on": ("loss_at", "reported_on", "settled_on")},
    "premiums": {"due_on": ("paid_on",)},
    "products": {"code": ("name",), "name": ("code",)},
    "institutions": {"name": ("contact_name",)},
}
"""A column that may stand for a required one that is lacking."""

_CONSTANTS: dict[str, dict[str, str]] = {
    "institutions": {"name": "unknown"},
    "departments": {"institution_id": "own", "name": "unknown"},
    "agents": {"branch_id": "unknown", "status": "active"},
    "products": {"line": "other"},
    "policies": {
        "product_code": "unknown", "holder_id": "unknown", "premium": "0",
        "issued_on": "1900-01-01", "status": "in_force",
    },
    "policy_parties": {"role": "insured"},
    "servings": {"role": "serves"},
    "premiums": {"amount": "0"},
    "claims": {"policy_id": "unknown", "status": "open", "loss_on": "1900-01-01"},
    "claim_parties": {"role": "claimant"},
    "claim_payments": {"paid_on": "1900-01-01"},
    "contacts": {"customer_id": "unknown", "direction": "out", "channel": "phone"},
    "services": {"customer_id": "unknown", "kind": "service"},
    "relations": {"kind": "other"},
}  # fmt: skip
_CONSTANT_SURENESS = 0.3
_OTHER_SURENESS = 0.6
_LINE_FROM_NAME = 0.6


def fill_lacking(choice: Choice, draft: TableDraft, role: str = "") -> None:
    """Propose something for every required column that is lacking, and tell it."""
    for column in VOCABULARY.tables[draft.table].required:
        if draft.column(column) is None:
            draft.drafts.append(_stand_in(choice, draft, column, role))
    if draft.table == "contacts":
        _join_time(choice, draft)


def _stand_in(choice: Choice, draft: TableDraft, column: str, role: str) -> Draft:
    if draft.table == "products" and column == "line":
        line = _line_by_name(choice, draft)
        if line is not None:
            return line
    if draft.table == "agents" and column == "branch_id":
        branch = _constant_branch(choice, draft)
        if branch is not None:
            return branch
    for other in _FROM_OTHER.get(draft.table, {}).get(column, ()):
        found = draft.column(other)
        if found is not None:
            reason = Reason("lacking_from", {"column": column, "other": other})
            origin = dict(found.origin)
            return Draft(column, origin, _OTHER_SURENESS, [reason], made=True)
    value = _CONSTANTS[draft.table][column]
    if draft.table == "claims" and column == "status" and draft.column("amount_paid"):
        value = "paid"
    reason = Reason("lacking", {"column": column, "value": value})
    return Draft(column, {"constant": value}, _CONSTANT_SURENESS, [reason], made=True)


def _line_by_name(choice: Choice, draft: TableDraft) -> Draft | None:
    """The product line by words in the product's name."""
    name = draft.column("name")
    names = choice.sheet.grid.names
    if name is None or name.origin.get("from") not in names:
        return None
    p = choice.sheet.profiles[names.index(str(name.origin["from"]))]
    made = translate(p, VOCABULARY.tables["products"].column("line").kind)
    if made is None or made.share < 0.2:
        return None
    codes: dict[str, str] = {value: made.codes.get(value, "other") for value in p.counts}
    origin: dict[str, Any] = {"from": name.origin["from"], "codes": codes}
    return Draft("line", origin, _LINE_FROM_NAME, [Reason("line_by_name")], made=True)


def _constant_branch(choice: Choice, draft: TableDraft) -> Draft | None:
    """The branch in the row, where an agent always has the same."""
    key = draft.column("id")
    branch = choice.at("branch", "id") or choice.at("branch", "name")
    names = choice.sheet.grid.names
    if key is None or branch is None or key.origin.get("from") not in names:
        return None
    ids = choice.sheet.grid.column(names.index(str(key.origin["from"])))
    values = choice.sheet.grid.column(branch.column)
    seen: dict[str, str] = {}
    pairs = [(i, v) for i, v in zip(ids, values, strict=True) if i and v]
    if not pairs or any(seen.setdefault(i, v) != v for i, v in pairs):
        return None
    origin = {"from": names[branch.column]}
    return Draft("branch_id", origin, 0.65, [Reason("branch_of_row")], made=True)


def _join_time(choice: Choice, draft: TableDraft) -> None:
    """Put a day and a time of day, which stand in two columns, together."""
    moment = draft.column("contacted_at")
    names = choice.sheet.grid.names
    if moment is None or moment.origin.get("from") not in names:
        return
    day = choice.sheet.profiles[names.index(str(moment.origin["from"]))]
    used = {str(d.origin.get("from")) for d in draft.drafts}
    for name, p in zip(names, choice.sheet.profiles, strict=True):
        if name not in used and p.filled and p.time > 0.9 and not day.dates.timed:
            seconds = ":%S" if any(v.count(":") == 2 for v in p.values) else ""
            forms = moment.origin.get("format") or ["%Y-%m-%d"]
            listed = [forms] if isinstance(forms, str) else forms
            timed = [f"{form} %H:%M{seconds}" for form in listed if form.startswith("%")]
            moment.origin = {
                "join": [moment.origin["from"], name], "with": " ",
                "format": [*timed, *listed],
            }  # fmt: skip
            moment.reasons.append(Reason("day_and_time"))
            return

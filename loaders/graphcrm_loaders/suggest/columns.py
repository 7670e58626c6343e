"""From a place that a column was given to what a mapping says of it."""

import re
from collections import Counter
from typing import Any

from graphcrm_loaders.forms import AMOUNT, EXCEL_SERIAL, TEN_THOUSANDS
from graphcrm_loaders.suggest.choose import table_of
from graphcrm_loaders.suggest.codes import (
    code_list,
    guess_rest,
    kind_of_column,
    translate,
)
from graphcrm_loaders.suggest.drafts import Draft, Reason
from graphcrm_loaders.suggest.profile import Profile
from graphcrm_loaders.suggest.sheets import Choice, Place

_RESIDENT_ID = re.compile(r"^\d{17}[\dXx]$")
_FEWEST_IDS = 3
_GUESSED = 0.6
_GUESSED_NUMBERS = 0.35
_UNCLEAR_ORDER = 0.55
_MOST_SHOWN = 4
_LONGEST_SHOWN = 12
_NUMBERS_ALONE = 0.7


def draft_of(choice: Choice, place: Place) -> Draft:
    """What a mapping says of a column in its place."""
    sheet = choice.sheet
    table = table_of(choice.main, place.slot)
    draft = Draft(
        place.slot.column,
        {"from": sheet.grid.names[place.column]},
        place.sureness,
        _reasons(choice, place),
    )
    adapt(draft, table, sheet.profiles[place.column])
    if draft.column == "sex":
        _check_sex(choice, place, draft)
    return draft


def _check_sex(choice: Choice, place: Place, draft: Draft) -> None:
    """What the codes of sex mean by the ID numbers beside them: the 17th digit is odd for men."""
    number = choice.at(place.slot.role, "id_number")
    grid = choice.sheet.grid
    values = grid.column(place.column)
    codes = {value for value in values if value}
    seen: dict[str, Counter[str]] = {code: Counter() for code in codes}
    for value, document in zip(values, grid.column(number.column) if number else [], strict=False):
        if value and _RESIDENT_ID.match(document):
            seen[value]["M" if int(document[16]) % 2 else "F"] += 1
    told = {v: c.most_common(1)[0] for v, c in seen.items() if c.total() >= _FEWEST_IDS}
    clear = {v: sex for v, (sex, n) in told.items() if n > 0.9 * seen[v].total()}
    if set(clear.values()) == {"M", "F"}:
        known = dict(draft.origin.get("codes", {}))
        made = known | {v: sex for v, sex in clear.items() if v != sex}
        draft.reasons = [r for r in draft.reasons if not r.key.startswith("codes_")]
        draft.reasons.append(Reason("sex_by_ids"))
        draft.sure = max(draft.sure, place.sureness)
        if made:
            draft.origin["codes"] = made
    elif codes & {"0", "1", "2"} == {"0", "1"}:
        draft.origin["codes"] = dict(draft.origin["codes"]) | {"0": "M", "1": "F"}
        draft.sure = _GUESSED
        draft.reasons.append(Reason("codes_guessed", {"values": "0, 1"}))


def adapt(draft: Draft, table: str, p: Profile) -> None:
    """Add codes and forms, by which the values become those of the column."""
    kind = kind_of_column(table, draft.column)
    if not p.filled:
        draft.reasons.append(Reason("empty_column"))
    elif code_list(kind):
        _add_codes(draft, table, p)
    elif kind.duckdb in ("DATE", "TIMESTAMP"):
        _add_dates(draft, p, day_only=kind.duckdb == "DATE")
    elif kind.duckdb in ("DOUBLE", "INTEGER"):
        _add_amounts(draft, p)


def _reasons(choice: Choice, place: Place) -> list[Reason]:
    found = []
    if place.likeness > 0.99:
        found.append(Reason("header_known"))
    elif place.likeness > 0.5:
        found.append(Reason("header_like"))
    if place.referred:
        found.append(Reason("refers", {"table": place.referred}))
    p = choice.sheet.profiles[place.column]
    if p.filled and place.fit > 0.6:
        found.append(Reason("values_fit"))
    elif p.filled and place.fit < -0.1:
        found.append(Reason("values_odd"))
    if place.slot.column in ("id", "code") and not place.slot.role and p.distinctness == 1.0:
        found.append(Reason("all_distinct"))
    if place.rival is not None:
        found.append(Reason("could_be", {"other": place.rival.name}))
    return found


def _add_codes(draft: Draft, table: str, p: Profile) -> None:
    kind = kind_of_column(table, draft.column)
    made = translate(p, kind)
    if made is None:
        draft.sure = min(draft.sure, _GUESSED)
        draft.reasons.append(Reason("too_many_codes"))
        return
    if made.unknown:
        made = guess_rest(p, kind, made)
    if made.codes:
        draft.origin["codes"] = dict(made.codes)
    if made.guessed:
        only_numbers = all(value.isdigit() or len(value) == 1 for value in made.guessed)
        draft.sure = min(draft.sure, _GUESSED_NUMBERS if only_numbers else _GUESSED)
        draft.reasons.append(Reason("codes_guessed", {"values": _shown(list(made.guessed))}))
    elif made.codes and all(value.isdigit() for value in p.counts):
        standard = code_list(kind) == "Sex"  # GB/T 2261.1
        draft.sure = min(draft.sure, 0.9 if standard else _NUMBERS_ALONE)
        draft.reasons.append(Reason("codes_standard" if standard else "codes_numbers"))


def _shown(values: list[str]) -> str:
    short = [value[:_LONGEST_SHOWN] for value in values[:_MOST_SHOWN]]
    return ", ".join(short) + (", …" if len(values) > _MOST_SHOWN else "")


def _add_dates(draft: Draft, p: Profile, *, day_only: bool) -> None:
    dates = p.dates
    forms = list(dates.forms)
    if not day_only:
        forms = [form for form in forms if not form.startswith("%Y-%m-%dT")]
    if forms:
        draft.origin["format"] = forms[0] if len(forms) == 1 else forms
        draft.reasons.append(Reason("dates_such_as", {"example": dates.example}))
    if EXCEL_SERIAL in forms:
        draft.reasons.append(Reason("serial_days"))
    if dates.doubtful:
        draft.sure = min(draft.sure, _UNCLEAR_ORDER)
        draft.reasons.append(Reason("day_or_month"))
    if dates.blank:
        draft.origin["codes"] = dict.fromkeys(dates.blank, "")


def _add_amounts(draft: Draft, p: Profile) -> None:
    header = str(draft.origin["from"])
    if "万" in header and ("(" in header or "（" in header):
        draft.origin["format"] = TEN_THOUSANDS
        draft.reasons.append(Reason("ten_thousands"))
    elif p.plain_number < 1.0:
        draft.origin["format"] = AMOUNT
        draft.reasons.append(Reason("amounts"))
    odd = [v for v in p.values if v in ("-", "--", "/", "无", "NULL", "null", "N/A")]
    if odd:
        draft.origin["codes"] = dict.fromkeys(odd, "")


def hashed(*names: str) -> dict[str, Any]:
    """The origin of an id that is made of personal values."""
    if len(names) == 1:
        return {"from": names[0], "hash": "true"}
    return {"join": list(names), "with": "|", "hash": "true"}

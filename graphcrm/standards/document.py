"""Numbers of identity documents of any type."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.damage import (
    DECIMAL,
    LONG_DECIMAL,
    SCIENTIFIC,
    excel_damage,
    mend_decimals,
)
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.resident_id import standardise_resident_ids
from graphcrm.standards.text import as_strings, compact, fold, is_masked, is_placeholder

DOCUMENT_TYPES = (
    "resident_id",
    "passport",
    "military_id",
    "hk_macau_permit",
    "taiwan_permit",
    "foreign_resident_id",
    "other",
)
"""The types that are known; any other word counts as none."""

FIELDS = pa.struct(
    [
        ("type", pa.string()),
        ("number", pa.string()),
        ("reason", pa.string()),
        ("birth_date", pa.date32()),
        ("sex", pa.string()),
    ]
)
"""Arrow type of what `standardise_documents` returns."""

_RESIDENT_18 = r"^[0-9]{17}[0-9X]$"
_MARKS = r"[./()\[\]【】《》〔〕:·]+"

# By type: the form of a number, its lengths, and what may be cut off without naming another person.
# The permits of Hong Kong, Macau and Taiwan residents carry a number for life; what follows it
# counts the renewals or names the issuing office.
_FORMS = {
    "passport": (r"^[0-9A-Z]*[0-9][0-9A-Z]*$", 5, 15),
    "military_id": (r"^\p{Han}{0,6}[A-Z]{0,2}[0-9]+$", 5, 18),
    "hk_macau_permit": (r"^(?:[HMCW][0-9]{8}|C[A-Z][0-9]{7})$", 9, 9),
    "taiwan_permit": (r"^(?:[0-9]{8}|[LT][0-9]{8})$", 8, 9),
    "foreign_resident_id": (r"^[A-Z]{3}[0-9]{12}$", 15, 15),
    "other": (r"^[\pL\pM0-9]*[0-9][\pL\pM0-9]*$", 4, 34),
}
_CUTS = {
    "military_id": (r"字第?|第|号$", ""),
    "hk_macau_permit": (r"^([HM][0-9]{8})[0-9]{2}$", r"\1"),
    "taiwan_permit": (r"^([0-9]{8})[0-9]{2}[A-Z]?$", r"\1"),
}


def standardise_documents(
    values: pa.Array | pa.ChunkedArray,
    types: pa.Array | pa.ChunkedArray,
    *,
    today: date | None = None,
) -> pa.StructArray:
    """Return each identity document's type and number in one form, or why it has none.

    `values` are the numbers, `types` their types (one of `DOCUMENT_TYPES`; null or another word =
    unknown), two columns of the same length. A struct array of that length with the fields of
    `FIELDS`:

    - type: as given, corrected by the number: 18 characters with a real birth date and a right
      check digit are a 'resident_id', with 9 in front a 'foreign_resident_id' (form of 2023),
      whatever was keyed. An unknown type with 15 digits that a resident ID can have is one too.
      Otherwise an unknown type stays null, and 18 characters of that build that fail are refused
      like a resident ID.
    - number: capital letters, digits and, in military IDs and others, Chinese characters; spaces,
      hyphens and other marks go. Resident IDs as `standardise_resident_ids` gives them. Permits of
      Hong Kong, Macau and Taiwan residents without the renewal count (H1234567802 is H12345678);
      军字第1234567号 is 军1234567. Null where unusable.
    - reason: `Reason` code, null for a valid number and for a blank one.
    - birth_date (date32), sex ('M', 'F'): as the number tells them, else null.

    Raises TypeError for other than text, ValueError where the columns differ in length.
    Source: GB 11643-1999; the National Immigration Administration's notices on the permits for
    Hong Kong and Macau (2013 form), Taiwan (2015 form) and foreign residents (2017, 2023 forms).
    """
    strings, named = as_strings(values), fold(types)
    if len(strings) != len(named):
        raise ValueError(f"{len(strings)} numbers, but {len(named)} types: one type per number")
    nothing = pa.scalar(None, pa.string())
    lower = pc.replace_substring_regex(pc.ascii_lower(named), "[ -]", "_")
    kind = pc.if_else(pc.is_in(lower, pa.array(DOCUMENT_TYPES)), lower, nothing)

    folded = fold(strings)
    codes = pc.ascii_upper(mend_decimals(compact(folded)))
    resident = standardise_resident_ids(folded, today=today)
    number = resident.field("number")
    eighteen = pc.match_substring_regex(codes, _RESIDENT_18)
    stated = pc.fill_null(pc.equal(kind, "resident_id"), False)
    unknown = pc.and_(pc.is_null(kind), pc.is_valid(codes))
    foreign = pc.and_(pc.equal(kind, "foreign_resident_id"), eighteen)
    fits = pc.and_(pc.is_valid(number), pc.or_(eighteen, pc.or_(stated, unknown)))
    # What has to be a resident ID, and so is refused for the reason a resident ID would be.
    judged = pc.or_(
        pc.or_(stated, fits), pc.or_(pc.fill_null(foreign, False), pc.and_(unknown, eighteen))
    )
    judged = pc.fill_null(judged, False)

    other_number, other_reason = _standardise_others(folded, codes, kind)
    person = pc.if_else(pc.starts_with(number, "9"), "foreign_resident_id", "resident_id")
    columns = {
        "type": pc.if_else(pc.fill_null(fits, False), person, kind),
        "number": pc.if_else(judged, number, other_number),
        "reason": pc.if_else(judged, resident.field("reason"), other_reason),
        "birth_date": pc.if_else(
            judged, resident.field("birth_date"), pa.scalar(None, pa.date32())
        ),
        "sex": pc.if_else(judged, resident.field("sex"), nothing),
    }
    return pa.StructArray.from_arrays(
        [columns[field.name] for field in FIELDS], fields=list(FIELDS)
    )


def _standardise_others(
    folded: pa.Array, codes: pa.Array, kind: pa.Array
) -> tuple[pa.Array, pa.Array]:
    """Return numbers and reasons by the rules of each type, those of 'other' for unknown types."""
    kind = pc.fill_null(kind, "other")
    damage = excel_damage(codes)
    numbers = pc.replace_substring_regex(pc.utf8_upper(codes), _MARKS, "")
    wrong_signs = wrong_length = pa.repeat(pa.scalar(False), len(numbers))
    for name, (form, shortest, longest) in _FORMS.items():
        own = pc.equal(kind, name)
        if not pc.any(own, min_count=0).as_py():
            continue
        if name in _CUTS:
            cut = pc.replace_substring_regex(numbers.filter(own), *_CUTS[name])
            numbers = pc.replace_with_mask(numbers, own, cut)
        length = pc.utf8_length(numbers)
        outside = pc.or_(pc.less(length, shortest), pc.greater(length, longest))
        wrong_length = pc.if_else(own, outside, wrong_length)
        misses = pc.invert(pc.match_substring_regex(numbers, form))
        wrong_signs = pc.if_else(own, misses, wrong_signs)
    reason = first_of(
        (pc.or_(is_placeholder(folded), is_placeholder(numbers)), Reason.PLACEHOLDER),
        (is_masked(folded, letters=True), Reason.MASKED),
        (pc.equal(damage, SCIENTIFIC.value), SCIENTIFIC),
        (pc.match_substring_regex(codes, LONG_DECIMAL), DECIMAL),
        (wrong_length, Reason.LENGTH),
        (wrong_signs, Reason.CHARACTERS),
    )
    return pc.if_else(pc.is_null(reason), numbers, pa.scalar(None, pa.string())), reason

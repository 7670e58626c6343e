"""Telephone numbers, in the international form."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import phonenumbers
import pyarrow as pa
import pyarrow.compute as pc
from phonenumbers import PhoneNumberType

from graphcrm.standards.damage import SCIENTIFIC, excel_damage, mend_decimals
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import as_strings, fold, is_masked, is_placeholder

FIELDS = pa.struct(
    [
        ("e164", pa.string()),
        ("kind", pa.string()),
        ("extension", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Arrow type of what `standardise_phones` returns."""

_BARE_MOBILE = r"^1[3-9][0-9]{9}$"
_FILLER_MOBILE = r"^\+861[3-9][0-9]0{8}$"
# China Mobile's own hotline, which has the form of a mobile and stands in many a required field.
_HOTLINES = ("+8613800138000",)

_DASHES = r"[‐-―−ー—_~]+"
_LABEL = (
    r"(?i)^['‘’`]*(?:\(?(?:\p{Han}+|tel(?:ephone)?|phone|mobile|mob|cell|fax)\)?[.: ]*)?"
    r"|[ (\[]*\p{Han}+[)\] .]*$"
)
# After the label is gone, 转 and its like can stand only before an extension.
_EXTENSION = (
    r"(?i)[ ,;]*(?:ext=|\(?转接?分?机?|-?分机号?|内线|extension|extn|ext|x|#)"
    r"[:., ]*([0-9]{1,6})\)?$"
)

_TAIL = r"(?:(?:#| *- *| +)(?P<extension>[0-9]{1,6}))?$"
_LOCAL = r"[2-8][0-9]{6,7}|[2-8][0-9]{2,3}[ .-][0-9]{4}"
# Area codes: 10, 2x without 26, three digits from 3xx to 9xx.
_AREA = r"10|2[0-57-9]|[3-9][0-9]{2}"
# Two numbers with a sign or a word between them, before any other reading is tried, and two with
# nothing but a space, or not even that, only where no other reading fits.
_APART = (
    r"[0-9][0-9 ().-]{5,}[0-9]\)?(?:[^0-9+]*[;/\\|&、\p{Han}][^0-9]*[0-9]"
    r"|[^0-9+]*[,+][^0-9]*[0-9][0-9 ().-]{5,}[0-9])"
)
_IN_A_ROW = r"(?:[0-9][().-]* ?){7,} \(?\+?(?:[0-9][ ().-]*){7,}$|^(?:1[3-9][0-9]{9}){2,}$"

_KINDS = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "landline",
    PhoneNumberType.TOLL_FREE: "service",
    PhoneNumberType.PREMIUM_RATE: "service",
    PhoneNumberType.SHARED_COST: "service",
    PhoneNumberType.UAN: "service",
}


class _Form(NamedTuple):
    """A regular way of writing a Chinese number: groups area (if any), local, extension."""

    pattern: str
    kind: str


def standardise_phones(values: pa.Array | pa.ChunkedArray, region: str = "CN") -> pa.StructArray:
    """Return each telephone number in its international form, or why it has none.

    A struct array of the same length with the fields of `FIELDS`:

    - e164: '+', country code, number, without separators: '+8613812345678'. Service numbers of the
      mainland cannot be dialled from abroad and have no E.164 form; they are written likewise
      ('+864001234567', '+8695519'). Null where unusable.
    - kind: of numbers of `region`'s country 'mobile', 'landline', 'service' (400, 800, 95xxx and
      other short codes, premium and toll-free numbers) or 'other' (a country where mobiles and
      landlines look the same); 'foreign' for all other countries, seen from the mainland also for
      Hong Kong, Macau and Taiwan.
    - extension: digits, from 转8001, ext. 8001, #8001, -8001; null where there is none.
    - reason: `Reason` code, null for a valid number and for a blank one. Several numbers in one
      cell are 'several', a landline without its area code is 'no_area_code'.

    `region` (two letters, ISO 3166) is where a number without country code belongs. Chinese numbers
    written in a regular way go through regular expressions on whole columns: any mobile 13x-19x,
    and any area code with 7 or 8 digits, so that a newly opened range is not refused. The others go
    to libphonenumber (17 µs each), which must find them valid.

    Raises TypeError for other than text, ValueError for an unknown region.
    Source: ITU-T E.164; the Numbering Plan of Telecommunications Networks (电信网编号计划), MIIT.
    """
    if region not in phonenumbers.SUPPORTED_REGIONS:
        raise ValueError(f"region: {region!r} is not a two-letter code of a country with phones")
    strings = as_strings(values)
    if region == "CN":
        bare = pc.fill_null(pc.match_substring_regex(strings, _BARE_MOBILE), False)
    else:
        bare = pa.repeat(pa.scalar(False), len(strings))
    odd = pc.invert(bare)
    distinct = strings.filter(odd).dictionary_encode()
    found = _standardise_distinct(distinct.dictionary, region)
    plain = {
        "e164": pc.binary_join_element_wise("+86", strings, ""),
        "kind": pa.repeat(pa.scalar("mobile"), len(strings)),
        "extension": pa.nulls(len(strings), pa.string()),
        "reason": pa.nulls(len(strings), pa.string()),
    }
    rows = {
        name: pc.replace_with_mask(column, odd, found[name].take(distinct.indices))
        for name, column in plain.items()
    }
    filler = pc.fill_null(pc.match_substring_regex(rows["e164"], _FILLER_MOBILE), False)
    nothing = pa.scalar(None, pa.string())
    for name in ("e164", "kind", "extension"):
        rows[name] = pc.if_else(filler, nothing, rows[name])
    rows["reason"] = pc.if_else(filler, Reason.PLACEHOLDER.value, rows["reason"])
    if region == "CN":
        hotline = pc.is_in(rows["e164"], pa.array(_HOTLINES))
        rows["kind"] = pc.if_else(hotline, "service", rows["kind"])
    return pa.StructArray.from_arrays([rows[field.name] for field in FIELDS], fields=list(FIELDS))


def _forms(region: str) -> list[_Form]:
    """Return the regular ways, first come first served. Abroad, the country code must be there."""
    written = r"(?:\(?(?:\+ ?|00)86\)?[ .-]*)"
    if region == "CN":
        code, short = r"(?:\(?(?:\+ ?|00)?86\)?[ .-]*)?", "?"
        trunk = rf"(?:\(?0|(?:{written}|86[ .-]*)(?:\(0\) ?|\(?0)?)"
    else:
        code, short, trunk = written, "", rf"{written}(?:\(0\) ?|\(?0)?"
    area = r"(?:\(?0[0-9]{2,3}\)?[ .-]*)?"
    forms = [
        (rf"{code}0?(?P<local>1[ .-]?[3-9](?:[ .-]?[0-9]){{9}})", "mobile"),
        (rf"{code}0?(?P<local>[48]00(?:[ .-]?[0-9]){{7}})", "service"),
        (rf"{trunk}\(?(?P<area>{_AREA})\)?[ .-]*(?P<local>{_LOCAL})", "landline"),
        # A bare 86 does not count here: 8695519 may be a local number.
        (rf"{written}{short}{area}(?P<local>95[0-9]{{3}}|100[0-9]{{2}})", "service"),
        (rf"{written}{short}(?P<local>9[56][0-9]{{3,4}}|12[0-9]{{3}})", "service"),
    ]
    return [
        _Form(f"^{pattern}{_TAIL}", kind if region == "CN" else "foreign")
        for pattern, kind in forms
    ]


def _standardise_distinct(distinct: pa.Array, region: str) -> dict[str, pa.Array]:
    """Return the columns of the result for values that are not bare mobiles."""
    folded = fold(distinct)
    text = pc.replace_substring_regex(mend_decimals(folded), _DASHES, "-")
    text = pc.replace_substring_regex(text, _LABEL, "")
    text = pc.replace_substring_regex(text, _EXTENSION, r"#\1")
    refused = first_of(
        (is_placeholder(folded), Reason.PLACEHOLDER),
        (is_masked(folded, letters=False), Reason.MASKED),
        (pc.equal(excel_damage(folded), SCIENTIFIC.value), SCIENTIFIC),
        (pc.invert(pc.match_substring_regex(text, "[0-9]")), Reason.CHARACTERS),
    )
    # Each step takes what it knows out of the rows still open; the end puts them in order again.
    done: list[tuple[pa.Array, pa.Table]] = []
    closed = pc.or_(pc.is_null(folded), pc.is_valid(refused))
    done.append((pc.indices_nonzero(closed), _outcome(reason=refused.filter(closed))))
    rows = pc.indices_nonzero(pc.invert(closed))
    for form in _forms(region):
        groups = pc.extract_regex(text.take(rows), form.pattern)
        hit = pc.is_valid(groups)
        if pc.any(hit, min_count=0).as_py():
            done.append((rows.filter(hit), _read_form(groups.filter(hit), form)))
            rows = rows.filter(pc.invert(hit))
    open_text = text.take(rows)
    local = pc.match_substring_regex(open_text, rf"^\(?(?:{_LOCAL})\)?{_TAIL}")
    reason = first_of(
        (pc.match_substring_regex(open_text, _APART), Reason.SEVERAL),
        (pc.and_(local, region == "CN"), Reason.NO_AREA_CODE),
    )
    known = pc.is_valid(reason)
    done.append((rows.filter(known), _outcome(reason=reason.filter(known))))
    unknown = pc.invert(known)
    done.append((rows.filter(unknown), _ask_library(open_text.filter(unknown), region)))

    order = np.argsort(np.concatenate([at.to_numpy(zero_copy_only=False) for at, _ in done]))
    table = pa.concat_tables([outcome for _, outcome in done]).combine_chunks().take(order)
    return {name: pa.array(table[name].combine_chunks()) for name in table.column_names}


def _read_form(groups: pa.StructArray, form: _Form) -> pa.Table:
    names = [field.name for field in groups.type]
    area = groups.field("area") if "area" in names else pa.repeat("", len(groups))
    local = pc.replace_substring_regex(groups.field("local"), "[^0-9]+", "")
    extension = groups.field("extension")
    return _outcome(
        e164=pc.binary_join_element_wise("+86", area, local, ""),
        kind=pa.repeat(form.kind, len(groups)),
        extension=pc.if_else(pc.equal(extension, ""), pa.scalar(None, pa.string()), extension),
    )


def _ask_library(texts: pa.Array, region: str) -> pa.Table:
    """Return what libphonenumber makes of values that are written in no regular way."""
    home = phonenumbers.country_code_for_region(region)
    found: list[dict[str, str | None]] = []
    for text in texts.to_pylist():
        digits = sum(sign.isdigit() for sign in text)
        try:
            number = phonenumbers.parse(text, region)
            valid = phonenumbers.is_valid_number(number)
        except phonenumbers.NumberParseException:
            valid = False
        if valid:
            kind = _KINDS.get(phonenumbers.number_type(number), "other")
            found.append(
                {
                    "e164": phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
                    "kind": kind if number.country_code == home else "foreign",
                    "extension": number.extension or None,
                }
            )
        elif digits < 7:
            found.append({"reason": Reason.TOO_SHORT})
        else:
            # E.164 allows 15 digits; 00, an area's 0 and an extension may stand beside them.
            found.append({"reason": Reason.TOO_LONG if digits > 22 else Reason.NOT_A_NUMBER})
    outcome = pa.Table.from_pylist(found, schema=pa.schema(list(FIELDS))).combine_chunks()
    several = pc.and_(pc.is_null(outcome["e164"]), pc.match_substring_regex(texts, _IN_A_ROW))
    reason = pc.if_else(several, Reason.SEVERAL.value, outcome["reason"])
    return outcome.set_column(FIELDS.get_field_index("reason"), FIELDS.field("reason"), reason)


def _outcome(**columns: pa.Array) -> pa.Table:
    """Return a table of the result's fields, null where nothing is given."""
    rows = len(next(iter(columns.values())))
    return pa.table(
        [columns.get(field.name, pa.nulls(rows, pa.string())) for field in FIELDS],
        schema=pa.schema(list(FIELDS)),
    )

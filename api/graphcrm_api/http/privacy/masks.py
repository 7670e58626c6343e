"""Masking personal data, by the kind of value: so much stays that a person recognises their own.

The forms are those usual in China's financial industry (JR/T 0171-2020 asks for masking where
personal financial information is shown): 张*, 4301**********1234, 138****5678, an address down to
its district. Whole columns are masked at once.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.model import VOCABULARY
from graphcrm.model.declare import Sensitivity
from graphcrm.standards.characters import HAN

HIDDEN = "***"

_OPEN_ENDS = 4
_LONG = 3 * _OPEN_ENDS
"""Shorter numbers keep too much of themselves if eight of their characters stay."""
_SHORT = 6

_PHONE = r"^(\+?[0-9() -]{0,5}?)[0-9]{4}([0-9]{4})$"
_EMAIL = r"^([^@\s;,/])[^@\s;,/]*@([A-Za-z0-9.-]+)$"
_REGIONS = (
    rf"^(?P<above>(?:[{HAN}]{{2,7}}?(?:省|自治区|特别行政区))?"
    rf"(?:[{HAN}]{{1,7}}?(?:市|自治州|地区|盟))?)"
    rf"(?P<district>[{HAN}]{{0,5}}[^小社校厂园\n]区|[{HAN}]{{1,5}}[县旗])?"
)
"""The leading regions of a Chinese address; a housing estate (小区) is no district."""

_NONE = pa.scalar(None, pa.string())


@dataclass(frozen=True)
class _Mask:
    """One rule, said of a value and of a column; a test holds the two together."""

    value: Callable[[str], str]
    column: Callable[[pa.Array], pa.Array]


def _name(value: str) -> str:
    return f"{value[:1]}*"


def _names(values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pc.utf8_slice_codeunits(values, 0, 1), "*", "")


def _number(value: str) -> str:
    if len(value) >= _LONG:
        stars = "*" * (len(value) - 2 * _OPEN_ENDS)
        return f"{value[:_OPEN_ENDS]}{stars}{value[-_OPEN_ENDS:]}"
    return f"{HIDDEN}{value[-2:]}" if len(value) >= _SHORT else HIDDEN


def _numbers(values: pa.Array) -> pa.Array:
    lengths = pc.utf8_length(values)
    stars = pc.binary_repeat("*", pc.max_element_wise(pc.subtract(lengths, 2 * _OPEN_ENDS), 0))
    ends = (
        pc.utf8_slice_codeunits(values, 0, _OPEN_ENDS),
        pc.utf8_slice_codeunits(values, -_OPEN_ENDS, None),
    )
    long = pc.binary_join_element_wise(ends[0], stars, ends[1], "")
    short = pc.binary_join_element_wise(HIDDEN, pc.utf8_slice_codeunits(values, -2, None), "")
    short = pc.if_else(pc.less(lengths, _SHORT), HIDDEN, short)
    return pc.if_else(pc.greater_equal(lengths, _LONG), long, short)


def _replaced(pattern: str, shown: str) -> _Mask:
    """What fits a pattern is shown in its parts, all else is hidden."""
    compiled = re.compile(pattern.replace("$", r"\Z"))  # where Arrow's expressions end at once

    def value(value: str) -> str:
        found = compiled.search(value)
        return found.expand(shown) if found else HIDDEN

    def column(values: pa.Array) -> pa.Array:
        fits = pc.match_substring_regex(values, pattern)
        return pc.if_else(fits, pc.replace_substring_regex(values, pattern, shown), HIDDEN)

    return _Mask(value, column)


_COMPILED = re.compile(_REGIONS)


def _address(value: str) -> str:
    found = _COMPILED.search(value)
    above = found["above"] if found else ""
    return f"{above}{(found['district'] or '') if found and above else ''}{HIDDEN}"


def _addresses(values: pa.Array) -> pa.Array:
    parts = pc.extract_regex(values, _REGIONS)
    above, district = (
        pc.fill_null(pc.struct_field(parts, name), "") for name in ("above", "district")
    )
    district = pc.if_else(pc.equal(above, ""), "", district)
    shown = pc.binary_join_element_wise(above, district, HIDDEN, "")
    return pc.if_else(pc.is_valid(values), shown, _NONE)


def _date(value: str) -> str:
    return f"{value[:4]}-**-**"


def _dates(values: pa.Array) -> pa.Array:
    return pc.binary_join_element_wise(pc.utf8_slice_codeunits(values, 0, 4), "-**-**", "")


def _hidden(values: pa.Array) -> pa.Array:
    return pc.if_else(pc.is_valid(values), HIDDEN, _NONE)


_MASKS = {
    "name": _Mask(_name, _names),
    "number": _Mask(_number, _numbers),
    "phone": _replaced(_PHONE, r"\1****\2"),
    "email": _replaced(_EMAIL, r"\1***@\2"),
    "address": _Mask(_address, _addresses),
    "date": _Mask(_date, _dates),
    "hidden": _Mask(lambda value: HIDDEN, _hidden),
}

_BY_NAME = {
    "name": "name",
    "contact_name": "name",
    "id_number": "number",
    "uscc": "number",
    "licence_no": "number",
    "account": "number",
    "vin": "number",
    "plate": "number",
    "phone": "phone",
    "phone_2": "phone",
    "contact_phone": "phone",
    "email": "email",
    "address": "address",
    "birth_date": "date",
    "died_on": "date",
}
_VALUES = {
    "Phone": "phone",
    "Email": "email",
    "Address": "address",
    "Account": "number",
    "Document": "number",
}
_TITLES = {"Vehicle": "plate", **dict.fromkeys((*_VALUES, "Line"), "value")}


def title_of(label: str) -> str:
    """The property by which a node of a label is called."""
    return _TITLES.get(label, "name")


@cache
def form_of(label: str, name: str) -> str | None:
    """How a property of a node, or of an edge, is masked; None where it is shown as it is.

    What the vocabulary does not know counts as sensitive.
    """
    type_ = VOCABULARY.nodes.get(label) or VOCABULARY.edges[label]
    declared = {p.name: p.traits.sensitivity for p in type_.properties}
    if name == "id":
        return None
    if declared.get(name, Sensitivity.SENSITIVE) == Sensitivity.GENERAL:
        return None
    if name == "value":
        return _VALUES.get(label, "hidden")
    return _BY_NAME.get(name, "hidden")


def masked(form: str, value: str) -> str:
    """A value with all of it masked but what its owner recognises."""
    return _MASKS[form].value(value)


def masked_column(form: str, values: pa.Array) -> pa.Array:
    """A column of values, masked; what is not known stays so. Use it for many at once."""
    texts = values if pa.types.is_string(values.type) else values.cast(pa.string())
    return _MASKS[form].column(texts)

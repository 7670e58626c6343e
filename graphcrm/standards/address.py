"""Postal addresses, Chinese and Western."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import HAN, WORD, plain_latin, simplify
from graphcrm.standards.column import blank_to_null, join, over_distinct, split, where
from graphcrm.standards.leading_regions import AMBIGUOUS, cut, leading_regions
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.regions import region_path, regions
from graphcrm.standards.text import fold, is_masked, is_placeholder

FIELDS = pa.struct(
    [
        ("standard", pa.string()),
        ("province", pa.string()),
        ("city", pa.string()),
        ("district", pa.string()),
        ("region_code", pa.string()),
        ("rest", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Arrow type of what `standardise_addresses` returns."""

_LONGEST = 300  # characters
_FILLER = "^(?:测试.{0,4}|不知道?|同上|地址不详|地址未知|无地址|same|as above|address|asdf.*)$"

# Parts that say nothing about the place.
_POSTCODE = re.compile(r"(?:[ ,;(]+[0-9]{6}\)?)+$", re.M)
_NAMED_POSTCODE = re.compile(r"邮(?:编|政编码)-*[0-9]{6}(?![0-9])")
_ADMINISTRATION = re.compile("市辖区|省直辖县级行政区划|自治区直辖县级行政区划")
_TAG = re.compile(r"<[a-z/!][^<>\n]*>", re.I)

# What stands before is looked at after the first sign has matched: a pattern that begins with a
# set of signs is searched for several times faster than one that begins with a look behind.
_NUMBER = "零〇一二三四五六七八九十百千"
_NUMERAL = re.compile(
    f"[{_NUMBER}](?<![0-9{_NUMBER}].)[{_NUMBER}]{{0,6}}"
    f"(?=号|栋|幢|座|单元|楼|层|室|弄|梯|门(?![{HAN}]))"
)
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0}
_TENS = {"十": 10, "百": 100, "千": 1000}

_NOT_BETWEEN = re.compile("-(?:-*(?![0-9a-z-])|(?<![0-9a-z]-)-*)")
_FLOOR = re.compile(r"(?<![0-9])([0-9]{1,2})[楼层]-?(?=\1[0-9]{2}(?![0-9]))")
# 3栋, 3幢, 3号楼, A座, 2单元, 501室, 932号: each is a step on the way to the door.
_AFTER_NUMBER = re.compile(
    "(?<=[0-9])(?:-?(?:号楼|[栋幢座]楼?|单元|门(?=[0-9])|号?房(?![产地屋])间?|号?室(?![内外])|户(?![外型])|"
    "号(?![线店])|之(?=[0-9a-z])))+-?"
)
_AFTER_LETTER = re.compile("(?<=[a-z])(?:-?(?:号楼|[栋幢座]楼?|单元))+-?")

_WORDS = {
    "rd": "road",
    "ave": "avenue",
    "blvd": "boulevard",
    "ln": "lane",
    "sq": "square",
    "hwy": "highway",
    "apt": "apartment",
    "bldg": "building",
}
_WORD = re.compile(r"(?<![^\s])(?:" + "|".join(_WORDS) + r")(?![^\s])")
_STREET = re.compile(r"(?<=[a-z0-9] )st(?=$| [0-9])", re.M)
_STREET_COMMA = re.compile(r"(?<=[a-z0-9] )st\.?(?=,)", re.I)


def standardise_addresses(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each address in a form that can be compared, with the regions it lies in.

    A struct array of the same length with the fields of `FIELDS`:

    - standard: province, city and district by their official names, then `rest`.
    - province, city, district: official names. What is left out is filled in where only one region
      fits (岳麓区 lies in 长沙市). In the four cities that are provinces, city repeats province.
    - region_code: six digits of the deepest region found; null where several have its name.
    - rest: what follows. Chinese: simplified, lower case, without spaces and signs; numerals
      before a counter are digits; building, unit and room are joined by '-': 3栋2单元501室,
      3幢2单元501 and 3-2-501 are one. Western: lower case, without accents and signs, rd as road.
    - reason: `Reason` code where there is no standard (all else is null then), or null.

    Use it before addresses are compared or become nodes. Country, postcode and markup are left out.
    A former name of a county stays (望城县), one of a prefecture becomes the present one (襄樊市 is
    襄阳市, under the same code).

    Raises TypeError for other than text. Source of regions: GB/T 2260 as published 1980-2022.
    """
    return over_distinct(values, _standardise)


def _standardise(folded: pa.Array) -> pa.StructArray:
    chinese = _is_chinese(folded)
    tidy = where(chinese, _tidy_chinese(folded.filter(chinese)), folded)
    # 号 and the like may have been all that was Chinese (A座1203).
    western = pc.invert(_is_chinese(tidy))
    # Folded again, since a sign may have stood between a letter and its mark.
    tidy = fold(where(western, _tidy_western(tidy.filter(western)), tidy))
    found = leading_regions(tidy)
    before, rest = cut(tidy, found.length)
    entry = pa.array(np.where(found.entry < 0, len(regions()), found.entry))
    province, city, district, code = (column.take(entry) for column in _paths())
    district = pc.if_else(pa.array(found.entry == AMBIGUOUS), before, district)
    twice = pc.fill_null(pc.equal(province, city), False)
    parts = (province, pc.if_else(twice, "", city), district)
    standard = pc.binary_join_element_wise(*(pc.fill_null(part, "") for part in parts), rest, "")

    reason = first_of(
        (pc.greater(pc.utf8_length(folded), _LONGEST), Reason.TOO_LONG),
        (pc.greater(pc.utf8_length(standard), _LONGEST), Reason.TOO_LONG),
        (is_masked(folded), Reason.MASKED),
        (pc.invert(pc.match_substring_regex(folded, f"[{WORD}]")), Reason.CHARACTERS),
        (pc.or_kleene(is_placeholder(folded), is_placeholder(tidy)), Reason.PLACEHOLDER),
        (pc.match_substring_regex(tidy, _FILLER), Reason.PLACEHOLDER),
        (pc.and_(pc.is_valid(folded), pc.is_null(tidy)), Reason.EMPTY_AFTER_CLEANING),
    )
    columns = [standard, province, city, district, code, blank_to_null(rest)]
    usable = pc.is_null(reason)
    columns = [pc.if_else(usable, column, pa.scalar(None, pa.string())) for column in columns]
    return pa.StructArray.from_arrays([*columns, reason], fields=list(FIELDS))


def _is_chinese(texts: pa.Array) -> pa.Array:
    return pc.fill_null(pc.match_substring_regex(texts, f"[{HAN}]"), False)


def _tidy_chinese(folded: pa.Array) -> pa.Array:
    """Return the texts simplified, without spaces and signs, doors as numbers between '-'."""
    text = _TAG.sub(" ", simplify(join(folded)))
    text = _POSTCODE.sub("", plain_latin(text))
    signs = split(text, len(folded))
    # Twice, since the number in the middle of 3 2 501 belongs to both gaps.
    for _ in range(2):
        signs = pc.replace_substring_regex(signs, f"([0-9a-z])[^{WORD}]+([0-9a-z])", r"\1-\2")
    text = join(pc.replace_substring_regex(signs, f"[^{WORD}-]+", ""))
    text = _NOT_BETWEEN.sub("", _NAMED_POSTCODE.sub("", _ADMINISTRATION.sub("", text)))
    text = _country().sub("", text)
    text = _NUMERAL.sub(lambda match: _arabic(match[0]), text)
    text = _AFTER_LETTER.sub("-", _AFTER_NUMBER.sub("-", _FLOOR.sub("", text)))
    return split(_NOT_BETWEEN.sub("", text), len(folded))


def _tidy_western(folded: pa.Array) -> pa.Array:
    """Return the texts in lower case, words between single spaces, shortened words in full."""
    text = plain_latin(_STREET_COMMA.sub("street", _TAG.sub(" ", join(folded))))
    text = text.replace("'", "").replace("’", "")
    words = pc.replace_substring_regex(split(text, len(folded)), f"[^{WORD}]+", " ")
    text = _WORD.sub(lambda match: _WORDS[match[0]], join(pc.utf8_trim(words, " ")))
    return split(_STREET.sub("street", text), len(folded))


def _arabic(numeral: str) -> str:
    """Return 十八 as '18', 一百零五 as '105', 二〇一 as '201'."""
    if not any(sign in _TENS for sign in numeral):
        return "".join(str(_DIGITS[sign]) for sign in numeral)
    total, digit = 0, 0
    for sign in numeral:
        if sign in _TENS:
            total += (digit or 1) * _TENS[sign]
            digit = 0
        else:
            digit = _DIGITS[sign]
    return str(total + digit)


@cache
def _country() -> re.Pattern[str]:
    names = {region.short_name for region in regions() if region.level != "county"}
    return re.compile(
        rf"^(?:[0-9]{{6}}(?=[{HAN}0-9])|(?:中国|中华人民共和国)(?=中国|中华|{'|'.join(sorted(names))}))+"
        rf"(?=[{HAN}])",
        re.M,
    )


@cache
def _paths() -> tuple[pa.Array, pa.Array, pa.Array, pa.Array]:
    """Return province, city, district and code per entry of `regions()`, and a row of nulls."""
    paths = [region_path(region.code) for region in regions()]
    # A prefecture's former name may since have passed to another one; then it is left out, since
    # it would lead there.
    texts = pa.array([f"{province or ''}{city or ''}" for province, city, _ in paths], pa.string())
    rows: list[tuple[str | None, ...]] = []
    for region, path, found in zip(regions(), paths, leading_regions(texts).entry, strict=True):
        province, city, district = path
        astray = city != province and regions()[found].code[:4] != region.code[:4]
        rows.append((province, None if astray else city, district and region.name, region.code))
    rows.append((None, None, None, None))
    province, city, district, code = (
        pa.array(column, pa.string()) for column in zip(*rows, strict=True)
    )
    return province, city, district, code

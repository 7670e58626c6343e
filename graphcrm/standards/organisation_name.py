"""Names of institutions: companies, authorities, schools, hospitals and their departments."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import HAN, WORD, plain_latin, simplify
from graphcrm.standards.column import blank_to_null, join, over_distinct, split, where
from graphcrm.standards.leading_regions import AMBIGUOUS, LeadingRegions, cut, leading_regions
from graphcrm.standards.organisation_units import split_chinese
from graphcrm.standards.organisation_western import split_western
from graphcrm.standards.organisation_words import alternatives, legal_forms, trades_by_length
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.regions import regions
from graphcrm.standards.text import fold, is_masked, is_placeholder

FIELDS = pa.struct(
    [
        ("standard", pa.string()),
        ("region", pa.string()),
        ("region_code", pa.string()),
        ("brand", pa.string()),
        ("trade", pa.string()),
        ("legal_form", pa.string()),
        ("unit", pa.string()),
        ("core", pa.string()),
        ("reason", pa.string()),
    ]
)
"""Arrow type of what `standardise_organisation_names` returns."""

_LONGEST = 200  # characters
_FILLER = (
    "^(?:测试.*|无单位|无业|失业|待业|个人|个体户?|自由职业者?|退休|离休|务农|农民|学生|家庭主妇|自雇|"
    "不知道?|test(?: .*)?|self employed|unemployed|retired|student|housewife|n a|x+|asdf.*)$"
)
_TAG = re.compile(r"<[a-z/!][^<>\n]*>", re.I)
_BRACKETS = str.maketrans(dict.fromkeys("[{【〔〈《「『", "(") | dict.fromkeys("]}】〕〉》」』", ")"))
_PAIR = re.compile(r"\(([^()\n]+)\)")
_KEPT_BRACKETS = str.maketrans({"(": None, ")": None, "\x02": "(", "\x03": ")"})
_SEPARATOR = re.compile(f"(?<=[{HAN})]) ?[-‐-―−,;:/|_]+ ?|[-‐-―−,;:/|_]+(?=[{HAN}])")
_SPACE = re.compile("(?<![a-z0-9]) | (?![a-z0-9])")

_NO_STRING = pa.scalar(None, pa.string())


def standardise_organisation_names(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each institution's name in a form that can be compared, taken apart.

    A struct array of the same length with the fields of `FIELDS`; the parts are null for none:

    - standard: the whole name. Chinese: simplified, lower case, no spaces, brackets half-width, one
      spelling of the legal form, the unit after '-'. Western: lower case, no accents, the unit after
      a comma.
    - region: short name of the region at the front or in brackets (长沙 of 中南（长沙）机械有限公司);
      region_code: its six digits, null where several have the name.
    - brand: 字号, what tells it from others of its trade; where there is none, the region is.
    - trade: 行业, what it does or is: 机械, 中医医院.
    - legal_form: 有限公司 (also for 有限责任公司), ltd, gmbh.
    - unit: department or branch: 人力资源部, 长沙分公司, human resources.
    - core: brand and trade, or for a Western name the words without legal form and unit; what to
      compare when departments of one institution came in as customers of their own.
    - reason: `Reason` code where there is no standard (all else is null then), or null.

    Raises TypeError for other than text. Sources: 企业名称登记管理规定 (2020), article 6, for the four
    parts of a name; Company Law of the PRC (2023), article 7, for equal legal forms;
    data/SOURCES.md for the words.
    """
    return over_distinct(values, _standardise)


def _standardise(folded: pa.Array) -> pa.StructArray:
    chinese = pc.fill_null(pc.match_substring_regex(folded, f"[{HAN}]"), False)
    western = pc.invert(chinese)
    columns = _western(folded.filter(western))
    parts = _chinese(folded.filter(chinese))
    order = pa.array(np.argsort(np.concatenate([_rows(western), _rows(chinese)])))
    made = {
        name: pa.concat_arrays([columns[name], parts[name]]).take(order)
        for name in FIELDS.names
        if name != "reason"
    }
    reason = first_of(
        (pc.greater(pc.utf8_length(folded), _LONGEST), Reason.TOO_LONG),
        (is_masked(folded), Reason.MASKED),
        (pc.invert(pc.match_substring_regex(folded, rf"[\p{{L}}{HAN}]")), Reason.CHARACTERS),
        (pc.match_substring_regex(made["standard"], _FILLER), Reason.PLACEHOLDER),
        (is_placeholder(folded), Reason.PLACEHOLDER),
        (pc.and_(pc.is_valid(folded), pc.is_null(made["core"])), Reason.EMPTY_AFTER_CLEANING),
    )
    usable = pc.is_null(reason)
    fields = [pc.if_else(usable, column, _NO_STRING) for column in made.values()]
    return pa.StructArray.from_arrays([*fields, reason], fields=list(FIELDS))


def _western(folded: pa.Array) -> dict[str, pa.Array]:
    standard, core, form, unit = split_western(folded)
    null = pa.nulls(len(folded), pa.string())
    return {
        "standard": fold(standard),
        "region": null,
        "region_code": null,
        "brand": core,
        "trade": null,
        "legal_form": form,
        "unit": unit,
        "core": core,
    }


def _chinese(folded: pa.Array) -> dict[str, pa.Array]:
    head, unit = split_chinese(_tidy(folded))
    found = pc.extract_regex(head, f"^(?P<stem>.*?)(?P<form>{alternatives(legal_forms())})?$")
    form = _in_one_spelling(blank_to_null(pc.struct_field(found, "form")))
    stem = blank_to_null(pc.struct_field(found, "stem"))
    whole = pc.binary_join_element_wise(stem, pc.coalesce(form, pa.scalar("")), "")
    found_regions, rest = _regions(stem)
    brand, trade, by_region = _peel(rest, found_regions)
    names, codes = _region_columns(found_regions)
    brand = pc.coalesce(brand, pc.if_else(by_region, names["brand"], _NO_STRING))
    no_region = pa.array(found_regions.short & _county(found_regions)) if len(stem) else by_region
    lost = pc.and_(by_region, no_region)
    core = pc.binary_join_element_wise(pc.coalesce(brand, pa.scalar("")), trade, "")
    return {
        "standard": fold(pc.coalesce(pc.binary_join_element_wise(whole, unit, "-"), whole)),
        "region": pc.if_else(lost, _NO_STRING, names["region"]),
        "region_code": pc.if_else(lost, _NO_STRING, codes),
        "brand": brand,
        "trade": blank_to_null(trade),
        "legal_form": form,
        "unit": unit,
        "core": blank_to_null(core),
    }

"""Names of institutions: companies, authorities, schools, hospitals and their departments."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import HAN
from graphcrm.standards.column import over_distinct
from graphcrm.standards.organisation_chinese import take_apart_chinese
from graphcrm.standards.organisation_western import take_apart_western
from graphcrm.standards.reasons import Reason, first_of
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


def standardise_organisation_names(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each institution's name in a form that can be compared, taken apart.

    A struct array of the same length with the fields of `FIELDS`; the parts are null for none:

    - standard: the whole name. Chinese: simplified, lower case, no spaces, brackets half-width, one
      spelling of the legal form, the unit after '-'. Western: lower case, no accents, the unit
      after a comma.
    - region: short name of the region in front or in brackets (长沙 of 中南（长沙）机械有限公司);
      region_code: its six digits, null where several have the name.
    - brand: 字号, what tells it from others of its trade; where there is none, the region is.
    - trade: 行业, what it does or is: 机械, 人民医院.
    - legal_form: 有限公司 (also for 有限责任公司), ltd, gmbh.
    - unit: department or branch: 人力资源部, 长沙分公司, human resources.
    - core: brand and trade, or for a Western name the words without legal form and unit: what to
      compare where departments of one institution came in as customers of their own.
    - reason: `Reason` code where there is no standard (all else is null then), or null.

    Raises TypeError for other than text. Sources: Provisions on the Registration of Enterprise
    Names (2020), article 6, for the four parts of a name; Company Law of the PRC (2023), article 7,
    for equal legal forms; data/SOURCES.md for the words.
    """
    return over_distinct(values, _standardise)


def _standardise(folded: pa.Array) -> pa.StructArray:
    chinese = pc.fill_null(pc.match_substring_regex(folded, f"[{HAN}]"), False)
    western = pc.invert(chinese)
    parts = take_apart_chinese(folded.filter(chinese))
    others = take_apart_western(folded.filter(western))
    null = pa.nulls(len(folded), pa.string())
    made = {}
    for name, column in parts.items():
        made[name] = pc.replace_with_mask(null, chinese, column)
        made[name] = pc.replace_with_mask(made[name], western, others[name])
    made["standard"] = fold(made["standard"])

    reason = first_of(
        (pc.greater(pc.utf8_length(folded), _LONGEST), Reason.TOO_LONG),
        (pc.greater(pc.utf8_length(made["standard"]), _LONGEST), Reason.TOO_LONG),
        (is_masked(folded), Reason.MASKED),
        (pc.invert(pc.match_substring_regex(folded, rf"[\p{{L}}{HAN}]")), Reason.CHARACTERS),
        (pc.match_substring_regex(made["standard"], _FILLER), Reason.PLACEHOLDER),
        (is_placeholder(folded), Reason.PLACEHOLDER),
        (is_placeholder(made["standard"]), Reason.PLACEHOLDER),
        (pc.and_(pc.is_valid(folded), pc.is_null(made["core"])), Reason.EMPTY_AFTER_CLEANING),
    )
    usable = pc.is_null(reason)
    fields = [pc.if_else(usable, column, null) for column in made.values()]
    return pa.StructArray.from_arrays([*fields, reason], fields=list(FIELDS))

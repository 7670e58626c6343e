"""Splitting the department or branch off a Chinese institution's name."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.column import blank_to_null, join, split, where
from graphcrm.standards.organisation_words import (
    alternatives,
    bodies,
    legal_forms,
    units,
)
from graphcrm.standards.regions import regions

# What follows one of these is not the institution's own: 银行业, 大学生, 医院北路.
_NOT_OWN = "(?![东西南北中]?(?:路|街|道|巷)|城|生|园|旁|附|业|卡)"
_STRONG = (
    r"股份有限公司|有限责任公司|有限公司|集团公司|总公司|股份公司|合伙企业(?!\()|专业合作社|"
    r"(?:有限公司|有限责任公司|股份有限公司)\(集团\)|合伙企业\((?:有限|普通|特殊普通)合伙\)"
)
_LEFT = "\t"  # stands between institution and unit; folded text holds none


def split_chinese(names: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return institutions and units (null for none) of simplified names without spaces.

    '|' stands where a dash, comma or the like separated two parts; none is left in what is
    returned. A unit follows a legal form (有限公司人力资源部) or a kind of institution that has
    departments (大学教务处, 银行岳麓支行), or follows a separator, or is a department by its name
    alone (腾讯人力资源部), or a branch at a place (平安长沙分公司).
    """
    patterns = _chinese()
    marked = pc.replace_substring_regex(names, patterns["bracket"], r"|\1")
    glued = pc.replace_substring(marked, "|", "")
    candidates = pc.fill_null(
        pc.or_(pc.match_substring_regex(glued, patterns["last"]), pc.match_substring(marked, "|")),
        False,
    )
    short = glued.filter(candidates)
    text = join(short)
    for name in ("after form", "after body"):
        text = _split_further(text, patterns[name])
    # A separator counts where the words alone did not tell.
    lines = zip(text.split("\n"), join(marked.filter(candidates)).split("\n"), strict=True)
    text = "\n".join(line if _LEFT in line else parted for line, parted in lines)
    for name in ("separated after form", "separated"):
        text = _split_further(text, patterns[name])
    text = text.replace("|", "")
    for name in ("branch", "name"):
        text = _split_further(text, patterns[name])
    parts = where(candidates, split(text, len(short)), glued)
    return _apart(parts)


def _split_further(text: str, pattern: str) -> str:
    """Return the text with those rows split by the pattern that are not split yet."""
    lines = text.split("\n")
    whole = "\n".join(line for line in lines if _LEFT not in line)
    found = iter(re.sub(pattern, rf"\1{_LEFT}\2", whole).split("\n"))
    return "\n".join(line if _LEFT in line else next(found) for line in lines)


def _apart(parts: pa.Array) -> tuple[pa.Array, pa.Array]:
    found = pc.extract_regex(parts, f"^(?P<head>[^{_LEFT}]*){_LEFT}?(?P<unit>[^{_LEFT}]*)$")
    return blank_to_null(pc.struct_field(found, "head")), blank_to_null(
        pc.struct_field(found, "unit")
    )


@cache
def _chinese() -> dict[str, str]:
    ending = alternatives(units("ending") + units("name") + units("branch"))
    heads = alternatives(bodies()) + r"|(?<![分支子])公司|集团"
    sure = alternatives(units("name") + units("branch"))
    forms = alternatives([*legal_forms(), *bodies()])
    places = alternatives(
        region.short_name for region in regions() if region.stands and region.level != "county"
    )
    branch = alternatives(units("branch"))
    one = r"[^|\t\n]"
    return {
        "bracket": rf"\(([^()]*(?:{ending}))\)$",
        "last": f"(?:{ending})$",
        "after form": (
            rf"(?m)^({one}+?(?:{_STRONG}))"
            rf"((?=..)(?:(?!有限公司|有限责任公司|股份公司|集团){one})*?(?:{ending}))$"
        ),
        "after body": (
            rf"(?m)^({one}{{2,}}?(?:{heads})){_NOT_OWN}"
            rf"((?=..)(?:(?!医院|学校|大学|有限公司|集团){one})*?(?:{ending}))$"
        ),
        "separated after form": rf"(?m)^(?=.*\|)([^\t\n]*(?:{forms}))\|({one}*(?:{ending}))$",
        "separated": rf"(?m)^([^\t\n]+?)\|({one}*(?:{sure}))$",
        "branch": (
            rf"(?m)^(?=.*(?:{branch}))({one}{{2,}}?)((?:{places})[省市州]?{one}{{0,6}}?(?:{branch})"
            rf"(?:{one}*(?:{ending}))?)$"
        ),
        "name": rf"(?m)^({one}{{2,}}?)({alternatives(units('name'))})$",
    }

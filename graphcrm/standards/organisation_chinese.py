"""Institutions' names in Chinese: region, brand, trade, legal form, unit."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import HAN, WORD, plain_latin, simplify
from graphcrm.standards.column import blank_to_null, join, split
from graphcrm.standards.leading_regions import (
    AMBIGUOUS,
    NONE,
    LeadingRegions,
    cut,
    leading_regions,
    levels,
)
from graphcrm.standards.organisation_units import split_chinese
from graphcrm.standards.organisation_words import alternatives, legal_forms, trades_by_length
from graphcrm.standards.regions import regions

_TAG = re.compile(r"<[a-z/!][^<>\n]*>", re.I)
_BRACKETS = str.maketrans(
    dict.fromkeys("[{【〔〈《「『", "(") | dict.fromkeys("]}】〕〉》」』", ")")
)
_PAIR = re.compile(r"\(([^()\n]+)\)")
_PAIRS_ONLY = str.maketrans({"(": " ", ")": " ", "\x02": "(", "\x03": ")"})
_SEPARATOR = re.compile(
    f"(?<=[{HAN})]) ?[-‐-―−,;:/_]+ ?|[-‐-―−,;:/_]+ ?(?=[{HAN}])|(?<=[^ \n]) -+ (?=[^ \n])"
)
_SPACE = re.compile("(?<![a-z0-9]) | (?![a-z0-9])")
_EDGES = re.compile(r"\(\|*\)|(?<=\()\|+|\|+(?=\))|(?<![^\n|])\|+|\|+(?=\n|$)")

# Brackets around what says nothing about where or which.
_EMPTY_WORDS = r"\((?:中国|集团|控股)\)"

_PEELED = 5  # trade words at most
_NO_STRING = pa.scalar(None, pa.string())


def take_apart_chinese(folded: pa.Array) -> dict[str, pa.Array]:
    """Return the columns that `standardise_organisation_names` describes, of Chinese names."""
    head, unit = split_chinese(_tidy(folded))
    stem, form = _split_form(head)
    whole = pc.binary_join_element_wise(stem, pc.coalesce(form, pa.scalar("")), "")
    found, before, rest = _split_region(stem)
    leads = pc.greater(pc.utf8_length(before), 0)
    own, trade = _peel(rest, leads)

    entry = pa.array(np.where(found.entry < 0, len(regions()), found.entry))
    short, full, code = (column.take(entry) for column in _region_names())
    ambiguous = pa.array(found.entry == AMBIGUOUS)
    short = pc.if_else(ambiguous, pc.replace_substring_regex(before, "^(..+).$", r"\1"), short)
    full = pc.if_else(ambiguous, before, full)
    # 长沙机械有限公司 has its region for a brand, 长沙县财政局 the whole name of it.
    county = pa.array((levels()[found.entry] == 3) & ~found.short | (found.entry == AMBIGUOUS))
    by_region = pc.and_(leads, pc.is_null(own))
    brand = pc.if_else(by_region, pc.if_else(county, full, short), own)
    # 青州府 is a brand of three characters, not 府 of 青州.
    thin = pc.and_(pc.equal(pc.utf8_length(own), 1), pa.array(found.short))
    thin = pc.fill_null(pc.and_(thin, leads), False)
    brand = pc.if_else(thin, pc.binary_join_element_wise(before, own, ""), brand)
    short, code = (pc.if_else(thin, _NO_STRING, column) for column in (short, code))
    core = pc.binary_join_element_wise(
        *(pc.coalesce(part, pa.scalar("")) for part in (brand, trade)), ""
    )
    return {
        "standard": pc.coalesce(_with_unit(whole, unit), whole),
        "region": blank_to_null(short),
        "region_code": code,
        "brand": blank_to_null(brand),
        "trade": blank_to_null(trade),
        "legal_form": form,
        "unit": unit,
        "core": blank_to_null(core),
    }


def _with_unit(whole: pa.Array, unit: pa.Array) -> pa.Array:
    """Return 中南机械有限公司-办公室; 'ibm - it部' between Latin letters, where '-' is a hyphen."""
    latin = pc.and_(
        pc.match_substring_regex(whole, f"[^{HAN})]$"), pc.match_substring_regex(unit, f"^[^{HAN}]")
    )
    return pc.binary_join_element_wise(whole, unit, pc.if_else(latin, " - ", "-"))


def _tidy(folded: pa.Array) -> pa.Array:
    """Return the names simplified, without spaces and signs, only brackets in pairs and '|'.

    '|' stands for a dash, comma or the like beside a Chinese character.
    """
    text = _TAG.sub(" ", simplify(join(folded))).replace("|", "-")
    text = plain_latin(text).translate(_BRACKETS)
    text = _PAIR.sub("\x02\\1\x03", text).translate(_PAIRS_ONLY)
    text = _SEPARATOR.sub("|", text)
    signs = pc.replace_substring_regex(split(text, len(folded)), f"[^{WORD}()|]+", " ")
    text = _SPACE.sub("", join(signs))
    return split(_EDGES.sub("", text), len(folded))


def _split_form(head: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return names without their legal form, and the form in one spelling, null for none."""
    forms = legal_forms()
    named = pc.invert(pc.match_substring_regex(head, f"^(?:{alternatives(forms)})+$"))
    head = pc.if_else(named, head, _NO_STRING)
    found = pc.extract_regex(head, f"^(?P<stem>..+?)(?P<form>{alternatives(forms)})$")
    written = pc.struct_field(found, "form").dictionary_encode()
    form = pa.array([forms[one] for one in written.dictionary.to_pylist()], pa.string())
    form = form.take(written.indices)
    # The end of 便利店 belongs to the trade.
    of_trade = pc.match_substring_regex(head, f"(?:{_trades_like_forms()})$")
    of_trade = pc.and_(of_trade, pc.equal(pc.utf8_length(form), 1))
    form = pc.if_else(pc.fill_null(of_trade, False), _NO_STRING, form)
    stem = pc.if_else(pc.is_valid(form), pc.struct_field(found, "stem"), head)
    return stem, form


def _split_region(stem: pa.Array) -> tuple[LeadingRegions, pa.Array, pa.Array]:
    """Return the deepest regions, the regions' text at the front ('' for none), and the rest."""
    plain = pc.replace_substring_regex(stem, _EMPTY_WORDS, "")
    inside = pc.struct_field(pc.extract_regex(plain, r"\((?P<inside>[^()]*)\)"), "inside")
    bracket = leading_regions(inside, institution=True)
    whole = (bracket.length > 0) & (
        bracket.length == pc.fill_null(pc.utf8_length(inside), 0).to_numpy()
    )
    without = pc.replace_substring_regex(plain, r"\([^()]*\)", "", max_replacements=1)
    plain = pc.if_else(pa.array(whole), without, plain)
    plain = pc.replace_substring_regex(plain, "[()]", "")
    found = leading_regions(plain, institution=True)
    before, rest = cut(plain, found.length)
    bracket_entry = np.where(whole & (bracket.entry >= 0), bracket.entry, NONE)
    deeper = levels()[bracket_entry] > levels()[found.entry]
    entry = np.where(deeper, bracket_entry, found.entry)
    short = np.where(deeper, bracket.short, found.short)
    return LeadingRegions(entry, found.length, short), before, rest


def _peel(rest: pa.Array, leads: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return brands (null for none) and trades: as many trade words as end the text.

    A brand keeps two characters, unless a region leads the name and can stand for it.
    """
    left = rest
    least = pc.if_else(leads, 0, 2)
    for _ in range(_PEELED):
        before = left
        for size, words in trades_by_length().items():
            ends = pc.is_in(pc.utf8_slice_codeunits(before, -size), value_set=words)
            enough = pc.greater_equal(pc.utf8_length(before), pc.add(least, size))
            unpeeled = pc.equal(pc.utf8_length(left), pc.utf8_length(before))
            peeled = pc.and_(pc.and_(ends, enough), unpeeled)
            left = pc.if_else(peeled, pc.utf8_slice_codeunits(before, 0, -size), left)
        if left.equals(before):
            break
    place = pc.fill_null(pc.utf8_length(left), 0).to_numpy().astype(np.int64)
    return blank_to_null(left), cut(rest, place)[1]


@cache
def _trades_like_forms() -> str:
    signs = tuple(form for form in legal_forms() if len(form) == 1)
    words = [word for held in trades_by_length().values() for word in held.to_pylist()]
    return alternatives(word for word in words if word.endswith(signs))


@cache
def _region_names() -> tuple[pa.Array, pa.Array, pa.Array]:
    """Return short name, official name and code per entry of `regions()`, and a row of nulls."""
    columns = (
        [region.short_name for region in regions()],
        [region.name for region in regions()],
        [region.code for region in regions()],
    )
    short, full, code = (pa.array([*column, None], pa.string()) for column in columns)
    return short, full, code

"""Institutions' names in Latin and other alphabets: legal form, department, and what remains."""

from __future__ import annotations

import re
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import WORD, plain_latin
from graphcrm.standards.column import blank_to_null, join, split
from graphcrm.standards.organisation_words import alternatives, units, western_legal_forms

# s.a., b. v., l.l.c. are words.
_DOTTED = re.compile(r"(?<![^\s(,])(?:[a-z]\. ?){1,4}[a-z](?:\.|(?![a-z0-9.]))")
_SEPARATOR = re.compile(r" [-‐-―−/] |[,;:|()\[\]{}–—]+")
_LEFT = "\t"  # stands between institution and unit


def take_apart_western(folded: pa.Array) -> dict[str, pa.Array]:
    """Return the columns that `standardise_organisation_names` describes, of Western names.

    The words that make the core are the brand too; region and trade are null.
    """
    head, unit = _split(_tidy(folded), len(folded))
    forms = alternatives(western_legal_forms())
    named = pc.invert(pc.match_substring_regex(head, rf"^(?:{forms})(?: (?:{forms}))*$"))
    head = pc.if_else(named, head, pa.scalar(None, pa.string()))
    found = pc.extract_regex(head, rf"^(?P<words>.*?\S)(?P<form>(?: (?:{forms}))+)$")
    form = _in_one_spelling(pc.utf8_trim(pc.struct_field(found, "form"), " "))
    words = pc.coalesce(pc.struct_field(found, "words"), head)
    whole = pc.coalesce(pc.binary_join_element_wise(words, form, " "), words)
    core = pc.replace_substring_regex(words, r"^the (.)", r"\1")
    null = pa.nulls(len(folded), pa.string())
    return {
        "standard": pc.coalesce(pc.binary_join_element_wise(whole, unit, ", "), whole),
        "region": null,
        "region_code": null,
        "brand": core,
        "trade": null,
        "legal_form": form,
        "unit": unit,
        "core": core,
    }


def _tidy(folded: pa.Array) -> str:
    """Return the names as lines of plain words, '|' between parts."""
    text = plain_latin(join(folded)).replace("'", "").replace("’", "").replace("|", " ")
    text = _DOTTED.sub(lambda match: re.sub("[. ]", "", match[0]), text.replace("&", " and "))
    text = _SEPARATOR.sub(" | ", text)
    words = pc.replace_substring_regex(split(text, len(folded)), f"[^{WORD}|]+", " ")
    text = re.sub(r"(?m)(?:\| )+(?=\|)|^[| ]+|[| ]+$", "", join(words))
    # A comma before the legal form parts nothing: Co., Ltd.
    return re.sub(rf"(?m) \|(?= (?:{alternatives(western_legal_forms())})(?: \||$))", "", text)


def _split(text: str, rows: int) -> tuple[pa.Array, pa.Array]:
    """Return names without and with only their units."""
    for pattern, parts in _patterns():
        text = re.sub(pattern, parts, text)
    lines = split(text.replace(" |", ""), rows)
    found = pc.extract_regex(lines, f"^(?P<head>[^{_LEFT}]*){_LEFT}?(?P<unit>[^{_LEFT}]*)$")
    head, unit = (pc.utf8_trim(pc.struct_field(found, part), " ") for part in ("head", "unit"))
    return blank_to_null(head), blank_to_null(unit)


def _in_one_spelling(written: pa.Array) -> pa.Array:
    """Return legal forms as they are compared; of two in a row (GmbH, Inc) each by itself."""
    distinct = written.dictionary_encode()
    forms = western_legal_forms()
    pattern = re.compile(rf"(?<!\S)(?:{alternatives(forms)})(?!\S)")
    one = [
        pattern.sub(lambda match: forms[match[0]], form) for form in distinct.dictionary.to_pylist()
    ]
    return pa.array(one, pa.string()).take(distinct.indices)


@cache
def _patterns() -> tuple[tuple[str, str], ...]:
    phrase, kind = alternatives(units("western")), alternatives(units("kind"))
    forms = alternatives(western_legal_forms())
    part, line = r"[^|\t\n]", r"[^\t\n]"
    unit = rf"(?:(?:the )?(?:{kind}) of {part}+|(?:{part}+ )?(?:{phrase}|{kind}))"
    return (
        # X Ltd | Human Resources Department; X | Changsha Branch
        (rf"(?m)^({line}+) \| ({unit})$", rf"\1{_LEFT}\2"),
        # Human Resources Department | X Ltd
        (
            rf"(?m)^((?:{phrase})(?: (?:{kind}))?|(?:{kind}) of {part}+) \| ({line}+)$",
            rf"\2{_LEFT}\1",
        ),
        # X Ltd Human Resources
        (rf"(?m)^({part}+? (?:{forms})) ({unit})$", rf"\1{_LEFT}\2"),
        # X Human Resources Department, X Finance Department
        (
            rf"(?m)^({part}+?) ((?:{phrase}) (?:{kind})|human resources|general office)$",
            rf"\1{_LEFT}\2",
        ),
    )

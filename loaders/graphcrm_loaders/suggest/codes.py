"""Translating the codes of a source into those of the vocabulary."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from graphcrm.model import VOCABULARY, Kind
from graphcrm.model import codes as vocabulary_codes
from graphcrm_loaders.suggest.profile import Profile
from graphcrm_loaders.suggest.words import data

_MOST = 40
"""A column with more distinct values has no codes."""

_BLANKS = frozenset(
    {"无", "-", "--", "/", "NULL", "null", "N/A", "NA", "未知", "不详", "空", "none"}
)
_SPLITTERS = "、,，/|+ "
_CONTAINED = 2


@dataclass(frozen=True)
class Translation:
    """How a column's values become codes.

    `codes` are those that need it (blank: unknown); `share` of the filled cells are understood;
    `guessed` were only guessed at, `unknown` are not understood.
    """

    codes: Mapping[str, str]
    share: float
    guessed: tuple[str, ...]
    unknown: tuple[str, ...] = ()


@cache
def _listed(name: str) -> dict[str, str]:
    """Values, folded, and their codes for a code list."""
    found: dict[str, str] = {}
    for code in getattr(vocabulary_codes, name):
        for word in (code.value, code.en, code.zh):
            found.setdefault(word.casefold(), code.value)
    for code, words in data("codes").get(name, {}).items():
        for word in words.split("/"):
            found.setdefault(word.casefold(), "" if code == "_" else code)
    return found


def code_list(kind: Kind) -> str | None:
    """The name of the code list of a kind; None where it has none."""
    words = kind.name.split()
    if words[0] == "code":
        return words[1]
    return words[2] if words[:2] == ["list", "of"] and words[2] != "text" else None


def translate(profile: Profile, kind: Kind) -> Translation | None:
    """The translation of a column into a kind's codes; None where it has too many values."""
    name = code_list(kind)
    if name is None or not profile.filled or len(profile.counts) > _MOST:
        return None
    several = kind.name.startswith("list")
    codes: dict[str, str] = {}
    guessed: list[str] = []
    unknown: list[str] = []
    understood = 0.0
    for value, count in sorted(profile.counts.items(), key=lambda item: (-item[1], item[0])):
        found, sure = _several(value, name) if several else _one(value, name)
        if found is None:
            unknown.append(value)
            continue
        understood += count * (1.0 if sure else 0.6)
        if found != value:
            codes[value] = found
        if not sure:
            guessed.append(value)
    return Translation(codes, understood / profile.filled, tuple(guessed), tuple(unknown))


def guess_rest(profile: Profile, kind: Kind, made: Translation) -> Translation:
    """The translation with codes for the values that nobody understands.

    They become `other` where there is such a code, else the likeliest that is still free, the
    frequent values first.
    """
    members = kind.allowed
    codes = dict(made.codes)
    used = {codes.get(value, value) for value in profile.counts if value not in made.unknown}
    free = [member for member in members if member not in used] or [members[-1]]
    for value in made.unknown:
        codes[value] = "other" if "other" in members else free[0]
        free = free[1:] or free
    return Translation(codes, made.share, (*made.guessed, *made.unknown))


def _one(value: str, name: str) -> tuple[str | None, bool]:
    listed = _listed(name)
    folded = value.strip().casefold()
    if folded in listed:
        return listed[folded], True
    if value in _BLANKS:
        return "", True
    for mark in ("-", ":", "：", ".", " ", "_"):  # 1-男, 01:有效
        parts = [part.strip() for part in folded.split(mark)]
        told = [part for part in parts if part in listed and not part.isdigit()]
        if len(parts) > 1 and told:
            return listed[told[0]], True
    inside = {
        word: code
        for word, code in listed.items()
        if len(word) >= _CONTAINED and not word.isascii() and word in folded
    }
    if len(set(inside.values())) == 1 and 2 * max(map(len, inside)) >= len(folded):
        return next(iter(inside.values())), True
    near = [
        (len(word), code)
        for word, code in listed.items()
        if len(word) >= (4 if word.isascii() else _CONTAINED)
        and (word in folded or (len(folded) >= _CONTAINED and folded in word))
    ]
    return (max(near)[1], False) if near else (None, False)


def _several(value: str, name: str) -> tuple[str | None, bool]:
    for mark in _SPLITTERS:
        value = value.replace(mark, ";")
    found = [_one(part, name) for part in value.split(";") if part.strip()]
    if not found or any(code is None for code, _ in found):
        return None, False
    members = dict.fromkeys(code for code, _ in found if code)
    return ";".join(members), all(sure for _, sure in found)


@cache
def understood_share(values: frozenset[tuple[str, int]], name: str) -> float:
    """The share of cells whose values are words of a code list, bare numbers and letters apart."""
    total = sum(count for _, count in values)
    good = 0.0
    for value, count in values:
        code, sure = _one(value, name)
        if code is not None:
            telling = (len(value) > 1 or not value.isascii() or code == value) and (
                not value.isdigit()
            )
            good += count * (1.0 if sure else 0.5) * (1.0 if telling else 0.5)
    return good / total if total else 0.0


def kind_of_column(table: str, column: str) -> Kind:
    """The kind of a column of the vocabulary."""
    return VOCABULARY.tables[table].column(column).kind

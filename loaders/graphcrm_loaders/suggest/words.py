"""What a header means: its words, Chinese, English, abbreviated or in pinyin, as concepts."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from pypinyin import lazy_pinyin
from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

CHINESE = re.compile("[\u4e00-\u9fff]+")
_PIECES = re.compile("[\u4e00-\u9fff]+|[A-Za-z]+|[0-9]+")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_UNITS = re.compile(r"[（(【\[][^（(【\[]*[)）】\]]")
_LONGEST_WORD = 12
_SHORTEST_FUZZY = 5
NOISE = 0.05
"""What a word weighs that says nothing."""

_WEIGHTS = {"generic": 0.45, "noise": NOISE, "subjects": 1.0}
_UNKNOWN_WEIGHT = 0.7
_INITIALS, _PINYIN, _TYPING_ERROR = 0.75, 0.95, 0.9

Meaning = dict[str, float]
"""Concepts that a word may stand for, each with how likely it does."""


@dataclass(frozen=True)
class Word:
    """A word of a header: what it may mean, and how much it says."""

    meaning: tuple[tuple[str, float], ...]
    weight: float


@cache
def data(name: str) -> dict[str, Any]:
    """A data file of this folder."""
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class _Lexicon:
    chinese: dict[str, Meaning]
    latin: dict[str, Meaning]
    pinyin: dict[str, Meaning]
    initials: dict[str, Meaning]
    weights: dict[str, float]
    compounds: dict[str, str]


@cache
def _lexicon() -> _Lexicon:
    found = _Lexicon({}, {}, {}, {}, {}, dict(data("words")["compound"]))
    for group, weight in _WEIGHTS.items():
        for concept, listed in data("words")[group].items():
            found.weights[concept] = weight
            for rank, word in enumerate(listed.split()):
                sure = 1.0 if rank < 4 else 0.97
                if CHINESE.fullmatch(word):
                    _add(found.chinese, word, concept, sure)
                    _add_pinyin(found, word, concept)
                else:
                    _add(found.latin, word.lower(), concept, sure)
    for word, concepts in list(found.compounds.items()):
        if CHINESE.fullmatch(word):
            spelled = lazy_pinyin(word)
            found.compounds.setdefault("".join(spelled), concepts)
            if len(word) > 2 and word.endswith("号"):
                found.compounds.setdefault("".join(part[0] for part in spelled), concepts)
    return found


def _add(words: dict[str, Meaning], word: str, concept: str, sure: float) -> None:
    meaning = words.setdefault(word, {})
    meaning[concept] = max(meaning.get(concept, 0.0), sure)


def _add_pinyin(found: _Lexicon, word: str, concept: str) -> None:
    spelled = lazy_pinyin(word)
    _add(found.pinyin, "".join(spelled), concept, _PINYIN)
    if len(word) > 1:
        _add(found.initials, "".join(part[0] for part in spelled), concept, _INITIALS)


def weight(concept: str) -> float:
    """How much a concept says of a column."""
    return _lexicon().weights.get(concept, _UNKNOWN_WEIGHT)


def chinese_words(concept: str) -> list[str]:
    """The Chinese words for a concept, the usual ones first."""
    return [w for w in data("words")["subjects"][concept].split() if CHINESE.fullmatch(w)]


def plain_header(header: str) -> str:
    """A header without what stands in brackets, in narrow characters."""
    text = unicodedata.normalize("NFKC", header).strip()
    return (_UNITS.sub("", text).strip() or text).replace("*", "")


def collapsed(header: str) -> str:
    """A header in small letters without anything between them."""
    return "".join(_PIECES.findall(plain_header(header))).lower()


@cache
def words_of(header: str) -> tuple[Word, ...]:
    """The words of a header in their order."""
    found: list[Word] = []
    for piece in _PIECES.findall(plain_header(header)):
        if CHINESE.fullmatch(piece):
            found += _chinese(piece)
        elif piece.isdigit():
            found += [_word(_lexicon().latin[piece])] if piece in _lexicon().latin else []
        else:
            for part in _CAMEL.split(piece):
                found += _latin(part.lower())
    return tuple(found)


def _word(meaning: Meaning) -> Word:
    weights = [weight(concept) for concept in meaning]
    telling = [w for w in weights if w > NOISE]
    return Word(tuple(meaning.items()), min(telling, default=weights[0]))


def _unknown(text: str) -> Word:
    return Word(((f"?{text}", 1.0),), _UNKNOWN_WEIGHT)


def _compound(text: str) -> list[Word]:
    concepts = _lexicon().compounds.get(text, "").split()
    return [Word(((concept, 1.0),), weight(concept)) for concept in concepts]


def _chinese(text: str) -> list[Word]:
    """The fewest known words that cover most of the text."""
    known, compounds = _lexicon().chinese, _lexicon().compounds
    best: list[tuple[float, list[str]]] = [(0.0, [])]
    for end in range(1, len(text) + 1):
        ways = []
        for begin in range(max(0, end - _LONGEST_WORD), end):
            part = text[begin:end]
            if part in known or part in compounds:
                ways.append((best[begin][0] + 1.0, [*best[begin][1], part]))
            elif len(part) == 1:
                ways.append((best[begin][0] + 2.2, [*best[begin][1], part]))
        best.append(min(ways, key=lambda way: (way[0], -max(map(len, way[1])))))
    found: list[Word] = []
    rest = ""
    for part in best[-1][1]:
        if part not in known and part not in compounds:
            rest += part
            continue
        found += [_unknown(rest)] if rest else []
        rest = ""
        found += _compound(part) or [_word(known[part])]
    return [*found, _unknown(rest)] if rest else found


def _latin(text: str) -> list[Word]:
    lexicon = _lexicon()
    if text in lexicon.compounds:
        return _compound(text)
    if text in lexicon.latin:
        return [_word(lexicon.latin[text])]
    parts = _parts(text)
    if parts:
        return [word for part in parts for word in _compound(part) or [_word(_merged(part))]]
    if len(text) >= _SHORTEST_FUZZY:
        near = process.extractOne(
            text, _long_words(), scorer=DamerauLevenshtein.normalized_similarity, score_cutoff=0.8
        )
        if near is not None:
            meaning = {c: s * _TYPING_ERROR for c, s in lexicon.latin[near[0]].items()}
            return [_word(meaning)]
    return [_unknown(text)]


@cache
def _long_words() -> list[str]:
    return [word for word in _lexicon().latin if len(word) >= _SHORTEST_FUZZY]


def _merged(text: str) -> Meaning:
    """What a run of letters means as English, else as pinyin or initials of pinyin."""
    lexicon = _lexicon()
    if text in lexicon.latin:
        return lexicon.latin[text]
    merged: Meaning = {}
    for source in (lexicon.pinyin, lexicon.initials):
        for concept, sure in source.get(text, {}).items():
            merged[concept] = max(merged.get(concept, 0.0), sure)
    return merged


def _parts(text: str) -> list[str]:
    """A run of letters cut into known words: `custno`, `kehuhao`, `tbrxm`; [] where it can't be."""
    lexicon = _lexicon()
    best: list[tuple[float, list[str]] | None] = [(0.0, [])]
    for end in range(1, len(text) + 1):
        ways = []
        for begin in range(max(0, end - _LONGEST_WORD - 4), end):
            before, part = best[begin], text[begin:end]
            if before is None or not (len(part) > 1 or (part in ("h", "r") and begin)):
                continue
            cost = _cost(part, lexicon)
            if cost:
                ways.append((before[0] + cost, [*before[1], part]))
        best.append(min(ways, key=lambda way: way[0]) if ways else None)
    whole = best[-1]
    return whole[1] if whole is not None and whole[0] <= 1.0 + 0.5 * len(text) else []


def _cost(part: str, lexicon: _Lexicon) -> float:
    if part in lexicon.compounds:
        return 1.2
    if part in lexicon.pinyin and len(part) > 2:
        return 1.0
    if part in lexicon.latin and len(part) > 1:
        return 1.0 if len(part) > 2 else 1.3
    if part in lexicon.initials:
        return 1.4
    return 1.6 if part == "h" else 0.0

"""What a column means by its header alone, in the languages that customer lists come in."""

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from graphcrm_loaders.suggest.words import plain_header

_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_PIECES = re.compile(rf"[{_CJK}]+|[^\W\d_{_CJK}]+|\d+")
_CAMEL = re.compile("(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_WIDE = re.compile(f"[{_CJK}]")
_EXACT, _AT_END, _INSIDE = 1.0, 0.9, 0.7
_NAMES, _OTHERS = ("name", "given_name", "family_name"), ("contact", "evidence")
"""Before a name, words for others than the customer say whose it is (配偶姓名, agent name)."""

_LONGEST = 60
"""No header is longer; longer texts are values."""


@dataclass(frozen=True)
class Said:
    """What a header says: a role's value or one of `headers.toml`'s further words, and how sure."""

    meaning: str
    sureness: float


@cache
def said_by(header: str) -> Said | None:
    """What a header says of its column; None where its words are unknown."""
    if len(header) > _LONGEST:
        return None
    tokens = _tokens(header)
    while len(tokens) > 1 and tokens[-1].isdigit():
        tokens = tokens[:-1]
    words = " ".join(tokens)
    together = words.replace(" ", "")
    exact = _phrases().get(words) or _collapsed().get(together)
    if exact:
        return Said(exact, _EXACT)
    ends = [p for p in _phrases() if _ends_with(words, p)]
    if ends:
        end = max(ends, key=len)
        whose = _phrases().get(words.removesuffix(end).strip())
        others = _phrases()[end] in _NAMES and whose in _OTHERS
        return Said(whose if whose and others else _phrases()[end], _AT_END)
    inside = [p for p in _phrases() if _holds(words, p)]
    return Said(_phrases()[max(inside, key=len)], _INSIDE) if inside else None


def _tokens(header: str) -> list[str]:
    found: list[str] = []
    for piece in _PIECES.findall(unicodedata.normalize("NFKC", plain_header(header))):
        found += [part.lower() for part in _CAMEL.split(piece)]
    return found


def _ends_with(words: str, phrase: str) -> bool:
    if _WIDE.match(phrase):
        return len(phrase) > 1 and words.endswith(phrase)
    return len(phrase) > 2 and words.endswith(" " + phrase)


def _holds(words: str, phrase: str) -> bool:
    if _WIDE.match(phrase):
        return len(phrase) > 1 and phrase in words
    return len(phrase) > 3 and f" {phrase} " in f" {words} "


@cache
def _phrases() -> dict[str, str]:
    """Phrase → meaning; of a phrase in two meanings the first counts."""
    text = files(__package__).joinpath("headers.toml").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for meaning, listed in tomllib.loads(text).items():
        for phrase in re.split("[/\n]", listed):
            words = " ".join(_tokens(phrase))
            if words:
                found.setdefault(words, meaning)
    return found


@cache
def _collapsed() -> dict[str, str]:
    return {phrase.replace(" ", ""): meaning for phrase, meaning in reversed(_phrases().items())}

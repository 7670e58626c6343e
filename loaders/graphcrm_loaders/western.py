"""Telling Western text in Windows-1252 from Chinese text in GB18030, where bytes can be both.

A Western letter with an accent and the letter after it together are a rare Chinese character of
GBK ("Müller" is M黮ler), so that a file with a few such names may well decode. Chinese text has its
characters next to each other and mostly from among the frequent ones; Western text has each of
them by itself, inside a word of Latin letters, and always one of those that no text is made of.
"""

import codecs
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_CHUNK = 1 << 20
_ENOUGH = 200
"""So many characters more on one side settle it."""

_LETTERS = [*range(0xC0, 0x100), 0x8A, 0x8C, 0x8E, 0x9A, 0x9C, 0x9E, 0x9F]
_NO_LETTERS = (0xD7, 0xF7)
_LATIN = "A-Za-z"
_LEVEL_2 = 0xD8
"""From this lead byte on GB 2312 has its rare characters."""


@dataclass(frozen=True)
class Doubtful:
    """A word that is Western in Windows-1252 and odd in GB18030."""

    western: str
    chinese: str


def western_word(path: Path) -> Doubtful | None:
    """A word of the file, which decodes as GB18030, that shows it to be Western; else None."""
    western = others = 0
    first: str | None = None
    decoder = codecs.getincrementaldecoder("gb18030")()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            beyond = len(re.findall(r"[^\x00-\x7f]", text))
            found = _pattern().findall(text) if beyond else []
            first = first or next(iter(found), None)
            western += len(found)
            others += beyond - len(found)
            if abs(western - others) > _ENOUGH:
                break
    if first is None or western <= others:
        return None
    return Doubtful(first.encode("gb18030").decode("cp1252", "replace"), first)


@cache
def _pattern() -> re.Pattern[str]:
    """A word with a character that is really an accented letter and the letter after it."""
    letters = [code for code in _LETTERS if code not in _NO_LETTERS]
    latin = [*range(ord("A"), ord("Z") + 1), *range(ord("a"), ord("z") + 1)]
    with_latin = _characters(letters, latin)
    both = _characters([code for code in letters if code >= _LEVEL_2], letters)
    return re.compile(
        f"[{_LATIN}]+[{with_latin}][{_LATIN}]*|[{with_latin}][{_LATIN}]+|"
        f"[{_LATIN}]+[{both}][{_LATIN}]+"
    )


def _characters(leads: list[int], trails: list[int]) -> str:
    pairs = (bytes((lead, trail)) for lead in leads for trail in trails)
    return "".join(c for pair in pairs if (c := pair.decode("gb18030", "ignore")) > "\x7f")

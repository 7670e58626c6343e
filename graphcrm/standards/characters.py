"""What is done to single characters: traditional to simplified, accented Latin to ASCII."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt
import opencc

HAN = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\ue000-\uf8ff\uf900-\ufaff\U00020000-\U000323af"
"""The Chinese characters, to stand inside a class of `re` or of Arrow's RE2.

With 々 and 〇, and the private-use area, where Chinese systems keep rare surnames.
"""

WORD = rf"\p{{L}}\p{{Mn}}\p{{Mc}}\p{{N}}{HAN}"
"""What words are made of in any script, to stand inside a class of Arrow's RE2."""

_PLANES = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x323B0))

# Read qian (the surname, 乾县, 乾隆) it stays 乾; only read gan it becomes 干, which no name needs.
_KEPT = "乾"

_ACCENTED = re.compile("[\u00aa-\u024f\u0300-\u036f\u1e00-\u1eff]")

# Letters that Unicode does not decompose, as passports write them (ICAO Doc 9303, part 3, section
# 6), but ø, å, ä, ö, ü by their plain letter, since most systems drop what they cannot show.
_UNDECOMPOSED = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ħ": "h",
    "ı": "i",
    "ĸ": "q",
    "ł": "l",
    "ŋ": "n",
    "þ": "th",
    "ŧ": "t",
    "ƶ": "z",
    "ɨ": "i",
}


def simplify(text: str) -> str:
    """Return the text with each traditional Chinese character in its simplified form.

    Character by character, so that names meet however they were typed: 張偉 and 张伟, 裡 and 里.
    Applying it twice changes nothing. Source: OpenCC's table `t2s`.
    """
    if text.isascii():
        return text
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return _simplified()[codes].tobytes().decode("utf-32-le", "surrogatepass")


@cache
def _simplified() -> npt.NDArray[np.uint32]:
    table = np.arange(0x110000, dtype=np.uint32)
    plain = "\n".join(chr(code) for first, last in _PLANES for code in range(first, last))
    converter = opencc.OpenCC("t2s")
    changed = converter.convert(plain)
    # A few characters need two steps (薴, 苧, 苎).
    while (again := converter.convert(changed)) != changed:
        changed = again
    for old, new in zip(plain.split("\n"), changed.split("\n"), strict=True):
        if len(new) == 1 and old not in _KEPT:
            table[ord(old)] = ord(new)
    return table


def plain_latin(text: str) -> str:
    """Return the text in lower case, Latin letters without accents: 'José Müller', 'jose muller'.

    Other scripts keep their marks, which carry meaning there (ガ is not カ).
    """
    text = text.lower()
    return text if text.isascii() else _ACCENTED.sub(lambda match: _plain(match[0]), text)


@cache
def _plain(letter: str) -> str:
    if letter in _UNDECOMPOSED:
        return _UNDECOMPOSED[letter]
    parts = unicodedata.normalize("NFD", letter)
    return "".join(part for part in parts if not unicodedata.combining(part))

"""Chinese characters as toneless Mandarin syllables, a whole column at once."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.characters import HAN, WORD, plain_latin, simplify
from graphcrm.standards.column import join, over_distinct, split

_SURNAMES = Path(__file__).parent / "data" / "surname_readings.txt"

# In use in names, but without a reading in the dictionary.
_MISSING = {"𠮷": "ji", "〇": "ling", "々": ""}

_AFTER_HAN = re.compile(f"(?<=[{HAN}])(?=[^\n {HAN}])")
_BLANKS = re.compile(" {2,}")
_NEITHER = f"[^{WORD} ]+"
# Making the expression above ready takes longer than all else for a few texts: most have no signs.
_FEW = 1_000
_WITHOUT_SIGNS = re.compile(f"[A-Za-z0-9{HAN} \n]*")


def pinyin(values: pa.Array | pa.ChunkedArray, *, person: bool = False) -> pa.Array:
    """Return each text as toneless syllables joined by a space: 张伟 as 'zhang wei'.

    A `string` array of the same length, null for null and where nothing is left. Traditional
    characters read as their simplified forms; words in Latin letters stay, in lower case and
    without accents; digits stay; other signs become a space. ü is written 'v' (吕 is 'lv'), as it
    is typed. A character without a known reading stays as it is.

    Give `person=True` for names of persons: the surname in front takes its own reading (单 shan,
    曾 zeng, 尉迟 yu chi). Otherwise every character takes its commonest reading, one by one, so
    that 重庆 is 'zhong qing': a key to compare, not a text to read out.

    Raises TypeError for other than text. Source of readings: pypinyin's character dictionary and
    data/surname_readings.txt.
    """
    return over_distinct(values, lambda folded: syllables(folded, person=person))


def initials(values: pa.Array | pa.ChunkedArray, *, person: bool = False) -> pa.Array:
    """Return the first letters of the syllables and words of `pinyin`: 张伟 as 'zw'.

    Length, nulls, `person` and errors are as there.
    """
    return over_distinct(values, lambda folded: first_letters(syllables(folded, person=person)))


def syllables(folded: pa.Array, *, person: bool) -> pa.Array:
    """Return `pinyin` of values that are folded already, row by row, repeated ones too."""
    text = join(folded)
    if len(text) > _FEW or not _WITHOUT_SIGNS.fullmatch(text):
        text = join(pc.replace_substring_regex(folded, _NEITHER, " "))
    text = plain_latin(simplify(text))
    if person:
        read = _surnames()
        pattern = "^(?:" + "|".join(sorted(read, key=len, reverse=True)) + ")"
        text = re.sub(pattern, lambda match: read[match[0]] + " ", text, flags=re.M)
    text = _AFTER_HAN.sub(" ", text).translate(_readings())
    text = _BLANKS.sub(" ", text).replace("\n ", "\n").replace(" \n", "\n")
    return split(text.strip(" "), len(folded))


def first_letters(spelled: pa.Array) -> pa.Array:
    """Return the first sign of every word of a `string` array of words between single spaces."""
    signs = np.frombuffer(join(spelled).encode("utf-32-le"), np.uint32)
    line, space = signs == ord("\n"), signs == ord(" ")
    before = np.concatenate(([True], (line | space)[:-1])) if len(signs) else line
    kept: str = signs[line | (before & ~space)].tobytes().decode("utf-32-le")
    return split(kept, len(spelled))


@cache
def _surnames() -> dict[str, str]:
    lines = _SURNAMES.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


@cache
def _readings() -> dict[int, str]:
    from pypinyin.pinyin_dict import pinyin_dict  # with it comes a dictionary of phrases: 0.3 s

    table = {code: f" {_toneless(marked)}" for code, marked in pinyin_dict.items()}
    table |= {ord(sign): f" {reading}" for sign, reading in _MISSING.items()}
    return table


def _toneless(marked: str) -> str:
    # The dictionary gives the commonest reading first.
    parts = unicodedata.normalize("NFD", marked.split(",")[0].replace("ü", "v"))
    parts = parts.replace("u\u0308", "v")
    return "".join(part for part in parts if not unicodedata.combining(part))

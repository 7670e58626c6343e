"""What is taken for something else: characters that look alike, and what names are shortened to."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_DATA = Path(__file__).parent / "data"
_LARGEST = 0x110000


@cache
def nicknames() -> dict[str, tuple[str, ...]]:
    """The names that a nickname or a name may stand for, itself among them where it is a name.

    In lower case: bill → (william,), sandy → (alexander,), william → (william,).
    """
    found: dict[str, list[str]] = {}
    for name, *short in _lines("nicknames.txt"):
        for word in (name, *short[0].split(" ")):
            found.setdefault(word, []).append(name)
    return {word: tuple(names) for word, names in found.items()}


@cache
def shapes() -> npt.NDArray[np.int32]:
    """A number for the look of each character, by its code point.

    Characters that may be taken for one another have the same; source: data/shape_alike.txt.
    """
    table = np.arange(_LARGEST, dtype=np.int32)
    for (group,) in _lines("shape_alike.txt"):
        for sign in group:
            table[ord(sign)] = ord(group[0])
    return table


def _lines(file: str) -> list[list[str]]:
    lines = (_DATA / file).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]

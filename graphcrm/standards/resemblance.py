"""What is known of names and characters: what is taken for something else, what many bear."""

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


@cache
def bearers() -> dict[str, float]:
    """The share of people (0 to 1) who bear a word as surname or given name, where many do.

    In lower case; of Chinese names only the surnames. Sources: data/SOURCES.md.
    """
    surnames = _table("cn_surnames.csv")
    total = sum(surnames.values())
    chinese = {name: number / total for name, number in surnames.items()}
    return chinese | {name: number / 100_000 for name, number in _table("us_names.csv").items()}


def _table(file: str) -> dict[str, int]:
    rows = (line.split(",") for line in (_DATA / file).read_text("utf-8").splitlines()[1:])
    return {name: int(number) for name, number in rows}


def _lines(file: str) -> list[list[str]]:
    lines = (_DATA / file).read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]

"""The words that institutions' names are made of, from the package's data files."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyarrow as pa

from graphcrm.standards.characters import HAN

_DATA = Path(__file__).parent / "data"
_CHINESE = re.compile(f"[{HAN}]")


def alternatives(words: Iterable[str]) -> str:
    """Return the words as alternatives of a regular expression, for `re` and RE2, longest first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w)))


@cache
def legal_forms() -> dict[str, str]:
    """Return the Chinese legal forms, as written, with what each is compared by."""
    return {form: one for form, one in _pairs("org_legal_forms.txt") if _CHINESE.search(form)}


@cache
def western_legal_forms() -> dict[str, str]:
    """Return the Western legal forms in lower case without dots, with what each is compared by."""
    return {form: one for form, one in _pairs("org_legal_forms.txt") if not _CHINESE.search(form)}


@cache
def trades_by_length() -> dict[int, pa.Array]:
    """Return the trade words and the kinds of institutions, by their number of characters."""
    words = sorted({word for word, _ in _pairs("org_trades.txt")})
    lengths = sorted({len(word) for word in words}, reverse=True)
    return {
        size: pa.array([word for word in words if len(word) == size], pa.string())
        for size in lengths
    }


@cache
def bodies() -> tuple[str, ...]:
    """Return the kinds of institutions that have departments of their own: 大学, 医院, 局."""
    return tuple(word for word, kind in _pairs("org_trades.txt") if kind == "body")


@cache
def units(kind: str) -> tuple[str, ...]:
    """Return the words for departments and branches of one kind, see data/org_units.txt."""
    return tuple(word for one, word in _pairs("org_units.txt") if one == kind)


def _pairs(file: str) -> list[tuple[str, str]]:
    lines = (_DATA / file).read_text("utf-8").splitlines()
    rows = [line.partition("\t") for line in lines if line and not line.startswith("#")]
    return [(first, second) for first, _, second in rows]

"""The package's own word lists and small tables, read once."""

from __future__ import annotations

import csv
import json
from functools import cache
from importlib.resources import files


@cache
def word_lists() -> dict[str, list[str]]:
    """Return the named word lists of `data/words.json`."""
    found: dict[str, list[str]] = json.loads(_read("words.json"))
    return found


@cache
def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the package's data folder."""
    return list(csv.DictReader(_read(name).splitlines()))


@cache
def lines(name: str) -> list[str]:
    """Return the non-empty lines of a text file of the package's data folder."""
    return [line for line in _read(name).splitlines() if line]


@cache
def regions() -> list[dict[str, str]]:
    """Return the rows of the GB/T 2260 history: code, name, first_year, last_year."""
    path = files("graphcrm.standards") / "data" / "cn_regions.csv"
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def _read(name: str) -> str:
    return (files("graphcrm.sample") / "data" / name).read_text(encoding="utf-8")

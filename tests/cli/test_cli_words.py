"""The catalogue: both languages, the same values in both, nothing missing and nothing left over."""

import re
import string
from pathlib import Path

import pytest

import graphcrm_api.cli
from graphcrm_api.cli.language import catalogue

SOURCES = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted(Path(graphcrm_api.cli.__path__[0]).glob("*.py"))
)
MADE_UP = (
    "help_", "example_", "option_", "col_", "head_", "panel_", "state_",
    "role_", "currency_", "property_", "orphan_reason_", "orphan_short_", "cut_", "phone_", "part_",
)  # fmt: skip
"""Keys that the code puts together from a name."""


def _values(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


@pytest.mark.parametrize("key", sorted(catalogue()))
def test_both_languages_take_the_same_values(key: str) -> None:
    entry = catalogue()[key]
    assert set(entry) == {"en", "zh"}
    assert all(words.strip() for words in entry.values())
    assert _values(entry["en"]) == _values(entry["zh"])


def test_every_text_asked_for_is_there() -> None:
    asked = set(re.findall(r"""text\(\s*["']([a-z_]+)["']""", SOURCES))
    assert asked - set(catalogue()) == set()


def test_no_text_is_left_over() -> None:
    literal = set(re.findall(r"""["']([a-z_]+)["']""", SOURCES))
    left = {key for key in catalogue() if key not in literal and not key.startswith(MADE_UP)}
    assert left == set()


def test_chinese_uses_chinese_punctuation() -> None:
    wrong = {
        key: entry["zh"]
        for key, entry in catalogue().items()
        if re.search("[\u4e00-\u9fff][,;:?!]", entry["zh"])
    }
    assert wrong == {}

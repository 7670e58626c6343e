"""The words that people read, in English and Simplified Chinese, from one catalogue.

Each topic has a TOML file here: a table per key with `en` and `zh`, `{name}` for values.
"""

import locale
import os
import tomllib
from functools import cache
from importlib.resources import files
from typing import Any, Literal

Language = Literal["en", "zh"]

__all__ = ["Language", "catalogue", "default_language", "word", "word_or"]


def word(key: str, language: Language, /, **values: Any) -> str:
    """The text of a key such as `cli.loaded`, with its values put in; KeyError if unknown."""
    return catalogue()[key][language].format(**values)


def word_or(key: str, language: Language, fallback: str) -> str:
    """The text of a key, or the fallback where the catalogue has no such key."""
    entry = catalogue().get(key)
    return entry[language] if entry else fallback


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """All texts: `topic.key` → language → text."""
    texts: dict[str, dict[str, str]] = {}
    for file in sorted(files(__name__).iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            topic = file.name.removesuffix(".toml")
            for key, entry in tomllib.loads(file.read_text(encoding="utf-8")).items():
                texts[f"{topic}.{key}"] = entry
    return texts


def default_language() -> Language:
    """Chinese where the locale is Chinese, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LANG") or (locale.getlocale()[0] or "")
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"

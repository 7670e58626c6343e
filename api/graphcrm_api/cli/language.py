"""The command line's words, in the language of the user.

The catalogue is read without importing `graphcrm`, whose analytic libraries take half a second:
the help must come at once.
"""

import os
import sys
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

Language = Literal["en", "zh"]

_current: Language = "en"


def language() -> Language:
    """The language in use."""
    return _current


def use(chosen: Language) -> None:
    """Speak this language from now on."""
    global _current
    _current = chosen


def chosen_language(arguments: Sequence[str]) -> Language:
    """What `--lang` says, else GRAPHCRM_LANG, else graphcrm.toml, else the locale."""
    for place, argument in enumerate(arguments):
        value = argument.removeprefix("--lang=")
        if argument == "--lang" and place + 1 < len(arguments):
            value = arguments[place + 1]
        if argument.startswith("--lang") and value in ("en", "zh"):
            return "zh" if value == "zh" else "en"
    named = os.environ.get("GRAPHCRM_LANG") or _in_file() or _in_locale()
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def text(key: str, /, **values: Any) -> str:
    """The words of a key of `graphcrm/words/cli.toml`, with its values put in."""
    return catalogue()[key][_current].format(**values)


def text_or(key: str, fallback: str) -> str:
    """The words of a key, or the fallback where the catalogue has no such key."""
    entry = catalogue().get(key)
    return entry[_current] if entry else fallback


@cache
def catalogue(topic: str = "cli") -> dict[str, dict[str, str]]:
    """All texts of a topic, by default the command line's own: key → language → text."""
    spec = find_spec("graphcrm")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "words" / f"{topic}.toml"
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _in_file() -> str:
    try:
        settings = tomllib.loads(Path("graphcrm.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ""  # a wrong file is reported where the settings are read for work
    return str(settings.get("lang") or "")


def _in_locale() -> str:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if os.environ.get(name):
            return os.environ[name]
    if sys.platform == "win32":
        import locale

        return locale.getlocale()[0] or ""
    return ""

"""What the library says, in the language of who reads it.

The library speaks English, to programs as to people. `messages.toml` has each of its sentences in
both languages; here they are recognised. So a message may have come from another process or out of
a load's record, and what raises it need not know of languages.
"""

import re
from functools import cache

from graphcrm.words import Language, catalogue

_TOPIC = "messages."
_VALUE = re.compile(r"\{(\w+)\}")


def in_language(message: str, language: Language) -> str:
    """A message line by line; a sentence that the catalogue does not know stays as it is."""
    if language == "en":
        return message
    return "\n".join(_sentence(line) for line in message.splitlines())


def _sentence(said: str) -> str:
    whole = _known(said)
    if whole is not None:
        return whole
    for colon in re.finditer(": ", said):  # the file that it is about stands before it
        rest = _known(said[colon.end() :])
        if rest is not None:
            return f"{said[: colon.start()]}：{rest}"
    return said


def _known(said: str) -> str | None:
    for pattern, chinese in _sentences():
        found = pattern.fullmatch(said)
        if found:
            return chinese.format(**{n: _sentence(v) for n, v in found.groupdict().items()})
    return None


@cache
def _sentences() -> list[tuple[re.Pattern[str], str]]:
    """The English sentences as patterns, those with the most words of their own first."""
    entries = [entry for key, entry in catalogue().items() if key.startswith(_TOPIC)]
    entries.sort(key=lambda entry: -len(_VALUE.sub("", entry["en"])))
    return [(_pattern(entry["en"]), entry["zh"]) for entry in entries]


def _pattern(words: str) -> re.Pattern[str]:
    parts = _VALUE.split(words)  # text, name, text, name, …, text
    named = (f"(?P<{part}>.*?)" if n % 2 else re.escape(part) for n, part in enumerate(parts))
    return re.compile("".join(named))

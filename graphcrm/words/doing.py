"""What work says of itself while it goes on, in words."""

from graphcrm.words import Language, word, word_or
from graphcrm.words.sentences import in_language

_WAITING = "waiting for "


def doing_words(said: str, language: Language) -> str:
    """What is being done, such as `writing policies`, or for whom somebody waits."""
    if said.startswith(_WAITING):
        who = in_language(said.removeprefix(_WAITING), language)
        return word("loads.waiting_for", language, who=who)
    verb, _, rest = said.partition(" ")
    return f"{word_or(f'loads.doing_{verb}', language, verb)} {rest}".strip()


def is_waiting(said: str) -> bool:
    """Whether it is said that somebody waits for another, which explains why nothing moves."""
    return said.startswith(_WAITING) and said != _WAITING

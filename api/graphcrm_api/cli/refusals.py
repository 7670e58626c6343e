"""Why a row was refused, in words."""

from graphcrm_api.cli.language import language, text, text_or
from graphcrm_api.cli.messages import in_language

_TOLD = ("repeated_id", "not_json", "unknown_code", "broken_quotes", "too_long")
"""Reasons whose detail says something to people."""


def reason_words(reason: str, detail: str | None) -> str:
    """Why a row was refused, in a sentence."""
    from graphcrm.model import REFUSALS

    known = REFUSALS.get(reason)
    if known is not None:
        words = known.zh if language() == "zh" else known.en
    else:
        words = text_or(f"refused_{reason}", reason)
    if detail and detail.startswith("leading_zeros:"):
        return words + text("refused_leading_zeros", id=detail.partition(":")[2])
    if detail and reason in _TOLD:
        return text("reason_detail", reason=words, detail=in_language(detail))
    return words

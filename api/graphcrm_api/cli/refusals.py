"""Why a row was refused, in the language in use."""

from graphcrm_api.cli.language import language


def reason_words(reason: str, detail: str | None) -> str:
    """Why a row was refused, in a sentence."""
    from graphcrm.export.quarantine import refusal_words

    return refusal_words(reason, detail, language())

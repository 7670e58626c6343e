"""What the library says, in the language in use (see `graphcrm.words.sentences`)."""

from graphcrm_api.cli.language import language


def in_language(message: str) -> str:
    """A message line by line; a sentence that the catalogue does not know stays as it is."""
    if language() == "en":
        return message
    from graphcrm.words import sentences

    return sentences.in_language(message, language())

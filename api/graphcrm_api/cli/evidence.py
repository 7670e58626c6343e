"""What records have in common, in words: the rules give it as one text per group."""

from graphcrm_api.cli.messages import in_language
from graphcrm_api.cli.naming import code_word


def evidence_words(rule: str, evidence: str) -> str:
    """The evidence of a group in the language of the user, codes in words."""
    if rule == "same_document":
        return _document(evidence)
    if rule == "five_fields":
        name, sex, birth_date, document = evidence.rsplit(", ", 3)
        return ", ".join((name, code_word("Sex", sex), birth_date, _document(document)))
    return in_language(evidence)


def _document(evidence: str) -> str:
    kind, _, number = evidence.partition(" ")
    return f"{code_word('IdType', kind)} {number}".strip()

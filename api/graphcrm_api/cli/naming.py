"""What labels, edges, properties and codes are called in the user's language."""

from enum import StrEnum
from functools import cache
from typing import Any

from graphcrm_api.cli.language import Language, language, text_or


def label_name(label: str | None) -> str:
    """A node type: `Person`, 个人."""
    from graphcrm.model import VOCABULARY

    if label is None or language() == "en":
        return label or ""
    node = VOCABULARY.nodes.get(label)
    return node.zh if node else label


def edge_name(name: str) -> str:
    """An edge type: `HOLDS`, with its Chinese meaning in Chinese."""
    from graphcrm.model import VOCABULARY

    edge = VOCABULARY.edges.get(name)
    return edge.zh if edge and language() == "zh" else name


def property_name(label: str, name: str, lang: Language | None = None) -> str:
    """A property of a node type: `birth_date`, 出生日期; in a language or that of the user."""
    from graphcrm.model import VOCABULARY

    if (lang or language()) == "en":
        return name.replace("_", " ")
    node = VOCABULARY.nodes.get(label)
    known = {p.name: p.traits.zh for p in node.properties} if node else {}
    return known.get(name) or text_or(f"property_{name}", name)


def property_value(label: str, name: str, value: Any, lang: Language | None = None) -> str:
    """A property's value, codes in words; in a language or that of the user."""
    from graphcrm.model import VOCABULARY

    node = VOCABULARY.nodes.get(label)
    kinds = {p.name: p.kind.name for p in node.properties} if node else {}
    kind = kinds.get(name, "")
    if not kind.startswith("code "):
        return str(value)
    return code_word(kind.removeprefix("code "), value, lang)


def code_word(codes: str, value: str | None, lang: Language | None = None) -> str:
    """A member of the code list of that name in words; what is no member stays as it is."""
    member = _codes(codes).get(value or "")
    if member is None:
        return value or ""
    word: str = getattr(member, lang or language())
    return word


def role_words(roles: str | None) -> str:
    """The roles that a customer has in a policy or claim, such as `holder, insured`."""
    words = []
    for role in (roles or "").split(", "):
        word = text_or(f"role_{role}", role)
        for codes in ("PolicyRole", "ClaimRole"):
            word = code_word(codes, word)
        words.append(word)
    return text_or("list_joint", ", ").join(words)


@cache
def _codes(name: str) -> dict[str, StrEnum]:
    from graphcrm.model import codes

    listed: Any = getattr(codes, name, ())
    return {member.value: member for member in listed}

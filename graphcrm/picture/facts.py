"""Properties as people read them: codes as words, amounts with separators and currency."""

from collections.abc import Iterable, Mapping
from typing import Any

from graphcrm.model import VOCABULARY, Property, codes
from graphcrm.words import Language, catalogue

Facts = list[tuple[Property | None, str, str]]
"""Properties in the vocabulary's order: their declaration if they have one, name, value."""

_BOOKKEEPING = frozenset({"created_on", "flaws", "extra"})
"""What comes last: it says something of the record, not of whom it describes."""

_OWN = frozenset({"label", "id", "hop", "type"})


def node_facts(
    label: str, attributes: Mapping[str, Any], lang: Language, currency: str | None
) -> Facts:
    """A node's properties. What loading derived for comparing is left out, flaws are not."""
    known = VOCABULARY.nodes.get(label)
    facts = _facts(known.properties if known else (), attributes, lang, currency)
    return [
        (prop, name, in_words(label, name, value, lang))
        for prop, name, value in facts
        if prop is None or not prop.traits.derived or name == "flaws"
    ]


def edge_facts(
    type_: str, attributes: Mapping[str, Any], lang: Language, currency: str | None
) -> Facts:
    """An edge's properties."""
    known = VOCABULARY.edges.get(type_)
    return _facts(known.properties if known else (), attributes, lang, currency)


def in_words(label: str, name: str, value: str, lang: Language) -> str:
    """An identifier's own codes in words: the kind of a phone or document, a product line."""
    if label == "Line" and name == "value":
        return _code(codes.Line, value, lang)
    if label in ("Phone", "Document") and name == "kind":
        found = catalogue().get(f"picture.{label.lower()}_{value}")
        return found[lang] if found else _code(codes.IdType, value, lang)
    return value


def _facts(
    properties: Iterable[Property], attributes: Mapping[str, Any], lang: Language, cur: str | None
) -> Facts:
    declared = {prop.name: prop for prop in properties}
    order = [*declared, *(name for name in attributes if name not in declared)]
    order.sort(key=lambda name: name in _BOOKKEEPING)
    return [
        (declared.get(name), name, _shown(declared.get(name), attributes[name], lang, cur))
        for name in order
        if name not in _OWN and attributes.get(name) not in (None, "")
    ]


def _shown(prop: Property | None, value: Any, lang: Language, currency: str | None) -> str:
    if prop is None:
        return str(value)
    kind = prop.kind.name
    if kind == "amount" and isinstance(value, int | float):
        unit = currency if prop.traits.unit == "policy's currency" else prop.traits.unit
        return f"{value:,.2f} {unit or ''}".strip()
    if kind == "integer" and isinstance(value, int):
        return f"{value:,}"
    if kind == "timestamp":
        return str(value).replace("T", " ")
    return _words(kind, str(value), lang)


def _words(kind: str, value: str, lang: Language) -> str:
    """Codes and lists of codes, which their kind names by class (`code Sex`, `list of Line`)."""
    class_ = getattr(codes, kind.removeprefix("code ").removeprefix("list of "), None)
    if not isinstance(class_, type) or not issubclass(class_, codes.Code):
        return value.replace(";", "; ") if kind.startswith("list of ") else value
    between = "、" if lang == "zh" else ", "
    return between.join(_code(class_, part.strip(), lang) for part in value.split(";"))


def _code(class_: type[codes.Code], value: str, lang: Language) -> str:
    member = next((code for code in class_ if code.value == value), None)
    if member is None:
        return value
    return member.zh if lang == "zh" else member.en

"""Names, shares and values as the page writes them."""

from typing import Any

from graphcrm.model import VOCABULARY, Sensitivity
from graphcrm.picture.names import node_type_name
from graphcrm.picture.names import property_name as name_of_property
from graphcrm.standards import Reason
from graphcrm.words import Language, word

Row = dict[str, Any]

_HEAD, _TAIL = 3, 4
"""What is shown of a personal value: enough to know it again, not to dial it."""


def label_name(label: str, lang: Language) -> str:
    """A node type: `Person`, 个人."""
    return node_type_name(label, lang)


def property_name(row: Row, lang: Language) -> str:
    """The property of a row with `label` and `property`."""
    prop = {p.name: p for p in VOCABULARY.nodes[row["label"]].properties}.get(row["property"])
    return name_of_property(row["property"], prop, lang)


def group_name(row: Row, lang: Language) -> str:
    """A source, branch, person or month; those of one name are told apart by their id."""
    name = row["name"] or row["id"]
    if name is None:
        return word("quality.not_stated", lang)
    return name if row["id"] in (None, name) else f"{name} {row['id']}"


def reason_words(row: Row, lang: Language) -> str:
    """What is chiefly wrong with a field's values."""
    if row["reason"] is None:
        return ""
    try:
        reason = Reason(row["reason"])
    except ValueError:
        return str(row["reason"])
    return reason.zh if lang == "zh" else reason.en


def form_words(row: Row, lang: Language) -> str:
    """What is chiefly odd about the form of a field's values."""
    return word(f"quality.form_{row['form']}", lang) if row["form"] else ""


def how_words(row: Row, lang: Language) -> str:
    """How a default was known for one."""
    return word(f"quality.how_{row['how']}", lang, usual=count(row["usual"] or 0))


def shown_value(row: Row, lang: Language) -> str:
    """A suspicious default; of a value that may be somebody's own, only a part.

    A page is passed on. A phone or account that hundreds of records hold may well be the agent's.
    """
    value = row["value"]
    if value is None:
        return word("quality.various", lang)
    known = {p.name: p for p in VOCABULARY.nodes[row["label"]].properties}
    prop = known.get(row["property"])
    personal = prop is None or prop.traits.sensitivity != Sensitivity.GENERAL
    if row["how"] != "frequent" or not personal or (prop and prop.kind.duckdb == "DATE"):
        return str(value)
    if len(value) < 2 * _HEAD + _TAIL:
        return f"{value[:1]}…"
    return f"{value[:_HEAD]}…{value[-_TAIL:]}"


def count(number: int) -> str:
    """A number of things, exact."""
    return f"{number:,}"


def percent(part: float, whole: float) -> str:
    """A share with one digit; all and nothing are only what is so."""
    if not whole:
        return "–"
    figure = f"{100 * part / whole:.1f}"
    if figure == "100.0" and part != whole:
        return "> 99.9%"
    return "< 0.1%" if figure == "0.0" and part else f"{figure}%"

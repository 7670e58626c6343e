"""What nodes, edges and properties are called on a picture."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from graphcrm.model import VOCABULARY, Property
from graphcrm.picture.facts import in_words
from graphcrm.words import Language

_LONGEST_NAME = 24
_LONGEST_ID = 18
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")


def node_type_name(label: str, lang: Language) -> str:
    """A node type's name, such as `Person` or 个人; an unknown type keeps its label."""
    known = VOCABULARY.nodes.get(label)
    return known.zh if known and lang == "zh" else _CAMEL.sub(" ", label)


def edge_type_name(type_: str, lang: Language) -> str:
    """An edge type's name, such as `insured under` or 被保险."""
    known = VOCABULARY.edges.get(type_)
    return known.zh if known and lang == "zh" else type_.lower().replace("_", " ")


def property_name(name: str, prop: Property | None, lang: Language) -> str:
    """A property's name, such as `birth date` or 出生日期."""
    return prop.traits.zh if prop and lang == "zh" else name.strip("_").replace("_", " ")


def caption(label: str, id_: str, attributes: Mapping[str, Any], lang: Language) -> str:
    """The text beside a node: its name, else its value or number plate, else its id, shortened."""
    for name in ("name", "value", "plate"):
        if attributes.get(name):
            return shortened(in_words(label, name, str(attributes[name]), lang), _LONGEST_NAME)
    return _middle_cut(one_line(id_), _LONGEST_ID)


def one_line(text: str) -> str:
    """The text with every run of spaces, line ends and control characters as one space."""
    return " ".join("".join(" " if unicodedata.category(c) == "Cc" else c for c in text).split())


def shortened(text: str, width: int) -> str:
    """The text cut at so many columns, an ellipsis at its end; wide characters count as two."""
    text = one_line(text)
    used = 0
    for place, character in enumerate(text):
        used += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if used > width:
            return text[: max(place - 1, 1)] + "…"
    return text


def _middle_cut(id_: str, width: int) -> str:
    """Ids differ at their end, so the middle goes."""
    if len(id_) <= width:
        return id_
    tail = width // 2
    return id_[: width - tail - 1] + "…" + id_[-tail:]

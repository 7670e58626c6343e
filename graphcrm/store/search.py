"""Search, the same for every store: the text that is indexed, and the order of what is found.

A store's full-text index only fetches candidates; `rank` orders them. The text holds a name's
characters, its pinyin (syllables, joined, initials), and numbers, as tokens parted by spaces.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from graphcrm.model import NodeType
from graphcrm.standards import initials, pinyin
from graphcrm.store.staging import ID_SEPARATOR

SEARCHED: dict[str, tuple[str, ...]] = {
    "Person": ("name_key", "name", "phone", "phone_2", "id_number", "email"),
    "Institution": ("name_key", "name", "uscc", "phone", "contact_phone"),
    "Department": ("name", "name", "phone"),
    "Agent": ("name", "name", "phone", "licence_no"),
    "Vehicle": ("plate", "plate", "plate", "vin"),
}
"""Per label the properties searched: the two forms of the name, then numbers."""

CANDIDATES = 400
"""So many nodes at most are fetched from an index, to be ranked."""

_HAN = r"(\p{Han})"
_SEPARATORS = re.compile(r"[^\w@.]+")
_APOSTROPHES = "['’`´ʼ]"


@dataclass(frozen=True)
class Candidate:
    """A node that a full-text index returned, with what it is ranked by."""

    key: int
    label: str
    id: str
    name: str
    tokens: str


def name_tokens(names: pa.Array, numbers: pa.Array) -> pa.Array:
    """The search text of nodes, from their names and their cleaned numbers."""
    lowered = pc.utf8_lower(pc.fill_null(names, ""))
    lowered = pc.replace_substring_regex(lowered, _APOSTROPHES, "")
    characters = pc.replace_substring_regex(lowered, _HAN, r" \1 ")
    syllables = pc.fill_null(pinyin(names, person=True), "")
    joined = pc.replace_substring(syllables, " ", "")
    letters = pc.fill_null(initials(names), "")
    parts = (characters, syllables, joined, letters, pc.fill_null(numbers, ""))
    return pc.binary_join_element_wise(*parts, " ")


def documents(node: NodeType, rows: str, columns: Collection[str]) -> str | None:
    """DuckDB SQL for key, name and numbers of rows of a label, from which `name_tokens` makes the
    search text; None for a label that is not searched. `columns` are those that the rows have."""
    if node.label not in SEARCHED:
        return None
    key, name, *numbers = (
        f'r."{c}"' if c in columns else "NULL::VARCHAR" for c in SEARCHED[node.label]
    )
    whole = f"if(regexp_matches({name}, '[0-9]'), {name}, NULL)"  # keys are without digits
    shown = f"coalesce(concat_ws(' ', {key}, {whole}), {name})" if key != name else name
    cleaned = [f"regexp_replace(lower({c}), '[^0-9a-z@._]', '', 'g')" for c in numbers]
    return (
        f"SELECT r.key, {shown} AS name, concat_ws(' ', {', '.join(cleaned)}) AS numbers "
        f"FROM ({rows}) r"
    )


def split_query(text: str) -> list[str]:
    """The tokens of a query: Chinese characters one by one, words and numbers whole."""
    folded = re.sub(_APOSTROPHES, "", unicodedata.normalize("NFKC", text)).lower()
    spaced = "".join(f" {c} " if is_han(c) else c for c in folded)
    tokens = _SEPARATORS.sub(" ", spaced).split(" ")
    return [token for token in tokens if any(c.isalnum() for c in token)]


def match_expression(text: str) -> str | None:
    """The FTS5 query for a text: characters in sequence, words as beginnings; None if empty."""

    def beginning(token: str) -> list[str]:
        escaped = token.replace('"', '""')
        return [f'"{escaped}"*']

    return query_of(text, beginning)


def query_of(text: str, terms_of: Callable[[str], list[str]]) -> str | None:
    """A query for all parts of a text: Chinese characters as one phrase, other tokens by the terms
    that an index has for them; None if there are none."""
    phrase: list[str] = []
    terms: list[str] = []
    for token in split_query(text):
        if is_han(token[0]):
            phrase.append(token)
        else:
            terms += terms_of(token)
    if phrase:
        terms.insert(0, '"' + " ".join(phrase) + '"')
    return " AND ".join(terms) if terms else None


def rank(text: str, candidates: Iterable[Candidate], limit: int) -> list[tuple[float, Candidate]]:
    """The best candidates with their score (0 to 100), best first; ties by label, name and id."""
    wanted = split_query(text)
    joined = "".join(wanted)
    scored = [(_score(joined, wanted, candidate), candidate) for candidate in candidates]
    scored.sort(key=lambda pair: (-pair[0], pair[1].label, pair[1].name, pair[1].id))
    return scored[:limit]


def _score(joined: str, wanted: Sequence[str], candidate: Candidate) -> float:
    name = "".join(split_query(candidate.name))
    if joined in (name, candidate.id.lower()):
        return 100.0
    tokens = candidate.tokens.split(" ")
    in_its_source = "".join(split_query(candidate.id.partition(ID_SEPARATOR)[2]))
    if joined == in_its_source or any(joined == token for token in tokens):
        return 95.0
    by_name = fuzz.ratio(joined, name)
    held = sum(any(token.startswith(word) for token in tokens) for word in wanted) / len(wanted)
    return round(max(by_name, 60.0 * held + 0.3 * by_name), 1)


def is_han(character: str) -> bool:
    """Whether a character is a Chinese one, which the index holds by itself."""
    code = ord(character)
    return 0x4E00 <= code <= 0x9FFF or 0x3400 <= code <= 0x4DBF or 0x20000 <= code <= 0x323AF

"""Search, the same for every store: the text that is indexed, and the order of what is found.

A store's full-text index only fetches candidates; `rank` orders them. The text holds a name's
characters, its pinyin (syllables, joined, initials), and numbers, as tokens parted by spaces.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from graphcrm.model import NodeType
from graphcrm.standards import initials, pinyin
from graphcrm.standards.characters import plain_latin
from graphcrm.store.paging import Node
from graphcrm.store.sought import Sought, cleaned, joined_text, plain
from graphcrm.store.staging import ID_SEPARATOR

SEARCHED: dict[str, tuple[str, ...]] = {
    "Person": ("name_key", "name", "phone", "phone_2", "id_number", "email"),
    "Institution": ("name_key", "name", "uscc", "phone", "contact_phone"),
    "Department": ("name", "name", "phone"),
    "Agent": ("name", "name", "phone", "licence_no"),
    "Vehicle": ("plate", "plate", "plate", "vin"),
}
"""Per label the properties searched: the two forms of the name, then numbers."""

CANDIDATES = 300
"""So many nodes at most are fetched from an index, to be ranked."""

_HAN = r"(\p{Han})"
_APOSTROPHES = "['’`´ʼ]"


@dataclass(frozen=True)
class Candidate:
    """A node that a full-text index returned, with what it is ranked by.

    `tokens` is its search text, at whose end stand its `numbers`, made of what was `recorded`.
    `by_slip`: it is not what was typed, but may have been meant.
    """

    label: str
    id: str
    name: str
    tokens: str
    recorded: tuple[str | None, ...] = ()
    by_slip: bool = False

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Its numbers as they stand in the search text."""
        return tuple(cleaned(number) for number in self.recorded if number is not None)

    @property
    def node(self) -> Node:
        """The node's identity."""
        return self.label, self.id


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
    plain = [f"regexp_replace(lower({c}), '[^0-9a-z@._]', '', 'g')" for c in numbers]
    return (
        f"SELECT r.key, {shown} AS name, concat_ws(' ', {', '.join(plain)}) AS numbers "
        f"FROM ({rows}) r"
    )


def rank(sought: Sought, candidates: Iterable[Candidate]) -> list[tuple[float, Candidate]]:
    """The candidates with their score (0 to 100), best first; ties by label, name and id."""
    scored = [(_score(sought, candidate), candidate) for candidate in candidates]
    scored.sort(key=order)
    return scored


def order(hit: tuple[float, Candidate]) -> tuple[float, str, str, str]:
    """By what hits are sorted: the best first."""
    score, candidate = hit
    return -score, candidate.label, candidate.name, candidate.id


def _score(sought: Sought, candidate: Candidate) -> float:
    joined = sought.joined
    name = joined_text(candidate.name)
    if joined in (name, candidate.id.lower()):
        return 100.0
    if ID_SEPARATOR in candidate.id:
        in_its_source = candidate.id.partition(ID_SEPARATOR)[2]
        if joined == joined_text(in_its_source):
            return 95.0
    told = f" {plain_latin(candidate.tokens)} "
    if f" {sought.plain} " in told or any(f" {number} " in told for number in sought.numbers):
        return 95.0
    by_name = fuzz.ratio(joined, name)
    if sought.plain != joined:
        by_name = max(by_name, fuzz.ratio(sought.plain, name))
    if candidate.by_slip:
        return _score_of_slip(sought, name, candidate.tokens.split(), by_name)
    parts = len(sought.characters) + len(sought.words)
    held = max(sum(map(told.__contains__, same)) for same in sought.written)
    held += sum(
        any(all(token in told for token in way) for way in word.beginnings) for word in sought.words
    )
    if held == parts and len(name) == len(joined) and plain(name) == sought.plain:
        return 95.0
    return round(max(by_name, 60.0 * held / max(parts, 1) + 0.3 * by_name), 1)


def _score_of_slip(sought: Sought, name: str, tokens: list[str], by_name: float) -> float:
    """A name that is not what was typed, by how likely it was meant; behind what was typed."""
    if sought.sound and sought.sound in tokens:
        return 78.0
    if sorted(sought.joined) == sorted(name):
        return 74.0
    by_sound = 0.0 if sought.characters else max(fuzz.ratio(sought.joined, t) for t in tokens)
    return round(0.75 * max(by_name, 0.9 * by_sound), 1)

"""How well a header fits a column of the interchange format, by the words of both."""

import re
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import numpy.typing as npt
from pypinyin import lazy_pinyin

from graphcrm.model import VOCABULARY
from graphcrm_loaders.suggest.layouts import MAINS, Main, Side, attributes
from graphcrm_loaders.suggest.words import (
    CHINESE,
    NOISE,
    Word,
    chinese_words,
    collapsed,
    data,
    weight,
    words_of,
)

_OWN_SUBJECT: dict[str, frozenset[str]] = {
    "persons": frozenset({"customer", "person"}),
    "institutions": frozenset({"institution", "customer", "branch"}),
    "agents": frozenset({"agent"}),
    "departments": frozenset({"branch", "department", "institution"}),
    "products": frozenset({"product"}),
    "vehicles": frozenset({"vehicle"}),
}
_ALONE = 0.93
"""A role alone (投保人) names its id or its name."""

_INITIALS = 0.92
_MAYBE_INITIALS = re.compile("[a-z]{2,9}")

_LESSER_WORD = 0.96


@dataclass(frozen=True, order=True)
class Slot:
    """Where a column of a file may go: a column of the main table, or of one beside it."""

    role: str
    column: str

    @property
    def name(self) -> str:
        """How layouts write it."""
        return f"{self.role}.{self.column}" if self.role else self.column


@dataclass(frozen=True)
class _Pattern:
    slot: int
    concepts: frozenset[str]
    factor: float


class Headers:
    """The headers that are known for the slots of a main table."""

    def __init__(self, main: Main) -> None:
        """Collect what the slots are called."""
        refs = {side.ref for side in main.sides}
        columns = [c.name for c in VOCABULARY.tables[main.table].columns if c.name not in refs]
        self.slots = [
            *(Slot("", name) for name in columns if name not in ("source", "deleted_on")),
            *(Slot(side.role, name) for side in main.sides for name in attributes(side)),
        ]
        self._places = {slot: n for n, slot in enumerate(self.slots)}
        self._exact: dict[str, set[int]] = {}
        self._chinese: dict[int, list[str]] = {}
        best: dict[tuple[int, frozenset[str]], float] = {}
        for pattern in self._patterns(main):
            key = (pattern.slot, pattern.concepts)
            best[key] = max(best.get(key, 0.0), pattern.factor)
        self._patterns_of = [_Pattern(slot, c, f) for (slot, c), f in best.items()]
        concepts = sorted({c for p in self._patterns_of for c in p.concepts})
        self._numbers = {concept: n for n, concept in enumerate(concepts)}
        self._weights = np.array([weight(c) for c in concepts])
        self._matrix = np.zeros((len(self._patterns_of), len(concepts)))
        for n, pattern in enumerate(self._patterns_of):
            for concept in pattern.concepts:
                self._matrix[n, self._numbers[concept]] = 1.0
        self._pattern_weights = self._matrix @ self._weights
        self._factors = np.array([p.factor for p in self._patterns_of])
        self._slots_of = np.array([p.slot for p in self._patterns_of])

    def _patterns(self, main: Main) -> list[_Pattern]:
        found: list[_Pattern] = []
        for slot in self.slots:
            if not slot.role:
                found += self._own(slot, main.table, slot.column)
        for side in main.sides:
            if side.ref:
                found += self._own(Slot(side.role, attributes(side)[0]), main.table, side.ref)
                found += self._ref_as_name(main.table, side)
            for column in attributes(side):
                found += self._of_side(side, column)
        return found

    def _own(self, slot: Slot, table: str, column: str) -> list[_Pattern]:
        place = self._places[slot]
        found = [_Pattern(place, _concepts(column.replace("_", " ")), _LESSER_WORD)]
        self._exact.setdefault(collapsed(column), set()).add(place)
        for header in _names(table, column):
            self._exact.setdefault(collapsed(header), set()).add(place)
            found.append(_Pattern(place, _concepts(header), 1.0))
            self._keep_chinese(place, header)
        return found

    def _ref_as_name(self, table: str, side: Side) -> list[_Pattern]:
        """What names the side as such (查勘员) may hold its name as well as its id."""
        place = self._places.get(Slot(side.role, "name"))
        if place is None or side.ref is None:
            return []
        concepts = [_concepts(header) for header in _names(table, side.ref)]
        return [_Pattern(place, c, _ALONE) for c in concepts if c and "no" not in c]

    def _keep_chinese(self, place: int, header: str) -> None:
        if CHINESE.fullmatch(header):
            self._chinese.setdefault(place, []).append(header)

    def _of_side(self, side: Side, column: str) -> list[_Pattern]:
        """A role's word before what its table calls the column, or that alone."""
        place = self._places[Slot(side.role, column)]
        own = _OWN_SUBJECT[side.table]
        found = []
        for header in _names(side.table, column):
            concepts = _concepts(header)
            rest = concepts - own
            for rank, word in enumerate(side.words):
                factor = 1.0 if rank == 0 else _LESSER_WORD
                found.append(_Pattern(place, rest | {word}, factor if rest else _ALONE))
                if concepts != rest:
                    found.append(_Pattern(place, concepts | {word}, factor))
            for word in chinese_words(side.words[0])[:3]:
                self._keep_chinese(place, word + header)
            if side.bare:
                self._keep_chinese(place, header)
                found.append(_Pattern(place, concepts, side.bare))
        if column in ("id", "name", "code"):
            found.append(_Pattern(place, frozenset({side.words[0]}), _ALONE))
        return [pattern for pattern in found if pattern.concepts]

    def likeness(self, header: str) -> npt.NDArray[np.float64]:
        """For every slot, from 0 (nothing in common) to 1 (called so), how well a header fits."""
        scores = np.zeros(len(self.slots))
        words = words_of(header)
        if words:
            np.maximum.at(scores, self._slots_of, self._alike(words))
        plain = collapsed(header)
        if _MAYBE_INITIALS.fullmatch(plain):
            for place in self._initials.get(plain, ()):
                scores[place] = max(scores[place], _INITIALS)
        for place in self._exact.get(plain, ()):
            scores[place] = 1.0
        return scores

    @cached_property
    def _initials(self) -> dict[str, set[int]]:
        """Slots by the initials of the pinyin of their Chinese names."""
        found: dict[str, set[int]] = {}
        for slot, names in self._chinese.items():
            for name in names:
                letters = "".join(part[0] for part in lazy_pinyin(name))
                found.setdefault(letters, set()).add(slot)
        return found

    def _alike(self, words: tuple[Word, ...]) -> npt.NDArray[np.float64]:
        """Dice's coefficient of the concepts, each by its weight; a word counts once."""
        common = np.zeros(len(self._matrix))
        whole = np.zeros(len(self._matrix))
        for word in _each_once(words):
            best = np.zeros(len(self._matrix))
            weights = np.full(len(self._matrix), word.weight)
            for concept, sure in word.meaning:
                if concept in self._numbers:
                    at = self._numbers[concept]
                    match = self._matrix[:, at] * sure * self._weights[at]
                    weights = np.where(match > best, self._weights[at], weights)
                    best = np.maximum(best, match)
            common += best
            whole += weights
        alike = 2 * np.minimum(common, self._pattern_weights) / (whole + self._pattern_weights)
        weighted: npt.NDArray[np.float64] = np.minimum(alike, 1.0) * self._factors
        return weighted


def _each_once(words: tuple[Word, ...]) -> list[Word]:
    """The words without those that say what another one says more narrowly (经办 beside 业务员)."""
    senses = {frozenset(concept for concept, _ in word.meaning): word for word in words}
    return [word for own, word in senses.items() if not any(other < own for other in senses)]


def _names(table: str, column: str) -> list[str]:
    listed: str = data("headers")[table].get(column, "")
    prop = VOCABULARY.tables[table].column(column)
    return [prop.traits.zh, *(name for name in listed.split("/") if name)]


@cache
def _concepts(header: str) -> frozenset[str]:
    """What a known name stands for: of each word the likeliest meaning."""
    return frozenset(
        max(word.meaning, key=lambda item: item[1])[0]
        for word in words_of(header)
        if word.weight > NOISE
    )


@cache
def headers_of(table: str) -> Headers:
    """The headers known for a main table."""
    return Headers(next(main for main in MAINS if main.table == table))

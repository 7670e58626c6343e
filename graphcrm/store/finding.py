"""Finding nodes by a text, the same in every store: what fits first, then what may be meant."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from graphcrm.standards.characters import plain_latin
from graphcrm.store.paging import Node
from graphcrm.store.search import CANDIDATES, SEARCHED, Candidate, order, rank
from graphcrm.store.sought import Sought, Word, joined_text

FEW = 5
"""Where so many hits are found as they were typed, names that only may be meant are left aside."""

_AT_ONCE = 30
"""Of so many candidates, best first, it is asked at a time whether they may be seen."""

_CALLED_BY_A_NUMBER = frozenset(
    label for label, (_, name, *numbers) in SEARCHED.items() if name in numbers
)
"""Labels whose name is a number: of a vehicle the plate."""


class Index(ABC):
    """A store's full-text index, as it is for somebody limited to branches, or to none."""

    limited: bool

    @abstractmethod
    def query(self, sought: Sought) -> str | None:
        """The index's query for what is sought; None for nothing."""

    @abstractmethod
    def matching(self, query: str, sought: Sought) -> list[Candidate]:
        """Open nodes that match, at most `CANDIDATES`.

        Of many, a limited index gives those that may be seen, however many others match; there,
        what has become visible in the last minute may lack.
        """

    @abstractmethod
    def of_same_name(self, name: str) -> list[Candidate]:
        """Open persons of just this standardised name, as many as `matching` gives."""

    @abstractmethod
    def with_id(self, ids: Sequence[str]) -> list[Candidate]:
        """The nodes that have the first of some ids that there is, or that a source knows by it."""

    @abstractmethod
    def visible(self, nodes: Sequence[Node]) -> set[Node]:
        """Which of some nodes may be seen."""


def find(index: Index, text: str, limit: int, *, whole_numbers: bool) -> list[dict[str, Any]]:
    """The nodes that best fit a text: label, id, name and score (0 to 100), best first.

    Whether names are looked for that only may be meant hangs on what may be seen: nobody learns
    from it that there is something which they may not see.
    """
    sought = Sought.of(text.strip(), whole=whole_numbers)
    search = _Search(index, sought, limit)
    search.add(index.with_id(_ids(sought.text)))
    query = index.query(sought)
    if query is not None:
        search.ask(query)
        for slip in sought.slips():
            if len(search.hits) >= min(FEW, limit):
                break
            search.ask(slip, by_slip=True)
    best = sorted(search.hits.values(), key=order)
    return [
        {"label": c.label, "id": c.id, "name": c.name, "score": score} for score, c in best[:limit]
    ]


class _Search:
    """One search: what it has found so far, by node, with the scores."""

    def __init__(self, index: Index, sought: Sought, limit: int) -> None:
        self._index, self._sought, self._limit = index, sought, limit
        self.hits: dict[Node, tuple[float, Candidate]] = {}

    def ask(self, query: str, *, by_slip: bool = False) -> None:
        """Add what an index has for a query, as far as it may be seen."""
        found = self._index.matching(query, self._sought)
        if len(found) >= CANDIDATES and not by_slip:
            found += self._index.of_same_name(self._sought.text.lower())
        self.add(found, by_slip=by_slip)

    def add(self, candidates: Iterable[Candidate], *, by_slip: bool = False) -> None:
        """Add the best of some candidates that may be seen."""
        fitting: dict[Node, Candidate] = {}
        for candidate in candidates:
            if candidate.node not in self.hits and candidate.node not in fitting:
                given = replace(candidate, by_slip=True) if by_slip else candidate
                fits = _fitting(self._sought, given)
                if fits is not None:
                    fitting[candidate.node] = fits
        ranked = rank(self._sought, fitting.values())
        if not self._index.limited:
            self.hits |= {hit[1].node: hit for hit in ranked[: self._limit]}
            return
        enough = len(self.hits) + self._limit
        for at in range(0, len(ranked), _AT_ONCE):
            some = ranked[at : at + _AT_ONCE]
            visible = self._index.visible([candidate.node for _, candidate in some])
            self.hits |= {hit[1].node: hit for hit in some if hit[1].node in visible}
            if len(self.hits) >= enough:
                break


def _fitting(sought: Sought, candidate: Candidate) -> Candidate | None:
    """A candidate with that part of its search text by which it may be found; None without it.

    Numbers have no slips; and where they must be whole, nothing is found by a part of one.
    """
    if candidate.by_slip:
        names = _names(candidate)
        fits = bool(names) and (not sought.one_off or not sought.one_off.isdisjoint(names.split()))
        return replace(candidate, tokens=names) if fits else None
    if not sought.whole or not candidate.tokens:
        return candidate
    by_number = candidate.label in _CALLED_BY_A_NUMBER
    if not by_number and not sought.words:
        return candidate
    if by_number and sought.joined == joined_text(candidate.name):
        return replace(candidate, tokens=sought.joined)
    names = f" {_names(candidate)}"
    numbers = frozenset(candidate.numbers)
    if not names.strip() and sought.characters:
        return None
    if not all(_holds(word, names, numbers) for word in sought.words):
        return None
    whole = [way[0] for word in sought.words for way in word.ways if way[0] in numbers]
    return replace(candidate, tokens=" ".join([names.strip(), *whole]))


def _holds(word: Word, names: str, numbers: frozenset[str]) -> bool:
    """Whether a word begins one of the names, or is a whole number."""
    if word.number and any(len(way) == 1 and way[0] in numbers for way in word.ways):
        return True
    return any(all(token in names for token in way) for way in word.beginnings)


def _names(candidate: Candidate) -> str:
    """The part of a search text that comes from the name, without accents."""
    if candidate.label in _CALLED_BY_A_NUMBER:
        return ""
    numbers = " ".join(candidate.numbers)
    if not candidate.tokens.endswith(numbers):
        return ""
    return plain_latin(candidate.tokens.removesuffix(numbers))


def _ids(text: str) -> list[str]:
    """An id as it was typed, and in capitals or small letters."""
    return list(dict.fromkeys((text, text.upper(), text.lower())))

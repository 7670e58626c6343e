"""What records are compared by: a field's values, each distinct one once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.engine.hashes import Hashes, hashed
from graphcrm.standards import pinyin, standardise_resident_ids
from graphcrm.standards.characters import HAN
from graphcrm.standards.resemblance import bearers, nicknames

Codes = npt.NDArray[np.int32]
Keys = npt.NDArray[np.int64]
Numbers = npt.NDArray[np.float64]

NO_ROWS: Keys = np.empty(0, np.int64)

_NAMES_OF_A_NICKNAME = 6

THREADS = 2
"""How many threads compare, block and standardise at once."""

_FEW = 5_000
"""So many are done before other threads have begun."""


@contextmanager
def side_by_side(size: int) -> Iterator[Callable[..., Iterable[Any]]]:
    """A `map` for work on so many records or pairs, in threads where that pays."""
    if size <= _FEW:
        yield map
        return
    with ThreadPoolExecutor(THREADS) as threads:
        yield threads.map


def workers(size: int) -> int:
    """In how many threads RapidFuzz is to compare so many pairs: -1 is as many as there are."""
    return 1 if size <= _FEW else -1


def as_numpy(column: pa.Array) -> npt.NDArray[Any]:
    """An Arrow column without nulls as a NumPy array."""
    found: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return found


class Kind(StrEnum):
    """How the values of a field are compared."""

    WORDS = "words"
    """By the information of the words in common: names, addresses, employers."""
    DATE = "date"
    IDENTIFIER = "identifier"
    """Numbers that belong to one or a few customers, several of them to a record: IDs, phones."""
    CODE = "code"
    """Codes whose beginning means something: postcodes."""
    TEXT = "text"
    """Short texts as a whole: a place, an occupation."""
    CATEGORY = "category"
    """Equal or not: a sex."""


@dataclass(frozen=True)
class Words:
    """The words of each distinct value, as one sparse table.

    The words of value v are `numbers[offsets[v]:offsets[v + 1]]`, positions in `texts`.
    """

    offsets: Keys
    numbers: Codes
    texts: pa.StringArray

    @cached_property
    def spelt(self) -> npt.NDArray[np.object_]:
        """The texts of the words."""
        return np.array(self.texts.to_pylist(), dtype=object)

    @cached_property
    def hashes(self) -> Hashes:
        """A number for each word that is the same wherever it stands."""
        return hashed(self.texts)

    @cached_property
    def formal(self) -> Codes:
        """The names that each word may stand for as a nickname: up to six numbers, else -1."""
        named = nicknames()
        numbers = {name: n for n, name in enumerate(sorted({x for v in named.values() for x in v}))}
        found = np.full((len(self.texts), _NAMES_OF_A_NICKNAME), -1, np.int32)
        place = pc.index_in(pa.array(list(named)), value_set=self.texts)
        for word, at in zip(named.values(), place.to_pylist(), strict=True):
            if at is not None:
                of = [numbers[name] for name in word[:_NAMES_OF_A_NICKNAME]]
                found[at, : len(of)] = of
        return found

    @cached_property
    def bearers(self) -> Numbers:
        """The share of people anywhere who bear each word as a name, 0 where few do."""
        shares = np.array([*bearers().values(), 0.0])
        place = pc.index_in(self.texts, value_set=pa.array(list(bearers())))
        found: Numbers = shares[as_numpy(pc.fill_null(place, len(shares) - 1))]
        return found

    @cached_property
    def lengths(self) -> Codes:
        """Characters of each word."""
        return as_numpy(pc.utf8_length(self.texts))

    @cached_property
    def letters(self) -> Codes:
        """The first four characters of each word as numbers, 0 after its end."""
        padded = pc.utf8_rpad(pc.utf8_slice_codeunits(self.texts, 0, 4), 4, "\0")
        signs = "".join(padded.to_pylist()).encode("utf-32-le")
        return np.frombuffer(signs, np.int32).reshape(-1, 4)

    @cached_property
    def may_be_alike(self) -> npt.NDArray[np.int8]:
        """0 for a word with digits (equal or not), 2 for a Chinese word, 1 for another."""
        digits = as_numpy(pc.match_substring_regex(self.texts, "[0-9]"))
        han = as_numpy(pc.match_substring_regex(self.texts, f"^[{HAN}]+$"))
        return np.where(digits, 0, np.where(han, 2, 1)).astype(np.int8)

    @cached_property
    def sounds(self) -> Codes:
        """A number for the Mandarin syllables of each word, or for its letters."""
        spoken = pc.replace_substring(pc.fill_null(pinyin(self.texts), ""), " ", "")
        return as_numpy(spoken.dictionary_encode().indices)

    @cached_property
    def parts(self) -> tuple[Codes, ...]:
        """A number for the first eight, and for the last six characters of each word."""
        return tuple(
            as_numpy(pc.utf8_slice_codeunits(self.texts, *part).dictionary_encode().indices)
            for part in ((0, 8), (-6,))
        )

    @cached_property
    def resident(self) -> npt.NDArray[np.bool_]:
        """Whether a word has the form of a resident ID."""
        return as_numpy(pc.match_substring_regex(self.texts, "^[0-9]{17}[0-9X]$"))

    @cached_property
    def digits(self) -> Codes:
        """A number for the digits of each e-mail address; the same for all that is none."""
        mail = pc.match_substring(self.texts, "@")
        only = pc.replace_substring_regex(self.texts, "@.*$|[^0-9]", "")
        return as_numpy(pc.if_else(mail, only, "").dictionary_encode().indices)

    @cached_property
    def sound(self) -> npt.NDArray[np.bool_]:
        """Whether a word is a resident ID with a real birth date and the right check digit."""
        number = standardise_resident_ids(self.texts).field("number")
        return as_numpy(pc.is_valid(number))

    def counts(self, values: npt.NDArray[np.integer]) -> Keys:
        """How many words each of these values has."""
        found: Keys = self.offsets[values + 1] - self.offsets[values]
        return found

    def of(self, values: npt.NDArray[np.integer]) -> tuple[Codes, Keys]:
        """The words of these values one after another, and the position of each one's value."""
        counts = self.counts(values)
        owner = np.repeat(np.arange(len(values)), counts)
        first = np.repeat(self.offsets[values] - (np.cumsum(counts) - counts), counts)
        return self.numbers[first + np.arange(len(owner))], owner


class Parts(NamedTuple):
    """A grouping of values by a part of them (a year, how a surname sounds).

    `codes` has each value's group, `texts` what the groups are called.
    """

    codes: Codes
    texts: pa.StringArray


@dataclass(frozen=True)
class Frequency:
    """How many records hold each value, word and part of a field, and how many there are.

    `known` records hold any value; `squares` is the sum of the squared shares of the values.
    """

    records: int
    known: int
    squares: float
    values: Keys
    words: Keys
    parts: tuple[Keys, ...]


@dataclass(frozen=True)
class Field:
    """One field of all records: `codes[row]` is the position of its value, -1 where unknown.

    Each of `coarse` groups the values by a part of them, so that blocking finds values that are
    nearly equal. `identity` marks what tells who the customer is (name, birth date, sex, documents)
    from what others may share (phones, addresses). `counts` is how many equal records a row stands
    for (by default one). `weak` marks what nothing is known of: it may support what other fields
    tell, but never decide. `frozen` is how frequent all was when a model was learned, where that
    counts instead of how frequent it is here.
    """

    name: str
    kind: Kind
    codes: Codes
    values: pa.StringArray
    coarse: tuple[Parts, ...]
    words: Words | None = None
    person: bool = False
    identity: bool = False
    counts: Keys | None = None
    weak: bool = False
    frozen: Frequency | None = None

    def of(self, rows: Keys, counts: Keys | None = None) -> Field:
        """The same field of some rows, each standing for so many records."""
        return replace(self, codes=self.codes[rows], counts=counts)

    @cached_property
    def frequency(self) -> Frequency:
        """How many records hold what."""
        if self.frozen is not None:
            return self.frozen
        rows = self.codes >= 0
        counts = None if self.counts is None else self.counts[rows]
        held = np.bincount(self.codes[rows], counts, minlength=len(self.values)).astype(np.int64)
        known = int(held.sum())
        words = self.words
        return Frequency(
            records=len(self.codes) if self.counts is None else int(self.counts.sum()),
            known=known,
            squares=float(((held / max(known, 1)) ** 2).sum()),
            values=held,
            words=np.empty(0, np.int64)
            if words is None
            else _counted(words.numbers, np.repeat(held, np.diff(words.offsets)), words.texts),
            parts=tuple(_counted(parts.codes, held, parts.texts) for parts in self.coarse),
        )

    @property
    def records(self) -> int:
        """How many records there are."""
        return self.frequency.records

    @property
    def held(self) -> Keys:
        """How many records hold each value."""
        return self.frequency.values

    @property
    def holders(self) -> Keys:
        """How many records hold each word."""
        return self.frequency.words


def _counted(numbers: Codes, weights: Keys, texts: pa.Array) -> Keys:
    return np.bincount(numbers, weights, minlength=len(texts)).astype(np.int64)

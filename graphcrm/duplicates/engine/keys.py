"""The ways to group records: by parts of values, and by the whole of them."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, groupby

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.fields import Codes, Field, Keys, Kind, Numbers

Rarity = npt.NDArray[np.float32]
Spread = npt.NDArray[np.uint32]

_PIECE = 500_000


@dataclass(frozen=True)
class Key:
    """One way to group records: by a part of a field's values, and by the whole of them."""

    field: Field
    number: int

    @property
    def texts(self) -> pa.StringArray:
        """What the parts are called."""
        return self.field.coarse[self.number].texts

    @property
    def whole(self) -> Codes:
        """The value of each row, -1 where unknown."""
        return self.field.codes

    @cached_property
    def part(self) -> Codes:
        """The part of each row's value, -1 where unknown."""
        known = np.append(self.field.coarse[self.number].codes, np.int32(-1))
        found: Codes = known[self.field.codes]
        return found

    def share(self, rows: Keys) -> Numbers:
        """The share of records that have the same part as these rows (known ones)."""
        found: Numbers = self._shares[0][self.part[rows]]
        return found

    def whole_share(self, rows: Keys) -> Numbers:
        """The share of records that have the same value as these rows (known ones)."""
        found: Numbers = self._shares[1][self.whole[rows]]
        return found

    @cached_property
    def _shares(self) -> tuple[Numbers, Numbers]:
        parts, values = self.field.frequency.parts[self.number], self.field.held
        return parts / self.field.records, values / self.field.records

    @cached_property
    def spread(self) -> tuple[Spread, Spread]:
        """A number for each row's part, as the first and as the second of two keys."""
        return spread(self.part)


def keys_of(fields: Iterable[Field]) -> list[Key]:
    """The keys of all fields but those of few values."""
    return [
        Key(field, number)
        for field in fields
        if field.kind is not Kind.CATEGORY
        for number in range(len(field.coarse))
    ]


def twos_of(keys: list[Key]) -> list[tuple[Key, Key]]:
    """Every two keys that say more together than one."""
    return [two for two in combinations(keys, 2) if tell_more(*two)]


def tell_more(first: Key, second: Key) -> bool:
    """Whether two groupings say more together than one: two parts of a customer's name do."""
    name = first.field.kind is Kind.WORDS and first.field.identity
    return first.field is not second.field or name


def rarity(left: Keys, right: Keys, keys: list[Key], threads: ThreadPoolExecutor) -> Rarity:
    """How much information pairs agree in (nats): of each field the rarest part or value."""
    pieces = [slice(start, start + _PIECE) for start in range(0, max(len(left), 1), _PIECE)]
    found = threads.map(lambda piece: _rarity(left[piece], right[piece], keys), pieces)
    return np.concatenate(list(found))


def _rarity(left: Keys, right: Keys, keys: list[Key]) -> Rarity:
    found = np.zeros(len(left), np.float32)
    for _, of_field in groupby(keys, key=lambda key: id(key.field)):
        best = np.zeros(len(left), np.float32)
        for key in of_field:
            for codes, share in ((key.part, key.share), (key.whole, key.whole_share)):
                mine = codes[left]
                agree = np.flatnonzero((mine == codes[right]) & (mine >= 0))
                best[agree] = np.maximum(best[agree], -np.log(share(left[agree])))
        found += best
    return found


def spread(codes: Codes) -> tuple[Spread, Spread]:
    """A number for each code, as the first and as the second of two."""
    numbers = codes.astype(np.uint32)
    return numbers * np.uint32(0x9E3779B1), numbers * np.uint32(0x85EBCA77)

"""A model as text, to be kept with what it found and used again for other records.

It has all that a pair's odds depend on but the pair itself: what levels are worth, how frequent
values, words and their parts were, and what bounded the comparison. Values stand in it as hashes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from graphcrm.duplicates.engine.blocks import Bounds, Hubs
from graphcrm.duplicates.engine.fields import Field, Frequency, Keys, Kind, Parts, Words
from graphcrm.duplicates.engine.hashes import Hashes, hashed
from graphcrm.duplicates.engine.matching import Learned
from graphcrm.duplicates.engine.model import Model

_FORM = 3


class Counted(NamedTuple):
    """How often texts were there that were there more than once: hashes in ascending order."""

    hashes: Hashes
    counts: Keys

    def of(self, texts: pa.StringArray) -> Keys:
        """How often each text was there, 1 for others."""
        found = np.ones(len(texts), np.int64)
        if len(texts) and len(self.hashes):
            wanted = hashed(texts)
            place = np.minimum(np.searchsorted(self.hashes, wanted), len(self.hashes) - 1)
            same = self.hashes[place] == wanted
            found[same] = self.counts[place[same]]
        return found


@dataclass(frozen=True)
class KnownField:
    """A field as a model knows it."""

    name: str
    kind: Kind
    person: bool
    identity: bool
    weak: bool
    records: int
    known: int
    squares: float
    values: Counted
    words: Counted
    parts: tuple[Counted, ...]

    def of(self, field: Field | None, rows: int) -> Field:
        """The field of other records with these frequencies; None: it is unknown of all."""
        made = field or self._empty(rows)
        frequency = Frequency(
            self.records,
            self.known,
            self.squares,
            self.values.of(made.values),
            self.words.of(made.words.texts) if made.words else np.empty(0, np.int64),
            tuple(
                counted.of(parts.texts)
                for counted, parts in zip(self.parts, made.coarse, strict=True)
            ),
        )
        return replace(
            made, person=self.person, identity=self.identity, weak=self.weak, frozen=frequency
        )

    def _empty(self, rows: int) -> Field:
        nothing, codes = pa.array([], pa.string()), np.empty(0, np.int32)
        by_words = self.kind in (Kind.WORDS, Kind.IDENTIFIER)
        return Field(
            self.name,
            self.kind,
            np.full(rows, -1, np.int32),
            nothing,
            tuple(Parts(codes, nothing) for _ in self.parts),
            Words(np.zeros(1, np.int64), codes, nothing) if by_words else None,
        )


@dataclass(frozen=True)
class Frozen:
    """A model with all that it depends on; `version` names it: equal models have the same."""

    learned: Learned
    fields: list[KnownField]
    version: str

    @property
    def kinds(self) -> dict[str, Kind]:
        """How the values of each field are compared."""
        return {field.name: field.kind for field in self.fields}

    @property
    def records(self) -> int:
        """Of how many records the model was learned."""
        return self.fields[0].records

    def applied(self, fields: Iterable[Field], rows: int) -> list[Field]:
        """The fields of so many other records, with the model's frequencies, in its order.

        `fields` were made with its `kinds`; one that the model doesn't know is left out.
        """
        named = {field.name: field for field in fields}
        return [known.of(named.get(known.name), rows) for known in self.fields]


def frozen_text(learned: Learned, fields: list[Field]) -> str:
    """What was learned as JSON, with the frequencies of the fields that it was learned on."""
    model, bounds = learned
    return json.dumps(
        {
            "form": _FORM,
            "shares": model.shares.tolist(),
            "tables": [[table.tolist() for table in tables] for tables in model.tables],
            "rows": bounds.rows,
            "largest": bounds.largest,
            "most": bounds.most,
            "rarity": bounds.rarity,
            "hubs": [[_packed(hubs.parts), _packed(hubs.wholes)] for hubs in bounds.hubs],
            "fields": [_described(field) for field in fields],
        },
        ensure_ascii=False,
    )


def frozen_of(text: str) -> Frozen:
    """The model of such a text. Raises ValueError where an earlier release wrote it."""
    whole = json.loads(text)
    if whole.get("form") != _FORM:
        raise ValueError("the model is one of another release")
    same, related, strangers = (
        tuple(np.array(table) for table in tables) for tables in whole["tables"]
    )
    hubs = [Hubs(_hashes(parts), _hashes(wholes)) for parts, wholes in whole["hubs"]]
    return Frozen(
        Learned(
            Model((same, related, strangers), np.array(whole["shares"])),
            Bounds(whole["rows"], whole["largest"], whole["most"], whole["rarity"], hubs),
        ),
        [_known(described) for described in whole["fields"]],
        version_of(text),
    )


def version_of(text: str) -> str:
    """A name for a model: models that are equal have the same."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _described(field: Field) -> dict[str, Any]:
    frequency = field.frequency
    words = _counted(field.words.texts, frequency.words) if field.words else _NOTHING
    return {
        "name": field.name,
        "kind": field.kind.value,
        "person": field.person,
        "identity": field.identity,
        "weak": field.weak,
        "records": frequency.records,
        "known": frequency.known,
        "squares": frequency.squares,
        "values": _listed(_counted(field.values, frequency.values)),
        "words": _listed(words),
        "parts": [
            _listed(_counted(parts.texts, counts))
            for parts, counts in zip(field.coarse, frequency.parts, strict=True)
        ],
    }


def _known(described: dict[str, Any]) -> KnownField:
    listed = {name: _counted_of(described[name]) for name in ("values", "words")}
    parts = tuple(_counted_of(each) for each in described["parts"])
    return KnownField(**described | listed | {"kind": Kind(described["kind"]), "parts": parts})


def _counted(texts: pa.StringArray, counts: Keys) -> Counted:
    often = np.flatnonzero(counts > 1)
    found, first = np.unique(hashed(texts.take(pa.array(often))), return_index=True)
    return Counted(found, counts[often[first]])


def _listed(counted: Counted) -> list[str]:
    return [_packed(counted.hashes), _packed(counted.counts.astype(np.uint64), ordered=False)]


def _counted_of(listed: list[str]) -> Counted:
    return Counted(_hashes(listed[0]), _unpacked(listed[1]).astype(np.int64))


def _packed(numbers: npt.NDArray[np.uint64], ordered: bool = True) -> str:
    """Numbers as text; ordered ones by their differences, all first bytes first."""
    steps = np.diff(numbers, prepend=np.uint64(0)) if ordered else numbers
    planes = np.ascontiguousarray(steps.astype("<u8").view(np.uint8).reshape(-1, 8).T)
    return base64.b64encode(zlib.compress(planes.tobytes(), 6)).decode()


def _unpacked(text: str) -> npt.NDArray[np.uint64]:
    planes = np.frombuffer(zlib.decompress(base64.b64decode(text)), np.uint8).reshape(8, -1)
    return np.ascontiguousarray(planes.T).view("<u8").ravel().astype(np.uint64)


def _hashes(text: str) -> Hashes:
    return np.cumsum(_unpacked(text), dtype=np.uint64)


_NOTHING = Counted(np.empty(0, np.uint64), np.empty(0, np.int64))

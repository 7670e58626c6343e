"""What each column of a customer list says of the customer, by its header and its values."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.duplicates.roles import Role
from graphcrm_loaders.lists.headers import Said, said_by
from graphcrm_loaders.lists.looks import AMOUNT, ENTRY, FIRM, NOTE, RECORD, Looks, looks_like
from graphcrm_loaders.lists.plausible import plausible
from graphcrm_loaders.lists.settle import Candidate, Detected, settle
from graphcrm_loaders.suggest.profile import Profile

_SAMPLE = 10_000
"""So many rows, spread over the list, tell what a column is."""

_STRONG = 0.9
"""From this sureness on, values outweigh the header."""

_INTENDED = 0.3
"""A code of which more than this share is distinct is meant to be unique."""

_FREQUENT = 0.3


@dataclass(frozen=True)
class _Uniqueness:
    filled: int
    distinct: int

    @property
    def whole(self) -> bool:
        """Whether every value is another."""
        return self.filled == self.distinct


def detect(table: pa.Table) -> dict[str, Detected]:
    """The role of each column of a table of texts (null = unknown), by name, in the table's order.

    Some 10,000 rows spread over the table are looked at; only whether a value is there twice is
    asked of all rows. Same table, same answer.
    """
    step = max(1, -(-table.num_rows // _SAMPLE))
    spread = table.take(np.arange(0, table.num_rows, step)) if step > 1 else table
    found = [
        _candidate(name, spread.column(name), table.column(name)) for name in table.column_names
    ]
    return settle(found)


def _candidate(name: str, sampled: pa.ChunkedArray, column: pa.ChunkedArray) -> Candidate:
    counts = Counter(value for value in sampled.to_pylist() if value)
    profile = Profile(len(sampled), counts)
    said, looks = said_by(name), looks_like(profile)
    unique = _uniqueness(column)
    if not unique.filled:
        return Candidate(name, profile, Role.IGNORED, "empty", 1.0)
    meaning, reason, sureness = _meaning(said, looks, profile)
    if meaning == RECORD or (meaning == FIRM and profile.code > _STRONG and unique.whole):
        return _record(name, profile, unique, said)
    if meaning is None:
        return _unnamed(name, profile, unique, said)
    return Candidate(name, profile, meaning, reason, sureness)


def _meaning(
    said: Said | None, looks: Looks | None, profile: Profile
) -> tuple[str | None, str, float]:
    """What header and values say together."""
    if said is None or not plausible(said.meaning, profile):
        return (looks.meaning, "values", looks.sureness) if looks else (None, "other", 0.5)
    if looks is None:
        return said.meaning, "header", 0.85 * said.sureness
    if looks.meaning == said.meaning:
        return said.meaning, "both", 1 - (1 - said.sureness * 0.9) * (1 - looks.sureness)
    if looks.sureness >= _STRONG and not (said.meaning == RECORD and looks.meaning == Role.SEX):
        return looks.meaning, "values", looks.sureness
    if looks.meaning == FIRM and said.meaning in (Role.NAME, Role.EVIDENCE):
        return (FIRM if said.meaning == Role.NAME else Role.EVIDENCE), "both", 0.85
    weak = said.sureness < _STRONG and looks.sureness > said.sureness
    if weak and looks.meaning not in (ENTRY, NOTE, AMOUNT):
        return looks.meaning, "values", looks.sureness
    return said.meaning, "header", 0.85 * said.sureness


def _record(name: str, profile: Profile, unique: _Uniqueness, said: Said | None) -> Candidate:
    """The id of a row says nothing; one that rows share says that they belong together."""
    sureness = said.sureness if said else _STRONG
    if unique.whole or profile.integer > _STRONG > profile.one_shape:
        return Candidate(name, profile, Role.IGNORED, "record", sureness)
    return Candidate(name, profile, Role.EVIDENCE, "shared_code", 0.6)


def _unnamed(name: str, profile: Profile, unique: _Uniqueness, said: Said | None) -> Candidate:
    """A column of which neither header nor values tell the role."""
    coded = profile.code > _STRONG and profile.share(_has_digit) > _STRONG
    if coded and unique.whole and (unique.filled > 1 or profile.integer > _STRONG):
        return Candidate(name, profile, Role.IGNORED, "record", 0.8)
    share = unique.distinct / unique.filled
    frequent = profile.filled > _FREQUENT * profile.rows
    if coded and frequent and share > _INTENDED and profile.length >= 6:
        return Candidate(name, profile, Role.ID_NUMBER, "nearly_unique", 0.6)
    number = profile.plain_number > _STRONG and profile.one_shape < 0.8 and profile.length >= 4
    if said is None and number and unique.distinct > 50:
        return Candidate(name, profile, Role.IGNORED, AMOUNT, 0.6)
    return Candidate(name, profile, Role.EVIDENCE, "other", 0.5)


def _has_digit(value: str) -> bool:
    return any(sign.isdigit() for sign in value)


def _uniqueness(column: pa.ChunkedArray) -> _Uniqueness:
    filled: Any = pc.count(column)
    distinct: Any = pc.count_distinct(column)
    return _Uniqueness(filled.as_py(), distinct.as_py())

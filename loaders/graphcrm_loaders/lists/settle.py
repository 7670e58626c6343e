"""The columns of a list beside one another: who the row is about, and who else it names."""

from dataclasses import dataclass, replace

from graphcrm.duplicates.roles import Role
from graphcrm_loaders.lists.looks import (
    AMOUNT,
    CLUSTER,
    CONTACT,
    ENTRY,
    FAMILY,
    FIRM,
    GIVEN,
    NOTE,
    RECORD,
    known_share,
)
from graphcrm_loaders.suggest.profile import Profile

_LEFT_OUT = (ENTRY, AMOUNT, NOTE, CLUSTER)
_NAMES = frozenset({Role.NAME, Role.GIVEN_NAME, Role.FAMILY_NAME})
_RARELY_KNOWN = 0.03
"""Of a column of surnames at least so many are among the most frequent ones."""

_VARIED = frozenset(
    {Role.EVIDENCE, Role.PLACE, Role.OCCUPATION, Role.SEX, Role.EMPLOYER, Role.POSTCODE}
)
"""Roles that tell nothing where all rows have one value."""


@dataclass(frozen=True)
class Detected:
    """The role of a column: by what it was known (a code of `REASONS`), and how surely, 0 to 1."""

    role: Role
    reason: str
    confidence: float


@dataclass(frozen=True)
class Candidate:
    """What one column means by itself: a role's value or one of the words of `looks`."""

    name: str
    profile: Profile
    meaning: str
    reason: str
    sureness: float


REASONS = (
    "header", "values", "both", "other", "shared_code", "nearly_unique", "beside_name",
    "empty", "constant", RECORD, *_LEFT_OUT,
)  # fmt: skip
"""Why a column has its role; the catalogue has words for each."""


def settle(found: list[Candidate]) -> dict[str, Detected]:
    """The role of each column, seen beside the others."""
    found = _one_of(found, Role.BIRTH_DATE)
    found = _one_of(found, Role.NAME)
    found = _parts_of_names(found)
    found = _firms(found)
    return {column.name: _detected(column) for column in found}


def _one_of(found: list[Candidate], role: Role) -> list[Candidate]:
    """Of columns whose values alone tell a role that a row has once, the surest has it."""
    said = [c for c in found if c.meaning == role and c.reason != "values"]
    if role == Role.NAME:
        said += [c for c in found if c.meaning in _NAMES and c.reason != "values"]
    guessed = [c for c in found if c.meaning == role and c.reason == "values"]
    if not said and guessed:
        guessed.remove(max(guessed, key=lambda c: (c.sureness, c.profile.distinctness)))
    return [_unclear(c) if c in guessed else c for c in found]


def _unclear(column: Candidate) -> Candidate:
    return replace(column, meaning=Role.EVIDENCE, reason="other", sureness=0.5)


def _parts_of_names(found: list[Candidate]) -> list[Candidate]:
    """Beside a column of surnames there is one of given names, and the other way round."""
    there = {c.meaning for c in found}
    rest = [c for c in found if c.meaning == Role.EVIDENCE and c.reason == "other"]
    if FAMILY in there and not there & {GIVEN, Role.NAME}:
        short = [c for c in rest if c.profile.share(_short_han) > 0.8]
        chosen = max(short, key=lambda c: c.profile.distinctness, default=None)
        return [_as_part(c, GIVEN) if c is chosen else c for c in found]
    if GIVEN in there and FAMILY not in there:
        known = [(known_share(c.profile, FAMILY), n, c) for n, c in enumerate(rest)]
        share, _, likely = max(known, default=(0.0, 0, None))
        if share > _RARELY_KNOWN:
            return [_as_part(c, FAMILY) if c is likely else c for c in found]
    return found


def _as_part(column: Candidate, role: Role) -> Candidate:
    return replace(column, meaning=role, reason="beside_name", sureness=0.6)


def _short_han(value: str) -> bool:
    return len(value) <= 2 and all("\u4e00" <= sign <= "\u9fff" for sign in value)


def _firms(found: list[Candidate]) -> list[Candidate]:
    """Beside a person's name an organisation is the employer, alone it is the customer."""
    firms = [c for c in found if c.meaning == FIRM]
    persons = [c for c in found if c.meaning in _NAMES]
    guessed = all(c.reason == "values" for c in persons)
    if (
        guessed
        and firms
        and max(f.profile.filled for f in firms)
        > max((p.profile.filled for p in persons), default=0)
    ):  # a name that only some rows have is somebody's in the organisation
        found = [_unclear(c) if c in persons else c for c in found]
        persons = []
    if not firms and not persons:
        contact = next((c for c in found if c.meaning == CONTACT), None)
        found = [replace(c, meaning=Role.NAME) if c is contact else c for c in found]
    customer = None if persons else next(iter(firms), None)
    roles = {FIRM: Role.EMPLOYER if persons else Role.EVIDENCE, CONTACT: Role.EVIDENCE}
    return [
        replace(c, meaning=Role.ORGANISATION if c is customer else roles.get(c.meaning, c.meaning))
        for c in found
    ]


def _detected(column: Candidate) -> Detected:
    if column.meaning in _LEFT_OUT:
        return Detected(Role.IGNORED, column.meaning, column.sureness)
    role = Role(column.meaning)
    profile = column.profile
    constant = len(profile.counts) == 1 and profile.filled == profile.rows > 1
    if constant and role in _VARIED:
        return Detected(Role.IGNORED, "constant", 1.0)
    return Detected(role, column.reason, round(column.sureness, 2))

"""Whether values can be what their header says."""

import re
from collections.abc import Callable

from graphcrm.duplicates.roles import Role
from graphcrm_loaders.suggest.profile import Profile

_LETTERS = re.compile(r"[^\W\d_]")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"(\D*\d){4}")
_PHONE = re.compile(r"(\D*\d){6}")
_DATE = re.compile(
    r"(19|20|1[5-8])\d{2}|\d{1,2}\W\d{1,2}\W\d{2}|\d{2}\D{1,2}[A-Za-z]{3}|年|^\d{5,8}$"
)
_ONE_WORD_PER_ROW = 40
_SEXES, _DOCUMENTS = 16, 60


def plausible(meaning: str, profile: Profile) -> bool:
    """Whether the values of a column may mean what its header says; errors are allowed for."""
    judge = _JUDGES.get(meaning)
    return not profile.filled or judge is None or judge(profile)


def _named(profile: Profile) -> bool:
    return profile.share(_LETTERS.search) > 0.5 and profile.email < 0.5


def _numbered(profile: Profile) -> bool:
    return profile.share(_DIGITS.search) > 0.4


_JUDGES: dict[str, Callable[[Profile], bool]] = {
    Role.NAME: _named,
    Role.GIVEN_NAME: _named,
    Role.MIDDLE_NAME: _named,
    Role.FAMILY_NAME: _named,
    Role.BIRTH_DATE: lambda p: p.share(_DATE.search) > 0.3 or p.dates.share > 0.3,
    Role.SEX: lambda p: len(p.counts) <= _SEXES and p.length < 12,
    Role.ID_NUMBER: _numbered,
    Role.ID_TYPE: lambda p: len(p.counts) <= _DOCUMENTS and p.share(_LETTERS.search) > 0.3,
    Role.PHONE: lambda p: p.share(_PHONE.search) > 0.4,
    Role.EMAIL: lambda p: p.share(lambda value: "@" in value) > 0.3,
    Role.ACCOUNT: _numbered,
    Role.POSTCODE: lambda p: p.length < 12 and p.share(_DIGIT.search) > 0.4,
    Role.OCCUPATION: lambda p: p.dates.share < 0.5 and p.length < _ONE_WORD_PER_ROW,
    "contact": _named,
    "amount": lambda p: p.share(_DIGIT.search) > 0.5,
}

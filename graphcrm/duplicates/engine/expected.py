"""What is usual in customers' data: m and u before anything is learned.

They matter on short lists and for levels that are rare; elsewhere what is learned outweighs them.
"""

from __future__ import annotations

import numpy as np

from graphcrm.duplicates.engine.fields import Field, Kind, Numbers
from graphcrm.duplicates.engine.shared_words import BANDS, FORMS, SHARED, information

_M = {
    Kind.DATE: (0.01, 0.005, 0.005, 0.01, 0.02, 0.04, 0.01, 0.05, 0.85),
    Kind.IDENTIFIER: (0.15, 0.02, 0.01, 0.03, 0.01, 0.03, 0.05, 0.70),
    Kind.CODE: (0.10, 0.02, 0.02, 0.02, 0.03, 0.06, 0.75),
    Kind.TEXT: (0.15, 0.05, 0.03, 0.07, 0.70),
    Kind.CATEGORY: (0.03, 0.97),
}
_U = {
    Kind.DATE: (0.70, 0.20, 0.05, 0.002, 0.02, 0.0003, 0.0001, 0.0002, 0.0001),
    Kind.IDENTIFIER: (0.98, 0.01, 0.0001, 0.00003, 0.0001, 0.00003, 0.00001, 0.00001),
    Kind.CODE: (0.80, 0.10, 0.05, 0.02, 0.01, 0.002, 0.003),
    Kind.TEXT: (0.85, 0.08, 0.01, 0.005, 0.05),
    Kind.CATEGORY: (0.5, 0.5),
}

# Equal; part of the other; similar words; ever more that is unexplained.
_FORMS_M = (0.70, 0.10, 0.12, 0.04, 0.02, 0.02)
_FORMS_M_ORGANISATION = (0.55, 0.33, 0.08, 0.02, 0.01, 0.01)
_FORMS_U = (0.0, 0.01, 0.02, 0.07, 0.40, 0.50)
_FORMS_RELATIVES = (0.0, 0.0, 0.05, 0.25, 0.4, 0.3)
_BANDS_OF_A_SURNAME = (0.1, 0.35, 0.35, 0.15, 0.05, 0.0, 0.0, 0.0)


def expected_m(field: Field) -> Numbers:
    """The share of each level among matches."""
    if field.kind is Kind.WORDS:
        forms = _FORMS_M if field.person or not field.identity else _FORMS_M_ORGANISATION
        return _normal(np.outer(forms, _bands(field)).ravel())
    return _normal(np.array(_M[field.kind]))


def expected_u(field: Field) -> Numbers:
    """The share of each level among records of two customers.

    Two names are equal by accident with a probability of e to the minus of their information.
    """
    if field.kind is not Kind.WORDS:
        return _normal(np.array(_U[field.kind]))
    middle = np.array([1.0, *(np.array(SHARED[:-1]) + np.array(SHARED[1:])) / 2, SHARED[-1] + 1])
    accident = np.exp(-middle)
    found = np.outer(_FORMS_U, accident / accident.sum())
    found[0] = _bands(field) * accident
    return _normal(found.ravel())


def related_u(field: Field, strangers: Numbers) -> Numbers:
    """The share of each level among relatives: as among strangers, but half share a surname."""
    if not field.person:
        return strangers
    surname = _normal(np.outer(_FORMS_RELATIVES, _BANDS_OF_A_SURNAME).ravel())
    return (strangers + surname) / 2


def _bands(field: Field) -> Numbers:
    """How the information of whole values spreads over the bands."""
    assert field.words is not None
    values = np.arange(len(field.values))
    numbers, owner = field.words.of(values)
    whole = np.bincount(owner, information(field)[numbers], len(values))
    band = np.searchsorted(SHARED, whole, side="right")
    counted = np.bincount(band, field.held, BANDS) + 0.5
    found: Numbers = counted / counted.sum()
    return found


def _normal(shares: Numbers) -> Numbers:
    found: Numbers = np.maximum(shares, 1e-9) / np.maximum(shares, 1e-9).sum()
    return found


assert len(_FORMS_M) == len(_FORMS_U) == FORMS

"""Policies that follow one another: renewals and replacements."""

from __future__ import annotations

import numpy as np

from graphcrm.sample.columns import NO_DAY, Ints, Rng
from graphcrm.sample.policies import (
    IN_FORCE,
    MATURED,
    PENDING,
    PERSON,
    RENEWAL,
    SURRENDERED,
    Policies,
)
from graphcrm.sample.products import LIFE


def renew(book: Policies, low: Ints, term: Ints) -> None:
    """Turn two yearly policies of one holder and product into one and its renewal."""
    key = (book.holder * 3 + book.holder_kind) * 64 + book.product
    order = np.lexsort((book.starts, key))
    later, former = order[1:], order[:-1]
    begins = book.starts[later] - 365
    may = (
        (key[later] == key[former]) & (term[later] == 365) & (begins >= low[former])
        & (book.status[former] != IN_FORCE) & (book.status[former] != PENDING)
        & (book.status[later] != PENDING)
    )  # fmt: skip
    may[1:] &= ~may[:-1]
    later, former, begins = later[may], former[may], begins[may]
    shift = begins - book.starts[former]
    book.status[former] = MATURED
    for days in (book.starts, book.applied, book.issued, book.ends):
        days[former] += shift
    book.ended[former] = book.ends[former]
    book.renews[later] = former
    book.business[later] = RENEWAL


def replace(rng: Rng, book: Policies, share: float) -> None:
    """Let some life policies replace one that the same holder surrendered for them."""
    life = np.flatnonzero((book.line == LIFE) & (book.holder_kind == PERSON))
    order = life[np.lexsort((book.starts[life], book.holder[life]))]
    later, former = order[1:], order[:-1]
    may = (
        (book.holder[later] == book.holder[former]) & (book.status[former] == SURRENDERED)
        & (book.starts[later] > book.starts[former] + 180) & (rng.random(len(later)) < share)
        & ((book.ends[former] == NO_DAY) | (book.starts[later] < book.ends[former]))
        & (book.status[later] != PENDING)
    )  # fmt: skip
    later, former = later[may], former[may]
    book.replaces[later] = former
    book.ended[former] = book.starts[later]

"""Second entries of institutions, and departments entered as institutions of their own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from graphcrm.sample import identity, names, quotas
from graphcrm.sample.columns import Bools, Ints, Rng
from graphcrm.sample.error_log import ErrorLog
from graphcrm.sample.institutions import COMPANY, NO_LEGAL, NO_PLACE, OTHER, Institutions
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.wording import word_lists


@dataclass
class InstitutionSlips:
    """Makes errors in the records of institutions, and notes them in the log."""

    rng: Rng
    book: Institutions
    log: ErrorLog

    def can(self, kind: str, at: Ints) -> Bools:
        """Return which of the records `at` can have this error."""
        book = self.book
        if kind == "name_short":
            return self._trades(at)
        if kind == "legal_form_differs":
            return self._trades(at) & (book.legal[at] < NO_LEGAL)
        if kind == "uscc_digit_wrong":
            coded: Bools = book.uscc[at, 0] != 0
            return coded
        return np.ones(len(at), np.bool_)

    def make(self, kind: str, at: Ints) -> None:
        """Put the error into the records `at`, as far as they can have it."""
        at = at[self.can(kind, at)]
        rng, book = self.rng, self.book
        trading = self._trades(at)
        if kind == "name_short":
            book.name_form[at], book.legal[at] = NO_PLACE, NO_LEGAL
        elif kind == "name_form_differs":
            book.name_form[at] = np.where(
                trading, (book.name_form[at] + rng.integers(1, 4, len(at))) % 4,
                1 - np.minimum(book.name_form[at], 1),
            )  # fmt: skip
        elif kind == "legal_form_differs":
            book.legal[at] = (book.legal[at] + rng.integers(1, 3, len(at))) % 3
        elif kind == "name_traditional":
            book.traditional[at] = True
        elif kind == "uscc_digit_wrong":
            place = rng.integers(2, 8, len(at))
            book.uscc[at, place] = (
                book.uscc[at, place] - 48 + rng.integers(1, 10, len(at))
            ) % 10 + 48
        elif kind == "uscc_missing":
            book.uscc[at] = 0
        if kind != "same":
            self.log.add(at, kind)

    def _trades(self, at: Ints) -> Bools:
        """Return which of the records are companies with a name and a legal form of their own."""
        return np.isin(self.book.kind[at], [COMPANY, OTHER])


def shares(customers: int, shape: SampleShape) -> tuple[int, int, int]:
    """Return the numbers of first entries, second entries and departments; 8 at least together.

    A book with ten times as many institutions as there are kinds of second entries has as many of
    these as kinds.
    """
    usual = round(customers / shape.customers_per_institution)
    count = max(usual, shape.small.least_institutions(customers), 8)
    kinds = len(shape.institution_kinds.model_dump())
    least = kinds if count >= 10 * kinds and shape.institution_duplicates > 0 else 0
    further = max(round(count * shape.institution_duplicates), least)
    parts = round(count * shape.institution_departments)
    return count - further - parts, further, parts


def enter_again(
    rng: Rng, book: Institutions, further: int, parts: int, shape: SampleShape, log: ErrorLog
) -> Institutions:
    """Return the book with `further` second entries and `parts` departments after its rows.

    A second entry differs by one of `shape.institution_kinds`, in exact shares. A department
    ("…有限公司人力资源部") stands under its institution's name and its own; about two have the same
    host. Some single records are of a department too, or err as second entries do.
    """
    n = book.rows
    open_to = np.flatnonzero(~book.own)
    again = rng.choice(open_to, further, replace=further > len(open_to))
    hosts = rng.choice(open_to, max(1, parts // 2))
    host = hosts[rng.integers(0, len(hosts), parts)]
    new = book.take(np.concatenate([np.arange(n), again, host]))
    slips = InstitutionSlips(rng, new, log)

    at = np.arange(n, n + further)
    kinds = shape.institution_kinds.model_dump()
    weights = np.array(list(kinds.values()))
    kind = quotas.exact(rng, weights, further, each_from=len(kinds))
    listed = list(kinds)
    anywhere = [listed.index(name) for name in ("same", "name_form_differs", "uscc_missing")]
    quotas.fit(rng, kind, lambda number, rows: slips.can(listed[number], at[rows]), anywhere)
    for number, name in enumerate(kinds):
        slips.make(name, at[kind == number])
    _known_by_another(rng, new, at, rng.random(further) < 0.5)

    at = np.arange(n + further, n + further + parts)
    # Hosts take their sections in turn, so that no two records of one host are the same section.
    turn = np.zeros(parts, np.int64)
    order = np.argsort(host, kind="stable")
    starts = np.searchsorted(host[order], host[order])
    turn[order] = np.arange(parts) - starts
    sections = len(word_lists()["institution_departments"])
    new.section[at] = (host * 5 + turn) % sections
    _known_by_another(rng, new, at, np.ones(parts, np.bool_))

    alone = np.setdiff1d(open_to, np.concatenate([again, host]))
    those = alone[rng.random(len(alone)) < shape.institution_sections_alone]
    new.section[those] = rng.integers(0, sections, len(those))
    for name, share in shape.institution_slips.model_dump().items():
        hit = np.flatnonzero(~new.own & (rng.random(new.rows) < share * shape.noise))
        slips.make(name, hit)
    return new


def _known_by_another(rng: Rng, book: Institutions, at: Ints, contact: Bools) -> None:
    """Let the telephone, the account and, where `contact`, the person asked for be others."""
    other = at[(book.phone[at] >= 0) & (rng.random(len(at)) < 0.5)]
    book.phone[other] = rng.integers(2 * 10**7, 9 * 10**7, len(other))
    other = at[(book.account[at] >= 0) & (rng.random(len(at)) < 0.3)]
    book.account[other] = identity.accounts(rng, len(other))
    other = at[contact & (book.contact_phone[at] >= 0)]
    count = len(other)
    male, nobody = rng.random(count) < 0.6, np.zeros(count, np.bool_)
    given = names.draw_given(rng, nobody, male, rng.integers(1962, 2000, count))
    book.contact.surname[other] = names.draw_surnames(rng, nobody)
    book.contact.given_1[other], book.contact.given_2[other] = given
    book.contact_male[other] = male
    book.contact_phone[other] = identity.mobiles(rng, count)

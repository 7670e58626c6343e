"""Second entries of institutions, and departments entered as institutions of their own."""

from __future__ import annotations

import numpy as np

from graphcrm.sample import identity, names
from graphcrm.sample.columns import Rng
from graphcrm.sample.institutions import COMPANY, Institutions
from graphcrm.sample.shape import SampleShape
from graphcrm.sample.wording import word_lists


def shares(customers: int, shape: SampleShape) -> tuple[int, int, int]:
    """Return the numbers of first entries, second entries and departments; 8 at least together."""
    count = max(round(customers / shape.customers_per_institution), 8)
    further = round(count * shape.institution_duplicates)
    parts = round(count * shape.institution_departments)
    return count - further - parts, further, parts


def enter_again(rng: Rng, book: Institutions, further: int, parts: int) -> Institutions:
    """Return the book with `further` second entries and `parts` departments after its rows.

    A second entry has a varied name, and often no USCC or another phone. A department ("…有限公司
    人力资源部") stands under its institution's name and its own; about two have the same host.
    """
    n = book.rows
    open_to = np.flatnonzero(~book.own & (book.kind == COMPANY))
    again = rng.choice(open_to, further, replace=further > len(open_to))
    hosts = rng.choice(open_to, max(1, parts // 2))
    host = hosts[rng.integers(0, len(hosts), parts)]
    new = book.take(np.concatenate([np.arange(n), again, host]))

    at = np.arange(n, n + further)
    changed = rng.random((5, further))
    new.name_form[at] = np.where(changed[0] < 0.5, (new.name_form[at] + 1) % 4, new.name_form[at])
    new.legal[at] = np.where(changed[0] >= 0.3, (new.legal[at] + 1) % 2, new.legal[at])
    new.uscc[at[changed[1] < 0.5]] = 0
    new.contact_phone[at] = np.where(
        changed[2] < 0.5, identity.mobiles(rng, further), new.contact_phone[at]
    )
    new.phone[at] = np.where(changed[3] < 0.4, -1, new.phone[at])

    at = np.arange(n + further, n + further + parts)
    sections = len(word_lists()["institution_departments"])
    # Hosts take their sections in turn, so that no two records of one host are the same section.
    turn = np.zeros(parts, np.int64)
    order = np.argsort(host, kind="stable")
    starts = np.searchsorted(host[order], host[order])
    turn[order] = np.arange(parts) - starts
    new.section[at] = (host * 5 + turn) % sections
    changed = rng.random((5, parts))
    new.uscc[at[changed[1] < 0.6]] = 0
    new.phone[at] = np.where(changed[3] < 0.6, rng.integers(2 * 10**7, 9 * 10**7, parts), -1)
    male = rng.random(parts) < 0.5
    nobody = np.zeros(parts, np.bool_)
    given = names.draw_given(rng, nobody, male, rng.integers(1962, 2000, parts))
    new.contact.surname[at] = names.draw_surnames(rng, nobody)
    new.contact.given_1[at], new.contact.given_2[at] = given
    new.contact_male[at] = male
    new.contact_phone[at] = identity.mobiles(rng, parts)
    new.account[at] = np.where(changed[4] < 0.6, -1, new.account[at])
    return new

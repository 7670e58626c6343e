"""The `agents` table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from graphcrm.sample import authority, names
from graphcrm.sample import columns as col
from graphcrm.sample.agents import CLERK, KINDS, STATUSES, Agents
from graphcrm.sample.columns import IdSpace, Rng
from graphcrm.sample.departments import Departments
from graphcrm.sample.places import Places
from graphcrm.sample.streams import pick


def table(
    rng: Rng, book: Agents, ids: IdSpace, offices: Departments, departments: IdSpace,
    persons: IdSpace, places: Places,
) -> pa.Table:  # fmt: skip
    """Return the `agents` table in row order."""
    n = len(book.kind)
    codes = [str(c) for c in places.district_code]
    number = col.joined("0200", col.whole(rng.integers(10**11, 10**12, n)))
    capacity = np.array([150, 300, 200, -1, -1, 400, 400])[book.kind]
    languages = ["zh", "zh;en", "zh;yue", "zh;wuu", "zh;nan"]
    return pa.table(
        {
            "id": ids.column(),
            "name": names.column(book.names, book.male, np.zeros(n, np.int64)),
            "kind": col.words(KINDS, book.kind),
            "branch_id": departments.of(book.branch),
            "region_code": col.words(codes, offices.district[book.branch]),
            "status": col.words(STATUSES, book.status),
            "status_since": col.days(book.status_since),
            "hired_on": col.days(book.hired),
            "departed_on": col.days(book.departed),
            "tier": pa.array(book.tier),
            "licence_no": col.nulled(number, book.kind == CLERK),
            "licence_until": col.days(book.licence_until),
            "product_lines": col.words(authority.LINE_SETS, book.line_set),
            "capacity": pa.array(
                np.where(capacity > 0, capacity + book.tier * 50, 0), mask=capacity < 0
            ),
            "phone": col.whole(book.phone),
            "account": col.whole(book.account),
            "upline_id": ids.of(book.upline),
            "person_id": persons.of(book.person),
            "languages": col.words(languages, pick(rng, np.array([70.0, 10, 10, 6, 4]), n)),
        }
    )

"""The `persons` table: the records as the insurer has written them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute

from graphcrm.sample import columns as col
from graphcrm.sample import identity, names
from graphcrm.sample.columns import Bytes, Column, IdSpace, Ints
from graphcrm.sample.entry import Entry
from graphcrm.sample.people import People
from graphcrm.sample.places import Places
from graphcrm.sample.wording import word_lists

_PREFERENCES = ["any", "phone", "message", "none"]


def table(
    people: People, ids: IdSpace, places: Places, employers: IdSpace, work: Column, entry: Entry
) -> pa.Table:
    """Return the `persons` table in row order; `work` is the department_id column."""
    lists = word_lists()
    district = people.address.district
    codes = [str(code) for code in places.district_code]
    return pa.table(
        {
            "id": ids.column(),
            "name": names.column(people.names, people.male, people.name_form),
            "sex": col.words(
                ["M", "F"], np.where(people.sex_known, np.where(people.male, 0, 1), -1)
            ),
            "birth_date": col.days(people.born),
            "died_on": col.days(people.died),
            "id_type": col.words(identity.ID_TYPES, people.id_type),
            "id_number": _id_numbers(people),
            "phone": _phones(people.phone, people.phone_form),
            "phone_2": col.whole(people.phone_2),
            "email": _emails(people.email, lists["domains"]),
            "address": people.address.column(places),
            "region_code": col.words(codes, district),
            "institution_id": employers.of(people.employer),
            "department_id": work,
            "occupation": col.words(lists["occupations"], people.occupation),
            "income_band": col.words(lists["income_bands"], people.income),
            "account": col.whole(people.account),
            "language": col.words(lists["languages"], people.language),
            "contact_preference": col.words(_PREFERENCES, people.preference),
            "marketing_consent": col.yes_no(people.consent == 1, people.consent >= 0),
            "vulnerability": col.words(lists["vulnerabilities"], people.vulnerability),
            "created_on": col.days(entry.on),
            "entered_by": entry.by,
            "entered_branch_id": entry.branch,
        }
    )


def _id_numbers(people: People) -> Column:
    known = people.id_code[:, 0] != 0
    plain = col.text(people.id_code, known)
    wide = np.flatnonzero(people.id_wide & known)
    return _replaced(plain, wide, _widened(people.id_code[wide]))


def _phones(phone: Ints, form: Ints) -> Column:
    known = phone >= 0
    digits = col.digits(np.maximum(phone, 0), 11)
    out = col.text(digits, known)
    for number, gap in ((2, b" "), (3, b"-")):
        at = np.flatnonzero((form == number) & known)
        cut = np.insert(digits[at], [3, 7], gap[0], axis=1)
        out = _replaced(out, at, col.text(cut))
    at = np.flatnonzero((form == 1) & known)
    out = _replaced(out, at, col.joined("+86", col.text(digits[at])))
    at = np.flatnonzero((form == 4) & known)
    return _replaced(out, at, _widened(digits[at]))


def _emails(email: Ints, domains: list[str]) -> Column:
    name = col.joined(
        col.words(["", "wx", "a", "mail", "cn"], np.where(email < 0, -1, email % 5)),
        col.whole(email),
    )
    return col.joined(name, "@", col.words(domains, np.where(email < 0, -1, email % len(domains))))


def _widened(codes: Bytes) -> Column:
    out = np.zeros((*codes.shape, 3), np.uint8)
    full = (codes != 0)[..., None] * np.array([0xEF, 0xBC, 0x90], np.uint8)
    out[:] = full
    out[..., 2] += np.where(codes != 0, codes - 48, 0).astype(np.uint8)
    return col.text(out.reshape(len(codes), codes.shape[1] * 3))


def _replaced(column: Column, at: Ints, new: Column) -> Column:
    if not len(at):
        return column
    mask = np.zeros(len(column), np.bool_)
    mask[at] = True
    return pa.compute.replace_with_mask(column, mask, new)

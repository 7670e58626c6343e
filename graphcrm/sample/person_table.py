"""The `persons` table: the records as the insurer has written them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa

from graphcrm.sample import columns as col
from graphcrm.sample import identity, names
from graphcrm.sample.columns import Bytes, Column, IdSpace, Ints
from graphcrm.sample.entry import Entry
from graphcrm.sample.people import (
    NO_EMAIL,
    PHONE_PLACEHOLDER,
    UNDER_HUSBANDS,
    WITH_HUSBANDS,
    People,
)
from graphcrm.sample.places import NO_PLACE, Places
from graphcrm.sample.wording import word_lists

_NO_PHONES = ["13800000000", "13900000000", "13800138000", "11111111111", "13333333333", "00000000"]
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
            "name": _names(people),
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
            "address": _addresses(people, places),
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


def _names(people: People) -> Column:
    known_as = people.names
    under = people.after_marriage == UNDER_HUSBANDS
    known_as = replace(known_as, surname=np.where(under, people.spouse_surname, known_as.surname))
    before = np.where(people.after_marriage == WITH_HUSBANDS, people.spouse_surname, -1)
    return names.column(known_as, people.male, people.name_form, before)


def _addresses(people: People, places: Places) -> Column:
    fillers = word_lists()["placeholder_addresses"]
    at = np.flatnonzero(people.address.district < NO_PLACE)
    filled = col.words(fillers, people.address.room[at] % len(fillers))
    return col.replaced(people.address.column(places), at, filled)


def _id_numbers(people: People) -> Column:
    known = people.id_code[:, 0] != 0
    plain = col.text(people.id_code, known)
    wide = np.flatnonzero(people.id_wide & known)
    return col.replaced(plain, wide, _widened(people.id_code[wide]))


def _phones(phone: Ints, form: Ints) -> Column:
    known = phone >= 0
    digits = col.digits(np.maximum(phone, 0), 11)
    out = col.text(digits, known)
    for number, gap in ((2, b" "), (3, b"-")):
        at = np.flatnonzero((form == number) & known)
        cut = np.insert(digits[at], [3, 7], gap[0], axis=1)
        out = col.replaced(out, at, col.text(cut))
    at = np.flatnonzero((form == 1) & known)
    out = col.replaced(out, at, col.joined("+86", col.text(digits[at])))
    at = np.flatnonzero((form == 4) & known)
    out = col.replaced(out, at, _widened(digits[at]))
    at = np.flatnonzero(form == PHONE_PLACEHOLDER)
    return col.replaced(out, at, col.words(_NO_PHONES, phone[at] % len(_NO_PHONES)))


def _emails(email: Ints, domains: list[str]) -> Column:
    known = email >= 0
    name = col.joined(
        col.words(["", "wx", "a", "mail", "cn"], np.where(known, email % 5, -1)), col.whole(email)
    )
    out = col.joined(name, "@", col.words(domains, np.where(known, email % len(domains), -1)))
    fillers = word_lists()["placeholder_emails"]
    at = np.flatnonzero(email < NO_EMAIL)
    return col.replaced(out, at, col.words(fillers, -email[at] % len(fillers)))


def _widened(codes: Bytes) -> Column:
    out = np.zeros((*codes.shape, 3), np.uint8)
    full = (codes != 0)[..., None] * np.array([0xEF, 0xBC, 0x90], np.uint8)
    out[:] = full
    out[..., 2] += np.where(codes != 0, codes - 48, 0).astype(np.uint8)
    return col.text(out.reshape(len(codes), codes.shape[1] * 3))

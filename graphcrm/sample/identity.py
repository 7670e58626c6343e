"""Numbers that identify: resident IDs, company codes, phones, bank accounts, other documents.

All functions work on whole columns; codes are ASCII byte matrices padded with zero bytes.
"""

from __future__ import annotations

import numpy as np

from graphcrm.sample.columns import Bytes, Ints, Rng, digits
from graphcrm.sample.streams import pick

ID_TYPES = [
    "resident_id",
    "passport",
    "military_id",
    "hk_macau_permit",
    "taiwan_permit",
    "foreign_resident_id",
    "other",
]
RESIDENT, PASSPORT, MILITARY, HK_MACAU, TAIWAN, FOREIGN, OTHER = range(7)
ID_WIDTH = 18

_RESIDENT_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_RESIDENT_CHECK = np.frombuffer(b"10X98765432", np.uint8)
_COMPANY_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHJKLMNPQRTUWXY", np.uint8)
_SEGMENTS = {
    "134": 3, "135": 4, "136": 4, "137": 4, "138": 6, "139": 6, "147": 1, "150": 4, "151": 4,
    "152": 3, "157": 2, "158": 4, "159": 4, "172": 1, "178": 2, "182": 3, "183": 3, "184": 2,
    "187": 3, "188": 3, "195": 1, "197": 1, "198": 2, "130": 2, "131": 2, "132": 2, "145": 1,
    "155": 2, "156": 2, "166": 1, "175": 1, "176": 2, "185": 2, "186": 3, "196": 1, "133": 2,
    "149": 1, "153": 2, "173": 1, "177": 2, "180": 2, "181": 2, "189": 3, "190": 1, "191": 1,
    "193": 1, "199": 1,
}  # fmt: skip
_BANK_PREFIXES = [622202, 621700, 622848, 621661, 622588, 622262, 622609, 621483, 622155, 623058]


def birth_parts(born: Ints) -> tuple[Ints, Ints, Ints]:
    """Return year, month and day of day numbers."""
    day = born.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    year = day.astype("datetime64[Y]").astype(np.int64) + 1970
    return year, month.astype(np.int64) % 12 + 1, (day - month).astype(np.int64) + 1


def resident_ids(region: Ints, born: Ints, serial: Ints) -> Bytes:
    """Return 18-character resident IDs (GB 11643-1999), shape (rows, 18).

    `region` is a six-digit code, `born` a day number, `serial` 1 to 999 (odd = male).
    """
    year, month, day = birth_parts(born)
    out = np.empty((len(born), ID_WIDTH), np.uint8)
    out[:, :6] = digits(region, 6)
    out[:, 6:14] = digits(year * 10000 + month * 100 + day, 8)
    out[:, 14:17] = digits(serial, 3)
    out[:, 17] = resident_check(out)
    return out


def resident_check(ids: Bytes) -> Bytes:
    """Return the check character of the first 17 digits (GB 11643: ISO 7064, MOD 11-2)."""
    total = (ids[:, :17].astype(np.int64) - 48) @ _RESIDENT_WEIGHTS
    check: Bytes = _RESIDENT_CHECK[total % 11]
    return check


def old_resident_ids(ids: Bytes) -> Bytes:
    """Return the 15-digit form: without the century and the check character."""
    out = np.zeros_like(ids)
    out[:, :6] = ids[:, :6]
    out[:, 6:15] = ids[:, 8:17]
    return out


def unlike_serials(rng: Rng, region: Ints, born: Ints, male: Ints) -> Ints:
    """Return serials of the right sex (odd = male), such that no two rows have one whole ID.

    Rows that meet are drawn again, until none does. The companies of a large book are made apart,
    so that at 10 million persons some 400 IDs are had by two persons of different companies. So it
    was in life: over a million shared theirs (重号) in 2007, as newspapers reported.
    """
    serial = _serials(rng, male)
    while True:
        key = (region * 2**20 + born + 2**18) * 1000 + serial
        order = np.argsort(key, kind="stable")
        again = order[1:][key[order][1:] == key[order][:-1]]
        if not len(again):
            return serial
        serial[again] = _serials(rng, male[again])


def other_ids(rng: Rng, kind: Ints) -> Bytes:
    """Return numbers of the other documents, in each kind's usual form."""
    rows = len(kind)
    out = np.zeros((rows, ID_WIDTH), np.uint8)
    number = digits(rng.integers(10**9, 10**10, rows), 10)
    forms = {
        PASSPORT: (b"E", 8),
        MILITARY: ("军".encode() + "字第".encode(), 8),
        HK_MACAU: (b"H", 8),
        TAIWAN: (b"", 8),
        FOREIGN: (b"", 0),
        OTHER: (b"Z", 9),
    }
    for code, (head, length) in forms.items():
        mine = kind == code
        out[mine, : len(head)] = np.frombuffer(head, np.uint8)
        out[mine, len(head) : len(head) + length] = number[mine, :length]
    foreign = np.flatnonzero(kind == FOREIGN)
    letters = rng.choice(
        np.frombuffer(b"USAGBRDEUFRAJPNKORCANAUS", np.uint8).reshape(-1, 3), len(foreign)
    )
    out[foreign, :3] = letters
    out[foreign, 3:15] = digits(rng.integers(10**11, 10**12, len(foreign)), 12)
    return out


def company_codes(rng: Rng, kind_of_body: Bytes, region: Ints) -> Bytes:
    """Return unified social credit codes (GB 32100-2015), shape (rows, 18).

    `kind_of_body` holds the first two characters (b"91" company, b"12" public body).
    """
    rows = len(region)
    out = np.empty((rows, 18), np.uint8)
    out[:, :2] = kind_of_body
    out[:, 2:8] = digits(region, 6)
    out[:, 8:16] = digits(rng.integers(10**7, 10**8, rows), 8)
    new = rng.random(rows) < 0.6
    out[new, 8:10] = np.frombuffer(b"MA", np.uint8)
    out[new, 10] = rng.choice(_COMPANY_ALPHABET[10:], int(new.sum()))
    values = np.zeros(128, np.int64)
    # GB 11714 counts the letters A to Z as 10 to 35, GB 32100 leaves five letters out.
    plain = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    values[list(plain)] = np.arange(36)
    total = values[out[:, 8:16]] @ np.array([3, 7, 9, 10, 5, 8, 4, 2])
    out[:, 16] = np.frombuffer(b"0X987654321", np.uint8)[total % 11]
    values[_COMPANY_ALPHABET] = np.arange(31)
    weights = np.array([pow(3, place, 31) for place in range(17)])
    out[:, 17] = _COMPANY_ALPHABET[(31 - (values[out[:, :17]] @ weights) % 31) % 31]
    return out


def mobiles(rng: Rng, rows: int) -> Ints:
    """Return 11-digit mobile numbers of segments in use."""
    segment = pick(rng, np.array(list(_SEGMENTS.values()), float), rows)
    heads = np.array([int(head) for head in _SEGMENTS])
    return heads[segment] * 10**8 + rng.integers(0, 10**8, rows)


def accounts(rng: Rng, rows: int) -> Ints:
    """Return 19-digit bank account numbers with their Luhn digit (ISO/IEC 7812)."""
    heads = np.array(_BANK_PREFIXES)[rng.integers(0, len(_BANK_PREFIXES), rows)]
    number = heads * 10**12 + rng.integers(0, 10**12, rows)
    doubled = (digits(number, 18).astype(np.int64) - 48)[:, ::-1]
    doubled[:, ::2] *= 2
    total = np.where(doubled > 9, doubled - 9, doubled).sum(axis=1)
    account: Ints = number * 10 + (10 - total % 10) % 10
    return account


def _serials(rng: Rng, male: Ints) -> Ints:
    return rng.integers(0, 499, len(male)) * 2 + np.where(male > 0, 1, 2)

"""Unified social credit codes of Chinese organisations, and the organisation codes inside."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.damage import excel_damage
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import ascii_matrix, compact, fold, is_masked, is_placeholder

# The letters I, O, S, V, Z do not occur: they are too like 1, 0, 5, U, 2.
_ALPHABET = b"0123456789ABCDEFGHJKLMNPQRTUWXY"
_SIGN = r"[0-9A-HJ-NP-RT-UW-Y]"
_SHAPE = rf"^{_SIGN}{{2}}[0-9]{{6}}{_SIGN}{{10}}$"
_WEIGHTS = np.array([pow(3, place, 31) for place in range(17)], np.float32)

# Organisation codes may use the whole alphabet: A is 10, Z is 35.
_OLD_ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OLD_SHAPE = r"^[0-9A-Z]{8}[0-9X]$"
_OLD_WEIGHTS = np.array([3, 7, 9, 10, 5, 8, 4, 2], np.float32)
_OLD_CHECK = np.frombuffer(b"0X987654321", np.uint8)

FIELDS = pa.struct(
    [
        ("number", pa.string()),
        ("reason", pa.string()),
        ("organisation_code", pa.string()),
        ("region_code", pa.string()),
    ]
)
"""Arrow type of what `standardise_usccs` returns."""


def standardise_usccs(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each unified social credit code in its one form, or why it has none.

    A struct array of the same length with the fields of `FIELDS`:

    - number: 18 characters, upper-case; null where unusable.
    - reason: `Reason` code, null for a valid number and for a blank one.
    - organisation_code: characters 9-17, the organisation code in use before 2015, which links old
      records. Null where its own check digit does not fit: the whole is not refused for that (its
      own check digit covers these characters too, and the registers hold such numbers), but nothing
      should be linked by it. A bare organisation code of 9 characters (12345678-9 with a hyphen) is
      no USCC: number is null, reason 'length', organisation_code is given.
    - region_code: characters 3-8, where the organisation was first registered.

    Full-width characters, lower case, spaces, hyphens are tolerated. The letters I, O, S, V, Z are
    refused, never guessed to be 1, 0, 5, U, 2. Whether characters 1-2 (registering authority, kind)
    and the region exist is not checked: both lists grow.

    Raises TypeError for other than text. Source: GB 32100-2015, GB 11714-1997.
    """
    folded = fold(values)
    codes = pc.ascii_upper(compact(folded))
    length = pc.utf8_length(codes)
    shaped = pc.fill_null(pc.match_substring_regex(codes, _SHAPE), False)
    signs = ascii_matrix(codes.filter(shaped), 18)
    wrong = _check_signs(signs) != signs[:, 17]

    filler = is_placeholder(codes)
    reason = first_of(
        (filler, Reason.PLACEHOLDER),
        (is_masked(folded, letters=True), Reason.MASKED),
        (pc.invert(pc.match_substring_regex(codes, r"^[0-9A-Z]+$")), Reason.CHARACTERS),
        (pc.not_equal(length, 18), Reason.LENGTH),
        (pc.and_(pc.is_valid(codes), pc.invert(shaped)), Reason.CHARACTERS),
        (
            pc.replace_with_mask(pa.nulls(len(codes), pa.bool_()), shaped, pa.array(wrong)),
            Reason.CHECK_DIGIT,
        ),
    )
    number = pc.if_else(pc.is_null(reason), codes, pa.scalar(None, pa.string()))
    reason = pc.if_else(
        pc.is_in(reason, pa.array([Reason.CHARACTERS, Reason.CHECK_DIGIT], pa.string())),
        pc.coalesce(excel_damage(codes), reason),
        reason,
    )
    inner = pc.coalesce(
        pc.utf8_slice_codeunits(number, 8, 17),
        pc.if_else(pc.and_not(pc.equal(length, 9), filler), codes, pa.scalar(None, pa.string())),
    )
    return pa.StructArray.from_arrays(
        [number, reason, _sound(inner), pc.utf8_slice_codeunits(number, 2, 8)], fields=list(FIELDS)
    )


def _sound(codes: pa.Array) -> pa.Array:
    """Return the organisation codes whose own check digit fits, null for the others."""
    shaped = pc.fill_null(pc.match_substring_regex(codes, _OLD_SHAPE), False)
    signs = ascii_matrix(codes.filter(shaped), 9)
    digits = _places(_OLD_ALPHABET)[signs[:, :8]]
    fits = _OLD_CHECK[(digits @ _OLD_WEIGHTS).astype(np.int32) % 11] == signs[:, 8]
    sound = pc.replace_with_mask(shaped, shaped, pa.array(fits))
    return pc.if_else(sound, codes, pa.scalar(None, pa.string()))


def _check_signs(signs: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    digits = _places(_ALPHABET)[signs[:, :17]]
    check = (31 - (digits @ _WEIGHTS).astype(np.int32) % 31) % 31
    return np.frombuffer(_ALPHABET, np.uint8)[check]


def _places(alphabet: bytes) -> npt.NDArray[np.float32]:
    """Return the number that each ASCII character stands for; floats, for the product's sake."""
    places = np.zeros(128, np.float32)
    places[np.frombuffer(alphabet, np.uint8)] = np.arange(len(alphabet))
    return places

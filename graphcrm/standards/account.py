"""Bank accounts and cards."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.damage import (
    DECIMAL,
    LONG_DECIMAL,
    ROUNDED,
    SCIENTIFIC,
    excel_damage,
    mend_decimals,
)
from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import ascii_matrix, compact, fold, is_masked, is_placeholder

FIELDS = pa.struct([("number", pa.string()), ("reason", pa.string())])
"""Arrow type of what `standardise_accounts` returns."""

_SHAPE = r"^[0-9A-Z]*[0-9][0-9A-Z]*$"
_IBAN = r"^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$"

# Length of the IBAN by country, from the SWIFT registry of ISO 13616.
_IBAN_LENGTHS = {
    15: "NO",
    16: "BE",
    18: "DK FI FK FO GL NL SD",
    19: "MK SI",
    20: "AT BA EE KZ LT LU MN XK",
    21: "CH HR LI LV",
    22: "BG BH CR DE GB GE IE ME RS VA",
    23: "AE GI IL IQ OM SO TL",
    24: "AD CZ ES MD PK RO SA SE SK TN VG",
    25: "LY PT ST",
    26: "IS TR",
    27: "BI DJ FR GR IT MC MR SM",
    28: "AL AZ BY CY DO GT HN HU LB NI PL SV",
    29: "BR EG PS QA UA",
    30: "JO KW MU YE",
    31: "MT SC",
    32: "LC",
    33: "RU",
}
_COUNTRIES = {
    country: length for length, names in _IBAN_LENGTHS.items() for country in names.split()
}

# From 18 digits on, fewer than one sound number in a thousand looks rounded by chance.
_SURELY_ROUNDED = 18


def standardise_accounts(values: pa.Array | pa.ChunkedArray) -> pa.StructArray:
    """Return each bank account or card number in its one form, or why it has none.

    A struct array of the same length with the fields `number` (6 to 34 digits and capital letters,
    at least one digit, without separators; null where unusable) and `reason` (`Reason` code, null
    for a valid number and for a blank one).

    A number that begins like an IBAN of a country that has them must have that country's length
    and pass mod 97. Others, the Chinese ones among them, have no check digit that all banks keep;
    hence one of 18 or more digits with only zeros after the 15th is refused as 'rounded'.

    Full-width characters, spaces, hyphens, dots and slashes are tolerated. Raises TypeError for
    other than text. Source: ISO 13616 (IBAN), ISO/IEC 7064 MOD 97-10.
    """
    folded = fold(values)
    numbers = mend_decimals(compact(folded))
    damage = excel_damage(numbers)
    rounded = pc.equal(damage, ROUNDED.value)
    decimal = pc.match_substring_regex(numbers, LONG_DECIMAL)
    scientific = pc.equal(damage, SCIENTIFIC.value)
    numbers = pc.ascii_upper(pc.replace_substring_regex(numbers, "[./]", ""))
    numbers = pc.replace_substring_regex(numbers, "^IBAN:?", "")
    length = pc.utf8_length(numbers)
    country = pc.utf8_slice_codeunits(numbers, 0, 2)
    proper = pc.index_in(country, pa.array(list(_COUNTRIES)))
    proper = pa.array(list(_COUNTRIES.values()), pa.int32()).take(proper)
    iban = pc.and_(pc.match_substring_regex(numbers, _IBAN), pc.is_valid(proper))
    reason = first_of(
        (pc.or_(is_placeholder(folded), is_placeholder(numbers)), Reason.PLACEHOLDER),
        (is_masked(folded, letters=True), Reason.MASKED),
        (pc.and_(rounded, pc.greater_equal(length, _SURELY_ROUNDED)), ROUNDED),
        (scientific, SCIENTIFIC),
        (decimal, DECIMAL),
        (pc.invert(pc.match_substring_regex(numbers, _SHAPE)), Reason.CHARACTERS),
        (pc.less(length, 6), Reason.TOO_SHORT),
        (pc.greater(length, 34), Reason.TOO_LONG),
        (pc.and_(iban, pc.not_equal(length, proper)), Reason.LENGTH),
        (pc.and_(iban, _fails_mod_97(numbers, iban)), Reason.CHECK_DIGIT),
    )
    nothing = pa.scalar(None, pa.string())
    return pa.StructArray.from_arrays(
        [pc.if_else(pc.is_null(reason), numbers, nothing), reason], fields=list(FIELDS)
    )


def _fails_mod_97(numbers: pa.Array, iban: pa.Array) -> pa.Array:
    """Tell (bool, null where `iban` does not hold) which IBANs have wrong check digits."""
    at = pc.fill_null(iban, False)
    codes = numbers.filter(at)
    # The country and the check digits go to the end; zeros in front change no remainder.
    turned = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(codes, 4), pc.utf8_slice_codeunits(codes, 0, 4), ""
    )
    signs = ascii_matrix(pc.utf8_lpad(turned, 34, "0"), 34).astype(np.int32)
    remainder: npt.NDArray[np.int32] = np.zeros(len(signs), np.int32)
    for column in signs.T:
        letter = column >= ord("A")
        worth = column - np.where(letter, ord("A") - 10, ord("0"))
        remainder = (remainder * np.where(letter, 100, 10) + worth) % 97
    wrong = pa.array(remainder != 1)
    return pc.replace_with_mask(pa.nulls(len(numbers), pa.bool_()), at, wrong)

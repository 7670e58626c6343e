"""Damage that a spreadsheet does to long numbers, and what of it can be mended."""

from __future__ import annotations

from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards.reasons import Reason, first_of
from graphcrm.standards.text import fold

SCIENTIFIC: Final = Reason.SCIENTIFIC
"""Written as a power of ten (4.30111E+17): the digits are lost."""

ROUNDED: Final = Reason.ROUNDED
"""16 or more digits with nothing but zeros after the 15th: the last digits are lost."""

DECIMAL: Final = Reason.DECIMAL
"""A number with decimals of zero (13800000000.0): nothing is lost up to 15 digits."""

# A sign after the E or a decimal point before it: plain "12E4567" is a document number.
_POWER = r"^[+-]?[0-9](?:[.,][0-9]+)?[Ee]\+[0-9]{1,3}$|^[+-]?[0-9][.,][0-9]+[Ee][0-9]{1,3}$"
_ZEROS_FROM_16TH = r"^[1-9][0-9]{14}0+(?:\.0+)?$"
_ZERO_DECIMALS = r"^[0-9]+\.0+$"

LONG_DECIMAL: Final = r"^[0-9]{16,}\.0+$"
"""Regular expression of decimals after more digits than a double holds: past mending."""

# A double holds every whole number of 15 digits.
_MENDABLE = r"^([0-9]{1,15})\.0+$"


def excel_damage(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return per value what a spreadsheet did to it, or null: a `string` array of `Reason` codes.

    'scientific' for 4.30111E+17; 'rounded' for a number of 16 or more digits with only zeros after
    the 15th, since spreadsheets keep 15 significant digits (of an 18-digit ID the last three, of a
    19-digit card the last four); 'decimal' for 13800000000.0.

    'rounded' is a suspicion: a sound number of 16, 17, 18, 19 digits looks so by chance in 1 of
    10, 100, 1,000, 10,000 cases. Combine it with the check digit: a number whose check digit fits
    was not rounded. The other two are certain for identifiers, but not for amounts and measures.

    Use it on columns of identifiers, to tell a reader to export them as text. Raises TypeError for
    other than text. Source: IEEE 754 double precision; ECMA-376 part 1, 18.3.1.96 (cell values).
    """
    folded = fold(values)
    return first_of(
        (pc.match_substring_regex(folded, _POWER), SCIENTIFIC),
        (pc.match_substring_regex(folded, _ZEROS_FROM_16TH), ROUNDED),
        (pc.match_substring_regex(folded, _ZERO_DECIMALS), DECIMAL),
    )


def mend_decimals(folded: pa.Array) -> pa.Array:
    """Return folded values with '.0' taken off whole numbers of at most 15 digits.

    13912345678.0 comes from a column that was read as floating point; nothing of it is lost, so
    that the value may be used. Longer numbers stay as they are, to be refused as 'decimal'.
    """
    return pc.replace_substring_regex(folded, _MENDABLE, r"\1")

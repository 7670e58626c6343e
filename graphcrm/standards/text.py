"""Low-level cleaning that every standard begins with: one form for one text."""

from __future__ import annotations

import re
import unicodedata

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.model.invisible import INVISIBLE

# NUL stands between values while a whole column is one string. It is not white space for `re`
# (unlike U+001C to U+001F), it composes with no combining mark, and it is removed from the values
# beforehand, so that no value can pass for two.
_SEPARATOR = "\x00"

# Rows that are joined at once: bounds the memory, costs nothing.
_PIECE_ROWS = 1 << 18

# What NFKC leaves alone, whatever the neighbours are: printable ASCII and the unified ideographs
# of the basic block, extension A and extensions B to H. Most values are made of nothing else.
_STABLE = r"[\x21-\x7e\x{3400}-\x{4dbf}\x{4e00}-\x{9fff}\x{20000}-\x{2a6df}\x{2a700}-\x{2ebe0}]"
_FOLDED = rf"^{_STABLE}+( {_STABLE}+)*$"

_SPACE = re.compile(r"\s+")
_AROUND_SEPARATOR = re.compile(f" ?{_SEPARATOR} ?")

# What is typed to get past a required field: the same digit or letter throughout, nothing but
# punctuation, or a word for "none". Four equal digits at least: a short code may well be "11".
_FILLER = (
    r"(?i)^(?:[\pP\pS\pZ]*|0+|"
    + "|".join(f"{sign}{{4,}}" for sign in "123456789abcdefghijklmnopqrstuvwxyz")
    + r"|无|没有|暂无|暂缺|空|空白|未知|不详|不明|不清楚|无号码?|未提供|未填写?|待补充?|待定|测试"
    r"|n/?a|n\.a\.|nil|none|null|nan|unknown|unbekannt|missing|not available|test|tbd|xx+)$"
)
_HIDDEN = r"\*{2,}|[●•※]{2,}"
_CROSSED_OUT = r"(?i)[0-9]x{3,}[0-9]"
_BETWEEN = r"[\s\-‐-―−_]+|^['`‘’]+"

_INVISIBLE = re.compile(f"[{INVISIBLE}]+")


def as_strings(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return the column as one flat `string` array of the same length.

    Takes `string`, `large_string`, `string_view`, dictionaries of these, and the `null` type (a
    column without any value).

    Raises TypeError for everything that is not an Arrow column of text, ValueError for a column of
    more than 2 GB of text (hand it over in batches).
    """
    if not isinstance(values, pa.Array | pa.ChunkedArray):
        raise TypeError(f"expected an Arrow array of strings, got {type(values).__name__}")
    kind = values.type.value_type if pa.types.is_dictionary(values.type) else values.type
    if not (
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or pa.types.is_null(kind)
    ):
        raise TypeError(
            f"expected an Arrow array of strings, got one of {values.type}; cast numbers and dates "
            "to text first"
        )
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    try:
        strings = values if values.type == pa.string() else values.cast(pa.string())
    except pa.ArrowInvalid as error:
        raise ValueError("the column holds more than 2 GB of text; pass it in batches") from error
    if isinstance(strings, pa.ChunkedArray):
        if strings.num_chunks > 1:
            raise ValueError("the column holds more than 2 GB of text; pass it in batches")
        strings = strings.chunk(0) if strings.num_chunks else pa.array([], pa.string())
    return strings


def fold(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Return each text in its one plain form, as a `string` array of the same length.

    Unicode NFKC (full-width to half-width, ligatures and compatibility forms to plain ones); white
    space of any kind, new lines too, becomes one space and is trimmed at both ends; zero-width,
    control and right-to-left marks, variation selectors and fillers go. Null for null and for what
    is then blank. Case and script (traditional, simplified) stay. Folding twice changes nothing.

    Use it first on anything typed by hand. Values that are plain already, mostly all of them, are
    recognised by one regular expression and not touched; the others are done as one long string.

    Raises TypeError and ValueError as `as_strings` does. Source: Unicode Standard Annex #15.
    """
    strings = as_strings(values)
    odd = pc.invert(pc.match_substring_regex(strings, _FOLDED))
    if not pc.any(odd, min_count=0).as_py():
        return strings
    plain = pa.chunked_array(_fold_pieces(strings.filter(odd)), pa.string()).combine_chunks()
    if isinstance(plain, pa.ChunkedArray):
        plain = plain.chunk(0)
    return pc.replace_with_mask(strings, odd, plain)


def _fold_pieces(odd: pa.Array) -> list[pa.Array]:
    odd = pc.replace_substring(odd, _SEPARATOR, "")
    pieces = []
    for start in range(0, len(odd), _PIECE_ROWS):
        text = _SEPARATOR.join(odd.slice(start, _PIECE_ROWS).to_pylist())
        # Marks go before NFKC: one that stands between a letter and its accent would keep the two
        # from being composed, and a second folding would give another result.
        text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text))
        text = _AROUND_SEPARATOR.sub(_SEPARATOR, _SPACE.sub(" ", text)).strip(" ")
        piece = pa.array(text.split(_SEPARATOR), pa.string())
        pieces.append(pc.if_else(pc.equal(piece, ""), pa.scalar(None, pa.string()), piece))
    return pieces


def compact(folded: pa.Array) -> pa.Array:
    """Return folded codes without white space, hyphens of any kind and the apostrophe in front.

    The apostrophe is what makes a spreadsheet keep a number as text. For codes (ID numbers,
    accounts), where separators mean nothing; not for names and addresses.
    """
    apart = pc.match_substring_regex(folded, _BETWEEN)
    if not pc.any(apart, min_count=0).as_py():
        return folded
    joined = pc.replace_substring_regex(folded.filter(apart), _BETWEEN, "")
    return pc.replace_with_mask(folded, apart, joined)


def is_placeholder(folded: pa.Array) -> pa.Array:
    """Tell (bool, null for null) which folded values were typed only to fill a required field.

    One digit or letter four times or more and nothing else, zeros, bare punctuation (nothing at
    all once it is compacted), 无, 不详, N/A, none. A plausible value that is popular as a filler is
    not for a list to find: it shows by how many records share it.
    """
    return pc.match_substring_regex(folded, _FILLER)


def is_masked(folded: pa.Array, *, letters: bool = True) -> pa.Array:
    """Tell (bool, null for null) which folded values had digits hidden: 138****5678.

    `letters` says whether letters may occur in such a value; where they may not, 138xxxx5678 counts
    as well.
    """
    return pc.match_substring_regex(folded, _HIDDEN if letters else f"{_HIDDEN}|{_CROSSED_OUT}")


def ascii_matrix(codes: pa.Array, width: int) -> npt.NDArray[np.uint8]:
    """Return texts of exactly `width` ASCII characters each, no null, as an n × width matrix.

    For arithmetic on the characters of whole columns. Raises ArrowInvalid for other widths.
    """
    fixed = codes.cast(pa.binary()).cast(pa.binary(width))
    signs = np.frombuffer(fixed.buffers()[1] or b"", np.uint8)
    return signs[fixed.offset * width : (fixed.offset + len(fixed)) * width].reshape(-1, width)

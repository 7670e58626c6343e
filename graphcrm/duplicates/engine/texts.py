"""One form for the texts of a column: as words between spaces, or as one plain text."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from graphcrm.standards import (
    standardise_addresses,
    standardise_organisation_names,
    standardise_person_names,
    standardise_resident_ids,
)
from graphcrm.standards.characters import HAN, plain_latin, simplify
from graphcrm.standards.column import blank_to_null, join, over_distinct, split
from graphcrm.standards.text import compact, is_masked, is_placeholder

_NOTHING = pa.scalar(None, pa.string())
_APOSTROPHE = re.compile("(?<=\\w)['’`](?=\\w)")
_SIGNS = re.compile(r"[^\w\n]+|_+")
# Van der Berg is one name: its particles would look like words in common.
_PARTICLE = re.compile(
    r"\b(van|von|der|den|de|del|della|di|da|dos|du|la|le|ter|ten|zu|bin|ibn|al|el|st|san) (?=\w)"
)
_STEP = re.compile(f"(?<=[{HAN}])(?=[0-9a-z])|(?<=[路街道巷弄镇乡村组庄苑园区])(?=[{HAN}])")
_BRANCH = "分公司|支公司|分行|支行|分店|分院|分校|营业部|办事处|branch"
_MAINLAND = r"^(?:00)?86(1[3-9][0-9]{9})$"
_YEAR_FIRST = r"^([0-9]{4}) ?[-/.年] ?([0-9]{1,2}) ?[-/.月] ?([0-9]{1,2})日?(?:[T ].*)?$"
_YEAR_LAST = r"^([0-9]{1,2}) ?[-/.] ?([0-9]{1,2}) ?[-/.] ?([0-9]{4})(?:[T ].*)?$"
# What systems write where they know no date.
_NO_DATES = ("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01",
             "1970-01-01", "9999-12-31")  # fmt: skip
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EIGHT_DIGITS = r"^([0-9]{4})([0-9]{2})([0-9]{2})$"


def person_words(values: pa.ChunkedArray) -> pa.Array:
    """Names of persons as words: 张 伟 (surname, given name), thomas clifford 1st baron."""
    return over_distinct(values, _person_words)


def _person_words(folded: pa.Array) -> pa.Array:
    taken = standardise_person_names(folded)
    chinese = pc.fill_null(pc.equal(taken.field("script"), "han"), False)
    apart = pc.binary_join_element_wise(taken.field("surname"), taken.field("given"), " ")
    han = pc.coalesce(apart, taken.field("standard"))
    # A note in brackets may hold what tells two apart, so Latin names keep all their words.
    usable = pc.or_(pc.is_valid(taken.field("standard")), is_short(taken.field("reason")))
    glued = _PARTICLE.sub(r"\1", join(words(folded)))
    latin = pc.if_else(usable, blank_to_null(split(glued, len(folded))), _NOTHING)
    return pc.if_else(chinese, han, latin)


def is_short(reason: pa.Array) -> pa.Array:
    """Whether a name was refused for its length alone."""
    return pc.fill_null(pc.equal(reason, "too_long"), False)


def words(folded: pa.Array) -> pa.Array:
    """Any folded text as lower-case words without accents and signs."""
    text = plain_latin(simplify(join(folded))).lower()
    return _lines(_SIGNS.sub(" ", _APOSTROPHE.sub("", text)), len(folded))


def address_words(values: pa.ChunkedArray) -> pa.Array:
    """Addresses as words: the regions, then street, number and door."""

    def work(folded: pa.Array) -> pa.Array:
        taken = standardise_addresses(folded)
        regions = [taken.field(part) for part in ("province", "city", "district")]
        rest = pc.replace_substring_regex(taken.field("rest"), "-+", "_")
        steps = _STEP.sub(" ", join(rest))
        parts = [*regions, blank_to_null(split(steps, len(folded)))]
        return pc.if_else(
            pc.is_valid(taken.field("standard")),
            joined(parts),
            pc.if_else(is_short(taken.field("reason")), words(folded), _NOTHING),
        )

    return over_distinct(values, work)


def organisation_words(values: pa.ChunkedArray) -> pa.Array:
    """Names of organisations as words, what tells them apart first.

    The legal form is left out, since many leave it out, and so is a department: it is its
    organisation. A branch is a customer of its own, so that its first word, the brand, is marked
    with it and shared by no other branch.
    """

    def work(folded: pa.Array) -> pa.Array:
        taken = standardise_organisation_names(folded)
        chinese = pc.match_substring_regex(taken.field("standard"), f"[{HAN}]")
        han = joined([taken.field(part) for part in ("brand", "trade", "region")])
        made = pc.if_else(pc.fill_null(chinese, False), han, words(taken.field("core")))
        unit = taken.field("unit")
        mark = pc.replace_substring_regex(unit, f"({_BRANCH}).*$|[ -]", r"\1")
        branch = pc.fill_null(pc.match_substring_regex(unit, _BRANCH), False)
        first = pc.replace_substring_regex(made, " .*$", "")
        rest = pc.replace_substring_regex(made, "^[^ ]*", "")
        marked = pc.binary_join_element_wise(first, "@", pc.fill_null(mark, ""), rest, "")
        return pc.if_else(branch, marked, made)

    return over_distinct(values, work)


def numbers(values: pa.ChunkedArray) -> pa.Array:
    """Numbers of documents and accounts in capital letters; a resident ID with 18 digits."""

    def work(folded: pa.Array) -> pa.Array:
        plain = pc.ascii_upper(compact(folded))
        plain = pc.replace_substring_regex(plain, r"[^\pL\pN]", "")
        resident = standardise_resident_ids(folded).field("number")
        return _usable(folded, pc.coalesce(resident, plain))

    return over_distinct(values, work)


def phones(values: pa.ChunkedArray) -> pa.Array:
    """Phones as digits: with a country's or an area's code by their last nine."""

    def work(folded: pa.Array) -> pa.Array:
        digits = pc.replace_substring_regex(folded, r"(?i) *(?:转|分机|ext|x|#).*$", "")
        digits = pc.replace_substring_regex(digits, r"\.0$|\(0\)|[^0-9]", "")
        digits = pc.replace_substring_regex(digits, _MAINLAND, r"\1")
        # Elsewhere the country's code and the zero before the area are written or not.
        long = pc.greater_equal(pc.utf8_length(digits), 10)
        coded = pc.match_substring_regex(folded, r"^[ (]*(?:\+|0)|\(0\)")
        mobile = pc.match_substring_regex(digits, "^1[3-9][0-9]{9}$")
        abroad = pc.fill_null(pc.and_(pc.and_(long, coded), pc.invert(mobile)), False)
        digits = pc.if_else(abroad, pc.utf8_slice_codeunits(digits, -9), digits)
        return _usable(folded, pc.if_else(pc.less(pc.utf8_length(digits), 5), _NOTHING, digits))

    return over_distinct(values, work)


def joined(parts: Sequence[pa.Array], between: str = " ") -> pa.Array:
    """Texts of several columns one after another, unknown ones passed over."""
    filled = [pc.fill_null(part, "") for part in parts]
    text = pc.binary_join_element_wise(*filled, between)
    text = pc.utf8_trim_whitespace(pc.replace_substring_regex(text, " {2,}", " "))
    return blank_to_null(text)


def emails(values: pa.ChunkedArray) -> pa.Array:
    """E-mail addresses in lower case."""
    return over_distinct(values, lambda folded: _usable(folded, pc.utf8_lower(compact(folded))))


def dates(values: pa.ChunkedArray) -> pa.Array:
    """Dates as YYYY-MM-DD, whether there is such a day or not; what is no date stays as it is.

    Where the year comes last, the column itself shows whether the day comes first: a month is
    never above 12.
    """

    def work(folded: pa.Array) -> pa.Array:
        found = pc.extract_regex(
            folded, r"^(?P<a>[0-9]{1,2}) ?[-/.] ?(?P<b>[0-9]{1,2}) ?[-/.] ?[0-9]{4}(?:[T ].*)?$"
        )
        first, second = (pc.struct_field(found, part).cast(pa.int32()) for part in ("a", "b"))
        month_first = (pc.sum(pc.greater(second, 12)).as_py() or 0) > (
            pc.sum(pc.greater(first, 12)).as_py() or 0
        )
        text = folded
        if pc.any(pc.match_substring_regex(text, "(?i)[a-z]{3}"), min_count=0).as_py():
            text = _month_numbers(text)
        text = pc.replace_substring_regex(text, _EIGHT_DIGITS, r"\1-\2-\3")
        text = pc.replace_substring_regex(text, _YEAR_FIRST, r"\1-0\2-0\3")
        order = r"\3-0\1-0\2" if month_first else r"\3-0\2-0\1"
        text = pc.replace_substring_regex(text, _YEAR_LAST, order)
        text = pc.replace_substring_regex(text, "-0([0-9]{2})", r"-\1")
        text = pc.if_else(pc.is_in(text, pa.array(_NO_DATES)), _NOTHING, text)
        return _usable(folded, text)

    return over_distinct(values, work)


def _month_numbers(folded: pa.Array) -> pa.Array:
    """12 May 1987 and May 12, 1987 as 1987-5-12."""
    text = folded
    for number, month in enumerate(_MONTHS, start=1):
        name = rf"(?i){month}[a-z]*\.?"
        day_first = rf"^([0-9]{{1,2}})(?:st|nd|rd|th)?[ .-]*{name}[ ,.-]*([0-9]{{4}})$"
        month_first = rf"^{name}[ .-]*([0-9]{{1,2}})(?:st|nd|rd|th)?[ ,.-]+([0-9]{{4}})$"
        for form in (day_first, month_first):
            text = pc.replace_substring_regex(text, form, rf"\2-{number}-\1")
    return text


def plain(values: pa.ChunkedArray) -> pa.Array:
    """Any other text in lower case, without signs."""
    return over_distinct(values, lambda folded: _usable(folded, words(folded)))


def _usable(folded: pa.Array, made: pa.Array) -> pa.Array:
    """Null where a value was masked or typed only to fill the field."""
    bad = pc.or_(is_masked(folded), is_placeholder(folded))
    return blank_to_null(pc.if_else(pc.fill_null(bad, True), _NOTHING, made))


def _lines(text: str, rows: int) -> pa.Array:
    trimmed = pc.utf8_trim_whitespace(pa.array(text.split("\n") if rows else [], pa.string()))
    return blank_to_null(trimmed)


Work = Callable[[pa.ChunkedArray], pa.Array]

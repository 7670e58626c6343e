"""Conformity: values that mean something valid, but are not written in the standard's form.

Loading brings such values into form for comparing, so nothing is lost by them inside the graph;
the system they come from will miss matches and print them as they are.
"""

from collections.abc import Iterable
from functools import cache

import duckdb

from graphcrm.quality.fields import Field
from graphcrm.quality.marks import FORM
from graphcrm.standards.characters import HAN, simplify

_RE2_HAN = HAN.replace("\U00020000", r"\x{20000}").replace("\U000323af", r"\x{323af}")
_WIDE = "[０-９Ａ-Ｚａ-ｚ＠．－＋　]"
_TITLE = (
    "(?:先生|女士|小姐|太太|夫人|老师|医生|大夫|教授|博士|律师|师傅|同志|总经理|经理|主任)$"
    r"|^(?i:mr|mrs|ms|miss|dr|prof)\.? "
)
_DOTS = "[·・•‧∙⋅．.]"

_PHONE = (
    r"^(1[3-9][0-9]{9}|0[1-9][0-9]{1,2}-?[0-9]{7,8}|[48]00[0-9]{7}|9[56][0-9]{3,4}"
    r"|\+[1-9][0-9]{6,14})$"
)
"""A mobile of 11 digits, a landline with its area code, a service number, or E.164."""

_USCC = "^[0-9A-HJ-NP-RT-UW-Y]{18}$"
_SINGLE_SPACED = r"^\s|\s$|\s\s"


def mark_forms(work: duckdb.DuckDBPyConnection, fields: Iterable[Field]) -> None:
    """Mark values that are not in form, with what is odd about them; the marked ones stay."""
    for field in fields:
        rule = _rule(field)
        if rule is not None and field.present:
            work.execute(
                f"INSERT INTO mark SELECT key, {field.number}, '{FORM}', form FROM ("
                f'SELECT key, {rule} AS form FROM "{field.node.table}" '
                f'WHERE deleted_on IS NULL AND "{field.name}" IS NOT NULL) q '
                "WHERE form IS NOT NULL AND NOT EXISTS ("
                f"SELECT 1 FROM mark m WHERE m.key = q.key AND m.field = {field.number})"
            )


def _rule(field: Field) -> str | None:
    """SQL for the code of what is odd about a value, NULL where it is in form."""
    column = f'"{field.name}"'
    if field.name == "name" and field.node.label == "Person":
        return _person_name(column)
    if field.name in ("name", "contact_name") and field.node.label != "Product":
        return _words(column)
    if field.name in ("plate", "vin"):
        return _code(column, f"^[{_RE2_HAN}A-Z0-9·]+$")
    if field.name == "id_number":
        return _id_number(column)
    link = field.prop.link
    return _BY_LINK[link.to[0]](column) if link and link.to[0] in _BY_LINK else None


def _person_name(name: str) -> str:
    """Over `name_key` as well, the standardised name: most names are equal to it."""
    plain = f"lower(regexp_replace({name}, '{_DOTS}', '', 'g'))"
    return (
        f"CASE WHEN {name} = name_key OR name_key IS NULL THEN NULL "
        + _whens(
            ("full_width", _has(name, _WIDE)),
            ("honorific", _has(name, _TITLE)),
            ("spaces", f"{_has(name, _SINGLE_SPACED)} OR {_has(name, _between_han(' '))}"),
            ("traditional", _has(name, f"[{_traditional_characters()}]")),
            ("notes", _has(name, r"[0-9(（\[【]")),
        )
        + f" WHEN {plain} = name_key OR NOT {_has(name, f'[{_RE2_HAN}]')} THEN NULL "
        "ELSE 'notes' END"
    )


def _id_number(number: str) -> str:
    resident = f"({number} IS NOT NULL AND coalesce(id_type, 'resident_id') = 'resident_id')"
    return (
        f"CASE WHEN {_has(number, '^[0-9]{17}[0-9X]$')} THEN NULL "
        f"WHEN {resident} AND {_has(number, '^[0-9]{15}$')} THEN 'fifteen_digits' "
        f"ELSE {_code(number, f'^[{_RE2_HAN}A-Z0-9]+$')} END"
    )


def _code(number: str, form: str) -> str:
    """Numbers and codes: capital letters and digits, with nothing between them."""
    return (
        f"CASE WHEN {_has(number, form)} THEN NULL "
        + _whens(("full_width", _has(number, _WIDE)), ("lower_case", _has(number, "[a-z]")))
        + " ELSE 'separators' END"
    )


def _phone(phone: str) -> str:
    return (
        f"CASE WHEN {_has(phone, _PHONE)} THEN NULL "
        + _whens(
            ("full_width", _has(phone, _WIDE)),
            ("country_code", _has(phone, r"^[(\s]*(?:\+|00)?86")),
            ("extension", _has(phone, r"(?i)转|分机|ext|#|[0-9]{7,8}-[0-9]{1,6}$")),
        )
        + " ELSE 'separators' END"
    )


def _email(email: str) -> str:
    return _cases(("full_width", _has(email, _WIDE)), ("capitals", f"{email} <> lower({email})"),
                  ("notes", _has(email, r"[\s<>,;]|^mailto:")))  # fmt: skip


def _words(words: str) -> str:
    """Running text; one pattern first, since most of it has nothing odd."""
    traditional = f"[{_traditional_characters()}]"
    return (
        f"CASE WHEN NOT {_has(words, f'{_WIDE}|{traditional}|{_SINGLE_SPACED}')} THEN NULL "
        + _whens(("full_width", _has(words, _WIDE)), ("traditional", _has(words, traditional)))
        + " ELSE 'spaces' END"
    )


def _account(account: str) -> str:
    return _code(account, "^[0-9A-Z]+$")


def _uscc(code: str) -> str:
    return _code(code, _USCC)


_BY_LINK = {
    "Phone": _phone,
    "Email": _email,
    "Address": _words,
    "Account": _account,
    "Document": _uscc,
}


def _has(column: str, pattern: str) -> str:
    return f"regexp_matches({column}, '{pattern}')"


def _between_han(sign: str) -> str:
    return f"[{_RE2_HAN}]{sign}+[{_RE2_HAN}]"


def _cases(*cases: tuple[str, str]) -> str:
    return f"CASE {_whens(*cases)} END"


def _whens(*cases: tuple[str, str]) -> str:
    return " ".join(f"WHEN {condition} THEN '{form}'" for form, condition in cases)


@cache
def _traditional_characters() -> str:
    """The traditional characters of the basic block, for a class of RE2.

    A character that is in use in simplified writing too, but stands for another one there, counts:
    the standards take 於 for 于 as well.
    """
    basic = "".join(chr(code) for code in range(0x4E00, 0xA000))
    pairs = zip(basic, simplify(basic), strict=True)
    return "".join(old for old, new in pairs if old != new)

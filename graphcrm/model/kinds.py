"""The kinds of values a property can have: how each is read, refused and stored.

Every kind says the same rule twice, once for one value (Python, used by pydantic) and once for a
whole column (SQL, used by bulk loads). `tests/model/test_kinds.py` holds the two together.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, get_args, get_origin

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError

_DATE = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?)?$"
)
_ZONED = r":[0-9.]+(Z|[+-][0-9:]+)$"
_AMOUNT = r"^[+-]?[0-9]{1,13}(\.[0-9]{1,6})?$"
_INTEGER = r"^[+-]?[0-9]{1,9}(\.0)?$"
_SCIENTIFIC = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"
_LONGEST = 4000

BLANKS = " \t\r\n"
"""What is trimmed from both ends of a value; other white space is part of it."""

SQL_BLANKS = "' ' || chr(9) || chr(13) || chr(10)"
"""The same as an SQL expression."""


@dataclass(frozen=True)
class Refusal:
    """Why a value is refused: a stable code and a sentence in both languages."""

    code: str
    en: str
    zh: str


REFUSALS = {
    r.code: r
    for r in (
        Refusal("missing", "a required value is missing", "缺少必填值"),
        Refusal("not_a_date", "not a date of the form YYYY-MM-DD", "不是 YYYY-MM-DD 形式的日期"),
        Refusal("not_a_timestamp", "not an ISO timestamp", "不是 ISO 时间"),
        Refusal("not_a_number", "not a number such as 1234.50", "不是 1234.50 这样的数字"),
        Refusal("not_an_integer", "not a whole number", "不是整数"),
        Refusal("unknown_code", "not one of the allowed codes", "不在允许的代码之中"),
        Refusal("too_long", f"longer than {_LONGEST} characters", f"超过 {_LONGEST} 个字符"),
        Refusal(
            "excel_scientific",
            "a spreadsheet turned the number into a power of ten and its digits are lost; "
            "format the column as text and export it again",
            "表格软件把号码变成了科学计数法，数字已丢失；请把该列设为文本后重新导出",
        ),
    )
}


def refuse(code: str) -> PydanticCustomError:
    """The pydantic error for a refusal code; its `type` is the code."""
    return PydanticCustomError(code, REFUSALS[code].en)


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    `pattern` and `cast` state the rule in SQL; `parse` states it for one trimmed, non-empty
    string. `duckdb` and `sqlite` are the column types.
    """

    name: str
    duckdb: str
    sqlite: str
    parse: Callable[[str], Any]
    sql_parse: str
    sql_reason: str

    def sql_value(self, column: str) -> str:
        """SQL for the parsed value of a trimmed VARCHAR column (NULL where it is refused)."""
        return self.sql_parse.format(c=column)

    def sql_refusal(self, column: str) -> str:
        """SQL for the refusal code of a trimmed VARCHAR column (NULL where it is fine)."""
        return self.sql_reason.format(c=column)


def _parse_text(value: str) -> str:
    if len(value) > _LONGEST:
        raise refuse("too_long")
    return value


def _parse_number_text(value: str) -> str:
    if re.fullmatch(_SCIENTIFIC, value):
        raise refuse("excel_scientific")
    return _parse_text(value)


def _parse_date(value: str) -> dt.date:
    try:
        if re.fullmatch(_DATE, value):
            return dt.date.fromisoformat(value)
    except ValueError:
        pass
    raise refuse("not_a_date")


def _parse_timestamp(value: str) -> dt.datetime:
    try:
        if re.fullmatch(_TIMESTAMP, value):
            parsed = dt.datetime.fromisoformat(value)
            if parsed.tzinfo is not None:
                parsed = parsed.astimezone(dt.UTC).replace(tzinfo=None)
            return parsed
    except (ValueError, OverflowError):
        pass
    raise refuse("not_a_timestamp")


def _parse_amount(value: str) -> float:
    if not re.fullmatch(_AMOUNT, value):
        raise refuse("not_a_number")
    return float(value)


def _parse_integer(value: str) -> int:
    if not re.fullmatch(_INTEGER, value):
        raise refuse("not_an_integer")
    return int(value.removesuffix(".0"))


_TOO_LONG = f"CASE WHEN length({{c}}) > {_LONGEST} THEN 'too_long' END"


def _matching(pattern: str) -> str:
    return f"regexp_matches({{c}}, '{pattern}')"


def _checked(parsed: str, code: str) -> str:
    return f"CASE WHEN {{c}} IS NOT NULL AND ({parsed}) IS NULL THEN '{code}' END"


def _escaped(pattern: str) -> str:
    """A pattern as part of a format string: its own braces doubled."""
    return pattern.replace("{", "{{").replace("}", "}}")


def _cast_where(pattern: str, target: str) -> str:
    return f"CASE WHEN {_matching(_escaped(pattern))} THEN TRY_CAST({{c}} AS {target}) END"


_SQL_DATE = _cast_where(_DATE, "DATE")
_SQL_TIMESTAMP = (
    f"CASE WHEN NOT {_matching(_escaped(_TIMESTAMP))} THEN NULL "
    f"WHEN {_matching(_ZONED)} THEN timezone('UTC', TRY_CAST({{c}} AS TIMESTAMPTZ)) "
    "ELSE TRY_CAST({c} AS TIMESTAMP) END"
)
_SQL_AMOUNT = _cast_where(_AMOUNT, "DOUBLE")
_SQL_INTEGER = _cast_where(_INTEGER, "INTEGER")

TEXT = Kind("text", "VARCHAR", "TEXT", _parse_text, "{c}", _TOO_LONG)
NUMBER_TEXT = Kind(
    "number as text",
    "VARCHAR",
    "TEXT",
    _parse_number_text,
    "{c}",
    f"CASE WHEN {_matching(_escaped(_SCIENTIFIC))} THEN 'excel_scientific' ELSE {_TOO_LONG} END",
)
DATE = Kind("date", "DATE", "TEXT", _parse_date, _SQL_DATE, _checked(_SQL_DATE, "not_a_date"))
TIMESTAMP = Kind(
    "timestamp",
    "TIMESTAMP",
    "TEXT",
    _parse_timestamp,
    _SQL_TIMESTAMP,
    _checked(_SQL_TIMESTAMP, "not_a_timestamp"),
)
AMOUNT = Kind(
    "amount", "DOUBLE", "REAL", _parse_amount, _SQL_AMOUNT, _checked(_SQL_AMOUNT, "not_a_number")
)
INTEGER = Kind(
    "integer",
    "INTEGER",
    "INTEGER",
    _parse_integer,
    _SQL_INTEGER,
    _checked(_SQL_INTEGER, "not_an_integer"),
)


def _quoted(codes: type[StrEnum]) -> str:
    return ", ".join(f"'{code.value}'" for code in codes)


def code_kind(codes: type[StrEnum]) -> Kind:
    """The kind of a property whose values are the members of `codes`."""

    def parse(value: str) -> StrEnum:
        try:
            return codes(value)
        except ValueError:
            raise refuse("unknown_code") from None

    allowed = _quoted(codes)
    return Kind(
        f"code {codes.__name__}",
        "VARCHAR",
        "TEXT",
        parse,
        "{c}",
        f"CASE WHEN {{c}} NOT IN ({allowed}) THEN 'unknown_code' END",
    )


def code_list_kind(codes: type[StrEnum] | None) -> Kind:
    """The kind of a `;`-separated list of codes (of any text where `codes` is None)."""

    def parse(value: str) -> str:
        members = [member.strip(BLANKS) for member in value.split(";")]
        if codes is not None and not set(members) <= {code.value for code in codes}:
            raise refuse("unknown_code")
        return _parse_text(";".join(members))

    members = f"list_transform(string_split({{c}}, ';'), lambda m: trim(m, {SQL_BLANKS}))"
    reason = _TOO_LONG
    if codes is not None:
        reason = (
            f"CASE WHEN NOT list_has_all([{_quoted(codes)}], {members}) THEN 'unknown_code' "
            f"ELSE {_TOO_LONG} END"
        )
    name = f"list of {codes.__name__ if codes else 'text'}"
    return Kind(name, "VARCHAR", "TEXT", parse, f"array_to_string({members}, ';')", reason)


def parsed_before(kind: Kind) -> BeforeValidator:
    """Makes pydantic read a string by the rule of the kind; other values pass as they are."""
    return BeforeValidator(lambda value: kind.parse(value) if isinstance(value, str) else value)


Text = Annotated[str, TEXT, parsed_before(TEXT)]
NumberText = Annotated[str, NUMBER_TEXT, parsed_before(NUMBER_TEXT)]
Date = Annotated[dt.date, DATE, parsed_before(DATE)]
Timestamp = Annotated[dt.datetime, TIMESTAMP, parsed_before(TIMESTAMP)]
Amount = Annotated[float, AMOUNT, parsed_before(AMOUNT)]
Integer = Annotated[int, INTEGER, parsed_before(INTEGER)]


def kind_of(annotation: Any) -> Kind:
    """The kind declared by an annotation such as `Date | None` or `Sex`.

    Raises TypeError where an annotation declares none.
    """
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return code_kind(annotation)
    for part in getattr(annotation, "__metadata__", ()):
        if isinstance(part, Kind):
            return part
    if get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if argument is not type(None):
                return kind_of(argument)
    raise TypeError(f"{annotation!r} declares no kind of value")

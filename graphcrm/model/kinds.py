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

from pydantic import AfterValidator, BeforeValidator

from graphcrm.model.cleaning import BLANKS, SQL_BLANKS, clean, sql_clean
from graphcrm.model.refusals import EARLIEST_BIRTH, LONGEST, refuse

_DATE = r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_TIMESTAMP = (
    r"^[12][0-9]{3}-[0-9]{2}-[0-9]{2}([T ]([01][0-9]|2[0-3]):[0-5][0-9]"
    r"(:[0-5][0-9](\.[0-9]{1,6})?(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?)?$"
)
_ZONED = r":[0-9.]+(Z|[+-][0-9:]+)$"
_AMOUNT = r"^[+-]?[0-9]{1,13}(\.[0-9]{1,6})?$"
_INTEGER = r"^[+-]?[0-9]{1,9}(\.0)?$"
_SCIENTIFIC = r"^[0-9](\.[0-9]+)?[eE]\+?[0-9]+$"


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    `sql_parse` and `sql_reason` state the rule in SQL; `parse` states it for one cleaned, non-empty
    string. `sql_limits` is what holds of a value that has the right type already. `duckdb` and
    `sqlite` are the column types. `allowed` are the codes, where it has any. `running` text is kept
    as it is written (see `cleaning`).
    """

    name: str
    duckdb: str
    sqlite: str
    parse: Callable[[str], Any]
    sql_parse: str
    sql_reason: str
    sql_limits: str = "NULL"
    allowed: tuple[str, ...] = ()
    running: bool = False

    def clean(self, value: str) -> str:
        """The value without blanks around it and without what can't be seen."""
        return clean(value, running=self.running)

    def sql_clean(self, sql: str) -> str:
        """SQL for the same of a text, NULL where nothing is left."""
        return sql_clean(sql, running=self.running)

    def sql_value(self, column: str) -> str:
        """SQL for the parsed value of a cleaned VARCHAR column (NULL where it is refused)."""
        return self.sql_parse.format(c=column)

    def sql_refusal(self, column: str) -> str:
        """SQL for the refusal code of a cleaned VARCHAR column (NULL where it is fine)."""
        return self.sql_reason.format(c=column)

    def sql_typed_refusal(self, column: str) -> str:
        """SQL for the refusal code of a column that has the type already."""
        return self.sql_limits.format(c=column)


def _parse_text(value: str) -> str:
    if len(value) > LONGEST:
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


def _born(day: dt.date) -> dt.date:
    # the day after today has begun where the sun rises earlier
    latest = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=1)
    if not dt.date.fromisoformat(EARLIEST_BIRTH) <= day <= latest:
        raise refuse("not_a_birth_date")
    return day


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


def _one_to_five(number: int) -> int:
    if not 1 <= number <= 5:
        raise refuse("not_1_to_5")
    return number


_TOO_LONG = f"CASE WHEN length({{c}}) > {LONGEST} THEN 'too_long' END"


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

_SQL_BORN = (
    f"CASE WHEN {{c}} NOT BETWEEN DATE '{EARLIEST_BIRTH}' "
    "AND timezone('UTC', now())::DATE + 1 THEN 'not_a_birth_date' END"
)
_SQL_ONE_TO_FIVE = "CASE WHEN {c} NOT BETWEEN 1 AND 5 THEN 'not_1_to_5' END"
_NO_YEAR = "CASE WHEN year({{c}}) NOT BETWEEN 1000 AND 2999 THEN '{code}' END"


def _within(reason: str, parsed: str, limits: str) -> str:
    """SQL for two rules, the second of them about the parsed value."""
    return f"coalesce({reason}, {limits.replace('{c}', f'({parsed})')})"


TEXT = Kind("text", "VARCHAR", "TEXT", _parse_text, "{c}", _TOO_LONG, running=True)
NUMBER_TEXT = Kind(
    "number as text",
    "VARCHAR",
    "TEXT",
    _parse_number_text,
    "{c}",
    f"CASE WHEN {_matching(_escaped(_SCIENTIFIC))} THEN 'excel_scientific' ELSE {_TOO_LONG} END",
)
DATE = Kind(
    "date",
    "DATE",
    "TEXT",
    _parse_date,
    _SQL_DATE,
    _checked(_SQL_DATE, "not_a_date"),
    _NO_YEAR.format(code="not_a_date"),
)
BIRTH_DATE = Kind(
    "date of birth",
    "DATE",
    "TEXT",
    lambda value: _born(_parse_date(value)),
    _SQL_DATE,
    _within(DATE.sql_reason, _SQL_DATE, _SQL_BORN),
    _SQL_BORN,
)
TIMESTAMP = Kind(
    "timestamp",
    "TIMESTAMP",
    "TEXT",
    _parse_timestamp,
    _SQL_TIMESTAMP,
    _checked(_SQL_TIMESTAMP, "not_a_timestamp"),
    _NO_YEAR.format(code="not_a_timestamp"),
)
AMOUNT = Kind(
    "amount",
    "DOUBLE",
    "REAL",
    _parse_amount,
    _SQL_AMOUNT,
    _checked(_SQL_AMOUNT, "not_a_number"),
    "CASE WHEN NOT isfinite({c}) OR abs({c}) >= 1e13 THEN 'not_a_number' END",
)
INTEGER = Kind(
    "integer",
    "INTEGER",
    "INTEGER",
    _parse_integer,
    _SQL_INTEGER,
    _checked(_SQL_INTEGER, "not_an_integer"),
)
ONE_TO_FIVE = Kind(
    "integer from 1 to 5",
    "INTEGER",
    "INTEGER",
    lambda value: _one_to_five(_parse_integer(value)),
    _SQL_INTEGER,
    _within(INTEGER.sql_reason, _SQL_INTEGER, _SQL_ONE_TO_FIVE),
    _SQL_ONE_TO_FIVE,
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
        allowed=tuple(code.value for code in codes),
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
    allowed = tuple(code.value for code in codes or ())
    value = f"array_to_string({members}, ';')"
    return Kind(name, "VARCHAR", "TEXT", parse, value, reason, allowed=allowed)


def parsed_before(kind: Kind) -> BeforeValidator:
    """Makes pydantic read a string by the rule of the kind; other values pass as they are."""
    return BeforeValidator(lambda value: kind.parse(value) if isinstance(value, str) else value)


Text = Annotated[str, TEXT, parsed_before(TEXT)]
NumberText = Annotated[str, NUMBER_TEXT, parsed_before(NUMBER_TEXT)]
Date = Annotated[dt.date, DATE, parsed_before(DATE)]
BirthDate = Annotated[dt.date, BIRTH_DATE, parsed_before(BIRTH_DATE), AfterValidator(_born)]
Timestamp = Annotated[dt.datetime, TIMESTAMP, parsed_before(TIMESTAMP)]
Amount = Annotated[float, AMOUNT, parsed_before(AMOUNT)]
Integer = Annotated[int, INTEGER, parsed_before(INTEGER)]
OneToFive = Annotated[int, ONE_TO_FIVE, parsed_before(ONE_TO_FIVE), AfterValidator(_one_to_five)]


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

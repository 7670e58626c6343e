"""Values written in other forms, as SQL: dates by pattern, serial days, Chinese dates, amounts."""

from graphcrm.model import Property

EXCEL_SERIAL, CHINESE, AMOUNT, TEN_THOUSANDS = "excel_serial", "chinese", "amount", "ten_thousands"
NAMED_FORMS = (EXCEL_SERIAL, CHINESE, AMOUNT, TEN_THOUSANDS)
"""What `format` of a mapping may name beside patterns of strptime."""

_SERIAL = r"^[0-9]{3,5}(\.[0-9]+)?$"
_NUMERALS = "〇○Ｏ零一二三四五六七八九０１２３４５６７８９"
_DIGITS = "00001234567890123456789"
_CHINESE_DATES = ["%Y年%m月%d日", "%Y年%m月%d号", "%Y年%m月%d", "%Y-%m-%d"]


def in_form(value: str, forms: list[str], prop: Property) -> str:
    """SQL for a text in the form its property wants; what fits none of the forms stays as it is.

    A number whose kind no form is for stays as it is, too.
    """
    if prop.kind.duckdb in ("DOUBLE", "INTEGER"):
        tried = [_amount(value, form) for form in forms if form in (AMOUNT, TEN_THOUSANDS)]
    else:
        written = "%Y-%m-%d" if prop.kind.duckdb == "DATE" else "%Y-%m-%d %H:%M:%S"
        tried = [f"strftime({moment}, '{written}')" for moment in _moments(value, forms)]
    return f"coalesce({', '.join([*tried, value])})" if tried else value


def _moments(value: str, forms: list[str]) -> list[str]:
    patterns = [form for form in forms if form not in NAMED_FORMS]
    found = []
    if patterns:
        found.append(f"try_strptime({value}, [{', '.join(map(_text, patterns))}])")
    if EXCEL_SERIAL in forms:
        found.append(_serial(value))
    if CHINESE in forms:
        found.append(_chinese(value))
    return found


def _serial(value: str) -> str:
    """Days since 30 December 1899, as spreadsheets count them; the fraction is the time of day."""
    seconds = f"round(TRY_CAST({value} AS DOUBLE) * 86400)::BIGINT"
    return (
        f"CASE WHEN regexp_matches({value}, '{_SERIAL}') "
        f"THEN TIMESTAMP '1899-12-30' + to_seconds({seconds}) END"
    )


def _chinese(value: str) -> str:
    """二〇二〇年一月五日, also with 十, 廿 and 卅, and with wide digits."""
    units, tens = "[一二三四五六七八九]", "[一二三]"
    steps = [
        ("廿", "二十"),
        ("卅", "三十"),
        (r"\s", ""),
        (f"({tens})十({units})", r"\1\2"),
        (f"({tens})十", r"\1零"),
        (f"十({units})", r"一\1"),
        ("十", "一零"),
    ]
    for pattern, becomes in steps:
        value = f"regexp_replace({value}, '{pattern}', '{becomes}', 'g')"
    plain = f"translate({value}, '{_NUMERALS}', '{_DIGITS}')"
    return f"try_strptime({plain}, [{', '.join(map(_text, _CHINESE_DATES))}])"


def _amount(value: str, form: str) -> str:
    """A number without its separators, signs of currency and units; (5) is -5, 3万 is 30000."""
    narrow = f"translate({value}, '，．－　', ',.- ')"
    plain = f"regexp_replace({narrow}, '[,\\s¥￥$€元整]|CNY|RMB', '', 'g')"
    signed = f"regexp_replace({plain}, '^\\((.*)\\)$', '-\\1')"
    number = f"TRY_CAST(regexp_replace({signed}, '万$', '') AS DECIMAL(28, 6))"
    times = "10000" if form == TEN_THOUSANDS else f"if(ends_with({signed}, '万'), 10000, 1)"
    whole = f"({number} * {times})::DECIMAL(28, 6)::VARCHAR"
    return f"rtrim(rtrim({whole}, '0'), '.')"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

"""In which forms the dates of a column are written."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from graphcrm_loaders.forms import CHINESE, EXCEL_SERIAL

_ISO = "iso"
_TIMES = r"[ T]+(\d{1,2}):(\d{2})(:\d{2})?(\.\d+)?(Z|[+-]\d{2}:?\d{2})?"
_PATTERNS = [
    (re.compile(rf"(\d{{4}})-(\d{{2}})-(\d{{2}})({_TIMES})?$"), _ISO),
    (re.compile(rf"(\d{{4}})-(\d{{1,2}})-(\d{{1,2}})({_TIMES})?$"), "%Y-%m-%d"),
    (re.compile(rf"(\d{{4}})/(\d{{1,2}})/(\d{{1,2}})({_TIMES})?$"), "%Y/%m/%d"),
    (re.compile(rf"(\d{{4}})\.(\d{{1,2}})\.(\d{{1,2}})({_TIMES})?$"), "%Y.%m.%d"),
    (re.compile(rf"(\d{{4}})年(\d{{1,2}})月(\d{{1,2}})日({_TIMES})?$"), "%Y年%m月%d日"),
    (re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})$"), "%Y%m%d"),
    (re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2}) ?([0-2]\d)([0-5]\d)([0-5]\d)$"), "%Y%m%d%H%M%S"),
]
_DAY_FIRST = re.compile(rf"(\d{{1,2}})([./-])(\d{{1,2}})\2(\d{{4}})({_TIMES})?$")
_MONTH_NAME = re.compile(r"(\d{1,2})([ -])([A-Z][a-z]{2})\2(\d{4})$", re.IGNORECASE)
_CHINESE = re.compile(
    "^[〇○Ｏ零一二三四五六七八九０-９]{4}年[元一二三四五六七八九十]{1,2}月"
    "[一二三四五六七八九十廿卅]{1,4}[日号]?$"
)
_SERIAL = re.compile(r"^[1-6]\d{4}(\.\d+)?$")
_LONGEST = 30
NO_DATE = frozenset(
    {"9999-12-31", "99991231", "9999/12/31", "0000-00-00", "00000000", "1900-01-00", "长期",
     "永久", "终身", "至今", "无", "-", "--", "/", "0", "NULL", "null", "N/A", "不详", "未知", "空",
     "9999/12/31 0:00", "9999-12-31 00:00:00", "2999-12-31", "1900-01-01", "终生", "待定"}
)  # fmt: skip
"""What stands where there is no date."""


@dataclass(frozen=True)
class Dates:
    """What of a column's values are dates.

    `share` of the values that say anything, `timed` those of them with a time of day; `forms` what
    `format` of a mapping needs to read them, none where all are ISO; `serial` the share of numbers
    that may be a spreadsheet's days; `doubtful` where day and month can't be told apart. `days` are
    the dates, `blank` values that stand for none.
    """

    share: float
    timed: float
    forms: tuple[str, ...]
    serial: float
    doubtful: bool
    days: tuple[datetime, ...]
    blank: tuple[str, ...]
    example: str


def read_dates(values: Iterable[str]) -> Dates:
    """Judge values of a column, blank ones left out."""
    given = list(values)
    blank = tuple(sorted({value for value in given if value in NO_DATE}))
    given = [value for value in given if value not in NO_DATE]
    forms: Counter[str] = Counter()
    days: list[datetime] = []
    timed = serial = 0
    examples: dict[str, str] = {}
    day_first = _order(given)
    for value in given:
        if len(value) > _LONGEST:
            continue
        form, day, has_time = _read(value, day_first)
        if form == EXCEL_SERIAL:
            serial += 1
        if form and day:
            forms[form] += 1
            days.append(day)
            timed += has_time
            examples.setdefault(form, value)
    count = max(len(given), 1)
    proper = sum(n for form, n in forms.items() if form != EXCEL_SERIAL)
    share = proper / count if proper > serial else 0.0
    if proper > 0.02 * count:
        share = (proper + serial) / count
    needed = [form for form, _ in sorted(forms.items(), key=lambda item: (-item[1], item[0]))]
    return Dates(
        share,
        timed / count,
        tuple(form for form in needed if form != _ISO),
        serial / count,
        day_first is None and any("%d/%m" in form for form in forms),
        tuple(days),
        blank,
        examples.get(needed[0], "") if needed else "",
    )


def _order(values: list[str]) -> bool | None:
    """Whether 05/06/2020 is day before month; None where the values leave it open."""
    firsts = [m for m in (_DAY_FIRST.match(value) for value in values) if m]
    day_first = any(int(m[1]) > 12 for m in firsts)
    month_first = any(int(m[3]) > 12 for m in firsts)
    if day_first != month_first:
        return day_first
    return True if any(m[2] == "." for m in firsts) else None


def _read(value: str, day_first: bool | None) -> tuple[str, datetime | None, bool]:
    for pattern, form in _PATTERNS:
        found = pattern.match(value)
        if found:
            time = found[4] if found.lastindex and found.lastindex >= 4 else None
            if form == "%Y%m%d%H%M%S":
                return (
                    form.replace("%d%H", "%d %H") if " " in value else form,
                    _day(found[1], found[2], found[3]),
                    True,
                )
            dashed = "%Y-%m-%d" if form == _ISO and time else form
            full = dashed + _time_form(value, time)
            return full, _day(found[1], found[2], found[3]), _says_time(time)
    found = _DAY_FIRST.match(value)
    if found:
        first = day_first is not False
        order = "%d{0}%m{0}%Y" if first else "%m{0}%d{0}%Y"
        day, month = (found[1], found[3]) if first else (found[3], found[1])
        form = order.format(found[2]) + _time_form(value, found[5])
        return form, _day(found[4], month, day), _says_time(found[5])
    found = _MONTH_NAME.match(value)
    if found:
        form = f"%d{found[2]}%b{found[2]}%Y"
        try:
            return form, datetime.strptime(value.title(), form), False
        except ValueError:
            return "", None, False
    if _CHINESE.match(value):
        return CHINESE, datetime(2000, 1, 1), False
    if _SERIAL.match(value):
        number = float(value)
        return EXCEL_SERIAL, datetime(1899, 12, 30) + timedelta(days=number), number % 1 > 0
    return "", None, False


def _time_form(value: str, time: str | None) -> str:
    if not time:
        return ""
    seconds = ":%S" if time.count(":") >= 2 else ""
    return f"{'T' if 'T' in value else ' '}%H:%M{seconds}{'.%f' if '.' in time else ''}"


def _says_time(time: str | None) -> bool:
    return bool(time) and any(digit in "123456789" for digit in str(time))


def _day(year: str, month: str, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day))
    except ValueError:
        return None

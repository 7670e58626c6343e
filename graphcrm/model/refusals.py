"""Why a value is refused, in both languages."""

from dataclasses import dataclass

from pydantic_core import PydanticCustomError

LONGEST = 4000
"""So many characters a value may have."""

EARLIEST_BIRTH = "1850-01-01"


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
        Refusal(
            "not_a_birth_date",
            f"a date of birth lies between {EARLIEST_BIRTH} and today",
            f"出生日期应在 {EARLIEST_BIRTH} 至今天之间",
        ),
        Refusal("not_a_timestamp", "not an ISO timestamp", "不是 ISO 时间"),
        Refusal("not_a_number", "not a number such as 1234.50", "不是 1234.50 这样的数字"),
        Refusal("not_an_integer", "not a whole number", "不是整数"),
        Refusal("not_1_to_5", "not one of 1, 2, 3, 4, 5", "不是 1 至 5 之间的整数"),
        Refusal("unknown_code", "not one of the allowed codes", "不在允许的代码之中"),
        Refusal("too_long", f"longer than {LONGEST} characters", f"超过 {LONGEST} 个字符"),
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

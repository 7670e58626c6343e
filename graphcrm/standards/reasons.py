"""The one catalogue of reasons why a value has no standard form, in both languages."""

from __future__ import annotations

from enum import StrEnum

import pyarrow as pa
import pyarrow.compute as pc


class Reason(StrEnum):
    """Why a value could not be standardised.

    The `reason` columns of `graphcrm.standards` hold these codes as text; `Reason(code).en` and
    `.zh` give the sentence for a person. A blank value has no reason: it is null in, null out.
    A code is part of what quarantine files and saved reports hold, so it is never renamed.
    """

    en: str
    zh: str

    def __new__(cls, code: str, en: str = "", zh: str = "") -> Reason:
        """Make a member that is its code and carries both explanations.

        They have defaults only so that type checkers accept the look-up `Reason(code)`.
        """
        member = str.__new__(cls, code)
        member._value_ = code
        member.en = en
        member.zh = zh
        return member

    # What any kind of value may have.
    PLACEHOLDER = "placeholder", "a filler was typed instead of a value", "占位内容，并非真实数据"
    MASKED = "masked", "part of it is hidden by asterisks", "部分内容被星号遮盖"
    CHARACTERS = "characters", "has characters that cannot occur here", "含有不允许的字符"
    LENGTH = "length", "has the wrong number of characters", "位数不对"
    TOO_SHORT = "too_short", "is too short", "位数过短"
    TOO_LONG = "too_long", "is too long", "内容过长"
    EMPTY_AFTER_CLEANING = (
        "empty_after_cleaning",
        "nothing is left once titles, marks and notes are taken away",
        "去除称谓、符号和备注后无内容",
    )
    CHECK_DIGIT = (
        "check_digit",
        "the check digit does not fit: a mistyped value",
        "校验码不符，疑为录入错误",
    )
    SEVERAL = "several", "several values in one cell", "一个单元格内有多个值"

    # Resident ID numbers.
    BIRTH_DATE = (
        "birth_date",
        "the birth date inside does not exist, lies before 1900 or in the future",
        "其中的出生日期不存在、早于1900年或晚于今天",
    )

    # Phones.
    NOT_A_NUMBER = "not_a_number", "no such phone number can be dialled", "不是可拨打的电话号码"
    NO_AREA_CODE = "no_area_code", "a landline without its area code", "固定电话缺少区号"

    # E-mail addresses.
    NO_AT = "no_at", "has no @ between mailbox and domain", "缺少@符号"
    DOMAIN = "domain", "the domain after the @ cannot exist", "@后的域名无效"
    MAILBOX = "mailbox", "the part before the @ cannot exist", "@前的用户名无效"

    # Damage done by spreadsheets.
    SCIENTIFIC = (
        "scientific",
        "a spreadsheet wrote it as a power of ten; digits are lost",
        "被电子表格写成科学计数法，末尾数字已丢失",
    )
    ROUNDED = (
        "rounded",
        "a spreadsheet kept 15 digits and put zeros for the rest",
        "电子表格只保留15位有效数字，末尾被改成0",
    )
    DECIMAL = "decimal", "a spreadsheet added decimals", "被电子表格加上了小数部分"


def first_of(*cases: tuple[pa.Array, Reason]) -> pa.Array:
    """Return per row the code of the first case that holds, null where none does.

    Each case is a boolean array (null counts as false) and the reason it stands for, in order of
    precedence; the result is a `string` array of the same length.
    """
    masks = [pc.fill_null(mask, False) for mask, _ in cases]
    codes = [pa.scalar(reason.value, pa.string()) for _, reason in cases]
    held = pc.make_struct(*masks, field_names=[str(i) for i in range(len(masks))])
    return pc.case_when(held, *codes)

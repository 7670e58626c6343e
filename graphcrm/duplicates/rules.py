"""The rules by which records are taken for the same customer."""

from collections.abc import Iterable

from pydantic import BaseModel, ConfigDict

from graphcrm.errors import UsageError


class Rule(BaseModel):
    """A rule: the question that answers it, the label it looks at, and what it says to people."""

    model_config = ConfigDict(frozen=True)

    name: str
    question: str
    label: str
    en: str
    zh: str
    meaning_en: str
    meaning_zh: str


_ALL = (
    Rule(
        name="five_fields",
        question="duplicates_five_fields",
        label="Person",
        en="Five equal fields",
        zh="五要素一致",
        meaning_en="Name, sex, birth date, ID type and ID number are equal to the letter: the "
        "check that insurers usually make.",
        meaning_zh="姓名、性别、出生日期、证件类型、证件号码逐字一致,即保险公司通常的查重口径。",
    ),
    Rule(
        name="same_document",
        question="duplicates_same_document",
        label="Person",
        en="One identity document",
        zh="同一证件",
        meaning_en="The same valid identity document, however its number was written (15 or 18 "
        "digits, full-width digits, spaces).",
        meaning_zh="有效证件号码相同,不论书写形式(15 位或 18 位、全角数字、空格)。",
    ),
    Rule(
        name="same_person",
        question="duplicates_same_person",
        label="Person",
        en="Name, birth date and a contact detail",
        zh="姓名、生日及联系方式一致",
        meaning_en="The same standardised name and birth date, and a phone, address, account or "
        "e-mail in common.",
        meaning_zh="标准化姓名和出生日期相同,且电话、地址、银行账户或电子邮箱至少一项相同。",
    ),
    Rule(
        name="same_institution",
        question="duplicates_same_institution",
        label="Institution",
        en="One institution",
        zh="同一机构",
        meaning_en="The same unified social credit code, or the same core name (brand and trade, "
        "without legal form and department) in the same prefecture.",
        meaning_zh="统一社会信用代码相同,或同一地级市内核心名称(字号加行业,不含组织形式和部门)相同。",
    ),
)

RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}
"""Every rule by its name, the usual check first."""


def chosen(names: Iterable[str] | None) -> list[Rule]:
    """The rules of these names in the order of RULES; all for None. Raises UsageError."""
    if names is None:
        return list(RULES.values())
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in RULES:
            raise UsageError(f"there is no rule {name!r}; there are: {', '.join(RULES)}")
    return [rule for rule in RULES.values() if rule.name in wanted]

"""Persons, institutions, departments and agents."""

from typing import ClassVar

from graphcrm.model.codes import (
    AgentKind,
    AgentStatus,
    ContactPreference,
    IdType,
    InstitutionKind,
    Sex,
    YesNo,
)
from graphcrm.model.declare import PERSONAL, SENSITIVE, NodeRow, prop, refers, shares
from graphcrm.model.kinds import BirthDate, Date, Integer, NumberText, OneToFive, Text
from graphcrm.model.lists import Lines, Texts


class EnteredRow(NodeRow):
    """A record that tells who keyed it."""

    created_on: Date | None = prop("The day the record was entered.", "录入日期")
    entered_by: NumberText | None = refers(
        "The agent or clerk who entered the record.", "录入人", "ENTERED_BY", "Agent"
    )
    entered_branch_id: NumberText | None = refers(
        "The branch where the record was entered.", "录入机构", "ENTERED_AT", "Department"
    )


class Person(EnteredRow):
    """A natural person as one system recorded them; one human may have several records."""

    table: ClassVar[str] = "persons"
    label: ClassVar[str] = "Person"
    number: ClassVar[int] = 1
    zh: ClassVar[str] = "个人"

    id: NumberText = prop("The person's id in the source.", "客户号", required=True)
    name: Text = prop("Name as recorded.", "姓名", PERSONAL, required=True)
    sex: Sex | None = prop("Sex as on the identity document.", "性别", PERSONAL)
    birth_date: BirthDate | None = prop("Date of birth.", "出生日期", PERSONAL)
    died_on: Date | None = prop("Date of death.", "身故日期", SENSITIVE)
    id_type: IdType | None = prop("Type of identity document.", "证件类型", PERSONAL)
    id_number: NumberText | None = shares(
        "Number of the identity document.", "证件号码", "HAS_DOCUMENT", "Document", SENSITIVE,
        type_field="id_type",
    )  # fmt: skip
    phone: NumberText | None = shares("First phone.", "手机", "HAS_PHONE", "Phone")
    phone_2: NumberText | None = shares("Second phone.", "电话", "HAS_PHONE", "Phone")
    email: Text | None = shares("E-mail address.", "电子邮箱", "HAS_EMAIL", "Email")
    address: Text | None = shares("Postal address.", "地址", "HAS_ADDRESS", "Address")
    region_code: NumberText | None = prop("GB/T 2260 code of the residence.", "地区代码")
    institution_id: NumberText | None = refers(
        "The institution where the person works.", "工作单位", "WORKS_AT", "Institution"
    )
    department_id: NumberText | None = refers(
        "The department where the person works.", "工作部门", "WORKS_IN", "Department"
    )
    occupation: Text | None = prop("Occupation.", "职业", PERSONAL)
    income_band: Text | None = prop("Band of yearly income.", "收入档次", SENSITIVE)
    account: NumberText | None = shares(
        "Bank account.", "银行账号", "HAS_ACCOUNT", "Account", SENSITIVE
    )
    language: Text | None = prop("Preferred language.", "语言", PERSONAL)
    contact_preference: ContactPreference | None = prop(
        "How the person wants to be reached.", "联系偏好", PERSONAL
    )
    marketing_consent: YesNo | None = prop("Consent to marketing.", "营销授权", PERSONAL)
    vulnerability: Text | None = prop("Need of special care.", "特殊关怀", SENSITIVE)
    name_key: Text | None = prop(
        "Standardised name, for comparing.", "标准姓名", PERSONAL, derived=True
    )
    flaws: Text | None = prop(
        "Doubtful values, as `property:reason`, joined by `;`.", "可疑值", PERSONAL, derived=True
    )


class Institution(EnteredRow):
    """A company, hospital, school, government body or other legal person."""

    table: ClassVar[str] = "institutions"
    label: ClassVar[str] = "Institution"
    number: ClassVar[int] = 2
    zh: ClassVar[str] = "机构"

    id: NumberText = prop("The institution's id in the source.", "机构号", required=True)
    name: Text = prop("Name as recorded.", "机构名称", required=True)
    kind: InstitutionKind | None = prop("What the institution is.", "机构类型")
    own: YesNo | None = prop("Whether it is one of our own companies.", "是否本公司")
    uscc: NumberText | None = shares(
        "Unified social credit code (GB 32100-2015).", "统一社会信用代码",
        "HAS_DOCUMENT", "Document",
    )  # fmt: skip
    industry: Text | None = prop("Industry.", "行业")
    phone: NumberText | None = shares("Switchboard phone.", "电话", "HAS_PHONE", "Phone")
    contact_name: Text | None = prop("Name of the contact person.", "联系人", PERSONAL)
    contact_phone: NumberText | None = shares(
        "Phone of the contact person.", "联系人电话", "HAS_PHONE", "Phone"
    )
    account: NumberText | None = shares(
        "Bank account.", "银行账号", "HAS_ACCOUNT", "Account", SENSITIVE
    )
    address: Text | None = shares("Postal address.", "地址", "HAS_ADDRESS", "Address")
    region_code: NumberText | None = prop("GB/T 2260 code of the seat.", "地区代码")
    parent_id: NumberText | None = refers(
        "The parent institution.", "上级机构", "PART_OF", "Institution"
    )
    name_key: Text | None = prop("Standardised name, for comparing.", "标准名称", derived=True)
    core_name: Text | None = prop("Brand and trade of the name.", "核心名称", derived=True)
    core_region: Text | None = prop(
        "Region of the name, else of the address or region code.", "名称地区", derived=True
    )
    flaws: Text | None = prop(
        "Doubtful values, as `property:reason`, joined by `;`.", "可疑值", derived=True
    )


class Department(NodeRow):
    """A department of an institution; our own branches are departments too."""

    table: ClassVar[str] = "departments"
    label: ClassVar[str] = "Department"
    number: ClassVar[int] = 3
    zh: ClassVar[str] = "部门"

    id: NumberText = prop("The department's id in the source.", "部门号", required=True)
    institution_id: NumberText = refers(
        "The institution it belongs to.", "所属机构", "PART_OF", "Institution", required=True
    )
    name: Text = prop("Name as recorded.", "部门名称", required=True)
    phone: NumberText | None = shares("Phone.", "电话", "HAS_PHONE", "Phone")
    address: Text | None = shares("Postal address.", "地址", "HAS_ADDRESS", "Address")
    region_code: NumberText | None = prop("GB/T 2260 code of the seat.", "地区代码")
    parent_id: NumberText | None = refers(
        "The department above it.", "上级部门", "PART_OF", "Department"
    )
    flaws: Text | None = prop(
        "Doubtful values, as `property:reason`, joined by `;`.", "可疑值", derived=True
    )


class Agent(NodeRow):
    """Somebody who sells, serves, assesses or administers for the insurer."""

    table: ClassVar[str] = "agents"
    label: ClassVar[str] = "Agent"
    number: ClassVar[int] = 4
    zh: ClassVar[str] = "代理人"

    id: NumberText = prop("The agent's id in the source.", "代理人工号", required=True)
    name: Text = prop("Name as recorded.", "代理人姓名", PERSONAL, required=True)
    kind: AgentKind | None = prop("What the agent does; empty = seller.", "代理人类型")
    branch_id: NumberText = refers(
        "The branch the agent belongs to.", "所属分支", "BELONGS_TO", "Department", required=True
    )
    region_code: NumberText | None = prop("GB/T 2260 code of the district served.", "地区代码")
    status: AgentStatus = prop("Whether the agent works for us.", "在职状态", required=True)
    status_since: Date | None = prop("The day the status began.", "状态起始日")
    hired_on: Date | None = prop("The day the agent joined.", "入职日期")
    departed_on: Date | None = prop("The day the agent left.", "离职日期")
    tier: OneToFive | None = prop("Grade of the agent, 1 (lowest) to 5.", "级别", unit="1-5")
    licence_no: NumberText | None = prop("Number of the licence.", "执业证号", PERSONAL)
    licence_until: Date | None = prop("Last day of the licence.", "执业证有效期")
    product_lines: Lines | None = prop("Lines the agent may sell or serve.", "授权险类")
    capacity: Integer | None = prop("How many customers fit.", "服务上限", unit="customers")
    phone: NumberText | None = shares("Phone.", "电话", "HAS_PHONE", "Phone")
    account: NumberText | None = shares(
        "Bank account.", "银行账号", "HAS_ACCOUNT", "Account", SENSITIVE
    )
    upline_id: NumberText | None = refers("The agent above.", "上级代理人", "REPORTS_TO", "Agent")
    person_id: NumberText | None = refers(
        "The agent as a person.", "对应客户号", "IS_PERSON", "Person"
    )
    languages: Texts | None = prop("Languages spoken.", "语言")
    flaws: Text | None = prop(
        "Doubtful values, as `property:reason`, joined by `;`.", "可疑值", PERSONAL, derived=True
    )

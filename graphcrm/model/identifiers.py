"""Identifiers that several parties can share: each value is one node."""

from typing import ClassVar

from graphcrm.model import codes
from graphcrm.model.declare import PERSONAL, SENSITIVE, Identifier, prop
from graphcrm.model.kinds import Text


class Phone(Identifier):
    """A phone number."""

    label: ClassVar[str] = "Phone"
    number: ClassVar[int] = 12
    zh: ClassVar[str] = "电话"

    value: Text = prop("The number (E.164).", "号码", PERSONAL, required=True)
    kind: Text | None = prop("Mobile, landline, service or foreign.", "类型")


class Email(Identifier):
    """An e-mail address."""

    label: ClassVar[str] = "Email"
    number: ClassVar[int] = 13
    zh: ClassVar[str] = "电子邮箱"

    value: Text = prop("The address, in lower case.", "邮箱", PERSONAL, required=True)


class Address(Identifier):
    """A postal address."""

    label: ClassVar[str] = "Address"
    number: ClassVar[int] = 14
    zh: ClassVar[str] = "地址"

    value: Text = prop("The standardised address.", "地址", PERSONAL, required=True)
    region_code: Text | None = prop("GB/T 2260 code of its region.", "地区代码")


class Account(Identifier):
    """A bank account."""

    label: ClassVar[str] = "Account"
    number: ClassVar[int] = 15
    zh: ClassVar[str] = "银行账户"

    value: Text = prop("The account number.", "账号", SENSITIVE, required=True)


class Document(Identifier):
    """An identity document, or an institution's credit code."""

    label: ClassVar[str] = "Document"
    number: ClassVar[int] = 16
    zh: ClassVar[str] = "证件"

    value: Text = prop("The number.", "号码", SENSITIVE, required=True)
    kind: Text | None = prop("Type of document.", "类型")


class ProductLine(Identifier):
    """A product line that agents are authorised for."""

    label: ClassVar[str] = "Line"
    number: ClassVar[int] = 17
    zh: ClassVar[str] = "险类"
    plain: ClassVar[bool] = True

    value: codes.Line = prop("The line.", "险类", required=True)

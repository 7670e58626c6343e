"""Contacts with customers and services to them."""

from typing import ClassVar

from graphcrm.model.codes import (
    ContactChannel,
    Direction,
    Outcome,
    PartyKind,
    ServiceClass,
    Topic,
)
from graphcrm.model.declare import PERSONAL, NodeRow, prop, refers
from graphcrm.model.edges import PARTIES
from graphcrm.model.kinds import Date, NumberText, OneToFive, Text, Timestamp


class Contact(NodeRow):
    """One contact between a customer and the insurer."""

    table: ClassVar[str] = "contacts"
    label: ClassVar[str] = "Contact"
    number: ClassVar[int] = 10
    zh: ClassVar[str] = "联系记录"

    id: NumberText = prop("The contact's id in the source.", "联系号", required=True)
    customer_id: NumberText = refers(
        "The customer.", "客户号", "CONTACT_WITH", *PARTIES,
        required=True, kind_field="customer_kind", properties={"contacted_at": "contacted_at"},
    )  # fmt: skip
    customer_kind: PartyKind | None = prop("Kind of customer; empty = person.", "客户类型")
    contacted_at: Timestamp = prop("When.", "联系时间", required=True)
    direction: Direction = prop("Who started it.", "方向", required=True)
    channel: ContactChannel = prop("The way.", "联系方式", required=True)
    agent_id: NumberText | None = refers("The agent.", "代理人", "HANDLED_BY", "Agent")
    department_id: NumberText | None = refers("The department.", "部门", "HANDLED_IN", "Department")
    topic: Topic | None = prop("What it was about.", "主题")
    outcome: Outcome | None = prop("How it ended.", "结果")
    satisfaction: OneToFive | None = prop("Satisfaction, 1 (worst) to 5.", "满意度", unit="1-5")
    policy_id: NumberText | None = refers("The policy it was about.", "保单号", "ABOUT", "Policy")
    claim_id: NumberText | None = refers("The claim it was about.", "赔案号", "ABOUT", "Claim")
    product_code: NumberText | None = refers(
        "The product it was about.", "险种代码", "ABOUT", "Product"
    )
    note: Text | None = prop("What was said.", "备注", PERSONAL)


class Service(NodeRow):
    """A service asked for or given."""

    table: ClassVar[str] = "services"
    label: ClassVar[str] = "Service"
    number: ClassVar[int] = 11
    zh: ClassVar[str] = "服务"

    id: NumberText = prop("The service's id in the source.", "服务号", required=True)
    customer_id: NumberText = refers(
        "The customer.", "客户号", "SERVICE_FOR", *PARTIES,
        required=True, kind_field="customer_kind",
    )  # fmt: skip
    customer_kind: PartyKind | None = prop("Kind of customer; empty = person.", "客户类型")
    kind: Text = prop("What was asked for.", "服务类型", required=True)
    class_: ServiceClass | None = prop("Owed or a courtesy.", "服务类别", column="class")
    requested_on: Date | None = prop("The day it was asked for.", "申请日期")
    promised_by: Date | None = prop("The day it was promised for.", "承诺日期")
    done_on: Date | None = prop("The day it was done.", "完成日期")
    department_id: NumberText | None = refers("The department.", "部门", "HANDLED_IN", "Department")
    agent_id: NumberText | None = refers("The agent.", "代理人", "HANDLED_BY", "Agent")

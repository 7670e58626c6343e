"""Products, policies, premiums, vehicles and claims."""

from typing import ClassVar

from graphcrm.model.codes import (
    BusinessType,
    Channel,
    ClaimStatus,
    Finding,
    Frequency,
    Line,
    PartyKind,
    PolicyStatus,
)
from graphcrm.model.declare import PERSONAL, SENSITIVE, NodeRow, prop, refers, shares
from graphcrm.model.edges import PARTIES
from graphcrm.model.kinds import Amount, Date, NumberText, Text, Timestamp
from graphcrm.model.parties import EnteredRow


class Product(NodeRow):
    """What is sold."""

    table: ClassVar[str] = "products"
    label: ClassVar[str] = "Product"
    number: ClassVar[int] = 5
    zh: ClassVar[str] = "产品"

    id_fields: ClassVar[tuple[str, ...]] = ("code",)

    code: NumberText = prop("Product code.", "险种代码", required=True)
    name: Text = prop("Product name.", "险种名称", required=True)
    line: Line = prop("Product line.", "险类", required=True)


class Policy(EnteredRow):
    """A contract of insurance."""

    table: ClassVar[str] = "policies"
    label: ClassVar[str] = "Policy"
    number: ClassVar[int] = 6
    zh: ClassVar[str] = "保单"

    id: NumberText = prop("Policy number.", "保单号", required=True)
    product_code: NumberText = refers(
        "The product.", "险种代码", "OF_PRODUCT", "Product", required=True
    )
    holder_id: NumberText = refers(
        "The policyholder.", "投保人", "HOLDS", *PARTIES,
        required=True, inward=True, kind_field="holder_kind",
    )  # fmt: skip
    holder_kind: PartyKind | None = prop("Kind of policyholder; empty = person.", "投保人类型")
    premium: Amount = prop(
        "Premium per year; of a single premium the whole.", "保费",
        required=True, unit="policy's currency",
    )  # fmt: skip
    currency: Text | None = prop("Currency (ISO 4217); empty = CNY.", "币种")
    sum_insured: Amount | None = prop("Sum insured.", "保额", unit="policy's currency")
    frequency: Frequency | None = prop("How often premium falls due.", "交费频率")
    business_type: BusinessType | None = prop("How the policy came to us.", "业务类型")
    channel: Channel | None = prop("Sales channel.", "销售渠道")
    applied_on: Date | None = prop("The day of the application.", "投保日期")
    issued_on: Date = prop("The day the policy was issued.", "签单日期", required=True)
    starts_on: Date | None = prop("First day of cover.", "起保日期")
    ends_on: Date | None = prop("Last day of cover, as agreed.", "终保日期")
    ended_on: Date | None = prop("Last day of cover, as it happened.", "实际终止日")
    status: PolicyStatus = prop("State of the policy.", "保单状态", required=True)
    surrender_value: Amount | None = prop("Surrender value.", "退保金", unit="policy's currency")
    surrender_account: NumberText | None = shares(
        "Account the surrender value went to.", "退保账号", "SURRENDERED_TO", "Account", SENSITIVE
    )
    paid_to: Date | None = prop("The day up to which premium is paid.", "交至日期")
    sold_by: NumberText | None = refers(
        "The agent who sold it.", "销售代理人", "SOLD", "Agent",
        inward=True, properties={"valid_from": "issued_on"},
    )  # fmt: skip
    served_by: NumberText | None = refers(
        "The agent who serves it now; empty = nobody.", "服务代理人", "SERVES", "Agent", inward=True
    )
    branch_id: NumberText | None = refers(
        "The branch that keeps it.", "承保机构", "WRITTEN_AT", "Department"
    )
    vehicle_id: NumberText | None = refers("The insured vehicle.", "车辆", "COVERS", "Vehicle")
    replaces_id: NumberText | None = refers(
        "The policy this one replaced.", "被替换保单", "REPLACES", "Policy"
    )
    renews_id: NumberText | None = refers(
        "The policy this one renews.", "续保原保单", "RENEWS", "Policy"
    )


class Premium(NodeRow):
    """One premium as it falls due; known by its policy and due date."""

    table: ClassVar[str] = "premiums"
    label: ClassVar[str] = "Premium"
    number: ClassVar[int] = 7
    zh: ClassVar[str] = "保费"

    id_fields: ClassVar[tuple[str, ...]] = ("policy_id", "due_on")

    policy_id: NumberText = refers(
        "The policy it is due for.", "保单号", "PREMIUM_OF", "Policy", required=True
    )
    due_on: Date = prop("The day it is due.", "应交日期", required=True)
    amount: Amount = prop("Amount due.", "应交金额", required=True, unit="policy's currency")
    paid_on: Date | None = prop("The day it was paid.", "实交日期")
    paid_by_account: NumberText | None = shares(
        "The account it was paid from.", "交费账号", "PAID_FROM", "Account", SENSITIVE
    )


class Claim(NodeRow):
    """A demand for benefit under a policy."""

    table: ClassVar[str] = "claims"
    label: ClassVar[str] = "Claim"
    number: ClassVar[int] = 8
    zh: ClassVar[str] = "赔案"

    id: NumberText = prop("Claim number.", "赔案号", required=True)
    policy_id: NumberText = refers("The policy.", "保单号", "CLAIM_ON", "Policy", required=True)
    event_id: NumberText | None = prop("The loss; several claims may share it.", "事故号")
    loss_on: Date = prop("The day of the loss.", "出险日期", required=True)
    loss_at: Timestamp | None = prop("The time of the loss.", "出险时间")
    reported_on: Date | None = prop("The day it was reported.", "报案日期")
    settled_on: Date | None = prop("The day it was settled.", "结案日期")
    status: ClaimStatus = prop("State of the claim.", "赔案状态", required=True)
    amount_claimed: Amount | None = prop("Amount claimed.", "索赔金额", unit="policy's currency")
    reserve: Amount | None = prop("Reserve.", "未决赔款准备金", unit="policy's currency")
    amount_paid: Amount | None = prop("Amount paid.", "已赔金额", unit="policy's currency")
    cause: Text | None = prop("Cause of the loss.", "出险原因", PERSONAL)
    injury: Text | None = prop("Injury.", "伤情", SENSITIVE)
    place: Text | None = prop("Place of the loss.", "出险地点", PERSONAL)
    region_code: NumberText | None = prop("GB/T 2260 code of the place.", "地区代码")
    assessor_id: NumberText | None = refers("The assessor.", "查勘员", "ASSESSED_BY", "Agent")
    repairer_id: NumberText | None = refers(
        "The garage or repairer.", "修理厂", "REPAIRED_BY", "Institution"
    )
    hospital_id: NumberText | None = refers("The hospital.", "医院", "TREATED_AT", "Institution")
    payee_account: NumberText | None = shares(
        "The account the benefit goes to.", "收款账号", "PAYABLE_TO", "Account", SENSITIVE
    )
    finding: Finding | None = prop("What an investigation found.", "调查结论", SENSITIVE)
    finding_on: Date | None = prop("The day of the finding.", "结论日期", SENSITIVE)


class Vehicle(NodeRow):
    """A motor vehicle."""

    table: ClassVar[str] = "vehicles"
    label: ClassVar[str] = "Vehicle"
    number: ClassVar[int] = 9
    zh: ClassVar[str] = "车辆"

    id: NumberText = prop("The vehicle's id in the source.", "车辆号", required=True)
    plate: Text | None = prop("Licence plate.", "车牌号", PERSONAL)
    vin: NumberText | None = prop("Vehicle identification number (ISO 3779).", "车架号", PERSONAL)
    make: Text | None = prop("Make.", "品牌")
    model: Text | None = prop("Model.", "车型")
    owner_id: NumberText | None = refers(
        "The owner.", "车主", "OWNS", *PARTIES, inward=True, kind_field="owner_kind"
    )
    owner_kind: PartyKind | None = prop("Kind of owner; empty = person.", "车主类型")

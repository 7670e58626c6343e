"""Every edge type: where it starts, where it ends, what it carries."""

from typing import ClassVar

from graphcrm.model.codes import ClaimRole, RelationKind, VehicleRole
from graphcrm.model.declare import PERSONAL, Edge, TimedEdge, prop
from graphcrm.model.kinds import Amount, Date, NumberText, Text, Timestamp

PARTIES = ("Person", "Institution", "Department")
RECORDS = ("Person", "Institution", "Policy")


def _edge(
    edge_type: str, zh: str, doc: str, start: tuple[str, ...], end: tuple[str, ...]
) -> type[Edge]:
    """An edge type that carries nothing but itself."""
    body = {
        "__doc__": doc,
        "__module__": __name__,
        "__annotations__": {},
        "type": edge_type,
        "zh": zh,
        "start": start,
        "end": end,
    }
    return type(edge_type.title().replace("_", ""), (Edge,), body)


class Sold(TimedEdge):
    """The agent sold the policy."""

    type: ClassVar[str] = "SOLD"
    zh: ClassVar[str] = "销售"
    start: ClassVar[tuple[str, ...]] = ("Agent",)
    end: ClassVar[tuple[str, ...]] = ("Policy",)

    reason: Text | None = prop("Why it began or ended.", "原因")


class Serves(Sold):
    """The agent looks after the policy."""

    type: ClassVar[str] = "SERVES"
    zh: ClassVar[str] = "服务"


class Collects(Sold):
    """The agent collects the policy's premium."""

    type: ClassVar[str] = "COLLECTS"
    zh: ClassVar[str] = "收费"


class InsuredUnder(TimedEdge):
    """The party is insured under the policy."""

    type: ClassVar[str] = "INSURED_UNDER"
    zh: ClassVar[str] = "被保险"
    start: ClassVar[tuple[str, ...]] = PARTIES
    end: ClassVar[tuple[str, ...]] = ("Policy",)

    certificate_no: NumberText | None = prop("Certificate of a group policy.", "团单凭证号")


class BenefitsFrom(InsuredUnder):
    """The party is a beneficiary of the policy."""

    type: ClassVar[str] = "BENEFITS_FROM"
    zh: ClassVar[str] = "受益"


class PaysFor(InsuredUnder):
    """The party pays the policy's premium."""

    type: ClassVar[str] = "PAYS_FOR"
    zh: ClassVar[str] = "交费"


class AuthorisedFor(TimedEdge):
    """The agent may sell or serve the line."""

    type: ClassVar[str] = "AUTHORISED_FOR"
    zh: ClassVar[str] = "获授权"
    start: ClassVar[tuple[str, ...]] = ("Agent",)
    end: ClassVar[tuple[str, ...]] = ("Line",)


class InvolvedIn(Edge):
    """The party has a role in the claim."""

    type: ClassVar[str] = "INVOLVED_IN"
    zh: ClassVar[str] = "涉案"
    start: ClassVar[tuple[str, ...]] = PARTIES
    end: ClassVar[tuple[str, ...]] = ("Claim",)

    role: ClaimRole = prop("The role.", "角色", required=True)


class Involves(Edge):
    """The vehicle has a role in the claim."""

    type: ClassVar[str] = "INVOLVES"
    zh: ClassVar[str] = "涉案车辆"
    start: ClassVar[tuple[str, ...]] = ("Claim",)
    end: ClassVar[tuple[str, ...]] = ("Vehicle",)

    role: VehicleRole | None = prop("The role.", "角色")


class PaidTo(Edge):
    """Benefit was paid to the party."""

    type: ClassVar[str] = "PAID_TO"
    zh: ClassVar[str] = "赔付给"
    start: ClassVar[tuple[str, ...]] = ("Claim",)
    end: ClassVar[tuple[str, ...]] = PARTIES

    amount: Amount = prop("Amount paid.", "金额", required=True, unit="policy's currency")
    paid_on: Date = prop("The day it was paid.", "支付日期", required=True)


class PaidInto(PaidTo):
    """Benefit was paid into the account."""

    type: ClassVar[str] = "PAID_INTO"
    zh: ClassVar[str] = "赔付至"
    end: ClassVar[tuple[str, ...]] = ("Account",)


class Referred(Edge):
    """The first party brought the second."""

    type: ClassVar[str] = "REFERRED"
    zh: ClassVar[str] = "转介绍"
    start: ClassVar[tuple[str, ...]] = PARTIES
    end: ClassVar[tuple[str, ...]] = PARTIES

    referred_on: Date | None = prop("The day of the referral.", "转介绍日期")
    policy_id: NumberText | None = prop("The policy that came of it.", "保单号")


class RelatedTo(Edge):
    """The first person is a relative of the second."""

    type: ClassVar[str] = "RELATED_TO"
    zh: ClassVar[str] = "亲属"
    start: ClassVar[tuple[str, ...]] = ("Person",)
    end: ClassVar[tuple[str, ...]] = ("Person",)

    kind: RelationKind = prop("What the first is to the second.", "关系", PERSONAL, required=True)


class ContactWith(Edge):
    """The contact was with the customer."""

    type: ClassVar[str] = "CONTACT_WITH"
    zh: ClassVar[str] = "联系"
    start: ClassVar[tuple[str, ...]] = ("Contact",)
    end: ClassVar[tuple[str, ...]] = PARTIES

    contacted_at: Timestamp = prop("When.", "联系时间", required=True)


_HOLDERS = (*PARTIES, "Agent")

EDGE_TYPES: tuple[type[Edge], ...] = (
    _edge("HOLDS", "投保", "The party is the policyholder.", PARTIES, ("Policy",)),
    InsuredUnder,
    BenefitsFrom,
    PaysFor,
    Sold,
    Serves,
    Collects,
    _edge("OF_PRODUCT", "险种", "The policy is of the product.", ("Policy",), ("Product",)),
    _edge("WRITTEN_AT", "承保于", "The branch keeps the policy.", ("Policy",), ("Department",)),
    _edge("COVERS", "承保车辆", "The policy covers the vehicle.", ("Policy",), ("Vehicle",)),
    _edge("REPLACES", "替换", "The policy replaced another.", ("Policy",), ("Policy",)),
    _edge("RENEWS", "续保", "The policy renews another.", ("Policy",), ("Policy",)),
    _edge("SURRENDERED_TO", "退保至", "Surrender value went there.", ("Policy",), ("Account",)),
    _edge("PREMIUM_OF", "应交保费", "The premium is due for it.", ("Premium",), ("Policy",)),
    _edge("PAID_FROM", "扣款自", "The premium was paid from it.", ("Premium",), ("Account",)),
    _edge("CLAIM_ON", "索赔", "The claim is made under the policy.", ("Claim",), ("Policy",)),
    InvolvedIn,
    Involves,
    _edge("ASSESSED_BY", "查勘", "The agent assessed the claim.", ("Claim",), ("Agent",)),
    _edge("REPAIRED_BY", "修理", "The institution repaired.", ("Claim",), ("Institution",)),
    _edge("TREATED_AT", "就诊", "The institution treated.", ("Claim",), ("Institution",)),
    _edge("PAYABLE_TO", "收款", "The claim is payable there.", ("Claim",), ("Account",)),
    PaidTo,
    PaidInto,
    _edge("OWNS", "拥有", "The party owns the vehicle.", PARTIES, ("Vehicle",)),
    _edge("WORKS_AT", "任职", "The person works there.", ("Person",), ("Institution",)),
    _edge("WORKS_IN", "任职部门", "The person works in it.", ("Person",), ("Department",)),
    _edge(
        "PART_OF",
        "隶属",
        "The department or institution is part of the other.",
        ("Department", "Institution"),
        ("Department", "Institution"),
    ),
    _edge("BELONGS_TO", "所属", "The agent is of the branch.", ("Agent",), ("Department",)),
    _edge("REPORTS_TO", "上级", "The other agent stands above.", ("Agent",), ("Agent",)),
    _edge("IS_PERSON", "本人", "The agent is the person.", ("Agent",), ("Person",)),
    AuthorisedFor,
    Referred,
    RelatedTo,
    _edge("HAS_PHONE", "电话", "The party has the phone.", _HOLDERS, ("Phone",)),
    _edge("HAS_EMAIL", "邮箱", "The party has the address.", ("Person",), ("Email",)),
    _edge("HAS_ADDRESS", "地址", "The party is there.", PARTIES, ("Address",)),
    _edge("HAS_ACCOUNT", "账户", "The party has the account.", _HOLDERS, ("Account",)),
    _edge(
        "HAS_DOCUMENT",
        "证件",
        "The party has the document.",
        ("Person", "Institution"),
        ("Document",),
    ),
    ContactWith,
    _edge("SERVICE_FOR", "服务于", "The service is for the customer.", ("Service",), PARTIES),
    _edge("HANDLED_BY", "经办", "The agent handled it.", ("Contact", "Service"), ("Agent",)),
    _edge(
        "HANDLED_IN",
        "经办部门",
        "The department handled it.",
        ("Contact", "Service"),
        ("Department",),
    ),
    _edge(
        "ABOUT", "涉及", "What the contact was about.", ("Contact",), ("Policy", "Claim", "Product")
    ),
    _edge("ENTERED_BY", "录入人", "The agent keyed the record.", RECORDS, ("Agent",)),
    _edge("ENTERED_AT", "录入机构", "The record was keyed there.", RECORDS, ("Department",)),
)

"""The tables whose rows are edges."""

from typing import ClassVar

from graphcrm.model.codes import (
    ClaimRole,
    Line,
    PartyKind,
    PolicyRole,
    RelationKind,
    ServingRole,
    VehicleRole,
)
from graphcrm.model.declare import PERSONAL, SENSITIVE, EdgeRow, Link, prop, refers, shares
from graphcrm.model.edges import PARTIES
from graphcrm.model.kinds import Amount, Date, NumberText, Text


class PolicyParty(EdgeRow):
    """A party's role in a policy."""

    table: ClassVar[str] = "policy_parties"
    anchor: ClassVar[str] = "policy_id"
    identity: ClassVar[tuple[str, ...]] = ("certificate_no", "valid_from")

    policy_id: NumberText = refers("The policy.", "保单号", None, "Policy", required=True)
    party_id: NumberText = refers(
        "The party.",
        "关系人",
        {"insured": "INSURED_UNDER", "beneficiary": "BENEFITS_FROM", "payer": "PAYS_FOR"},
        *PARTIES,
        required=True,
        edge_by="role",
        inward=True,
        kind_field="party_kind",
    )
    party_kind: PartyKind | None = prop("Kind of party; empty = person.", "关系人类型")
    role: PolicyRole = prop("The role.", "角色", required=True)
    certificate_no: NumberText | None = prop("Certificate of a group policy.", "团单凭证号")
    valid_from: Date | None = prop("First day.", "生效日期")
    valid_to: Date | None = prop("Last day.", "终止日期")


class Serving(EdgeRow):
    """Who served a policy, and when."""

    table: ClassVar[str] = "servings"
    anchor: ClassVar[str] = "policy_id"
    identity: ClassVar[tuple[str, ...]] = ("valid_from",)

    policy_id: NumberText = refers("The policy.", "保单号", None, "Policy", required=True)
    agent_id: NumberText = refers(
        "The agent.",
        "代理人",
        {"sold": "SOLD", "serves": "SERVES", "collects": "COLLECTS"},
        "Agent",
        required=True,
        edge_by="role",
        inward=True,
    )
    role: ServingRole = prop("What the agent does for it.", "角色", required=True)
    valid_from: Date | None = prop("First day.", "生效日期")
    valid_to: Date | None = prop("Last day.", "终止日期")
    reason: Text | None = prop("Why it began or ended.", "原因")


class Authority(EdgeRow):
    """What an agent may sell or serve, and when."""

    table: ClassVar[str] = "authorities"
    anchor: ClassVar[str] = "agent_id"
    identity: ClassVar[tuple[str, ...]] = ("valid_from",)

    agent_id: NumberText = refers("The agent.", "代理人", None, "Agent", required=True)
    line: Line = prop(
        "The line.", "险类", required=True, link=Link("AUTHORISED_FOR", ("Line",), shared=True)
    )
    valid_from: Date | None = prop("First day.", "生效日期")
    valid_to: Date | None = prop("Last day.", "终止日期")


class ClaimParty(EdgeRow):
    """A party's role in a claim."""

    table: ClassVar[str] = "claim_parties"
    anchor: ClassVar[str] = "claim_id"
    identity: ClassVar[tuple[str, ...]] = ("role",)

    claim_id: NumberText = refers("The claim.", "赔案号", None, "Claim", required=True)
    party_id: NumberText = refers(
        "The party.", "关系人", "INVOLVED_IN", *PARTIES,
        required=True, inward=True, kind_field="party_kind",
    )  # fmt: skip
    party_kind: PartyKind | None = prop("Kind of party; empty = person.", "关系人类型")
    role: ClaimRole = prop("The role.", "角色", required=True)


class ClaimVehicle(EdgeRow):
    """A vehicle's role in a claim."""

    table: ClassVar[str] = "claim_vehicles"
    anchor: ClassVar[str] = "claim_id"
    identity: ClassVar[tuple[str, ...]] = ("role",)

    claim_id: NumberText = refers("The claim.", "赔案号", None, "Claim", required=True)
    vehicle_id: NumberText = refers("The vehicle.", "车辆", "INVOLVES", "Vehicle", required=True)
    role: VehicleRole | None = prop("The role.", "角色")


class ClaimPayment(EdgeRow):
    """A payment of benefit."""

    table: ClassVar[str] = "claim_payments"
    anchor: ClassVar[str] = "claim_id"
    identity: ClassVar[tuple[str, ...]] = ("paid_on", "amount")
    repeatable: ClassVar[bool] = True

    claim_id: NumberText = refers("The claim.", "赔案号", None, "Claim", required=True)
    payee_id: NumberText | None = refers(
        "The payee.", "收款人", "PAID_TO", *PARTIES, kind_field="payee_kind"
    )
    payee_kind: PartyKind | None = prop("Kind of payee; empty = person.", "收款人类型")
    account: NumberText | None = shares(
        "The account paid into.", "收款账号", "PAID_INTO", "Account", SENSITIVE
    )
    amount: Amount = prop("Amount paid.", "金额", required=True, unit="policy's currency")
    paid_on: Date = prop("The day it was paid.", "支付日期", required=True)


class Referral(EdgeRow):
    """Who brought whom."""

    table: ClassVar[str] = "referrals"
    anchor: ClassVar[str] = "referrer_id"
    identity: ClassVar[tuple[str, ...]] = ("policy_id",)

    referrer_id: NumberText = refers(
        "Who brought the other.",
        "推荐人",
        None,
        *PARTIES,
        required=True,
        kind_field="referrer_kind",
    )
    referrer_kind: PartyKind | None = prop("Kind of referrer; empty = person.", "推荐人类型")
    referred_id: NumberText = refers(
        "Who was brought.", "被推荐人", "REFERRED", *PARTIES,
        required=True, kind_field="referred_kind",
    )  # fmt: skip
    referred_kind: PartyKind | None = prop("Kind of the other; empty = person.", "被推荐人类型")
    referred_on: Date | None = prop("The day of the referral.", "转介绍日期")
    policy_id: NumberText | None = prop("The policy that came of it.", "保单号")


class Relation(EdgeRow):
    """A family relation."""

    table: ClassVar[str] = "relations"
    anchor: ClassVar[str] = "from_id"
    identity: ClassVar[tuple[str, ...]] = ("kind",)

    from_id: NumberText = refers("The first person.", "客户号", None, "Person", required=True)
    to_id: NumberText = refers(
        "The second person.", "关系人", "RELATED_TO", "Person", required=True
    )
    kind: RelationKind = prop("What the first is to the second.", "关系", PERSONAL, required=True)


EDGE_ROWS: tuple[type[EdgeRow], ...] = (
    PolicyParty,
    Serving,
    Authority,
    ClaimParty,
    ClaimVehicle,
    ClaimPayment,
    Referral,
    Relation,
)

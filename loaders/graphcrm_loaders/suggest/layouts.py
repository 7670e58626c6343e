"""What files of insurers hold: a main table, and others whose columns lie beside it in its rows."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Side:
    """A table that may lie beside the main one, in a role.

    `words` are the concepts by which its headers are known, the first of them its own. `ref` is the
    column of the main table that names it; where there is none, rows of the table `edge` link the
    two: (table, column of the main one's id, column of this one's id, value of `role`). `bare` says
    how likely headers without such a word are its own (0 = never).
    """

    role: str
    table: str
    words: tuple[str, ...]
    ref: str | None = None
    edge: tuple[str, str, str, str | None] | None = None
    bare: float = 0.0


@dataclass(frozen=True)
class Main:
    """A main table: what it must have, in groups of which one each, and what may lie beside it.

    A column of a side is written `role.column`. `words` are concepts that names of such files have.
    """

    table: str
    needs: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]
    sides: tuple[Side, ...] = ()


_ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "persons": (
        "id", "name", "sex", "birth_date", "id_type", "id_number", "phone", "phone_2", "email",
        "address", "region_code", "occupation", "account", "income_band",
    ),
    "institutions": (
        "id", "name", "kind", "uscc", "phone", "contact_name", "contact_phone", "address",
        "account", "industry",
    ),
    "agents": ("id", "name", "kind", "branch_id", "status", "phone", "licence_no"),
    "departments": ("id", "name", "phone", "address"),
    "products": ("code", "name", "line"),
    "vehicles": ("id", "plate", "vin", "make", "model"),
}  # fmt: skip


def attributes(side: Side) -> tuple[str, ...]:
    """The columns that a side may have, that of its id first."""
    return _ATTRIBUTES[side.table]


def _party(role: str, edge_table: str, own: str, *words: str, bare: float = 0.0) -> Side:
    return Side(role, "persons", words, edge=(edge_table, own, "party_id", role), bare=bare)


_AGENT = Side("agent", "agents", ("agent",), "agent_id", bare=0.0)
_CUSTOMER = Side("customer", "persons", ("customer", "person"), "customer_id", bare=0.9)
_BRANCH = Side("branch", "departments", ("branch", "underwriting", "own"), "branch_id")
_OFFICE = Side("office", "departments", ("department", "branch"), "department_id")

MAINS: tuple[Main, ...] = (
    Main(
        "persons", (("name",), ("id", "id_number", "phone", "birth_date", "sex", "email")),
        ("customer", "person", "holder"),
        (Side("employer", "institutions", ("employer", "institution"), "institution_id"),),
    ),
    Main(
        "institutions", (("name",), ("id", "uscc", "contact_name", "industry", "kind", "address")),
        ("institution", "hospital", "repairer", "customer"),
    ),
    Main(
        "departments", (("name",), ("id",)), ("branch", "department"),
        (Side("company", "institutions", ("own", "institution"), "institution_id"),),
    ),
    Main(
        "agents", (("id", "name"), ("name", "licence_no"), ("branch_id", "branch.id", "branch.name",
        "status", "hired_on", "tier", "licence_no", "upline_id", "product_lines", "kind",
        "departed_on")), ("agent", "assessor"),
        (Side("branch", "departments", ("branch", "own", "department"), "branch_id"),),
    ),
    Main("products", (("code", "name"), ("name",), ("line", "code")), ("product",)),
    Main(
        "policies", (("id",), ("premium", "sum_insured", "product.code", "product.name"),
        ("holder.id", "holder.name", "holder.id_number", "issued_on", "starts_on", "applied_on",
        "status")), ("policy", "underwriting"),
        (
            Side("holder", "persons", ("holder", "customer", "person"), "holder_id", bare=0.88),
            _party("insured", "policy_parties", "policy_id", "insured"),
            _party("beneficiary", "policy_parties", "policy_id", "beneficiary"),
            _party("payer", "policy_parties", "policy_id", "payer"),
            Side("agent", "agents", ("agent", "sold"), "sold_by"),
            Side("servicer", "agents", ("serves",), "served_by"),
            Side("product", "products", ("product",), "product_code"),
            _BRANCH,
            Side("vehicle", "vehicles", ("vehicle",), "vehicle_id", bare=0.95),
        ),
    ),
    Main(
        "policy_parties", (("policy_id",), ("party.id", "party.name", "party.id_number"), ("role",
        "certificate_no", "party.id")), ("insured", "beneficiary", "party"),
        (Side("party", "persons", ("party", "insured", "person", "customer", "beneficiary"),
              "party_id", bare=0.85),),
    ),
    Main("servings", (("policy_id",), ("agent.id", "agent.name"), ("valid_from", "role")),
         ("serves",), (Side("agent", "agents", ("agent", "serves"), "agent_id", bare=0.8),)),
    Main("authorities", (("agent.id",), ("line",)), ("licence", "line"),
         (Side("agent", "agents", ("agent",), "agent_id", bare=0.8),)),
    Main("premiums", (("policy_id",), ("due_on",), ("amount",)), ("instalment", "premium")),
    Main(
        "claims", (("id",), ("policy_id", "loss_on", "loss_at", "reported_on"), ("loss_on",
        "loss_at", "reported_on", "amount_paid", "amount_claimed", "settled_on")),
        ("claim", "loss", "report", "settle"),
        (
            _party("claimant", "claim_parties", "claim_id", "claimant", "insured", "customer"),
            _party("driver", "claim_parties", "claim_id", "driver"),
            Side("assessor", "agents", ("assessor",), "assessor_id"),
            Side("repairer", "institutions", ("repairer",), "repairer_id"),
            Side("hospital", "institutions", ("hospital",), "hospital_id"),
            Side("vehicle", "vehicles", ("vehicle",),
                 edge=("claim_vehicles", "claim_id", "vehicle_id", "insured"), bare=0.95),
        ),
    ),
    Main("claim_parties", (("claim_id",), ("party.id", "party.name"), ("role",)),
         ("party", "claim"), (Side("party", "persons", ("party", "person", "customer"),
                                   "party_id", bare=0.85),)),
    Main("claim_vehicles", (("claim_id",), ("vehicle.id", "vehicle.plate", "vehicle.vin")),
         ("vehicle",), (Side("vehicle", "vehicles", ("vehicle",), "vehicle_id", bare=0.9),)),
    Main("claim_payments", (("claim_id",), ("amount",), ("paid_on", "account")), ("paid",),
         (Side("payee", "persons", ("payee",), "payee_id", bare=0.7),)),
    Main("vehicles", (("plate", "vin"), ("id", "plate", "vin", "model", "make")), ("vehicle",),
         (Side("owner", "persons", ("owner", "customer", "holder"), "owner_id", bare=0.75),)),
    Main(
        "contacts", (("contacted_at",), ("customer.id", "customer.name", "customer.phone"),
        ("channel", "direction", "topic", "outcome", "note", "satisfaction")),
        ("contact", "note"), (_CUSTOMER, _AGENT, _OFFICE),
    ),
    Main(
        "services", (("kind",), ("customer.id", "customer.name"), ("requested_on", "done_on",
        "promised_by")), ("service",), (_CUSTOMER, _AGENT, _OFFICE),
    ),
    Main(
        "referrals", (("referrer.id", "referrer.name", "referrer.phone", "referrer.id_number"),
        ("referred.id", "referred.name", "referred.phone", "referred.id_number")),
        ("referral", "referrer"),
        (
            Side("referrer", "persons", ("referrer",), "referrer_id"),
            Side("referred", "persons", ("referred", "customer"), "referred_id", bare=0.5),
        ),
    ),
    Main(
        "relations", (("from.id", "from.name"), ("to.id", "to.name"), ("kind",)), ("relation",),
        (
            Side("from", "persons", ("customer", "person"), "from_id", bare=0.7),
            Side("to", "persons", ("relation", "party", "other"), "to_id"),
        ),
    ),
)  # fmt: skip

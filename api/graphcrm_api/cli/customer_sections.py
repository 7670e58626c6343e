"""One customer on the screen, section by section."""

from typing import TYPE_CHECKING, Any

from graphcrm_api.cli.figures import AmountColumn, amounts, count, moment, plain
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text, text_or
from graphcrm_api.cli.lists import say_hidden
from graphcrm_api.cli.naming import (
    code_word,
    edge_name,
    label_name,
    property_name,
    property_value,
    role_words,
)
from graphcrm_api.cli.output import Cell, Output

if TYPE_CHECKING:
    from graphcrm.customer import Customer

_MOST = 15
_DETAILS = {"RELATED_TO": "RelationKind", "HAS_DOCUMENT": "IdType"}
_ORIGIN = ("label", "at_line", "source", "path", "load", "extra", "name_key", "id", "name")


def print_customer(output: Output, found: "Customer", unknown: list[str]) -> None:
    """The record and others of the customer, policies, claims, contacts, ties, history, and what is
    unknown."""
    _record(output, found)
    if len(found.records) > 1 or found.record["label"] == "Customer":
        _section(output, "records", found.records, _same_columns(), _same)
    money = AmountColumn({p["currency"]: p["premium"]} for p in found.policies[:_MOST])
    _section(output, "policies", found.policies, _policy_columns(), lambda p: _policy(p, money))
    _section(output, "claims", found.claims, _claim_columns(), _claim)
    _section(output, "contacts", found.contacts, _contact_columns(), _contact)
    _section(output, "ties", found.ties, _tie_columns(), _tie)
    _history(output, found)
    if unknown:
        output.heading(text("head_unknown"))
        label = found.record["label"]
        output.line(text("list_joint").join(property_name(label, name) for name in unknown))


def _record(output: Output, found: "Customer") -> None:
    record, label = found.record, found.record["label"]
    held = [p for p in found.policies if "holder" in p["role"] and p["status"] == "in_force"]
    premium: dict[str, float] = {}
    for policy in held:
        currency = policy["currency"] or "CNY"
        due = 0.0 if policy["frequency"] == "single" else policy["premium"] or 0.0
        premium[currency] = premium.get(currency, 0.0) + due
    output.answer(f"{record.get('name') or '–'}  {label_name(label)} {record['id']}")
    output.line(text("customer_answer", policies=count(len(held)), premium=amounts(premium)))
    if found.further:
        output.line(text("customer_further", number=count(found.further.records)))
    if record.get("deleted_on"):
        output.warning(text("customer_closed", day=record["deleted_on"]))
    output.line()
    rows = [
        (property_name(label, name), property_value(label, name, value))
        for name, value in record.items()
        if name not in _ORIGIN and not name.endswith("_key")
    ]
    file, line = (record.get(name) or "–" for name in ("path", "at_line"))
    where = text("customer_origin", file=file, line=line)
    rows.append((text("col_origin"), where))
    output.table([Column(text("col_field")), Column(text("col_value"), wraps=True)], rows)


def _section(output: Output, name: str, rows: list[Any], columns: list[Column], line: Any) -> None:
    output.heading(text(f"head_{name}", number=count(len(rows))))
    if not rows:
        output.line(text("none_known"), "dim")
        return
    output.table(columns, [line(row) for row in rows[:_MOST]])
    say_hidden(output, min(_MOST, len(rows)), len(rows), "--json")


def _same_columns() -> list[Column]:
    return [
        Column(text("col_node_type")),
        Column(text("col_id"), whole=True),
        Column(text("col_name"), wraps=True),
        Column(text("col_probability"), number=True),
    ]


def _same(row: dict[str, Any]) -> tuple[Any, ...]:
    probability = row["probability"]
    shown = "" if probability is None else f"{probability:.3f}"
    return label_name(row["label"]), row["id"], row["name"], shown


def _policy_columns() -> list[Column]:
    return [
        Column(text("col_id"), whole=True),
        Column(text("col_role")),
        Column(text("col_product")),
        Column(text("col_state")),
        Column(text("col_premium"), number=True),
        Column(text("col_agent")),
    ]


def _policy(row: dict[str, Any], money: AmountColumn) -> tuple[Any, ...]:
    agent = row["agent_name"] or row["agent_id"] or text("nobody")
    gone = row["agent_status"] not in ("active", None)
    if gone:
        agent = text("agent_gone", agent=agent, state=code_word("AgentStatus", row["agent_status"]))
    missing = row["status"] == "in_force" and (gone or not row["agent_status"])
    return (
        row["policy_id"],
        role_words(row["role"]),
        row["product"],
        code_word("PolicyStatus", row["status"]),
        money.amount(row["premium"], row["currency"]),
        Cell(agent, "yellow" if missing else ""),
    )


def _claim_columns() -> list[Column]:
    return [
        Column(text("col_id"), whole=True),
        Column(text("col_policy"), whole=True),
        Column(text("col_role")),
        Column(text("col_loss_on"), whole=True),
        Column(text("col_state")),
        Column(text("col_paid"), number=True),
        Column(text("col_cause"), spare=True),
    ]


def _claim(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        row["claim_id"], row["policy_id"], role_words(row["role"]), row["loss_on"],
        code_word("ClaimStatus", row["status"]), plain(row["amount_paid"]), row["cause"],
    )  # fmt: skip


def _contact_columns() -> list[Column]:
    return [
        Column(text("col_when"), whole=True),
        Column(text("col_direction")),
        Column(text("col_channel")),
        Column(text("col_topic")),
        Column(text("col_outcome")),
        Column(text("col_agent")),
    ]


def _contact(row: dict[str, Any]) -> tuple[Any, ...]:
    return (
        moment(row["contacted_at"]), code_word("Direction", row["direction"]),
        code_word("ContactChannel", row["channel"]), code_word("Topic", row["topic"]),
        code_word("Outcome", row["outcome"]), row["agent_name"],
    )  # fmt: skip


def _tie_columns() -> list[Column]:
    return [
        Column(text("col_tie")),
        Column(text("col_name"), wraps=True),
        Column(text("col_detail")),
        Column(text("col_shared"), number=True),
    ]


def _tie(row: dict[str, Any]) -> tuple[Any, ...]:
    plain_party = row["label"] in ("Person", "Institution", "Department")
    name = f"{row['name'] or ''} {row['id'] if plain_party else ''}".strip()
    detail = code_word(_DETAILS.get(row["tie"], ""), row["detail"])
    if row["tie"] == "HAS_PHONE":
        detail = text_or(f"phone_{detail}", detail)
    others = row["shared_with"]
    made_up = {"REFERRED_BY": "referred_by", "SHARES_DOCUMENT": "shares_document"}
    tie = text(made_up[row["tie"]]) if row["tie"] in made_up else edge_name(row["tie"])
    return tie, name, detail, "" if others is None else Cell(others, "yellow" if others else "")


def _history(output: Output, found: "Customer") -> None:
    if not found.history:
        return
    label = found.record["label"]
    output.heading(text("head_history", number=count(len(found.history))))
    columns = [
        Column(text("col_until"), whole=True),
        Column(text("col_field")),
        Column(text("col_was"), wraps=True),
        Column(text("col_became"), wraps=True),
    ]
    rows = [
        (
            moment(entry["at"]),
            property_name(label, name),
            property_value(label, name, values["before"]) if values["before"] else "–",
            property_value(label, name, values["after"]) if values["after"] else "–",
        )
        for entry in found.history
        for name, values in entry["fields"].items()
    ]
    output.table(columns, rows[:_MOST])
    say_hidden(output, min(_MOST, len(rows)), len(rows), "--json")

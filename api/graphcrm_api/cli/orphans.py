"""`graphcrm orphans`: policies in force whose serving agent is gone, by customer."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import amount, amounts, count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text, text_or
from graphcrm_api.cli.lists import command, limited, say_hidden, write_file
from graphcrm_api.cli.opening import open_graph, settings
from graphcrm_api.cli.options import AsJson, AsOf, GraphUrl, Lang, Limit, OutFile
from graphcrm_api.cli.output import Cell, Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.orphans import OrphanSummary

Row = dict[str, Any]


def list_orphans(
    as_of: AsOf = None,
    leave_days: Annotated[int | None, typer.Option("--leave-days", min=0, metavar="N")] = None,
    unauthorised: Annotated[bool, typer.Option("--unauthorised")] = False,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List orphan policies by customer."""
    from graphcrm.orphans import by_customer, find_orphans, summary

    output = Output(as_json=as_json)
    days = settings().leave_days if leave_days is None else leave_days
    with open_graph(graph) as opened, working(text("finding_orphans")):
        found = find_orphans(opened.store, as_of, days, unauthorised)
        numbers = summary(found)
        customers = by_customer(found).to_pylist()
    if out:
        write_file(output, found, out)
        return
    if as_json:
        shown = limited(customers, limit, 0)
        output.data(
            {"summary": numbers.model_dump(), "customers": shown, "policies": found.to_pylist()}
        )
        return
    print_summary(output, numbers)
    if not customers:
        return
    output.line()
    print_reasons(output, by_reason(found.to_pylist()))
    shown = limited(customers, limit)
    output.heading(text("head_urgent"))
    _customers(output, shown)
    say_hidden(output, len(shown), len(customers))
    asked = f" --as-of {as_of}" if as_of else ""
    asked += f" --leave-days {leave_days}" if leave_days is not None else ""
    asked += " --unauthorised" if unauthorised else ""
    output.next(
        command(f"orphans list{asked} --out orphans.csv", graph),
        command(f"customer {shown[0]['customer_id']}", graph),
    )


def print_summary(output: Output, numbers: "OrphanSummary") -> None:
    """How many policies are orphans, of how many customers, and what they bring a year."""
    if not numbers.policies:
        output.answer(text("orphans_none"))
        return
    output.answer(
        text(
            "orphans_answer",
            policies=count(numbers.policies),
            customers=count(numbers.customers),
            premium=amounts(numbers.premium),
        )
    )


def by_reason(policies: list[Row]) -> list[Row]:
    """Orphan policies by reason: reason, policies, premium (a sum for each currency)."""
    from graphcrm.orphans.finding import REASONS

    sums: dict[str, Row] = {
        reason: {"reason": reason, "policies": 0, "premium": {}} for reason in REASONS
    }
    for policy in policies:
        entry = sums[policy["reason"]]
        entry["policies"] += 1
        premium, currency = entry["premium"], policy["currency"] or "CNY"
        premium[currency] = premium.get(currency, 0.0) + (policy["premium_per_year"] or 0.0)
    return [entry for entry in sums.values() if entry["policies"]]


def print_reasons(output: Output, reasons: list[Row]) -> None:
    """Why the policies have no agent, with the premium of each reason."""
    columns = [
        Column(text("col_reason")),
        Column(text("col_policies"), number=True),
        Column(text("col_premium_at_stake"), number=True),
    ]
    output.table(
        columns,
        [(reason_name(r["reason"]), count(r["policies"]), amounts(r["premium"])) for r in reasons],
    )


def reason_name(reason: str) -> str:
    """Why an agent does not serve, in words."""
    return text_or(f"orphan_reason_{reason}", reason)


def _customers(output: Output, customers: list[Row]) -> None:
    columns = [
        Column(text("col_customer"), whole=True),
        Column(text("col_name")),
        Column(text("col_policies"), number=True),
        Column(text("col_premium"), number=True),
        Column(text("col_due"), whole=True),
        Column(text("col_open_claims"), number=True),
        Column(text("col_reason")),
        Column(text("col_no_contact"), number=True, spare=True),
    ]
    output.table(columns, [_customer(row) for row in customers])


def _customer(row: Row) -> tuple[Any, ...]:
    premium = amount(row["premium"], row["currency"])
    silent = row["days_since_contact"]
    return (
        row["customer_id"] or "–",
        row["customer_name"],
        count(row["policies"]),
        f"{premium} +" if row["other_premiums"] else premium,
        row["next_due_on"],
        Cell(row["open_claims"] or "", "yellow"),
        text("list_joint").join(text(f"orphan_short_{r}") for r in row["reasons"].split(";")),
        text("never") if silent is None else count(silent),
    )

"""`graphcrm orphans`: policies in force whose serving agent is gone, by customer."""

import shlex
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import AmountColumn, amounts, count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text, text_or
from graphcrm_api.cli.lists import OUT, command, limited, say_hidden, write_file
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
    agent: Annotated[str | None, typer.Option("--agent", metavar="ID")] = None,
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
        found = find_orphans(opened.store, as_of, days, unauthorised, agent)
    if out:
        write_file(output, found, out)
        return
    numbers, customers = summary(found), by_customer(found)
    if as_json:
        shown = limited(customers, limit, 0).to_pylist()
        output.data(
            {"summary": numbers.model_dump(), "customers": shown, "policies": found.to_pylist()}
        )
        return
    print_summary(output, numbers, agent)
    if not customers.num_rows:
        return
    output.line()
    print_reasons(output, numbers.model_dump()["reasons"])
    shown = limited(customers, limit).to_pylist()
    output.heading(text("head_urgent"))
    _customers(output, shown)
    say_hidden(output, len(shown), customers.num_rows)
    asked = f" --as-of {as_of}" if as_of else ""
    asked += f" --leave-days {leave_days}" if leave_days is not None else ""
    asked += " --unauthorised" if unauthorised else ""
    asked += f" --agent {shlex.quote(agent)}" if agent else ""
    output.next(
        command(f"orphans list{asked} --out orphans.csv", graph),
        command(f"customer {shown[0]['customer_id']}", graph),
    )


def print_summary(output: Output, numbers: "OrphanSummary", agent: str | None = None) -> None:
    """How many policies are orphans, of how many customers, and what they bring a year."""
    if not numbers.policies:
        nothing = text("orphans_none_of", agent=agent) if agent else text("orphans_none")
        output.answer(nothing)
        return
    output.answer(
        text(
            "orphans_answer",
            policies=count(numbers.policies),
            customers=count(numbers.customers),
            premium=amounts(numbers.premium),
        )
    )


def print_reasons(output: Output, reasons: dict[str, Row]) -> None:
    """Why the policies have no agent, with the premium of each reason."""
    money = AmountColumn(n["premium"] for n in reasons.values())
    columns = [
        Column(text("col_reason")),
        Column(text("col_policies"), number=True),
        Column(text("col_premium_at_stake"), number=True),
    ]
    output.table(
        columns,
        [
            (reason_name(reason), count(n["policies"]), money.amounts(n["premium"]))
            for reason, n in reasons.items()
        ],
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
    money = AmountColumn({row["currency"]: row["premium"]} for row in customers)
    output.table(columns, [_customer(row, money) for row in customers], OUT)
    if any(row["other_premiums"] for row in customers):
        output.line(text("plus_note"), "dim")


def _customer(row: Row, money: AmountColumn) -> tuple[Any, ...]:
    premium = money.amount(row["premium"], row["currency"])
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

"""`graphcrm orphans`: policies in force whose serving agent is gone, and whose customers they are."""

from typing import Annotated, Any

import typer

from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command, limited, say_hidden, write_file
from graphcrm_api.cli.opening import open_graph, settings
from graphcrm_api.cli.options import AsJson, AsOf, GraphUrl, Lang, Limit, OutFile
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

Row = dict[str, Any]


def list_orphans(
    as_of: AsOf = None,
    leave_days: Annotated[int | None, typer.Option("--leave-days", min=0, metavar="N")] = None,
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
        found = find_orphans(opened.store, as_of, days)
        reasons = summary(found).to_pylist()
        customers = by_customer(found).to_pylist()
    if out:
        write_file(output, found, out)
        return
    if as_json:
        shown = limited(customers, limit, 0)
        output.data({"summary": reasons, "customers": shown, "policies": found.to_pylist()})
        return
    print_summary(output, reasons, len(customers))
    if not customers:
        return
    shown = limited(customers, limit)
    output.heading(text("head_urgent"))
    _customers(output, shown)
    say_hidden(output, len(shown), len(customers))
    asked = f" --as-of {as_of}" if as_of else ""
    output.next(
        command(f"orphans list{asked} --out orphans.csv", graph),
        command(f"customer {shown[0]['customer_id']}", graph),
    )

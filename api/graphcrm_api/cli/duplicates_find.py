"""`graphcrm duplicates find`: which records are one customer, written into the graph."""

from typing import TYPE_CHECKING

from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Finding


def find(graph: GraphUrl = None, as_json: AsJson = False, lang: Lang = None) -> None:
    """Find the records that are one customer."""
    from graphcrm.duplicates.customers import find_customers

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("finding_duplicates")) as bar:
        found = find_customers(opened.store, listen=bar.stage, say=bar.hear)
    if as_json:
        output.data(found.model_dump())
        return
    _print(output, found)
    steps = ["duplicates list", "duplicates explain A B"] if found.several else ["duplicates rules"]
    output.next(*(command(step, graph) for step in steps))


def _print(output: Output, found: "Finding") -> None:
    surplus = found.records - found.customers
    output.answer(
        text(
            "found_answer" if found.several else "found_answer_none",
            records=count(found.records),
            customers=count(found.customers),
            several=count(found.several),
            largest=count(found.largest),
            surplus=count(surplus),
            share=share(surplus, found.records),
        )
    )
    output.line(_changes(found))
    output.line(
        text("found_how", pairs=count(found.pairs_compared), model=found.model_version), "dim"
    )


def _changes(found: "Finding") -> str:
    if not (found.new or found.changed or found.removed):
        return text("found_nothing_new")
    if found.new == found.customers and not (found.changed or found.removed):
        return text("found_first")
    return text(
        "found_changes",
        new=count(found.new),
        changed=count(found.changed),
        removed=count(found.removed),
    )

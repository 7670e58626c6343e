"""`graphcrm duplicates find`: which records are one customer, written into the graph."""

from typing import TYPE_CHECKING, Annotated

import typer

from graphcrm_api.cli.duplicates_fields import field_words
from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Finding

LAST = "last"
"""Stands for the last finding in place of a load."""

_GROWN = 1.25
"""So many times more records than a model was learned on make it worth learning anew."""


def find(
    since: Annotated[str | None, typer.Option("--since", metavar="LOAD")] = None,
    retrain: Annotated[bool, typer.Option("--retrain")] = False,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Find the records that are one customer."""
    if since is not None and retrain:
        raise typer.BadParameter(text("since_or_retrain"))
    output = Output(as_json=as_json)
    load = None if since is None else _load(since)
    with open_graph(graph) as opened, working(text("finding_duplicates")) as bar:
        found = opened.duplicates.find(retrain=retrain, since=load, listen=bar.stage, say=bar.hear)
    if as_json:
        output.data(found.model_dump())
        return
    _print(output, found, load)
    steps = ["duplicates list", "duplicates explain A B"] if found.several else ["duplicates rules"]
    output.next(*(command(step, graph) for step in steps))


def _print(output: Output, found: "Finding", since: int | None) -> None:
    from graphcrm.duplicates import FEW_RECORDS

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
    if not found.whole:
        output.line(text("found_since", compared=count(found.compared)))
    elif since is not None:
        output.line(text("found_whole"))
    if found.replaced:
        output.line(text("found_replaced", model=found.model_version, before=found.replaced))
    output.line(
        text("found_how", pairs=count(found.pairs_compared), model=found.model_version), "dim"
    )
    if found.unknown:
        fields = text("list_joint").join(field_words(column) for column in found.unknown)
        output.line(text("found_unknown", fields=fields), "yellow")
    if found.records > _GROWN * found.learned_from:
        output.line(text("found_grown", learned=count(found.learned_from)), "yellow")
    elif found.several and found.learned_from < FEW_RECORDS:
        output.line(text("learned_from_few", learned=count(found.learned_from)), "yellow")


def _load(since: str) -> int:
    """The load that is meant, 0 for the last finding."""
    if since == LAST:
        return 0
    if not since.isdecimal() or int(since) == 0:
        raise typer.BadParameter(text("not_a_load", value=since, last=LAST), param_hint="--since")
    return int(since)


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

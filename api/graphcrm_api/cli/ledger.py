"""`graphcrm ledger`: the decisions about a graph, and showing them in it anew."""

from contextlib import ExitStack, closing
from typing import Annotated

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working


def replay(
    other: Annotated[str | None, typer.Option("--from", metavar="GRAPH")] = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Show in the graph all decisions that it does not show yet."""
    from graphcrm.ledger.showing import ledger_of, replay, take_over

    output = Output(as_json=as_json)
    with ExitStack() as stack:
        store = stack.enter_context(open_graph(graph)).store
        own = stack.enter_context(closing(ledger_of(store)))
        taken = 0
        if other is not None:
            source = stack.enter_context(open_graph(other)).store
            taken = take_over(own, stack.enter_context(closing(ledger_of(source))))
        with working(text("replaying"), total=1) as bar:
            shown = replay(store, own, lambda done, total: bar(None, done, total))
        last = store.projected()
    if as_json:
        output.data({"taken_over": taken, "shown": shown, "last": last})
        return
    output.answer(text("replayed", shown=count(shown), last=count(last)))
    if other is not None:
        output.line(text("taken_over", taken=count(taken), graph=other))
    output.next(command("audit list", graph))

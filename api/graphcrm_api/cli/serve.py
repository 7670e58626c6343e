"""`graphcrm serve`: the HTTP API over a graph."""

from typing import Annotated

import typer

from graphcrm_api.cli.language import text
from graphcrm_api.cli.opening import ask_password, graph_url, settings
from graphcrm_api.cli.options import GraphUrl, Lang
from graphcrm_api.cli.output import errors_console, say


def serve(
    graph: GraphUrl = None,
    host: Annotated[str | None, typer.Option("--host", metavar="ADDRESS")] = None,
    port: Annotated[int | None, typer.Option("--port", min=0, max=65_535)] = None,
    lang: Lang = None,
) -> None:
    """Serve the graph by HTTP until Ctrl-C."""
    from graphcrm.errors import NoGraphError, UsageError
    from graphcrm_api.http.serving import serve as run

    address, known = graph_url(graph), settings()
    ask_password(address)
    at, on = host or known.serve_host, known.serve_port if port is None else port

    def started(identified: bool) -> None:
        console = errors_console()
        say(console, text("serving", url=f"http://{at}:{on}", graph=address))
        if not identified:
            say(console, text("serving_open"), "yellow")

    try:
        run(address, known, at, on, started)
    except NoGraphError:
        raise UsageError(text("no_graph", graph=address)) from None

"""`graphcrm backup`: a copy of the graph while it is in use."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from graphcrm_api.cli.language import text
from graphcrm_api.cli.opening import graph_url, open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Copy the graph."""
    from graphcrm.errors import StoreError
    from graphcrm.store import graph_title

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("copying"), total=100) as bar:
        found = opened.status()
        running = any(load["state"] == "running" for load in found.loads)
        if found.empty:
            words = "backup_first_load" if running else "backup_empty"
            raise StoreError(text(words, graph=graph_title(graph_url(graph))))

        def show(said: str) -> None:
            done = said.removesuffix("%").strip()
            if done.isdigit():
                bar(None, int(done), 100)

        opened.backup(file, show)
    size = file.stat().st_size
    if as_json:
        output.data({"file": str(file), "bytes": size})
        return
    output.answer(text("backup_done", file=file, size=f"{size / 1e6:,.1f}"))
    if running:
        output.warning(text("backup_running"))
    output.next(f"graphcrm status --graph {shlex.quote(str(file))}")

"""`graphcrm explore`: a neighbourhood as a picture or as a file for graph tools."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.naming import label_name
from graphcrm_api.cli.opening import locate, open_graph, settings
from graphcrm_api.cli.options import AsJson, GraphUrl, Label, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.graph import Graph

_KINDS = (".html", ".graphml", ".gexf")


def explore(
    id: Annotated[str, typer.Argument(metavar="ID")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False)],
    hops: Annotated[int, typer.Option(min=0, max=6, metavar="N")] = 2,
    limit: Annotated[int | None, typer.Option(min=1, metavar="N")] = None,
    label: Label = None,
    with_premiums: Annotated[bool, typer.Option("--with-premiums")] = False,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Draw what surrounds a node."""
    from graphcrm.errors import UsageError

    output = Output(as_json=as_json)
    if out.suffix.lower() not in _KINDS:
        raise UsageError(text("not_a_picture", file=out, kinds=", ".join(_KINDS)))
    most = limit or settings().neighbourhood_limit
    with open_graph(graph) as opened:
        centre = locate(opened, id, label)
        drawn = draw(opened, centre, out, hops=hops, limit=most, with_premiums=with_premiums)
    complete = bool(drawn.graph.get("complete", True))
    if as_json:
        output.data(
            {"file": str(out), "nodes": drawn.number_of_nodes(), "edges": drawn.number_of_edges(),
             "complete": complete}
        )  # fmt: skip
        return
    output.answer(
        text(
            "explored",
            nodes=count(drawn.number_of_nodes()),
            edges=count(drawn.number_of_edges()),
            hops=hops,
            id=id,
            file=out,
        )
    )
    if not complete:
        output.warning(text("explored_part", limit=count(most)))
    output.next(text("next_open", file=out) if out.suffix == ".html" else text("next_tools"))


def draw(
    graph: "Graph",
    centre: tuple[str, str],
    out: Path,
    *,
    hops: int,
    limit: int,
    with_premiums: bool = False,
) -> Any:
    """Write the surroundings of a node to a file, and return them as a graph."""
    from graphcrm.picture import write_picture

    leave_out = () if with_premiums else ("Premium",)
    with working(text("drawing")):
        around = graph.neighbourhood([centre], hops, limit, leave_out)
        name = around.nodes[centre].get("name") or centre[1]
        title = text("picture_title", kind=label_name(centre[0]), name=name, hops=hops)
        write_picture(around, out, title=title, lang=language(), centre=centre)
    return around

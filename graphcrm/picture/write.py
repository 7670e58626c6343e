"""Writing a neighbourhood to a file, in the form its ending names."""

from pathlib import Path
from typing import Any

import networkx as nx

from graphcrm.errors import UsageError
from graphcrm.export import replacing
from graphcrm.picture.files import write_gexf, write_graphml
from graphcrm.picture.html import page
from graphcrm.words import Language

ENDINGS = (".html", ".graphml", ".gexf")


def write_picture(
    graph: "nx.MultiDiGraph[Any]",
    path: Path,
    *,
    title: str,
    lang: Language,
    centre: tuple[str, str] | None,
) -> None:
    """Write a neighbourhood as `.html` (a page for the browser), `.graphml` or `.gexf`.

    `graph` is what `Graph.neighbourhood` returns, `centre` the node it is about; without one, the
    nodes at hop 0 are. The page needs no network and runs no script but its own. The file appears
    whole or not at all. Raises UsageError for another ending or a place that can't be written.
    """
    ending = path.suffix.lower()
    if ending not in ENDINGS:
        raise UsageError(f"{path}: a picture ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}")
    with replacing(path) as draft:
        if ending == ".html":
            html = page(graph, title=title, lang=lang, centre=centre)
            draft.write_text(html, encoding="utf-8", newline="\n")
        elif ending == ".graphml":
            write_graphml(graph, draft, lang)
        else:
            write_gexf(graph, draft, lang)

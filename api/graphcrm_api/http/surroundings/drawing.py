"""A neighbourhood as a file for graph tools."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
from fastapi import Request
from starlette.responses import Response

from graphcrm.picture import write_picture
from graphcrm.words import Language
from graphcrm_api.http.conventions.exporting import JSON
from graphcrm_api.http.conventions.problems import Problem
from graphcrm_api.http.conventions.requests import language_of

_ENDINGS = {"application/graphml+xml": "graphml", "application/gexf+xml": "gexf"}

FORMS = {form: {"schema": {"type": "string"}} for form in _ENDINGS}
"""The forms of a drawing, as OpenAPI describes them."""


def wanted_drawing(request: Request) -> str | None:
    """The media type of the file that is asked for; None for JSON. Problem for another."""
    accepted = request.headers.get("Accept", "*/*").lower()
    listed = [part.partition(";")[0].strip() for part in accepted.split(",")]
    for form in listed:
        if form in _ENDINGS:
            return form
        if form in (JSON, "application/*", "*/*"):
            return None
    raise Problem("not-acceptable", f"this comes as {', '.join((JSON, *_ENDINGS))}")


def drawn(request: Request, found: dict[str, Any], form: str) -> Response:
    """A neighbourhood, as it was answered, as a file."""
    graph: nx.MultiDiGraph[Any] = nx.MultiDiGraph()
    for node in found["nodes"]:
        graph.add_node((node["label"], node["id"]), **node)
    for edge in found["edges"]:
        properties = {k: v for k, v in edge.items() if k not in ("start", "end")}
        ends = ((edge[end]["label"], edge[end]["id"]) for end in ("start", "end"))
        graph.add_edge(*ends, **properties)
    name = f"neighbourhood.{_ENDINGS[form]}"
    with tempfile.TemporaryDirectory(prefix="graphcrm-") as folder:
        path = Path(folder) / name
        lang: Language = language_of(request.scope)
        write_picture(graph, path, title="", lang=lang, centre=None)
        content = path.read_bytes()
    disposition = f'attachment; filename="{name}"'
    return Response(content, media_type=form, headers={"Content-Disposition": disposition})

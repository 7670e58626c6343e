"""The page: one file with everything in it, drawn by vis-network out of pyvis.

pyvis' own template fetches Bootstrap from a CDN whatever it is told, and writes titles and
tooltips unescaped. So pyvis gathers the elements and gives vis-network, and the page is ours.
"""

import base64
import hashlib
import re
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import networkx as nx
from jinja2 import DictLoader, Environment

from graphcrm.picture.elements import edges_of, key_of, nodes_of, roots_of
from graphcrm.picture.names import node_type_name, one_line
from graphcrm.picture.palette import ACCENT, FONTS, node_style
from graphcrm.words import Language, catalogue

_SCRIPTS = ("captions.js", "panel.js", "page.js")
_MANY = 2_000
_FEW_EDGES = 1_000
_EFFORT = 200_000
"""Steps times nodes that the page arranges before it shows the picture: some seconds' work."""
_SOURCE_MAP = re.compile(r"\n?//# sourceMappingURL=\S+\s*$")


def page(
    graph: "nx.MultiDiGraph[Any]", *, title: str, lang: Language, centre: tuple[str, str] | None
) -> str:
    """The HTML of a neighbourhood."""
    # Importing pyvis imports IPython: only who draws a page waits for it.
    from pyvis.network import Network

    title = one_line(title)
    roots = roots_of(graph, centre)
    network = Network(directed=True, heading=title, cdn_resources="in_line")
    # add_node and add_edge search all nodes each time: seconds for thousands of nodes.
    network.nodes = nodes_of(graph, roots, lang)
    network.edges = edges_of(graph, lang)
    network.options = _options(len(graph), graph.number_of_edges())
    library, script = _library(), _script()
    network.templateEnv = Environment(
        loader=DictLoader({"page.html": _text("page.html")}), autoescape=True
    )
    network.path = "page.html"
    network.templateEnv.globals.update(
        lang="zh-CN" if lang == "zh" else "en",
        policy=_policy(library, script),
        style=f":root {{ --accent: {ACCENT}; --fonts: {FONTS}; }}\n" + _text("page.css"),
        library=library,
        script=script,
        page={
            "title": title,
            "lang": "zh-CN" if lang == "zh" else "en",
            "words": _words(lang),
            "types": _types(graph, lang),
            "roots": [key_of(node) for node in roots],
            "complete": bool(graph.graph.get("complete", True)),
            "hubs": int(graph.graph.get("hubs", 0)),
            "accent": ACCENT,
            "fonts": FONTS,
        },
    )
    html: str = network.generate_html()
    return html


def _options(count: int, edges: int) -> dict[str, Any]:
    spring = 150 if count <= 30 else 110 if count <= 150 else 80
    return {
        "nodes": {"borderWidth": 1.5, "borderWidthSelected": 3},
        "edges": {
            "width": 1,
            "hoverWidth": 0.5,
            "selectionWidth": 0.5,
            "color": {
                "color": "#A3ADB8" if edges <= _FEW_EDGES else "#C3CAD2",
                "highlight": ACCENT,
                "hover": ACCENT,
            },
            "arrows": {"to": {"enabled": True, "scaleFactor": 0.5}},
        },
        "interaction": {"hover": True, "multiselect": False, "hideEdgesOnDrag": count > _MANY},
        "layout": {"improvedLayout": False, "randomSeed": 1},
        "physics": {
            "solver": "forceAtlas2Based",
            "forceAtlas2Based": {
                "gravitationalConstant": -70,
                "centralGravity": 0.008,
                "springLength": spring,
                "springConstant": 0.08,
                "damping": 0.6,
                "avoidOverlap": 0.4,
            },
            "stabilization": {
                "iterations": max(10, min(250, _EFFORT // max(count, 1))),
                "updateInterval": 10,
                "fit": True,
            },
        },
    }


def _types(graph: "nx.MultiDiGraph[Any]", lang: Language) -> list[dict[str, Any]]:
    """The legend: the types that are there, most frequent first."""
    counts = Counter(label for label, _ in graph)
    legend = []
    for label, count in counts.most_common():
        style = node_style(label)
        legend.append(
            {
                "label": label,
                "name": node_type_name(label, lang),
                "count": count,
                "colour": style.colour,
                "border": style.border,
                "shape": style.shape,
                "mark": style.zh if lang == "zh" else style.en,
                "ink": style.ink,
            }
        )
    return legend


def _words(lang: Language) -> dict[str, str]:
    return {
        key.removeprefix("picture."): texts[lang]
        for key, texts in catalogue().items()
        if key.startswith("picture.")
    }


def _policy(*scripts: str) -> str:
    """A content security policy: these very scripts, inline styles, nothing else, no network."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'"
    )


@cache
def _library() -> str:
    """vis-network as pyvis brings it, without its pointer to a source map."""
    import pyvis

    found = sorted(Path(pyvis.__file__).parent.glob("templates/lib/vis-*/vis-network.min.js"))
    return _inline(_SOURCE_MAP.sub("", found[-1].read_text(encoding="utf-8")))


@cache
def _script() -> str:
    return _inline("\n".join(_text(name) for name in _SCRIPTS))


def _inline(script: str) -> str:
    """A script as it may stand in a page; the policy's digest is of exactly this text."""
    # Comments and strings of a script may not end it, nor put its end out of sight.
    return script.replace("\r\n", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _text(name: str) -> str:
    return (files("graphcrm.picture") / "page" / name).read_text(encoding="utf-8")

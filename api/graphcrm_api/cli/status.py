"""`graphcrm status`: what is in the graph, and how good it is."""

from itertools import zip_longest
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import count, moment
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text, text_or
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.naming import edge_name, label_name, property_name
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Cell, Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.store import Status

_LOADS = 5


def status(
    quality: Annotated[bool, typer.Option("--quality")] = False,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Say what is in the graph."""
    output = Output(as_json=as_json)
    with open_graph(graph, masks=False) as opened:
        found = opened.status()
        fields: list[dict[str, Any]] = []
        missing: list[dict[str, Any]] = []
        if quality:
            from graphcrm.quality import pending_references
            from graphcrm.quality import quality as measure

            with working(text("measuring_quality")) as bar:
                snapshot = opened.snapshot(bar.hear)
                fields = measure(snapshot).to_pylist()
                missing = pending_references(snapshot).to_pylist()
    if as_json:
        listed = found.model_dump(mode="json")
        more = {"quality": fields, "missing": missing} if quality else {}
        output.data(listed | more)
        return
    _contents(output, found)
    _loads(output, found)
    if quality:
        _quality(output, fields, missing)
    steps = ["quarantine list"] if found.refused or found.pending else []
    steps += [] if quality else ["status --quality"]
    output.next(*(command(step, graph) for step in steps or ["duplicates find"]))


def _contents(output: Output, found: "Status") -> None:
    output.answer(
        text(
            "status_answer",
            nodes=count(sum(found.nodes.values())),
            edges=count(sum(found.edges.values())),
            graph=found.url,
        )
    )
    if found.refused or found.pending:
        output.warning(
            text("status_open", refused=count(found.refused), pending=count(found.pending))
        )
    if not found.nodes:
        output.line(text("status_empty"))
        return
    output.line()
    columns = [
        Column(text("col_node_type")), Column(text("col_number"), number=True),
        Column(text("col_edge_type")), Column(text("col_number"), number=True),
    ]  # fmt: skip
    nodes = [(_both(label_name(name), name), count(n)) for name, n in found.nodes.items()]
    edges = [(_both(edge_name(name), name), count(n)) for name, n in found.edges.items()]
    pairs = zip_longest(nodes, edges, fillvalue=("", ""))
    output.table(columns, [(*node, *edge) for node, edge in pairs])


def _both(name: str, code: str) -> str:
    """A type in words; in Chinese with its name in the vocabulary, by which it is asked for."""
    return f"{name} {code}" if language() == "zh" else code


def _loads(output: Output, found: "Status") -> None:
    if not found.loads:
        return
    output.heading(text("head_loads", shown=min(_LOADS, len(found.loads))))
    columns = [
        Column(text("col_load"), number=True),
        Column(text("col_state")),
        Column(text("col_began"), whole=True),
        Column(text("col_source")),
        Column(text("col_by")),
        Column(text("col_rows"), number=True),
        Column(text("col_refused"), number=True),
    ]
    output.table(columns, [_load(entry) for entry in found.loads[:_LOADS]])
    states = {entry["state"] for entry in found.loads[:_LOADS] if not entry["repeated_by"]}
    if "running" in states:
        output.warning(text("load_running"))
    if states - {"done", "running"}:
        output.warning(text("load_again"))


def _load(entry: dict[str, Any]) -> tuple[Any, ...]:
    files = (entry["report"] or {}).get("files", [])
    done = entry["state"] == "done"
    state = text_or(f"state_{entry['state']}", entry["state"])
    return (
        entry["load"],
        state if done else Cell(f"! {state}", "yellow"),
        moment(entry["started_at"]),
        entry["source"] or "–",
        entry["by"],
        count(sum(file["rows"] for file in files)) if entry["report"] else "",
        count(sum(file["refused"] for file in files)) if entry["report"] else "",
    )


def _quality(output: Output, fields: list[dict[str, Any]], missing: list[dict[str, Any]]) -> None:
    """The fields that lack something, and the references that lead nowhere."""
    lacking = [field for field in fields if field["flawed"] or field["filled"] < 1]
    output.heading(text("head_quality"))
    columns = [
        Column(text("col_node_type")),
        Column(text("col_field")),
        Column(text("col_filled"), number=True),
        Column(text("col_flawed"), number=True),
        Column(text("col_reason"), wraps=True),
    ]
    output.table(columns, [_field(field) for field in lacking])
    output.line(text("quality_fine", fields=count(len(fields) - len(lacking))), "dim")
    if missing:
        output.heading(text("head_missing"))
        columns = [
            Column(text("col_column"), whole=True),
            Column(text("col_number"), number=True),
            Column(text("col_ids"), number=True),
            Column(text("col_example"), whole=True),
        ]
        rows = [
            (m["origin"], count(m["pending"]), count(m["missing"]), m["example"]) for m in missing
        ]
        output.table(columns, rows)


def _field(field: dict[str, Any]) -> tuple[Any, ...]:
    flawed = field["flawed"] or 0
    return (
        label_name(field["label"]),
        property_name(field["label"], field["property"]),
        f"{100 * field['filled']:.1f}%",
        Cell(count(flawed), "yellow") if flawed else "",
        flaw_words(field["reason"]),
    )


def flaw_words(reason: str | None) -> str:
    """Why values have no standard form, in words; what is no code stays as it is."""
    from graphcrm.standards import Reason

    if not reason:
        return ""
    try:
        known = Reason(reason)
    except ValueError:
        return text_or(f"reason_{reason}", reason)
    return known.zh if language() == "zh" else known.en

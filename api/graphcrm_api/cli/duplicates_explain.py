"""`graphcrm duplicates explain`: why two records are one customer, or are not."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.dedupe_words import bits, level_words, said
from graphcrm_api.cli.duplicates_explained import (
    answer,
    answer_key,
    figures,
    note_key,
    silent,
    waterfall,
)
from graphcrm_api.cli.duplicates_fields import field_words, value_words, with_names
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.opening import locate, open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Cell, Output
from graphcrm_api.cli.progress import working
from graphcrm_api.cli.waterfall import Step, Waterfall

if TYPE_CHECKING:
    from graphcrm.duplicates.customers import Explained

_ROOM = 12
"""Cells of a bar."""

_FOR, _AGAINST = "█", "▒"


def explain(
    one: Annotated[str, typer.Argument(metavar="A")],
    other: Annotated[str, typer.Argument(metavar="B")],
    picture: Annotated[Path | None, typer.Option("--picture", metavar="FILE")] = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Say why two records are one customer, or are not."""
    from graphcrm.errors import UsageError
    from graphcrm.store import graph_title

    if picture is not None and picture.suffix.lower() != ".html":
        raise UsageError(text("quality_not_html", file=picture))
    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("reading_customers")) as bar:
        ids = [locate(opened, id, "Person")[1] for id in (one, other)]
        found = opened.duplicates.explain(ids[0], ids[1], bar.hear)
        shown = found if as_json and picture is None else with_names(found, opened)
        if picture is not None:
            from graphcrm_api.cli.duplicates_picture import write_picture

            bar(text("writing_file", file=picture))
            write_picture(shown, picture, graph_title(opened.url), language())
    if as_json:
        named = {} if picture is None else {"picture": str(picture)}
        output.data({"answer": answer(found)} | found.model_dump() | named)
        return
    _print(output, shown)
    if picture is None:
        both = shlex.join(ids)
        output.next(
            command(f"duplicates explain {both} --picture why.html", graph),
            command(f"customer {shlex.quote(ids[0])}", graph),
        )
    else:
        output.line(text("picture_written", file=picture))
        output.next(text("next_open", file=picture))


def _print(output: Output, found: "Explained") -> None:
    output.answer(said(answer_key(found), left=found.left, right=found.right, **figures(found)))
    if note := note_key(found):
        output.line(said(note))
    output.line()
    drawn = waterfall(found)
    columns = [
        Column(text("col_field"), wraps=True),
        Column(found.left, wraps=True),
        Column(found.right, wraps=True),
        Column(text("col_agreement"), wraps=True),
        Column(text("col_weight"), number=True),
        Column("", whole=True),
    ]
    output.table(columns, [_row(drawn, step) for step in drawn.steps])
    output.line(text("explain_legend", agrees=_FOR, differs=_AGAINST), "dim")
    if nothing := silent(found):
        output.line(nothing, "dim")


def _row(drawn: Waterfall, step: Step) -> tuple[Any, ...]:
    weight = step.after - step.before
    weighed = Cell(bits(weight), "green" if weight > 0 else "yellow"), _bar(drawn, step)
    told = step.agreement
    if told is None:
        return said("total_row") if step.total else text("at_start"), "", "", "", *weighed
    return (
        field_words(told.column),
        value_words(told.column, told.left),
        value_words(told.column, told.right),
        level_words(told.level),
        *weighed,
    )


def _bar(drawn: Waterfall, step: Step) -> Cell:
    """The step as a bar in its place; for and against differ in colour and in sign."""
    if bits(step.after - step.before) == bits(0):
        return Cell("", "")
    agrees = step.after >= step.before
    begin, wide = drawn.extent(step, _ROOM, 1.0)
    at = min(round(begin), _ROOM - 1)
    length = max(min(round(begin + wide), _ROOM) - at, 1)
    shown = (_FOR if agrees else _AGAINST) * length
    return Cell(" " * at + shown, "green" if agrees else "yellow")

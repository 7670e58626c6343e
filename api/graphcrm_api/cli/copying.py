"""`graphcrm copy`: a graph from one store into another."""

from typing import TYPE_CHECKING, Annotated

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text, text_or
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.naming import edge_name, label_name
from graphcrm_api.cli.opening import ask_password
from graphcrm_api.cli.options import AsJson, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import Bar, working

if TYPE_CHECKING:
    from graphcrm.store.copying import CopyEvent


def copy(
    source: Annotated[str, typer.Option("--from", metavar="GRAPH")],
    target: Annotated[str, typer.Option("--to", metavar="GRAPH")],
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Copy a graph into another store."""
    from graphcrm.store.copying import copy_graph
    from graphcrm.store.opening import require_own

    output = Output(as_json=as_json)
    for address in (source, target):
        require_own(address)
        ask_password(address)
    with working(text("copying"), total=1) as bar:
        report = copy_graph(source, target, lambda event: _show(bar, event))
    if as_json:
        output.data(report.model_dump(mode="json"))
        return
    output.answer(text("copy_done", count=count(report.count), graph=target))
    columns = [
        Column(text("col_part")), Column(text("col_number"), number=True),
        Column(text("col_checksum")),
    ]  # fmt: skip
    output.table(
        columns,
        [(_name(part.name), count(part.count), part.checksum) for part in report.parts],
    )
    output.next(command("status", target))


def _show(bar: Bar, event: "CopyEvent") -> None:
    from graphcrm.words.doing import doing_words

    verb, _, name = event.text.partition(" ")
    if not bar.hear(event.text) and name:
        bar(doing_words(f"{verb} {_name(name)}", language()), event.done, event.total)


def _name(part: str) -> str:
    """A type or a kind of record in words."""
    from graphcrm.model import VOCABULARY

    if part in VOCABULARY.nodes:
        return label_name(part)
    if part in VOCABULARY.edges:
        return edge_name(part)
    return text_or(f"part_{part}", part)

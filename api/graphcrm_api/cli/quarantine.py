"""`graphcrm quarantine`: the rows that were refused and the edges that wait."""

import shlex
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.lists import command, limited, say_hidden, write_file
from graphcrm_api.cli.loading import load
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.refusals import reason_words


def list_refused(
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List what was refused, with the reason."""
    output = Output(as_json=as_json)
    with open_graph(graph) as opened:
        rows = opened.quarantine().to_pylist()
    for row in rows:
        row["explanation"] = reason_words(row["reason"], row["detail"])
    if as_json:
        output.data(limited(rows, limit, 0))
        return
    if not rows:
        output.answer(text("quarantine_none"))
        return
    refused = {(r["load"], r["file"], r["line"]) for r in rows if r["kind"] == "row"}
    waiting = sum(r["kind"] == "edge" for r in rows)
    output.answer(text("status_open", refused=count(len(refused)), pending=count(waiting)))
    output.line()
    tally = Counter((Path(row["file"]).name, row["column"], row["explanation"]) for row in rows)
    columns = [
        Column(text("col_number"), number=True),
        Column(text("col_file")),
        Column(text("col_column")),
        Column(text("col_reason"), wraps=True),
    ]
    kinds = limited(tally.most_common(), limit)
    output.table(columns, [(count(n), *what) for what, n in kinds])
    say_hidden(output, len(kinds), len(tally), "--limit N")
    output.line()
    _rows(output, rows, limit)
    output.next(command("quarantine export refused.xlsx", graph))


def _rows(output: Output, rows: list[dict[str, Any]], limit: int | None) -> None:
    columns = [
        Column(text("col_file")),
        Column(text("col_line"), number=True),
        Column(text("col_column")),
        Column(text("col_value")),
        Column(text("col_reason")),
    ]
    shown = limited(rows, limit)
    output.table(
        columns,
        [
            (Path(r["file"]).name, r["line"], r["column"], r["value"], r["explanation"])
            for r in shown
        ],
    )
    say_hidden(output, len(shown), len(rows), "--limit N")


def export_refused(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write what was refused to a file, to be mended."""
    from graphcrm.export.quarantine import mendable

    output = Output(as_json=as_json)
    with open_graph(graph) as opened:
        write_file(output, mendable(opened.quarantine(), language()), file)
    if not as_json:
        retry = command(f"quarantine retry {shlex.quote(str(file))}", graph)
        output.next(text("next_mend", retry=retry))


def retry_refused(
    file: Annotated[Path, typer.Argument(metavar="FILE", dir_okay=False)],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Load a mended export again."""
    from graphcrm.errors import UsageError
    from graphcrm_loaders.sources import discover

    if not all(table.origin for table in discover([file], None).tables):
        raise UsageError(f"{file}: {text('no_export')}")
    load([str(file)], graph=graph, as_json=as_json, lang=lang)

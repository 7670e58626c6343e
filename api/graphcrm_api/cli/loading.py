"""`graphcrm load`: files and databases into the graph."""

import json
import sqlite3
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.load_report import print_report
from graphcrm_api.cli.messages import in_language
from graphcrm_api.cli.opening import ask_password, graph_url, open_graph
from graphcrm_api.cli.options import AsJson, AsOf, GraphUrl, Lang
from graphcrm_api.cli.output import Output, errors_console, say
from graphcrm_api.cli.progress import Bar, working
from graphcrm_api.cli.suggesting import suggest

if TYPE_CHECKING:
    from graphcrm.store import LoadReport


def load(
    sources: Annotated[list[str] | None, typer.Argument(metavar="SOURCE")] = None,
    mapping: Annotated[Path | None, typer.Option(metavar="FILE")] = None,
    source: Annotated[str | None, typer.Option(metavar="NAME")] = None,
    full: Annotated[bool, typer.Option("--full")] = False,
    incremental: Annotated[bool, typer.Option("--incremental")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run")] = False,
    suggest_mapping: Annotated[bool, typer.Option("--suggest-mapping")] = False,
    resume: Annotated[bool, typer.Option("--resume")] = False,
    yes: Annotated[bool, typer.Option("--yes")] = False,
    as_of: AsOf = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Load files and databases into the graph."""
    from graphcrm.errors import ConfirmationNeeded, UsageError

    output = Output(as_json=as_json)
    request: dict[str, Any] = {
        "mapping": mapping, "source": source, "full": full, "incremental": incremental,
        "dry_run": dry_run, "as_of": as_of,
    }  # fmt: skip
    address = graph_url(graph)
    if resume:
        ask_password(address)
        sources, request = _unfinished(address, given=bool(sources))
    if not sources:
        raise UsageError(text("no_source"))
    _there(sources, address)
    if suggest_mapping:
        suggest(output, sources)
        return
    ask_password(address)
    try:
        report, waiting = run_load(address, sources, confirmed=yes, **request)
    except ConfirmationNeeded as question:
        asked = not as_json and sys.stdin.isatty() and sys.stderr.isatty()
        if not (asked and _confirmed(question)):
            raise typer.Exit(_unconfirmed(output, question, asked=asked)) from None
        report, waiting = run_load(address, sources, confirmed=True, **request)
    if as_json:
        output.data(report.model_dump(mode="json") | {"waiting": waiting})
    else:
        print_report(output, report, waiting, graph, rehearsed=dry_run)
    if report.refused or report.failed:
        raise typer.Exit(1)


def run_load(
    address: str, sources: list[str], *, dry_run: bool = False, **request: Any
) -> "tuple[LoadReport, int]":
    """Load with a progress bar; returns the report and how many edges wait in the graph now.

    A rehearsal makes no graph where there is none, nor does a load that brings nothing.
    """
    from graphcrm.store import graph_exists

    there = graph_exists(address)
    try:
        return _load(address, sources, dry_run=dry_run, **request)
    finally:
        if not there:
            _remove_if_empty(address)


def _load(
    address: str, sources: list[str], *, dry_run: bool, **request: Any
) -> "tuple[LoadReport, int]":
    import tempfile

    from graphcrm.graph import graph_in
    from graphcrm.store import graph_exists, open_store

    with tempfile.TemporaryDirectory(prefix="graphcrm-") as scratch:
        if dry_run and not graph_exists(address):
            address = str(Path(scratch) / "rehearsal.graph")
        with (
            graph_in(open_store(address), warn=False) as graph,
            working(text("load_begins"), total=1) as bar,
        ):
            report = graph.load(
                sources, dry_run=dry_run, listen=lambda event: _show(bar, event), **request
            )
            return report, graph.status().pending


def _remove_if_empty(address: str) -> None:
    from graphcrm.errors import GraphCRMError
    from graphcrm.store import remove_if_empty

    # what went wrong with the load is what the user must hear
    with suppress(GraphCRMError, OSError, sqlite3.Error):
        remove_if_empty(address)


def _show(bar: Bar, event: Any) -> None:
    if event.kind != "progress":
        return
    from graphcrm.words.doing import doing_words

    words = bar.hear(event.text) or doing_words(event.text, language())
    bar(words, event.done, event.total)


def _unfinished(address: str, *, given: bool) -> tuple[list[str], dict[str, Any]]:
    """What the last load that did not finish was asked to do. UsageError: there is none."""
    from graphcrm.errors import UsageError
    from graphcrm.store.opening import require_own
    from graphcrm_loaders.request import LoadRequest

    require_own(address)
    if given:
        raise UsageError(text("resume_alone"))
    with open_graph(address, warn=False) as graph:
        broken = [
            load
            for load in graph.store.loads()
            if load["state"] in ("interrupted", "failed") and not load["repeated_by"]
        ]
    if not broken or not broken[0]["request"]:
        raise UsageError(text("nothing_to_resume", graph=address))
    asked = LoadRequest.model_validate({"graph": address, **json.loads(broken[0]["request"])})
    return [*map(str, asked.sources), *asked.databases], {
        "mapping": asked.mapping,
        "source": asked.plan.source,
        "full": asked.plan.complete,
        "incremental": asked.incremental,
        "dry_run": asked.dry_run,
        "as_of": asked.plan.as_of,
    }


def _there(sources: list[str], address: str) -> None:
    """Raises SourceError, before a graph is made, where none of the sources is there.

    What a service is to load may lie on its machine.
    """
    from graphcrm.errors import SourceError
    from graphcrm.store.remote.address import is_service

    if is_service(address):
        return
    missing = [s for s in sources if "://" not in s and not Path(s).exists()]
    if len(missing) == len(sources):
        raise SourceError("\n".join(text("no_file", file=source) for source in missing))


def _confirmed(question: Exception) -> bool:
    """Ask a person."""
    say(errors_console(), in_language(str(question)), "yellow")
    return typer.confirm(text("confirm_rename"), default=False, err=True)


def _unconfirmed(output: Output, question: Exception, *, asked: bool) -> int:
    """Say that nothing was written; a person who said no has read the question already."""
    words = in_language(str(question))
    if output.as_json:
        output.data({"error": words, "type": type(question).__name__})
        return 2
    console = errors_console()
    if not asked:
        say(console, text("error", message=words), "red")
    say(console, text("confirm_with_yes"))
    return 2

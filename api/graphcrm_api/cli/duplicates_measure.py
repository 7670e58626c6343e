"""`graphcrm duplicates evaluate` and `export`: how good the customers are, and all of them."""

from pathlib import Path
from typing import Annotated, Any

import typer

from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import catalogue, language, text
from graphcrm_api.cli.lists import command, write_file
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

Row = dict[str, Any]


def evaluate(
    truth: Annotated[Path, typer.Option("--truth", metavar="FILE_OR_DIR")],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Measure the customers against a truth."""
    from graphcrm.duplicates.customers import evaluate_customers
    from graphcrm.errors import UsageError

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("measuring_customers")) as bar:
        whole, kinds = evaluate_customers(opened.store, truth, bar.hear)
    pairs, records = whole.to_pylist()
    if pairs["found"] is None:
        raise UsageError(text("truth_of_others", truth=truth))
    by_kind = kinds.to_pylist()
    if as_json:
        output.data({"measures": [pairs, records], "kinds": by_kind})
        return
    _print_measures(output, pairs, records)
    if by_kind:
        _print_kinds(output, by_kind)
    output.next(command("duplicates list --doubtful", graph))


def _print_measures(output: Output, pairs: Row, records: Row) -> None:
    output.answer(
        text(
            "customers_measured",
            recall=_share(pairs["recall"]),
            true=count(pairs["true"]),
            precision=_share(pairs["precision"]),
            found=count(pairs["found"]),
        )
    )
    output.line()
    columns = [
        Column(text("col_measure")),
        *(Column(text(f"col_{n}"), number=True) for n in ("pairs", "correct", "missed")),
        *(Column(text(f"col_{n}"), number=True) for n in ("precision", "recall", "f1")),
    ]
    missed = count(pairs["true"] - pairs["correct"])
    figures = [[_share(row[n]) for n in ("precision", "recall", "f1")] for row in (pairs, records)]
    output.table(
        columns,
        [
            (
                text("measure_pairs"),
                count(pairs["found"]),
                count(pairs["correct"]),
                missed,
                *figures[0],
            ),
            (text("measure_records"), "", "", "", *figures[1]),
        ],
    )
    output.line(text("measured_note"), "dim")
    output.line(text("measured_records_note"), "dim")


def _print_kinds(output: Output, kinds: list[Row]) -> None:
    output.heading(text("head_kinds"))
    columns = [
        Column(text("col_kind")),
        *(Column(text(f"col_{n}"), number=True) for n in ("true_pairs", "pairs", "recall")),
    ]
    output.table(
        columns,
        [
            (_kind(row["kind"]), count(row["true"]), count(row["correct"]), _share(row["recall"]))
            for row in kinds
        ],
    )
    output.line(text("kinds_note"), "dim")


def _kind(name: str) -> str:
    """A kind of error in words, where it is one that a sample makes."""
    words = catalogue("describe").get(f"error_{name}")
    return words[language()] if words else name


def _share(value: float | None) -> str:
    return "–" if value is None else share(value, 1)


def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", dir_okay=False)],
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write every record with its customer to a file."""
    from graphcrm.duplicates.customers import exported

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("reading_customers")) as bar:
        table = exported(opened.store, bar.hear)
    write_file(output, table, out)

"""`graphcrm sample`: a made-up insurer's files."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graphcrm_api.cli.figures import count, seconds
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.options import AsJson, Lang
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.sample import SampleReport


def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", file_okay=False)],
    customers: Annotated[int, typer.Option(min=1, metavar="N")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, metavar="S")] = 1,
    format: Annotated[Literal["csv", "parquet"], typer.Option()] = "csv",
    describe: Annotated[Path | None, typer.Option(metavar="FILE.html", dir_okay=False)] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Write a made-up insurer's book."""
    output = Output(as_json=as_json)
    if describe is not None:
        _require_html(describe)
    if describe is not None and any(directory.glob("persons.*")):
        describe_sample(directory, describe)
        if as_json:
            output.data({"file": str(describe)})
        else:
            output.answer(text("sample_described", folder=directory, file=describe))
        return
    report = make_sample(directory, customers, seed, format)
    if describe is not None:
        describe_sample(directory, describe)
    tables = [(name, rows) for name, rows in report.rows.items() if not name.startswith("truth/")]
    if as_json:
        listed = [{"table": name, "rows": rows} for name, rows in report.rows.items()]
        output.data(listed)
        return
    rows = sum(number for _, number in tables)
    output.answer(
        text("sample_done", rows=count(rows), folder=directory, took=seconds(report.seconds))
    )
    output.line(text("sample_truth", folder=directory / "truth"))
    if describe is not None:
        output.line(text("sample_described", folder=directory, file=describe))
    output.line()
    columns = [Column(text("col_table")), Column(text("col_rows"), number=True)]
    output.table(columns, [(name, count(number)) for name, number in tables])
    output.next(f"graphcrm load {shlex.quote(str(directory))}")


def make_sample(
    directory: Path, customers: int, seed: int, format: Literal["csv", "parquet"] = "csv"
) -> "SampleReport":
    """Write the book with progress. Raises UsageError for a folder that has something in it."""
    from graphcrm.errors import UsageError
    from graphcrm.sample import write_sample

    with working(text("sampling", table=""), total=1) as bar:
        try:
            return write_sample(
                directory,
                customers=customers,
                seed=seed,
                format=format,
                progress=lambda name, done, all: bar(text("sampling", table=name), done, all),
            )
        except ValueError as error:
            raise UsageError(str(error)) from error


def _require_html(target: Path) -> None:
    from graphcrm.errors import UsageError

    if target.suffix.lower() != ".html":
        raise UsageError(text("sample_describe_html", file=target))


def describe_sample(directory: Path, target: Path) -> None:
    """Write the page that describes a book. Raises UsageError for a folder without one."""
    from graphcrm.export import replacing
    from graphcrm.sample.describe import describe

    page = describe(directory, language())
    with replacing(target) as draft:
        draft.write_text(page, encoding="utf-8", newline="\n")

"""`graphcrm dedupe`: the same customers in any list, a CSV or a workbook; no graph is needed."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.dedupe_columns import as_rows, print_columns, with_mapped
from graphcrm_api.cli.figures import count
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.options import AsJson, Lang, OutFile
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm_api.cli.dedupe_found import Found
    from graphcrm_loaders.lists import CustomerList, Detected

_TABLES = (".csv", ".parquet", ".xlsx", ".json", ".jsonl")


def dedupe(
    file: Annotated[Path, typer.Argument(metavar="FILE")],
    mapped: Annotated[list[str] | None, typer.Option("--map", metavar="COLUMN=ROLE")] = None,
    sheet: Annotated[str | None, typer.Option("--sheet", metavar="SHEET")] = None,
    columns: Annotated[bool, typer.Option("--columns")] = False,
    thorough: Annotated[bool, typer.Option("--thorough")] = False,
    out: OutFile = None,
    pairs: Annotated[Path | None, typer.Option("--pairs", metavar="FILE")] = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE")] = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Find the same customers in a list."""
    from graphcrm_loaders.lists import check_place, detect, place_beside, read_list, write_list

    output = Output(as_json=as_json)
    place = out or place_beside(file)
    with working(text("dedupe_reading", file=file)) as bar:
        given = read_list(file, sheet)
        bar(text("dedupe_detecting"))
        detected = with_mapped(detect(given.texts), mapped or [], given)
    if columns:
        _say_columns(output, given, detected)
        return
    _check_places(place, pairs, report, file)
    check_place(place, file)
    found = _find(given, detected, thorough)
    with working(text("writing_file", file=place)) as bar:
        write_list(given, found.ids, place)
        if pairs is not None:
            from graphcrm.export import write_table
            from graphcrm_api.cli.dedupe_pairs import pairs_table

            bar(text("writing_file", file=pairs))
            write_table(pairs_table(found), pairs)
        if report is not None:
            from graphcrm_api.cli.dedupe_report import write_report

            bar(text("writing_file", file=report))
            write_report(found, report, language())
    files = {"out": place, "pairs": pairs, "report": report}
    written = {name: path for name, path in files.items() if path is not None}
    if as_json:
        output.data(_as_json(found, written))
        return
    from graphcrm_api.cli.dedupe_summary import print_summary

    print_summary(output, found, written)


def _check_places(out: Path, pairs: Path | None, report: Path | None, file: Path) -> None:
    """Raise UsageError where a file can't be written, or two would be one: before the work."""
    from graphcrm.errors import UsageError
    from graphcrm_loaders.lists import check_place

    if report is not None and report.suffix.lower() != ".html":
        raise UsageError(text("quality_not_html", file=report))
    if report is not None:
        check_place(report, file, (".html",))
    if pairs is not None:
        check_place(pairs, file, _TABLES)
        if pairs.resolve() == out.resolve():
            raise UsageError(text("dedupe_same_file", file=pairs))


def _find(given: "CustomerList", detected: "dict[str, Detected]", thorough: bool) -> "Found":
    """Run the engine. Raises UsageError where nothing tells who the customers are."""
    from graphcrm.duplicates import dedupe as find
    from graphcrm.duplicates.roles import Role
    from graphcrm.errors import UsageError
    from graphcrm_api.cli.dedupe_found import Found

    roles = {name: known.role for name, known in detected.items()}
    if all(role is Role.IGNORED for role in roles.values()):
        raise UsageError(text("dedupe_no_role", file=given.path))
    with working(text("finding_duplicates")) as bar:
        result = find(given.texts, roles, thorough=thorough, listen=bar.stage)
    return Found(given, detected, result)


def _say_columns(output: Output, given: "CustomerList", detected: "dict[str, Detected]") -> None:
    if output.as_json:
        data = {"file": str(given.path), "records": given.texts.num_rows}
        output.data(data | {"columns": as_rows(given, detected)})
        return
    output.answer(text("dedupe_columns_answer", records=count(given.texts.num_rows)))
    print_columns(output, given, detected)
    output.next(text("next_dedupe_map"))


def _as_json(found: "Found", written: dict[str, Path]) -> dict[str, Any]:
    return {
        "file": str(found.given.path),
        "sheet": found.given.sheet,
        "records": found.records,
        "customers": found.customers,
        "duplicates": found.records - found.customers,
        "clusters_of_several": len(found.several),
        "largest_cluster": int(found.sizes.max()),
        "cluster_column": found.column,
        "columns": as_rows(found.given, found.detected),
        "files": {name: str(path) for name, path in written.items()},
    }

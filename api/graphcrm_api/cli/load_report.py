"""What became of a load, for people."""

from pathlib import Path
from typing import TYPE_CHECKING

from graphcrm_api.cli.figures import count, seconds
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.messages import in_language
from graphcrm_api.cli.output import Cell, Output
from graphcrm_api.cli.refusals import reason_words

if TYPE_CHECKING:
    from graphcrm.store import FileReport, LoadReport

_ALWAYS = ("rows", "new", "edges")
_CHECKED = ("rows", "refused")
_COUNTS = ("rows", "new", "changed", "same", "closed", "edges", "refused", "waiting")


def print_report(
    output: Output, report: "LoadReport", waiting: int, graph: str | None, *, rehearsed: bool
) -> None:
    """The outcome, a table of the files, the files that failed, and what to do next."""
    loaded = [file for file in report.files if not file.error]
    output.answer(
        text(
            "load_rehearsed" if rehearsed else "load_done",
            load=report.load,
            rows=count(sum(file.rows for file in loaded)),
            files=count(len(loaded)),
            took=seconds(report.seconds or sum(file.seconds for file in report.files)),
        )
    )
    if report.refused:
        refused = "load_would_refuse" if rehearsed else "load_refused"
        output.warning(text(refused, rows=count(report.refused)))
    if report.failed:
        output.warning(text("load_failed", files=count(len(report.failed))))
    if waiting and not rehearsed:
        output.line(text("load_waiting", edges=count(waiting)))
    if report.healed:
        output.line(text("load_healed", edges=count(report.healed)))
    if report.passed_over:
        names = text("list_joint").join(Path(path).name for path in report.passed_over)
        output.line(text("load_passed_over", files=names))
    if loaded:
        output.line()
        _files(output, loaded, _CHECKED if rehearsed else _ALWAYS)
    if rehearsed:
        _examples(output, loaded)
    for file in report.failed:
        output.heading(file.path)
        reason = (file.error or "").removeprefix(f"{file.path}: ")
        output.line(text("not_loaded", reason=in_language(reason)), "red")
    output.next(*_steps(report, waiting, graph, rehearsed))


def _files(output: Output, files: list["FileReport"], always: tuple[str, ...]) -> None:
    """The files with the counts that any of them has; those that are 0 everywhere are left out."""
    lines = [_counts(file) for file in files]
    kept = [name for name in _COUNTS if name in always or any(line[name] for line in lines)]
    columns = [
        Column(text("col_file")),
        *(Column(text(f"col_{n}"), number=True, spare=n not in always) for n in kept),
        Column(text("col_seconds"), number=True, spare=True),
    ]
    output.table(
        columns,
        [
            (
                _named(file, files),
                *(_cell(name, line[name]) for name in kept),
                f"{file.seconds:.1f}",
            )
            for file, line in zip(files, lines, strict=True)
        ],
    )


def _examples(output: Output, files: list["FileReport"]) -> None:
    """What the first rows would be, and why the first refused ones would not come in.

    A service tells neither.
    """
    if any(file.examples for file in files):
        output.heading(text("head_examples"))
    for file in files:
        for row in file.examples[:1]:
            values = text("list_joint").join(f"{name} = {value}" for name, value in row.items())
            output.line(text("first_row", table=file.table, values=values))
    refused = [(file, refusal) for file in files for refusal in file.refusals]
    if not refused:
        return
    output.heading(text("head_refused_examples"))
    columns = [
        Column(text("col_file")),
        Column(text("col_line"), number=True),
        Column(text("col_column")),
        Column(text("col_value")),
        Column(text("col_reason"), wraps=True),
    ]
    output.table(
        columns,
        [
            (_named(file, files), r.line, r.column, r.value, reason_words(r.reason, r.detail))
            for file, r in refused
        ],
    )


def _named(file: "FileReport", files: list["FileReport"]) -> str:
    """The file, and which of its tables where it holds several."""
    name = Path(file.path).name
    several = sum(1 for other in files if other.path == file.path) > 1
    return f"{name} → {file.table}" if several else name


def _cell(name: str, number: int) -> Cell:
    return Cell(count(number), "yellow" if name == "refused" and number else "")


def _counts(file: "FileReport") -> dict[str, int]:
    return {
        "rows": file.rows,
        "new": file.new,
        "changed": file.changed,
        "same": file.same,
        "closed": file.closed,
        "edges": file.edges_new + file.edges_changed,
        "refused": file.refused,
        "waiting": file.edges_pending,
    }


def _steps(report: "LoadReport", waiting: int, graph: str | None, rehearsed: bool) -> list[str]:
    if report.failed and not any(file.rows for file in report.files):
        return [text("next_mend_files")]
    if rehearsed:
        return [text("next_load_really")]
    if report.refused or waiting:
        return [command("quarantine list", graph), command("status", graph)]
    return [command("status", graph), command("duplicates find", graph)]

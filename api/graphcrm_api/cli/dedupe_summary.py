"""What `graphcrm dedupe` found, for the terminal."""

import shlex
from collections.abc import Sequence
from pathlib import Path

from graphcrm.duplicates import FEW_RECORDS
from graphcrm_api.cli.dedupe_columns import print_columns
from graphcrm_api.cli.dedupe_found import Found, Pair, telling
from graphcrm_api.cli.dedupe_words import bits, chance, level_words
from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.output import Cell, Output

_LARGEST, _EXAMPLES, _SHOWN = 5, 2, 4


def print_summary(output: Output, found: Found, written: dict[str, Path]) -> None:
    """The answer, where it was written, what it rests on, and examples."""
    surplus = found.records - found.customers
    key = "dedupe_answer" if surplus else "dedupe_answer_none"
    output.answer(
        text(
            key,
            records=count(found.records),
            customers=count(found.customers),
            surplus=count(surplus),
            share=share(surplus, found.records),
        )
    )
    output.line(text("dedupe_written", file=written["out"], column=found.column))
    if "pairs" in written:
        output.line(text("dedupe_pairs_written", file=written["pairs"]))
    if "report" in written:
        output.line(text("dedupe_report_written", file=written["report"]))
    if found.given.sheets:
        others = text("list_joint").join(found.given.sheets)
        output.line(text("dedupe_sheet", sheet=found.given.sheet, others=others), "dim")
    print_columns(output, found.given, found.detected)
    if len(found.several):
        _print_largest(output, found)
    _print_pairs(output, "head_dedupe_surest", found.surest(_EXAMPLES))
    _print_pairs(output, "head_dedupe_doubtful", found.doubtful(_EXAMPLES))
    if surplus and found.records < FEW_RECORDS:
        output.line(text("learned_from_few", learned=count(found.records)), "yellow")
    output.next(*_steps(found, written))


def _steps(found: Found, written: dict[str, Path]) -> list[str]:
    file = shlex.quote(str(found.given.path))
    steps = []
    if "report" in written:
        steps.append(text("next_open", file=written["report"]))
    else:
        page = shlex.quote(str(found.given.path.with_suffix(".html").name))
        steps.append(f"graphcrm dedupe {file} --report {page}")
    steps.append(text("next_dedupe_map"))
    return steps


def _print_largest(output: Output, found: Found) -> None:
    output.heading(text("head_dedupe_largest"))
    rows = []
    for cluster in found.several[:_LARGEST].tolist():
        members = found.members(cluster)
        lines = [str(line) for line in found.given.lines[members[:_SHOWN]]]
        more = [text("dedupe_more", n=count(len(members) - _SHOWN))] * (len(members) > _SHOWN)
        rows.append(
            (
                str(cluster),
                count(len(members)),
                shown_record(found, int(members[0])),
                " ".join([*lines, *more]),
            )
        )
    columns = [
        Column(found.column, number=True),
        Column(text("col_records"), number=True),
        Column(text("col_first_record")),
        Column(text("col_lines"), wraps=True),
    ]
    output.table(columns, rows)


def shown_record(found: Found, row: int) -> str:
    """The first values of a record, as one line."""
    return text("list_joint").join(telling(found.record(row).values())[:_SHOWN])


def _print_pairs(output: Output, heading: str, pairs: Sequence[Pair]) -> None:
    if not pairs:
        return
    output.heading(text(heading))
    for number, pair in enumerate(pairs):
        if number:
            output.line()
        verdict = text("dedupe_same" if pair.same else "dedupe_not_same")
        output.line(
            text(
                "dedupe_pair",
                left=pair.left_line,
                right=pair.right_line,
                probability=chance(pair.probability),
                weight=bits(pair.weight),
                verdict=verdict,
            )
        )
        output.table(
            [
                Column(text("col_column")),
                Column(text("dedupe_line", line=pair.left_line)),
                Column(text("dedupe_line", line=pair.right_line)),
                Column(text("col_agreement")),
                Column(text("col_weight"), number=True),
            ],
            [
                (
                    a.column,
                    a.left,
                    a.right,
                    level_words(a.level),
                    Cell(bits(a.weight), "green" if a.weight > 0 else "yellow"),
                )
                for a in pair.agreements
            ],
        )

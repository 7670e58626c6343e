"""`graphcrm duplicates rules`: records that are probably one customer by what insurers check."""

from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.evidence import evidence_words
from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.lists import SHOWN, command, say_hidden, write_file
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit, OutFile
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]

USUAL = "five_fields"
"""The check that insurers usually make; the other rules are measured against it."""


def list_by_rules(
    rule: Annotated[list[str] | None, typer.Option("--rule", metavar="RULE")] = None,
    truth: Annotated[Path | None, typer.Option("--truth", metavar="DIR")] = None,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List records that are probably one customer, by rules."""
    from graphcrm.duplicates import evaluate, find_duplicates, summary

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("finding_duplicates")):
        found = find_duplicates(opened.store, rule or None)
        by_rule = summary(found).to_pylist()
        measured = evaluate(found, truth).to_pylist() if truth else []
    if out:
        write_file(output, found, out)
        return
    rows = found.to_pylist()
    if as_json:
        shown = rows[:limit] if limit else rows
        answer = {"summary": by_rule, "rows": shown}
        output.data(answer | {"evaluation": measured} if truth else answer)
        return
    print_summary(output, found, by_rule)
    if measured:
        output.heading(text("head_measured"))
        print_measured(output, measured)
    groups = _groups(rows)
    most = SHOWN // 2 if limit is None else limit or len(groups)
    if groups:
        output.heading(text("head_groups"))
        _print_groups(output, groups[:most])
        say_hidden(output, min(most, len(groups)), len(groups))
        first = groups[0][0]["id"]
        output.next(
            command("duplicates find", graph),
            command("duplicates rules --out duplicates.csv", graph),
            command(f"customer {first}", graph),
        )


def print_summary(output: Output, found: "pa.Table", by_rule: list[Row]) -> None:
    """How many records are in groups, and how many each rule finds."""
    records = set(zip(found["label"].to_pylist(), found["id"].to_pylist(), strict=True))
    usual = next((row["records"] for row in by_rule if row["rule"] == USUAL), None)
    if usual is None or len(by_rule) == 1:
        output.answer(text("duplicates_answer", records=count(len(records))))
    else:
        both = {"records": count(len(records)), "usual": count(usual)}
        output.answer(text("duplicates_answer_usual", **both))
    output.line()
    columns = [
        Column(text("col_rule")),
        Column(text("col_meaning")),
        *(Column(text(f"col_{n}"), number=True) for n in ("records", "groups", "largest")),
    ]
    output.table(
        columns,
        [
            (
                row["rule"],
                rule_name(row["rule"]),
                count(row["records"]),
                count(row["groups"]),
                count(row["largest"]),
            )
            for row in by_rule
        ],
    )


def rule_name(name: str) -> str:
    """A rule in words."""
    from graphcrm.duplicates import RULES

    if name == "all":
        return text("rules_together")
    rule = RULES[name]
    return rule.zh if language() == "zh" else rule.en


def print_measured(output: Output, measured: list[Row]) -> None:
    """How good each rule is against the truth, in pairs of records."""
    columns = [
        Column(text("col_rule")),
        *(Column(text(f"col_{n}"), number=True) for n in ("pairs", "correct", "missed")),
        Column(text("col_precision"), number=True),
        Column(text("col_recall"), number=True),
    ]
    output.table(
        columns,
        [
            (
                rule_name(row["rule"]),
                count(row["pairs_found"]),
                count(row["correct"]),
                count(row["missed"]),
                share(row["correct"], row["pairs_found"]),
                share(row["correct"], row["true_pairs"]),
            )
            for row in measured
            if row["pairs_found"] is not None
        ],
    )
    output.line(text("measured_note"), "dim")


def _groups(rows: list[Row]) -> list[list[Row]]:
    """The groups to look at first: each rule's in turn, what the usual check finds at the end."""
    by_rule: dict[str, dict[int, list[Row]]] = {}
    for row in rows:
        by_rule.setdefault(row["rule"], {}).setdefault(row["group"], []).append(row)
    usual = by_rule.pop(USUAL, {})
    turns = zip_longest(*(groups.values() for groups in by_rule.values()))
    ordered = [group for turn in turns for group in turn if group] + list(usual.values())
    unique: dict[frozenset[tuple[str, str]], list[Row]] = {}
    for group in ordered:
        unique.setdefault(frozenset((row["label"], row["id"]) for row in group), group)
    return list(unique.values())


def _print_groups(output: Output, groups: list[list[Row]]) -> None:
    columns = [
        Column(text("col_rule")),
        Column(text("col_id"), whole=True),
        Column(text("col_name")),
        Column(text("col_evidence")),
    ]
    lines: list[tuple[Any, ...]] = []
    for group in groups:
        first = group[0]
        why = rule_name(first["rule"]) if language() == "zh" else first["rule"]
        common = evidence_words(first["rule"], first["evidence"])
        lines.append((why, first["id"], first["name"], common))
        lines += [("", row["id"], row["name"], "") for row in group[1:]]
    output.table(columns, lines)

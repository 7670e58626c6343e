"""`graphcrm quality`: how good the data is, where it is worst, and what was typed as a filler."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from graphcrm_api.cli.figures import count, share
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import language, text
from graphcrm_api.cli.lists import command, limited, say_hidden, write_file
from graphcrm_api.cli.naming import label_name, property_name
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Label, Lang, Limit, OutFile
from graphcrm_api.cli.output import Cell, Output
from graphcrm_api.cli.progress import working
from graphcrm_api.cli.status import flaw_words

if TYPE_CHECKING:
    import pyarrow as pa

    from graphcrm.quality import Assessment

By = Literal["field", "source", "branch", "agent", "month", "default"]

_DEFAULTS = 10
Row = dict[str, Any]


def quality(
    by: Annotated[By, typer.Option("--by")] = "field",
    label: Label = None,
    report: Annotated[Path | None, typer.Option("--report", metavar="FILE")] = None,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Say how good the data is."""
    from graphcrm.errors import UsageError
    from graphcrm.quality import assess, write_report

    if report is not None and report.suffix.lower() != ".html":
        raise UsageError(text("quality_not_html", file=report))
    kind = _label(label)
    output = Output(as_json=as_json)
    with open_graph(graph) as opened:
        with working(text("measuring_quality")) as bar:
            found = assess(opened.snapshot(bar.hear), kind)
        if report is not None:
            with working(text("writing_file", file=report)):
                write_report(found, report, graph=opened.url, lang=language())
    table = _table(found, by)
    if out is not None:
        write_file(output, table, out)
    elif as_json:
        rows = table.to_pylist()
        data = {"by": by, "rows": rows[:limit] if limit else rows}
        totals = {"totals": found.totals.to_pylist(), "references": found.references.to_pylist()}
        output.data(data | totals | ({"report": str(report)} if report else {}))
    elif report is None:
        _print(output, found, by, limit, graph)
    if report is not None and not as_json:
        output.line(text("quality_report", file=report))
        output.next(text("next_open", file=report))


def _label(given: str | None) -> str | None:
    """The label that is meant. Raises UsageError for one that has no records of its own."""
    from graphcrm.errors import UsageError
    from graphcrm.model import VOCABULARY

    if given is None:
        return None
    known = {n.label.lower(): n.label for n in VOCABULARY.nodes.values() if n.recorded}
    if given.lower() not in known:
        raise UsageError(text("no_label", label=given, known=", ".join(known.values())))
    return known[given.lower()]


def _table(found: "Assessment", by: By) -> "pa.Table":
    if by == "field":
        return found.fields
    return found.defaults if by == "default" else found.groups[by]


def _print(
    output: Output, found: "Assessment", by: By, limit: int | None, graph: str | None
) -> None:
    totals = found.totals.to_pylist()
    if not totals:
        output.answer(text("quality_empty"))
        return
    records, affected = (sum(row[name] for row in totals) for name in ("records", "affected"))
    output.answer(
        text(
            "quality_answer",
            records=count(records),
            problems=count(sum(row["problems"] for row in totals)),
            affected=count(affected),
            share=share(affected, records),
        )
    )
    output.line()
    if by == "field":
        _print_fields(output, found, limit)
    elif by == "default":
        _print_defaults(output, found.defaults, limit)
    else:
        _print_groups(output, found.groups[by], by, limit)
    ways = ["quality --by branch"] if by == "field" else []
    output.next(*(command(way, graph) for way in (*ways, "quality --report quality.html")))


def _print_fields(output: Output, found: "Assessment", limit: int | None) -> None:
    fields = found.fields.to_pylist()
    lacking = sorted(filter(_weight, fields), key=lambda f: -_weight(f))
    columns = [
        Column(text("col_node_type")),
        Column(text("col_field")),
        Column(text("col_filled"), number=True),
        *(Column(text(f"col_{n}"), number=True) for n in ("invalid", "suspicious", "odd_form")),
        Column(text("col_chiefly"), wraps=True),
    ]
    shown = limited(lacking, limit)
    output.table(columns, [_field(field) for field in shown])
    say_hidden(output, len(shown), len(lacking))
    output.line(text("quality_sound", fields=count(len(fields) - len(lacking))), "dim")
    if found.defaults.num_rows:
        output.heading(text("head_defaults"))
        _print_defaults(output, found.defaults, _DEFAULTS if limit is None else limit)


def _weight(field: Row) -> float:
    """How many values of a field are wrong, or missing where each record should have it."""
    missing = (1 - field["filled"]) * field["rows"] if field["expected"] else 0
    wrong: float = field["invalid"] + field["suspicious"] + field["nonconforming"] + missing
    return round(wrong)


def _field(field: Row) -> tuple[Any, ...]:
    from graphcrm.words import word

    chiefly = [flaw_words(field["reason"])]
    if field["form"]:
        chiefly.append(word(f"quality.form_{field['form']}", language()))
    return (
        label_name(field["label"]),
        property_name(field["label"], field["property"]),
        share(field["filled"], 1),
        _doubtful(field["invalid"]),
        _doubtful(field["suspicious"]),
        count(field["nonconforming"]) if field["nonconforming"] else "",
        text("quality_joint").join(filter(None, chiefly)),
    )


def _doubtful(number: int) -> Cell | str:
    return Cell(count(number), "yellow") if number else ""


def _print_groups(output: Output, groups: "pa.Table", by: str, limit: int | None) -> None:
    named = by in ("branch", "agent")
    numbers = ("records", "per_100", "missing", "invalid", "suspicious")
    spare = ("affected", "dead")
    columns = [
        Column(text("col_node_type")),
        *([Column(text("col_id"), whole=True)] if named else []),
        Column(text(f"col_{by}")),
        *(Column(text(f"col_{name}"), number=True) for name in numbers),
        *(Column(text(f"col_{name}"), number=True, spare=True) for name in spare),
    ]
    rows = limited(groups, limit).to_pylist()
    output.table(
        columns,
        [
            (
                label_name(row["label"]),
                *([row["id"] or ""] if named else []),
                row["name"] or (row["id"] if named else None) or text("not_stated"),
                count(row["records"]),
                f"{row['per_100']:.1f}",
                *(count(row[n]) for n in ("missing", "invalid", "suspicious")),
                share(row["affected"], row["records"]),
                count(row["references"]),
            )
            for row in rows
        ],
    )
    say_hidden(output, len(rows), groups.num_rows)
    output.line(text("quality_order"), "dim")


def _print_defaults(output: Output, defaults: "pa.Table", limit: int | None) -> None:
    from graphcrm.words import word

    if not defaults.num_rows:
        output.line(text("quality_no_defaults"))
        return
    rows = limited(defaults, limit).to_pylist()
    columns = [
        Column(text("col_node_type")),
        Column(text("col_field")),
        Column(text("col_value"), whole=True),
        Column(text("col_records"), number=True),
        Column(text("col_why"), wraps=True),
        *([Column(text("col_source"), spare=True)] if any(r["sources"] for r in rows) else []),
    ]
    output.table(
        columns,
        [
            (
                label_name(row["label"]),
                property_name(row["label"], row["property"]),
                text("quality_fillers") if row["value"] is None else row["value"],
                count(row["records"]),
                word(f"quality.how_{row['how']}", language(), usual=count(row["usual"] or 0)),
                row["sources"] or "",
            )[: len(columns)]
            for row in rows
        ],
    )
    say_hidden(output, len(rows), defaults.num_rows, "--by default --out FILE")

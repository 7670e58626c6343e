"""`graphcrm duplicates list`: customers with several records, or the pairs behind them."""

import json
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.dedupe_words import bits, chance, level_words
from graphcrm_api.cli.duplicates_fields import field_words
from graphcrm_api.cli.duplicates_sides import side
from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import SHOWN, command, say_hidden, write_file
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit, OutFile
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    import pyarrow as pa

Row = dict[str, Any]


def list_duplicates(
    pairs: Annotated[bool, typer.Option("--pairs")] = False,
    doubtful: Annotated[bool, typer.Option("--doubtful")] = False,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List customers with several records, or pairs of records of one customer."""
    output = Output(as_json=as_json)
    by_pair = pairs or doubtful
    with open_graph(graph) as opened, working(text("reading_customers")) as bar:
        there = opened.duplicates
        found = (there.samenesses if by_pair else there.customers)(bar.hear)
    if doubtful:
        found = found.sort_by([(n, "ascending") for n in ("match_weight", "left", "right")])
    if by_pair:
        _list_pairs(output, found, limit, graph, out=out)
    elif out:
        write_file(output, found, out)
    else:
        _list_customers(output, found, limit, graph)


def _list_customers(
    output: Output, found: "pa.Table", limit: int | None, graph: str | None
) -> None:
    customers = [
        list(rows) for _, rows in groupby(found.to_pylist(), key=lambda r: r["customer_id"])
    ]
    if output.as_json:
        output.data([_as_json(rows) for rows in customers[: limit or None]])
        return
    if not customers:
        output.answer(text("no_duplicates"))
        output.next(command("duplicates rules", graph))
        return
    several, records = count(len(customers)), count(found.num_rows)
    output.answer(text("customers_answer", several=several, records=records))
    output.line()
    most = SHOWN // 2 if limit is None else limit or len(customers)
    shown = customers[:most]
    columns = [
        Column(text("col_customer"), whole=True),
        Column(text("col_id"), whole=True),
        Column(text("col_name")),
        Column(text("col_birth_date"), number=True),
        Column(text("col_probability"), number=True),
    ]
    output.table(
        columns,
        [
            (
                "" if place else row["customer_id"],
                row["id"],
                row["name"],
                row["birth_date"] or "",
                chance(row["probability"]),
            )
            for rows in shown
            for place, row in enumerate(rows)
        ],
    )
    say_hidden(output, len(shown), len(customers))
    output.next(
        *(
            [_explain(customers[0][0]["id"], customers[0][1]["id"], graph)]
            if customers[0][1:]
            else []
        ),
        command("duplicates list --doubtful", graph),
        command("duplicates export --out customers.csv", graph),
    )


def _as_json(rows: list[Row]) -> Row:
    members = [{n: row[n] for n in ("id", "name", "birth_date", "probability")} for row in rows]
    return {
        "customer_id": rows[0]["customer_id"],
        "records": rows[0]["records"],
        "members": members,
    }


def _list_pairs(
    output: Output, found: "pa.Table", limit: int | None, graph: str | None, *, out: Path | None
) -> None:
    if out:
        write_file(output, _in_words(found), out)
        return
    most = (None if output.as_json else SHOWN // 2) if limit is None else limit or None
    rows = [row | {"evidence": json.loads(row["evidence"])} for row in found[:most].to_pylist()]
    if output.as_json:
        output.data(rows)
        return
    if not rows:
        output.answer(text("no_duplicates"))
        output.next(command("duplicates rules", graph))
        return
    output.answer(text("pairs_answer", pairs=count(found.num_rows)))
    output.line()
    columns = [
        Column(text("col_id"), whole=True),
        Column(text("col_name")),
        Column(text("col_probability"), number=True),
        Column(text("col_weight"), number=True),
        Column(text("col_for"), wraps=True),
        Column(text("col_against"), wraps=True),
    ]
    lines: list[tuple[Any, ...]] = []
    for row in rows:
        figures = chance(row["probability"]), bits(row["match_weight"])
        weights = [(item["column"], item["weight"]) for item in row["evidence"]]
        sides = side(weights, 1), side(weights, -1)
        lines.append((row["left"], row["left_name"], *figures, *sides))
        lines.append((row["right"], row["right_name"], "", "", "", ""))
    output.table(columns, lines)
    say_hidden(output, len(rows), found.num_rows)
    output.next(
        _explain(rows[0]["left"], rows[0]["right"], graph),
        command("duplicates list --pairs --out pairs.csv", graph),
    )


def _explain(one: str, other: str, graph: str | None) -> str:
    import shlex

    return command(f"duplicates explain {shlex.join([one, other])}", graph)


def _in_words(found: "pa.Table") -> "pa.Table":
    """The same with the evidence in words."""
    import pyarrow as pa

    told = pa.array([_told(evidence) for evidence in found["evidence"].to_pylist()], pa.string())
    return found.set_column(found.column_names.index("evidence"), "evidence", told)


def _told(evidence: str) -> str:
    """The evidence of a pair in words, what weighs most first."""
    items = [item for item in json.loads(evidence) if item["column"]]
    items.sort(key=lambda item: -abs(item["weight"]))
    return text("dedupe_evidence_joint").join(
        text(
            "dedupe_evidence_entry",
            column=field_words(item["column"]),
            level=level_words(item["level"]),
            weight=bits(item["weight"]),
        )
        for item in items
    )

"""`graphcrm referrals`: who brought whom, as trees and loops."""

from typing import Annotated, Any

import typer
from rich.text import Text
from rich.tree import Tree

from graphcrm_api.cli.figures import AmountColumn, count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command, limited, say_hidden, write_file
from graphcrm_api.cli.opening import locate, open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Label, Lang, Limit, OutFile
from graphcrm_api.cli.output import Output, cleaned
from graphcrm_api.cli.progress import working

Row = dict[str, Any]

_DRAWN = 100
_DEEPEST = 12
"""Levels of a tree that still leave room for names in 80 columns."""


def list_referrals(
    loops: Annotated[bool, typer.Option("--loops")] = False,
    limit: Limit = None,
    out: OutFile = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """List referral trees or loops."""
    from graphcrm import referrals

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("finding_referrals")):
        circles = referrals.loops(opened.store)
        found = circles if loops else referrals.chains(opened.store)
    if out:
        write_file(output, found, out)
        return
    rows = found.to_pylist()
    if as_json:
        output.data(limited(rows, limit, 0))
        return
    rings = loop_lines(circles.to_pylist())
    if loops:
        _print_loops(output, rings, limit)
        if rings:
            output.next(command(f"explore {circles['id'][0]} --out loop.html", graph))
        return
    print_answer(output, rows, len(rings))
    if not rows:
        return
    output.line()
    shown = limited(rows, limit)
    print_trees(output, shown)
    say_hidden(output, len(shown), len(rows))
    steps = [f"referrals tree {rows[0]['root_id']}"] + (["referrals list --loops"] if rings else [])
    output.next(*(command(step, graph) for step in steps))


def print_answer(output: Output, trees: list[Row], loops: int) -> None:
    """How many trees and loops there are, and how far the largest tree goes."""
    if not trees and not loops:
        output.answer(text("referrals_none"))
        return
    largest = trees[0] if trees else {"size": 1, "depth": 0}
    output.answer(
        text(
            "referrals_answer",
            trees=count(len(trees)),
            brought=count(largest["size"] - 1),
            depth=largest["depth"],
            loops=count(loops),
        )
    )


def print_trees(output: Output, trees: list[Row]) -> None:
    """The trees: how many customers their roots brought, over how many levels, what these pay."""
    money = _money(trees)
    columns = [
        Column(text("col_root"), whole=True),
        Column(text("col_name")),
        Column(text("col_brought_customers"), number=True),
        Column(text("col_depth"), number=True),
        Column(text("col_brought"), number=True),
    ]
    output.table(
        columns,
        [
            (t["root_id"], t["root_name"], count(t["size"] - 1), t["depth"], _premium(t, money))
            for t in trees
        ],
    )
    _explain(output, trees)


def loop_lines(rows: list[Row]) -> list[list[Row]]:
    """The members of each loop."""
    rings: dict[int, list[Row]] = {}
    for row in rows:
        rings.setdefault(row["loop"], []).append(row)
    return list(rings.values())


def _print_loops(output: Output, rings: list[list[Row]], limit: int | None) -> None:
    output.answer(text("loops_answer" if rings else "loops_none", loops=count(len(rings))))
    shown = limited(rings, limit)
    columns = [
        Column(text("col_customers"), number=True),
        Column(text("col_loop"), wraps=True),
    ]
    if rings:
        output.line()
        lines = [" → ".join(f"{r['name']} {r['id']}" for r in [*ring, ring[0]]) for ring in shown]
        output.table(columns, [(len(ring), line) for ring, line in zip(shown, lines, strict=True)])
    say_hidden(output, len(shown), len(rings))


def show_tree(
    id: Annotated[str, typer.Argument(metavar="ID")],
    label: Label = None,
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Draw whom a customer brought."""
    from graphcrm.referrals import tree

    output = Output(as_json=as_json)
    with open_graph(graph) as opened, working(text("finding_referrals")):
        rows = tree(opened.store, *locate(opened, id, label)).to_pylist()
    if as_json:
        output.data(limited(rows, limit, 0))
        return
    root, brought = rows[0], [row for row in rows[1:] if not row["cut"]]
    name = root["name"] or root["id"]
    if len(rows) == 1:
        output.answer(text("tree_none", name=name))
        return
    depth = max(row["level"] for row in rows)
    output.answer(text("tree_answer", name=name, customers=count(len(brought)), depth=depth))
    output.line()
    shown = [row for row in limited(rows, limit, _DRAWN) if row["level"] <= _DEEPEST]
    output.console.print(_drawn(shown), no_wrap=True, overflow="ellipsis")
    _explain(output, shown)
    say_hidden(output, len(shown), len(rows), "--limit N, --json")
    output.next(command(f"explore {id} --hops 3 --out tree.html", graph))


def _drawn(rows: list[Row]) -> Tree:
    """The rows as a tree; parents come before their children."""
    money = _money(rows)
    root = Tree(_line(rows[0], money), guide_style="dim")
    places = {(rows[0]["label"], rows[0]["id"]): root}
    for row in rows[1:]:
        above = places.get((row["referrer_label"], row["referrer_id"]))
        if above is not None:
            branch = above.add(_line(row, money))
            if not row["cut"]:
                places[row["label"], row["id"]] = branch
    return root


def _line(row: Row, money: AmountColumn) -> Text:
    parts = [f"{cleaned(row['name'])} {cleaned(row['id'])}".strip(), row["referred_on"] or ""]
    if row["premium"]:
        parts.append(_premium(row, money))
    if row["cut"]:
        parts.append(text(f"cut_{row['cut']}"))
    return Text("  ".join(part for part in parts if part), style="yellow" if row["cut"] else "")


def _money(rows: list[Row]) -> AmountColumn:
    return AmountColumn({row["currency"]: row["premium"]} for row in rows)


def _premium(row: Row, money: AmountColumn) -> str:
    """A premium; with a plus where there is more in other currencies."""
    if not row["premium"]:
        return ""
    more = " +" if row["other_currencies"] else ""
    return money.amount(row["premium"], row["currency"]) + more


def _explain(output: Output, rows: list[Row]) -> None:
    """Say what the plus means, where there is one."""
    if any(row["premium"] and row["other_currencies"] for row in rows):
        output.line(text("plus_note"), "dim")

"""What the demonstration found, for people."""

import shlex
from typing import Any

from graphcrm_api.cli.duplicates_rules import print_measured
from graphcrm_api.cli.figures import amounts, count, seconds, share
from graphcrm_api.cli.language import text
from graphcrm_api.cli.orphans import print_reasons
from graphcrm_api.cli.output import Output
from graphcrm_api.cli.referrals import print_trees

Row = dict[str, Any]


def print_demo(output: Output, found: Row) -> None:
    """The book, the answers of the three questions, the picture, and what to try next."""
    _book(output, found)
    _duplicates(output, found["duplicates"])
    _orphans(output, found["orphans"], found["book"])
    _referrals(output, found["referrals"])
    _picture(output, found["picture"])
    _next(output, found)


def _book(output: Output, found: Row) -> None:
    book = found["book"]
    output.answer(text("demo_answer", day=found["as_of"], took=seconds(found["seconds"])))
    output.line(
        text(
            "demo_book",
            persons=count(book["persons"]),
            institutions=count(book["institutions"]),
            agents=count(book["agents"]),
            policies=count(book["policies"]),
            in_force=count(book["in_force"]),
            premium=amounts(book["premium"]),
        )
    )


def _duplicates(output: Output, found: Row) -> None:
    output.heading(text("demo_head_duplicates"))
    usual = next(row for row in found["evaluation"] if row["rule"] == "five_fields")
    finding, pairs = found["finding"], found["pairs"]
    output.line(
        text(
            "demo_duplicates",
            records=count(finding["records"]),
            customers=count(finding["customers"]),
            several=count(finding["several"]),
            true=count(pairs["true"]),
            usual=share(usual["correct"], usual["true_pairs"]),
            missed=count(usual["missed"]),
            found=share(pairs["correct"], pairs["true"]),
            right=share(pairs["correct"], pairs["found"]),
        )
    )
    output.line()
    print_measured(output, found["evaluation"])


def _orphans(output: Output, found: Row, book: Row) -> None:
    output.heading(text("demo_head_orphans"))
    output.line(
        text(
            "demo_orphans",
            policies=count(found["policies"]),
            share=share(found["policies"], book["in_force"]),
            customers=count(found["customers"]),
            premium=amounts(found["premium"]),
        )
    )
    output.line()
    print_reasons(output, found["reasons"])


def _referrals(output: Output, found: Row) -> None:
    output.heading(text("demo_head_referrals"))
    output.line(text("demo_referrals", trees=count(found["trees"]), loops=count(found["loops"])))
    output.line()
    print_trees(output, found["largest"])


def _picture(output: Output, story: Row) -> None:
    if not story:
        return
    output.heading(text("demo_head_picture"))
    key = "demo_story" if story["records"] else "demo_story_plain"
    output.line(
        text(
            key,
            name=story["name"],
            id=story["id"],
            others=text("list_joint").join(story["records"]),
            records=len(story["records"]) + 1,
            policies=count(story["policies"]),
            premium=amounts({"CNY": story["premium"]}),
            nodes=count(story["nodes"]),
        )
    )
    output.line(text("next_open", file=story["file"]))


def _next(output: Output, found: Row) -> None:
    graph, data = shlex.quote(found["graph"]), shlex.quote(found["data"])
    output.heading(text("demo_head_next"))
    steps = [
        f"orphans list --as-of {found['as_of']}",
        "duplicates list",
        f"duplicates evaluate --truth {data}/truth",
        "status --quality",
    ]
    if found["picture"]:
        steps.insert(0, f"customer {found['picture']['id']}")
    if found["referrals"]["largest"]:
        steps.append(f"referrals tree {found['referrals']['largest'][0]['root_id']}")
    for step in steps:
        output.step(f"graphcrm {step} --graph {graph}")

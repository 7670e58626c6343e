"""`graphcrm duplicates search`: who may be the customer that is about to be entered."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.dedupe_words import chance
from graphcrm_api.cli.duplicates_sides import side
from graphcrm_api.cli.figures import count
from graphcrm_api.cli.fitting import Column
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command, limited, say_hidden
from graphcrm_api.cli.opening import open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Lang, Limit
from graphcrm_api.cli.output import Output, errors_console, say
from graphcrm_api.cli.progress import working

if TYPE_CHECKING:
    from graphcrm.client import Branch, Elsewhere
    from graphcrm.duplicates.customers import Candidate

Given = str | None
Node = dict[str, Any]

_SHOWN = 10

_BANDS = {"sure": "band_sure", "probable": "band_probable", "possible": "band_possible"}


def search(
    name: Annotated[Given, typer.Option("--name", metavar="TEXT")] = None,
    birth_date: Annotated[Given, typer.Option("--birth-date", metavar="DATE")] = None,
    sex: Annotated[Given, typer.Option("--sex", metavar="CODE")] = None,
    id_number: Annotated[Given, typer.Option("--id-number", metavar="TEXT")] = None,
    phone: Annotated[Given, typer.Option("--phone", metavar="TEXT")] = None,
    email: Annotated[Given, typer.Option("--email", metavar="TEXT")] = None,
    address: Annotated[Given, typer.Option("--address", metavar="TEXT")] = None,
    account: Annotated[Given, typer.Option("--account", metavar="TEXT")] = None,
    occupation: Annotated[Given, typer.Option("--occupation", metavar="TEXT")] = None,
    limit: Limit = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Find the records that may be of the customer who is about to be entered."""
    record = {
        "name": name,
        "birth_date": birth_date,
        "sex": sex,
        "id_number": id_number,
        "phone": phone,
        "email": email,
        "address": address,
        "account": account,
        "occupation": occupation,
    }
    from graphcrm.duplicates.customers import LEAST

    output = Output(as_json=as_json)
    with open_graph(graph) as opened:
        with working(text("reading_customers")) as bar:
            found = opened.duplicates.search(record, None, bar.hear)
        shown = limited(found, limit, _SHOWN)
        nodes = [opened.node(candidate.id, "Person") for candidate in shown]
    _tell_elsewhere(getattr(found, "elsewhere", []))
    if as_json:
        output.data([_as_json(*both) for both in zip(shown, nodes, strict=True)])
        return
    if not found:
        output.answer(text("candidates_none", least=chance(LEAST)))
        return
    best = chance(found[0].probability)
    output.answer(text("candidates_answer", number=count(len(found)), probability=best))
    output.line()
    columns = [
        Column(text("col_id_and_customer"), whole=True),
        Column(text("col_name_and_birth"), whole=True),
        Column(text("col_probability"), number=True),
        Column(text("col_for"), wraps=True),
        Column(text("col_against"), wraps=True),
    ]
    lines = (_lines(*both) for both in zip(shown, nodes, strict=True))
    output.table(columns, [line for two in lines for line in two])
    say_hidden(output, len(shown), len(found), "--limit N")
    output.next(command(f"customer {found[0].id}", graph))


def _tell_elsewhere(found: "list[Elsewhere]") -> None:
    """Say whom to call about those who may be the customer, and are of other branches."""
    for one in found:
        words = text(
            "candidate_elsewhere",
            name=one.name or "–",
            band=text(_BANDS[one.band]),
            branch=_to_call(one.branch),
        )
        say(errors_console(), words, "yellow")


def _to_call(branch: "Branch | None") -> str:
    if branch is None:
        return "–"
    return " ".join(filter(None, (branch.name or branch.id, branch.phone)))


def _lines(candidate: "Candidate", node: Node) -> list[tuple[Any, ...]]:
    """A candidate's record in one line, their customer and birth date in the next."""
    steps = [(step.column, step.weight) for step in candidate.steps]
    probability = chance(candidate.probability)
    return [
        (candidate.id, node.get("name", ""), probability, side(steps, 1), side(steps, -1)),
        (candidate.customer_id or "", node.get("birth_date", ""), "", "", ""),
    ]


def _as_json(candidate: "Candidate", node: Node) -> Node:
    known = {name: node.get(name) for name in ("name", "birth_date")}
    return {"id": candidate.id} | known | candidate.model_dump()

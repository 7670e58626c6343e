"""`graphcrm contact`: contacts with customers that are recorded here."""

import datetime as dt
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphcrm_api.cli.figures import count
from graphcrm_api.cli.language import text
from graphcrm_api.cli.lists import command
from graphcrm_api.cli.naming import label_name
from graphcrm_api.cli.opening import locate, open_graph
from graphcrm_api.cli.options import AsJson, GraphUrl, Label, Lang
from graphcrm_api.cli.output import Output

if TYPE_CHECKING:
    from graphcrm.graph import Graph
    from graphcrm.ledger.decisions import Decision
    from graphcrm.ledger.recording import Ledger

_NAMED = {
    "agent_id": "Agent", "department_id": "Department", "policy_id": "Policy", "claim_id": "Claim",
    "product_code": "Product",
}  # fmt: skip

Agent = Annotated[str | None, typer.Option("--agent", metavar="ID")]
Department = Annotated[str | None, typer.Option("--department", metavar="ID")]
Policy = Annotated[str | None, typer.Option("--policy", metavar="ID")]
Claim = Annotated[str | None, typer.Option("--claim", metavar="ID")]
Product = Annotated[str | None, typer.Option("--product", metavar="ID")]
Topic = Annotated[str | None, typer.Option("--topic", metavar="CODE")]
Outcome = Annotated[str | None, typer.Option("--outcome", metavar="CODE")]
Satisfaction = Annotated[str | None, typer.Option("--satisfaction", metavar="1-5")]
Note = Annotated[str | None, typer.Option("--note", metavar="TEXT")]
Moment = Annotated[str | None, typer.Option("--at", metavar="TIME")]


def add(
    customer: Annotated[str, typer.Argument(metavar="CUSTOMER")],
    channel: Annotated[str, typer.Option("--channel", metavar="CODE")],
    direction: Annotated[str, typer.Option("--direction", metavar="CODE")],
    moment: Moment = None,
    by_agent: Agent = None,
    in_department: Department = None,
    about_policy: Policy = None,
    about_claim: Claim = None,
    about_product: Product = None,
    topic: Topic = None,
    outcome: Outcome = None,
    satisfaction: Satisfaction = None,
    note: Note = None,
    label: Label = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Record a contact with a customer."""
    from graphcrm.errors import UsageError
    from graphcrm.model import VOCABULARY

    output = Output(as_json=as_json)
    with open_graph(graph, masks=False) as opened:
        found, id_ = locate(opened, customer, label)
        if found not in VOCABULARY.edges["CONTACT_WITH"].end:
            raise UsageError(text("contact_no_party", id=id_, label=label_name(found)))
        values = _values(
            opened, moment or dt.datetime.now().isoformat(timespec="seconds"), channel, direction,
            by_agent, in_department, about_policy, about_claim, about_product, topic, outcome,
            satisfaction, note,
        )  # fmt: skip
        values |= {"customer_id": id_, "customer_kind": found.lower()}
        told, behind = _recorded(opened, values)
    recorded = told["id"]
    _tell(output, told, text("contact_recorded", id=recorded, who=id_), behind)
    if not as_json:
        steps = (f"customer {id_}", f"contact correct {recorded} --reason …")
        output.next(*(command(step, graph) for step in steps))


def correct(
    id: Annotated[str, typer.Argument(metavar="ID")],
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT")],
    channel: Annotated[str | None, typer.Option("--channel", metavar="CODE")] = None,
    direction: Annotated[str | None, typer.Option("--direction", metavar="CODE")] = None,
    moment: Moment = None,
    by_agent: Agent = None,
    in_department: Department = None,
    about_policy: Policy = None,
    about_claim: Claim = None,
    about_product: Product = None,
    topic: Topic = None,
    outcome: Outcome = None,
    satisfaction: Satisfaction = None,
    note: Note = None,
    graph: GraphUrl = None,
    as_json: AsJson = False,
    lang: Lang = None,
) -> None:
    """Correct a contact that was recorded here."""
    output = Output(as_json=as_json)
    with open_graph(graph, masks=False) as opened:
        values = _values(
            opened, moment, channel, direction, by_agent, in_department, about_policy,
            about_claim, about_product, topic, outcome, satisfaction, note,
        )  # fmt: skip
        told, behind = _corrected(opened, id, values, reason)
    _tell(output, told, text("contact_corrected", id=id), behind)


def _recorded(opened: "Graph", values: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """Record a contact here, or at the service that has the graph; how many decisions lag."""
    from graphcrm.client import Client
    from graphcrm.contacts import contact_id, record_contact
    from graphcrm.store.lock import current_user

    if isinstance(opened, Client):
        return _answered(opened.record_contact(values), values), 0
    with ledger_in(opened) as ledger:
        decision = record_contact(ledger, values, current_user())
        behind = ledger.behind()
    return _decided(decision, contact_id(decision.id), behind), behind


def _corrected(
    opened: "Graph", id: str, values: dict[str, Any], reason: str
) -> tuple[dict[str, Any], int]:
    """Correct a contact here, or at the service that has the graph; how many decisions lag."""
    from graphcrm.client import Client
    from graphcrm.contacts import correct_contact
    from graphcrm.store.lock import current_user

    if isinstance(opened, Client):
        return _answered(opened.correct_contact(id, values, reason), values), 0
    with ledger_in(opened) as ledger:
        decision = correct_contact(ledger, id, values, current_user(), reason)
        behind = ledger.behind()
    return _decided(decision, id, behind), behind


def _answered(answered: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What is told of a decision that a service has made; its graph shows it."""
    last = answered["trace"][-1]
    told = {"id": answered["contact"]["id"], "decision": last["seq"], "at": last["at"]}
    return {**told, "by": last["by"], "values": values, "shown": True}


@contextmanager
def ledger_in(opened: "Graph") -> "Iterator[Ledger]":
    """The ledger of a graph that is open. UsageError where a service has it."""
    from graphcrm.ledger.recording import Ledger
    from graphcrm.ledger.showing import ledger_of

    with closing(ledger_of(opened.store)) as database:
        yield Ledger(opened.store, database)


def _values(
    opened: "Graph",
    moment: str | None,
    channel: str | None,
    direction: str | None,
    *rest: str | None,
) -> dict[str, Any]:
    """What was said of a contact, by column; nodes by the ids that they have in the graph."""
    names = (*_NAMED, "topic", "outcome", "satisfaction", "note")
    given = {"contacted_at": moment, "channel": channel, "direction": direction}
    given |= dict(zip(names, rest, strict=True))
    return {
        name: locate(opened, value, _NAMED[name])[1] if value and name in _NAMED else value
        for name, value in given.items()
        if value is not None
    }


def _decided(decision: "Decision", id: str, behind: int) -> dict[str, Any]:
    """What is told of a decision about a contact."""
    return {
        "id": id, "decision": decision.seq, "at": decision.at, "by": decision.by,
        "values": decision.payload, "shown": not behind,
    }  # fmt: skip


def _tell(output: Output, told: dict[str, Any], words: str, behind: int) -> None:
    """The answer of either command."""
    if output.as_json:
        output.data(told)
        return
    output.answer(words)
    if behind:
        output.warning(text("decisions_behind", number=count(behind)))
